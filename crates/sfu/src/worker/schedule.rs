//! Deadlines of everything in the engine. Idle peers cost nothing: only what is due is looked at.

use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;
use std::time::{Duration, Instant};

use super::slots::Place;

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Due {
    /// A peer's session.
    Session(Place),
    /// Reports on what a peer sends and is sent.
    Report(Place),
    /// Feedback on what a peer sends.
    Feedback(Place),
    /// Packets of a room that wait for the rest of their frame.
    Forward {
        /// Which room.
        room: usize,
    },
    /// A peer's negotiation.
    Negotiation(Place),
    /// A track: keyframe requests, voice activity, choice of encoding.
    Track {
        /// Its room.
        room: usize,
        /// Its key in the room.
        track: usize,
    },
}

impl Due {
    /// Not greater than any other.
    const FIRST: Self = Self::Session(Place { room: 0, endpoint: 0 });
}

/// At most one deadline per subject.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    queue: BTreeSet<(Instant, Due)>,
    times: HashMap<Due, Instant>,
}

impl Schedule {
    /// Makes sure that the subject is looked at by `at`. A later deadline than the known one changes nothing: moving deadlines
    /// back with every packet would cost more than one look in vain.
    pub(crate) fn by(&mut self, due: Due, at: Instant) {
        match self.times.get(&due) {
            Some(known) if *known <= at => {}
            known => {
                if let Some(known) = known {
                    self.queue.remove(&(*known, due));
                }
                self.times.insert(due, at);
                self.queue.insert((at, due));
            }
        }
    }

    /// As [`Schedule::by`] for what may wait a little, up to `slack`: it joins a deadline that exists, so that one look serves many.
    pub(crate) fn around(&mut self, due: Due, at: Instant, slack: Duration) {
        let latest = at + slack;
        if self.times.get(&due).is_some_and(|known| *known <= latest) {
            return;
        }
        let first = Bound::Included((at, Due::FIRST));
        let shared = self.queue.range((first, Bound::Unbounded)).next().map(|(at, _)| *at).filter(|at| *at <= latest);
        self.by(due, shared.unwrap_or(latest));
    }

    /// Forgets a subject.
    pub(crate) fn remove(&mut self, due: Due) {
        if let Some(at) = self.times.remove(&due) {
            self.queue.remove(&(at, due));
        }
    }

    /// Takes a subject whose deadline has come.
    pub(crate) fn pop(&mut self, now: Instant) -> Option<Due> {
        let (_, due) = self.queue.first().copied().filter(|(at, _)| *at <= now)?;
        self.remove(due);
        Some(due)
    }

    /// The earliest deadline.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.queue.first().map(|(at, _)| *at)
    }

    /// Subjects with a deadline; for leak checks.
    pub(crate) fn len(&self) -> usize {
        self.times.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_wait_joins_others_within_its_slack() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let slack = Duration::from_millis(100);
        let due = |track| Due::Track { room: 0, track };
        let mut schedule = Schedule::default();
        schedule.around(due(1), at(50), slack);
        assert_eq!(schedule.next(), Some(at(150)), "alone it comes last");
        schedule.around(due(2), at(60), slack);
        schedule.around(due(3), at(151), slack);
        schedule.around(due(1), at(100), slack);
        schedule.around(due(1), at(20), slack);
        let mut times: Vec<_> = schedule.queue.iter().map(|(at, due)| (*due, *at)).collect();
        times.sort_unstable();
        assert_eq!(times, [(due(1), at(120)), (due(2), at(150)), (due(3), at(251))]);
    }

    #[test]
    fn the_earliest_wins_and_each_subject_comes_once() {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let (first, second) = (Due::Track { room: 0, track: 1 }, Due::Track { room: 0, track: 2 });
        let mut schedule = Schedule::default();
        schedule.by(first, at(50));
        schedule.by(second, at(30));
        schedule.by(first, at(20));
        schedule.by(second, at(90));
        assert_eq!(schedule.next(), Some(at(20)));
        assert_eq!(schedule.pop(at(19)), None);
        assert_eq!([schedule.pop(at(60)), schedule.pop(at(60)), schedule.pop(at(99))], [Some(first), Some(second), None]);
        assert_eq!((schedule.next(), schedule.len()), (None, 0));
    }

    #[test]
    fn removed_subjects_do_not_come() {
        let mut schedule = Schedule::default();
        let (now, due) = (Instant::now(), Due::Track { room: 3, track: 0 });
        schedule.by(due, now);
        schedule.remove(due);
        schedule.remove(due);
        assert_eq!(schedule.pop(now), None);
    }
}
