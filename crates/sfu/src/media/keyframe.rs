//! Keyframe requests towards publishers: coalesced and throttled per (track, encoding), repeated until answered.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::event::Variant;
use crate::ids::TrackId;

/// Shortest time between two requests for the same encoding. Lower: a few lossy receivers cost everybody bitrate; higher:
/// receivers stay frozen for longer.
pub(crate) const INTERVAL: Duration = Duration::from_millis(300);

/// Longest time between repetitions to an encoding that sends nothing at all (a camera that is off).
const MAX_INTERVAL: Duration = Duration::from_secs(4);

/// One encoding of one track.
pub(crate) type Key = (TrackId, Variant);

/// The requests of all publishers that are pending or were made lately.
#[derive(Debug, Default)]
pub(crate) struct KeyframeRequests {
    entries: HashMap<Key, Entry>,
}

#[derive(Debug)]
struct Entry {
    last_sent: Option<Instant>,
    /// When to send the next one; `None` while nobody waits.
    due: Option<Instant>,
    interval: Duration,
}

impl KeyframeRequests {
    /// Somebody needs a keyframe: sent at once, or as soon as the last request is [`INTERVAL`] old.
    pub(crate) fn request(&mut self, key: &Key, now: Instant) {
        if !self.entries.contains_key(key) {
            self.entries.insert(key.clone(), Entry { last_sent: None, due: None, interval: INTERVAL });
        }
        let Some(entry) = self.entries.get_mut(key) else { return };
        let due = entry.last_sent.map_or(now, |sent| (sent + INTERVAL).max(now));
        entry.due = Some(entry.due.map_or(due, |earlier| earlier.min(due)));
        entry.interval = INTERVAL;
    }

    /// A keyframe began to arrive: everybody who waited is served.
    pub(crate) fn arrived(&mut self, key: &Key) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.due = None;
        }
    }

    /// Nobody waits for this encoding any more.
    pub(crate) fn give_up(&mut self, key: &Key) {
        self.arrived(key);
    }

    /// A request that has to be sent now, in no particular order; call until `None`.
    pub(crate) fn poll(&mut self, now: Instant) -> Option<Key> {
        let (key, entry) = self.entries.iter_mut().find(|(_, entry)| entry.due.is_some_and(|due| due <= now))?;
        entry.last_sent = Some(now);
        entry.due = Some(now + entry.interval);
        entry.interval = (entry.interval * 2).min(MAX_INTERVAL);
        Some(key.clone())
    }

    /// When [`KeyframeRequests::poll`] has something next.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.entries.values().filter_map(|entry| entry.due).min()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    struct Story {
        origin: Instant,
        requests: KeyframeRequests,
    }

    impl Story {
        fn new() -> Self {
            Self { origin: Instant::now(), requests: KeyframeRequests::default() }
        }

        fn at(&self, millis: u64) -> Instant {
            self.origin + Duration::from_millis(millis)
        }

        fn request(&mut self, key: &Key, millis: u64) {
            self.requests.request(key, self.at(millis));
        }

        /// How many requests leave at this moment.
        fn sent(&mut self, millis: u64) -> usize {
            let now = self.at(millis);
            std::iter::from_fn(|| self.requests.poll(now)).count()
        }

        fn deadline(&self) -> Option<u64> {
            self.requests.deadline().map(|at| (at - self.origin).as_millis() as u64)
        }
    }

    fn key(track: &str) -> Key {
        (TrackId::from(track), Variant::High)
    }

    #[test]
    fn requests_are_coalesced_and_throttled() {
        let mut story = Story::new();
        for _ in 0..50 {
            story.request(&key("a"), 0);
        }
        assert_eq!((story.sent(0), story.deadline()), (1, Some(300)));
        story.request(&key("a"), 100);
        assert_eq!((story.sent(299), story.sent(300)), (0, 1));
    }

    #[test]
    fn repeats_until_the_keyframe_arrives() {
        let mut story = Story::new();
        story.request(&key("a"), 0);
        assert_eq!((story.sent(0), story.sent(300)), (1, 1));
        story.requests.arrived(&key("a"));
        assert_eq!((story.deadline(), story.sent(10_000)), (None, 0));
        story.request(&key("a"), 400);
        assert_eq!(story.deadline(), Some(600), "the throttle outlives the answer");
    }

    #[test]
    fn repetitions_to_a_silent_encoding_get_rarer_until_somebody_asks_again() {
        let mut story = Story::new();
        story.request(&key("a"), 0);
        let mut sent = Vec::new();
        while let Some(deadline) = story.deadline().filter(|deadline| *deadline <= 20_000) {
            sent.push(deadline);
            assert_eq!(story.sent(deadline), 1);
        }
        assert_eq!(sent, [0, 300, 900, 2_100, 4_500, 8_500, 12_500, 16_500]);
        story.request(&key("a"), 20_100);
        assert_eq!(story.deadline(), Some(20_100), "a packet of it came, somebody asks again");
    }

    #[test]
    fn encodings_are_independent() {
        let mut story = Story::new();
        story.request(&key("a"), 0);
        story.request(&(TrackId::from("a"), Variant::Low), 0);
        story.request(&key("b"), 0);
        assert_eq!(story.sent(0), 3);
        story.requests.give_up(&key("b"));
        story.requests.arrived(&key("a"));
        assert_eq!((story.sent(299), story.sent(300)), (0, 1), "one of three is still wanted");
    }

    proptest! {
        #[test]
        fn never_two_requests_within_the_interval(
            steps in proptest::collection::vec((0_u8..3, 0_u64..400), 1..100),
        ) {
            let mut story = Story::new();
            let (mut now, mut last) = (0, None::<u64>);
            for (what, after) in steps {
                now += after;
                match what {
                    0 => story.request(&key("a"), now),
                    1 => story.requests.arrived(&key("a")),
                    _ => {}
                }
                let sent = story.sent(now);
                prop_assert!(sent <= 1);
                if sent == 1 {
                    prop_assert!(last.is_none_or(|last| now - last >= 300));
                    last = Some(now);
                }
            }
        }
    }
}
