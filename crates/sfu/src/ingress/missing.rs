//! Packets of a stream that did not come, and when to ask for them again (RFC 4585 section 6.2.1).

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How long a packet that was overtaken is waited for, at least and at most; in between as long as others were late. Shorter: what is
/// only late is asked for in vain, and clients repeat only so much; longer: repair is late.
const PATIENCE: (Duration, Duration) = (Duration::from_millis(30), Duration::from_millis(40));
/// A packet is asked for so often, and for so long. Then its frame is of no use any more.
const TRIES: u8 = 10;
const GIVE_UP: Duration = Duration::from_secs(1);
/// Packets asked for at a time. A larger hole is no loss but another beginning; decoders ask for a keyframe then.
const CAPACITY: usize = 256;
/// Round trip and its deviation until they are known, and bounds of the pause before a packet is asked for again. Shorter pauses than a
/// round trip ask twice for what is on its way, and spend the client's allowance of repetitions on copies.
const FIRST_ROUND_TRIP: (Duration, Duration) = (Duration::from_millis(80), Duration::from_millis(20));
const PAUSES: (Duration, Duration) = (Duration::from_millis(25), Duration::from_millis(250));

/// What is missing of one stream.
#[derive(Debug)]
pub(super) struct Missing {
    newest: Option<u64>,
    /// By number.
    entries: VecDeque<Entry>,
    /// Smoothed time from asking to getting, and how far it is off (RFC 6298 section 2).
    round_trip: Duration,
    deviation: Duration,
    /// How late packets are that come by themselves; it falls slowly.
    lateness: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    sequence: u64,
    since: Instant,
    /// When it is asked for next.
    next: Instant,
    tries: u8,
    /// The last time, and the time before.
    asked_at: [Instant; 2],
}

impl Default for Missing {
    fn default() -> Self {
        let (round_trip, deviation) = FIRST_ROUND_TRIP;
        Self { newest: None, entries: VecDeque::new(), round_trip, deviation, lateness: Duration::ZERO }
    }
}

impl Missing {
    /// A packet came, by itself or again. What it overtook is missing.
    pub(super) fn arrived(&mut self, sequence: u64, is_repeated: bool, now: Instant) {
        let newest = *self.newest.get_or_insert(sequence);
        if sequence <= newest {
            self.found(sequence, is_repeated, now);
            return;
        }
        self.newest = Some(sequence);
        if sequence - newest > CAPACITY as u64 {
            self.entries.clear();
            return;
        }
        let next = now + (self.lateness * 9 / 8).clamp(PATIENCE.0, PATIENCE.1);
        for passed in newest + 1..sequence {
            self.entries.push_back(Entry { sequence: passed, since: now, next, tries: 0, asked_at: [now; 2] });
        }
        while self.entries.len() > CAPACITY {
            self.entries.pop_front();
        }
    }

    fn found(&mut self, sequence: u64, is_repeated: bool, now: Instant) {
        let Ok(at) = self.entries.binary_search_by_key(&sequence, |entry| entry.sequence) else { return };
        let Some(entry) = self.entries.remove(at) else { return };
        if !is_repeated {
            self.lateness = now.saturating_duration_since(entry.since).max(self.lateness * 63 / 64);
        } else if entry.tries > 0 {
            self.measure(entry, now);
        }
    }

    fn measure(&mut self, entry: Entry, now: Instant) {
        let [last, before] = entry.asked_at.map(|at| now.saturating_duration_since(at));
        // What comes right after it was asked for again answers the time before.
        let measured = if entry.tries > 1 && last < self.round_trip / 2 { before } else { last };
        self.deviation = (self.deviation * 3 + self.round_trip.abs_diff(measured)) / 4;
        self.round_trip = (self.round_trip * 7 + measured) / 8;
    }

    /// When something is to be asked for.
    pub(super) fn due(&self) -> Option<Instant> {
        self.entries.iter().map(|entry| entry.next).min()
    }

