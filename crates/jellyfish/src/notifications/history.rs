//! The notifications of the recent past, for back ends that come back.

use std::collections::VecDeque;

use bytes::Bytes;
use protocol::proto::server_message::Position;

/// Notifications that are remembered. More bridges longer interruptions and costs memory.
pub const MAX_REMEMBERED: usize = 8_192;

/// Bytes that are remembered.
pub const MAX_REMEMBERED_BYTES: usize = 8 * 1024 * 1024;

/// What was told last.
pub(super) struct History {
    /// Which sequence of notifications this is: another process counts anew.
    stream: u64,
    frames: VecDeque<Bytes>,
    bytes: usize,
    /// How many notifications there were in all.
    total: u64,
}

impl History {
    pub(super) fn new(stream: u64) -> Self {
        // Zero is what a back end says that knows none.
        Self { stream: stream.max(1), frames: VecDeque::new(), bytes: 0, total: 0 }
    }

    pub(super) fn push(&mut self, frame: Bytes) {
        self.total += 1;
        self.bytes += frame.len();
        self.frames.push_back(frame);
        while self.frames.len() > MAX_REMEMBERED || self.bytes > MAX_REMEMBERED_BYTES {
            let Some(oldest) = self.frames.pop_front() else { break };
            self.bytes -= oldest.len();
        }
    }

    /// What came behind a position, and the position that this begins behind. It is another one than asked for when something
    /// in between is forgotten, or when the sequence is another one: then everything that is remembered comes.
    pub(super) fn behind(&self, after: Option<Position>) -> (Position, impl Iterator<Item = &Bytes>) {
        let oldest = self.total - self.frames.len() as u64;
        let start = match after {
            Some(Position { stream, sequence }) if stream == self.stream && (oldest..=self.total).contains(&sequence) => sequence,
            Some(Position { stream: 1.., .. }) => oldest,
            Some(Position { stream: 0, .. }) | None => self.total,
        };
        let position = Position { stream: self.stream, sequence: start };
        (position, self.frames.iter().skip((start - oldest) as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(count: u64) -> History {
        let mut history = History::new(7);
        for n in 1..=count {
            history.push(Bytes::from(n.to_string()));
        }
        history
    }

    /// The position that follows, and what comes.
    fn behind(history: &History, after: Option<(u64, u64)>) -> (u64, Vec<String>) {
        let (position, frames) = history.behind(after.map(|(stream, sequence)| Position { stream, sequence }));
        assert_eq!(position.stream, 7);
        (position.sequence, frames.map(|frame| String::from_utf8_lossy(frame).into_owned()).collect())
    }

    #[test]
    fn what_was_missed_is_told_again() {
        let history = told(5);
        assert_eq!(behind(&history, None), (5, vec![]));
        assert_eq!(behind(&history, Some((0, 0))), (5, vec![]));
        assert_eq!(behind(&history, Some((7, 5))), (5, vec![]));
        assert_eq!(behind(&history, Some((7, 3))), (3, vec!["4".into(), "5".into()]));
        let all: Vec<String> = (1..=5).map(|n| n.to_string()).collect();
        assert_eq!(behind(&history, Some((7, 0))), (0, all.clone()));
        assert_eq!(behind(&history, Some((8, 3))), (0, all.clone()), "another sequence");
        assert_eq!(behind(&history, Some((7, 9))), (0, all), "a position that never was");
        assert_eq!(behind(&told(0), Some((7, 0))), (0, vec![]));
    }

    #[test]
    fn limit_notifications_remembered_by_number() {
        let history = told(MAX_REMEMBERED as u64 + 10);
        let (position, frames) = behind(&history, Some((7, 3)));
        assert_eq!(
            (position, frames.len(), frames[0].as_str()),
            (10, MAX_REMEMBERED, "11"),
            "the position tells that something is missing"
        );
    }

    #[test]
    fn limit_notifications_remembered_by_bytes() {
        let mut history = History::new(7);
        for _ in 0..3 {
            history.push(Bytes::from(vec![b'x'; MAX_REMEMBERED_BYTES / 2]));
        }
        assert_eq!((history.frames.len(), history.bytes), (2, MAX_REMEMBERED_BYTES));
    }
}
