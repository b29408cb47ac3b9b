//! When a change may start and what an offer contains: the published client's rules, without any media.
//!
//! Changes queue up; one runs at a time. It asks the server for a negotiation and is done with the answer to the offer that
//! contains it: the server may have asked for an offer just before, whose answer knows nothing of the change. An announcement of
//! remote tracks blocks the queue in the same way, because an answer follows it.

use std::collections::{BTreeMap, VecDeque};

use crate::TrackKind;

/// A change of the local tracks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    Add(String),
    Remove(String),
}

/// What a media line is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Use {
    /// A local track.
    Own(String),
    /// A local track that was removed. The line stays, inactive.
    Removed,
    /// Whatever the server sends on it.
    Receive,
}

/// A media line of the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) mid: String,
    pub(crate) kind: TrackKind,
    pub(crate) purpose: Use,
}

/// Receive lines that an offer has to add.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Missing {
    pub(crate) audio: usize,
    pub(crate) video: usize,
}

#[derive(Debug, Default)]
pub(crate) struct Negotiation {
    queue: VecDeque<Change>,
    current: Option<Change>,
    /// The newest offer contains the current change.
    offered: bool,
    /// Local tracks that the next offer gives a line.
    attached: Vec<String>,
    /// An answer is due: nothing may start before it.
    awaiting_answer: bool,
    lines: Vec<Line>,
    /// What each mid carries, by the newest answer.
    tracks: BTreeMap<String, String>,
}

impl Negotiation {
    pub(crate) fn enqueue(&mut self, change: Change) {
        self.queue.push_back(change);
    }

    /// The next change when it may start now. The caller then asks the server for a negotiation.
    pub(crate) fn start_next(&mut self) -> Option<Change> {
        if self.awaiting_answer {
            return None;
        }
        let change = self.queue.pop_front()?;
        match &change {
            Change::Add(track) => self.attached.push(track.clone()),
            Change::Remove(track) => {
                let own = Use::Own(track.clone());
                self.lines.iter_mut().filter(|line| line.purpose == own).for_each(|line| line.purpose = Use::Removed);
            }
        }
        self.awaiting_answer = true;
        self.current = Some(change.clone());
        Some(change)
    }

    /// Remote tracks were announced: an answer will follow.
    pub(crate) fn tracks_announced(&mut self) {
        self.awaiting_answer = true;
    }

    /// How many receive lines are missing for these totals. An error names totals below what there is.
    pub(crate) fn missing(&self, audio: i32, video: i32) -> Result<Missing, String> {
        let count = |kind| self.lines.iter().filter(|line| line.kind == kind && line.purpose == Use::Receive).count();
        let missing = |name, wanted: i32, have: usize| {
            let wanted = usize::try_from(wanted).unwrap_or(0);
            wanted.checked_sub(have).ok_or_else(|| format!("the total of {name} lines went down from {have} to {wanted}"))
        };
        Ok(Missing { audio: missing("audio", audio, count(TrackKind::Audio))?, video: missing("video", video, count(TrackKind::Video))? })
    }

    /// An offer is made. Returns the local tracks that it has to give a line.
    pub(crate) fn offering(&mut self) -> Vec<String> {
        self.offered = self.current.is_some();
        std::mem::take(&mut self.attached)
    }

    pub(crate) fn own_mid(&self, track: &str) -> Option<&str> {
        self.lines.iter().find(|line| matches!(&line.purpose, Use::Own(own) if own == track)).map(|line| line.mid.as_str())
    }

    pub(crate) fn add_line(&mut self, mid: String, kind: TrackKind, purpose: Use) {
        self.lines.push(Line { mid, kind, purpose });
    }

    pub(crate) fn lines(&self) -> &[Line] {
        &self.lines
    }