    /// Adds what is to be asked for now, in order; it counts as asked for.
    pub(super) fn ask(&mut self, now: Instant, wanted: &mut Vec<u64>) {
        let pause = (self.round_trip + 4 * self.deviation).clamp(PAUSES.0, PAUSES.1);
        self.entries.retain(|entry| {
            let is_over = entry.tries >= TRIES || now.saturating_duration_since(entry.since) > GIVE_UP;
            entry.next > now || !is_over
        });
        for entry in self.entries.iter_mut().filter(|entry| entry.next <= now) {
            wanted.push(entry.sequence);
            (entry.next, entry.asked_at) = (now + pause, [now, entry.asked_at[0]]);
            entry.tries += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Story {
        start: Instant,
        missing: Missing,
    }

    impl Story {
        fn new() -> Self {
            Self { start: Instant::now(), missing: Missing::default() }
        }

        fn arrived(&mut self, sequences: impl IntoIterator<Item = u64>, ms: u64) {
            for sequence in sequences {
                self.missing.arrived(sequence, false, self.start + Duration::from_millis(ms));
            }
        }

        fn repeated(&mut self, sequence: u64, ms: u64) {
            self.missing.arrived(sequence, true, self.start + Duration::from_millis(ms));
        }

        fn asked(&mut self, ms: u64) -> Vec<u64> {
            let mut wanted = Vec::new();
            self.missing.ask(self.start + Duration::from_millis(ms), &mut wanted);
            wanted
        }

        fn due(&self) -> Option<u128> {
            self.missing.due().map(|at| at.duration_since(self.start).as_millis())
        }
    }

    #[test]
    fn what_is_overtaken_is_asked_for_after_a_moment() {
        let mut story = Story::new();
        story.arrived([10, 13, 14], 0);
        assert_eq!(story.due(), Some(30));
        story.arrived([12], 4);
        assert!(story.asked(29).is_empty());
        assert_eq!(story.asked(30), [11]);
        assert!(story.asked(31).is_empty(), "it is on its way");
        story.repeated(11, 50);
        assert!(story.asked(1_000).is_empty() && story.due().is_none());
    }

    /// Asks for a hundred packets, one at a time, and gets each after one of these times, in turn.
    fn with_round_trips(ms: &[u64]) -> Story {
        let mut story = Story::new();
        for (index, round_trip) in (0..100).zip(ms.iter().cycle()) {
            let (at, base) = (index * 200, index * 2);
            story.arrived([base, base + 2], at);
            assert_eq!(story.asked(at + 30), [base + 1]);
            story.repeated(base + 1, at + 30 + round_trip);
        }
        story.arrived([203], 20_000);
        assert_eq!(story.asked(20_030), [201, 202]);
        story
    }

    #[test]
    fn pauses_follow_the_round_trip_and_how_much_it_varies() {
        let pause = |ms: &[u64]| with_round_trips(ms).due().map(|due| due - 20_030);
        assert_eq!(pause(&[40]), Some(40));
        assert_eq!(pause(&[3]), Some(25), "copies cost more than a moment");
        assert!(pause(&[30, 70]).is_some_and(|pause| (110..150).contains(&pause)), "{:?}", pause(&[30, 70]));
        assert_eq!(pause(&[150, 50]), Some(250), "whoever waits longer repairs nothing");
    }

    #[test]
    fn an_answer_that_crosses_the_next_question_is_measured_from_the_first() {
        let mut story = Story::new();
        story.arrived([1, 3], 0);
        assert_eq!((story.asked(30), story.asked(190)), (vec![2], vec![2]));
        story.repeated(2, 200);
        assert_eq!(story.missing.round_trip.as_micros(), 91_250, "170 ms");
    }

    #[test]
    fn where_packets_overtake_each_other_patience_grows() {
        let mut story = Story::new();
        story.arrived([1, 3], 0);
        story.arrived([2], 24);
        story.arrived([5], 100);
        assert_eq!(story.due(), Some(130));
        story.arrived([4], 190);
        story.arrived([7], 200);
        assert_eq!(story.due(), Some(240));
        for (ms, number) in (300..).step_by(10).zip((8..2_000).step_by(2)) {
            story.arrived([number, number + 2], ms);
            story.arrived([number + 1], ms);
        }
        story.arrived([3_000], 20_000);
        story.arrived([3_002], 20_000);
        assert_eq!(story.due(), Some(20_030), "it is forgotten in the end");
    }

    #[test]
    fn what_never_comes_is_given_up() {
        let mut story = Story::new();
        story.arrived([1, 3], 0);
        let asked: Vec<u64> = (0..3_000).filter(|ms| !story.asked(*ms).is_empty()).collect();
        assert_eq!(asked.len(), 7);
        assert!(asked.last().is_some_and(|last| *last <= 1_000), "{asked:?}");
        assert_eq!(story.due(), None);
    }

    #[test]
    fn memory_is_bounded_and_a_jump_is_no_loss() {
        let mut story = Story::new();
        story.arrived((0..10_000).step_by(2), 0);
        assert_eq!(story.asked(30).len(), CAPACITY);
        story.arrived([20_000], 10);
        assert_eq!(story.due(), None);
    }
}
