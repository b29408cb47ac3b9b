//! Keyframe requests towards publishers: coalesced and throttled per (track, encoding), repeated until answered.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::event::Variant;
use crate::ids::TrackId;

/// Shortest time between two requests for the same encoding. Lower: a few lossy receivers cost everybody bitrate; higher:
/// receivers stay frozen for longer.
pub(crate) const INTERVAL: Duration = Duration::from_millis(500);

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

    /// The track ended.
    pub(crate) fn remove_track(&mut self, track: &TrackId) {
        self.entries.retain(|(of, _), _| of != track);
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

    /// Encodings remembered; for leak checks.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}