    pub(crate) fn line(&self, mid: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.mid == mid)
    }

    /// What an offer says about local tracks: mid to track id.
    pub(crate) fn own_tracks(&self) -> BTreeMap<String, String> {
        let own = |line: &Line| match &line.purpose {
            Use::Own(track) => Some((line.mid.clone(), track.clone())),
            Use::Removed | Use::Receive => None,
        };
        self.lines.iter().filter_map(own).collect()
    }

    /// Takes an answer's map; returns the change that is done with it.
    pub(crate) fn answered(&mut self, tracks: BTreeMap<String, String>) -> Option<Change> {
        self.tracks = tracks;
        let done = if std::mem::take(&mut self.offered) { self.current.take() } else { None };
        self.awaiting_answer = self.current.is_some();
        done
    }

    /// The track a mid carries.
    pub(crate) fn track_on(&self, mid: &str) -> Option<&str> {
        self.tracks.get(mid).map(String::as_str)
    }

    /// All mids with what they carry.
    pub(crate) fn tracks(&self) -> &BTreeMap<String, String> {
        &self.tracks
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn add(track: &str) -> Change {
        Change::Add(track.to_owned())
    }

    #[test]
    fn one_change_runs_at_a_time() {
        let mut negotiation = Negotiation::default();
        negotiation.enqueue(add("a"));
        negotiation.enqueue(add("b"));
        assert_eq!(negotiation.start_next(), Some(add("a")));
        assert_eq!(negotiation.start_next(), None);
        assert_eq!(negotiation.offering(), ["a"]);
        assert_eq!(negotiation.answered(BTreeMap::new()), Some(add("a")));
        assert_eq!(negotiation.start_next(), Some(add("b")));
    }

    #[test]
    fn an_answer_to_an_earlier_offer_ends_no_change() {
        let mut negotiation = Negotiation::default();
        // The server asks by itself, and the change comes while that offer is on its way.
        assert!(negotiation.offering().is_empty());
        negotiation.enqueue(add("a"));
        negotiation.enqueue(add("b"));
        assert_eq!(negotiation.start_next(), Some(add("a")));
        assert_eq!(negotiation.answered(BTreeMap::new()), None);
        assert_eq!(negotiation.start_next(), None, "its own answer is still due");
        assert_eq!(negotiation.offering(), ["a"]);
        assert_eq!(negotiation.answered(BTreeMap::new()), Some(add("a")));
        assert_eq!(negotiation.start_next(), Some(add("b")));
    }

    #[test]
    fn announced_tracks_hold_changes_back_until_the_answer() {
        let mut negotiation = Negotiation::default();
        negotiation.tracks_announced();
        negotiation.enqueue(add("a"));
        assert_eq!(negotiation.start_next(), None);
        assert_eq!(negotiation.answered(BTreeMap::new()), None);
        assert_eq!(negotiation.start_next(), Some(add("a")));
    }

    #[test]
    fn totals_count_receive_lines_alone_and_never_go_down() {
        let mut negotiation = Negotiation::default();
        negotiation.add_line("0".to_owned(), TrackKind::Video, Use::Own("v".to_owned()));
        negotiation.add_line("1".to_owned(), TrackKind::Video, Use::Receive);
        assert_eq!(negotiation.missing(2, 3), Ok(Missing { audio: 2, video: 2 }));
        assert_eq!(negotiation.missing(0, 1), Ok(Missing::default()));
        assert!(negotiation.missing(0, 0).unwrap_err().contains("from 1 to 0"));
    }

    #[test]
    fn a_removed_track_leaves_its_line_and_the_map() {
        let mut negotiation = Negotiation::default();
        negotiation.add_line("0".to_owned(), TrackKind::Audio, Use::Own("a".to_owned()));
        assert_eq!(negotiation.own_tracks().len(), 1);
        negotiation.enqueue(Change::Remove("a".to_owned()));
        negotiation.start_next();
        assert!(negotiation.own_tracks().is_empty());
        assert_eq!(negotiation.line("0").unwrap().purpose, Use::Removed);
    }
}
