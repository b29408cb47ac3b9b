//! A client's events on their way to its worker, at a bounded rate. The excess waits.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sfu::{ClientEvent, Metadata};

use super::told::Told;
use crate::rooms::FromClient;

/// Time an event takes in the long run: 200 a second.
const EVENT_TIME: Duration = Duration::from_millis(5);

/// Events that pass at once after a quiet time.
const BURST: u32 = 1000;

/// So many events an offer counts for: it is by far the dearest for its worker, and clients make one per cycle. More would hold up
/// clients in rooms where people come and go all the time.
const OFFER: u32 = 10;

/// So many bytes of metadata count for one more event. More would let one client fill the queues of all others in its room, who would
/// lose their sockets for being slow; less would hold up clients that keep much in it.
const METADATA: usize = 1024;

/// Events that may wait; a client with more is closed.
pub(super) const MAX_WAITING: usize = 5000;

/// Bytes that waiting events may hold: they can be long.
pub(super) const MAX_WAITING_BYTES: usize = 8 * 1024 * 1024;

/// Events in the order in which they came.
#[derive(Default)]
pub(super) struct EventQueue {
    waiting: VecDeque<(FromClient, usize)>,
    bytes: usize,
    /// When all events let through so far would have ended, one after the other (generic cell rate algorithm).
    busy_until: Option<Instant>,
    /// What everybody in the room is told, by the others, too.
    room: Option<Arc<Told>>,
}

/// More events wait than may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

impl EventQueue {
    /// An empty one, of a client in this room.
    pub(super) fn new(room: Arc<Told>) -> Self {
        Self { room: Some(room), ..Self::default() }
    }

    /// Takes an event, or a heartbeat, that came in `bytes` bytes.
    pub(super) fn push(&mut self, event: FromClient, bytes: usize) -> Result<(), Full> {
        self.waiting.push_back((event, bytes));
        self.bytes += bytes;
        if self.waiting.len() > MAX_WAITING || self.bytes > MAX_WAITING_BYTES { Err(Full) } else { Ok(()) }
    }

    /// The next event that may pass.
    pub(super) fn pop(&mut self, now: Instant) -> Option<FromClient> {
        if self.next_at(now)? > now {
            return None;
        }
        let (event, bytes) = self.waiting.pop_front()?;
        self.bytes -= bytes;
        self.charge(now, cost(&event));
        if let (Some(room), Some(bytes)) = (&self.room, for_everybody(&event)) {
            room.count(now, bytes);
        }
        Some(event)
    }

    /// Lets something pass ahead of what waits, in place of one event; `false` when no event may pass now.
    pub(super) fn pass(&mut self, now: Instant) -> bool {
        let may_pass = self.free_at().is_none_or(|at| at <= now);
        if may_pass {
            self.charge(now, 1);
        }
        may_pass
    }

    /// When the next one may pass; `None` while nothing waits.
    pub(super) fn next_at(&self, now: Instant) -> Option<Instant> {
        let (event, _) = self.waiting.front()?;
        let own = self.free_at().filter(|_| cost(event) > 0);
        let room = for_everybody(event).and(self.room.as_ref()).and_then(|room| room.wait_until(now));
        Some(own.max(room).unwrap_or(now))
    }

    /// When an event may pass; `None`: at any time.
    fn free_at(&self) -> Option<Instant> {
        self.busy_until?.checked_sub(EVENT_TIME * (BURST - 1))
    }

    fn charge(&mut self, now: Instant, events: u32) {
        if events > 0 {
            self.busy_until = Some(self.busy_until.map_or(now, |until| until.max(now)) + EVENT_TIME.saturating_mul(events));
        }
    }
}

/// How many events it counts for.
fn cost(event: &FromClient) -> u32 {
    let FromClient::Event(event) = event else { return 1 };
    match event {
        // Published clients send these in bursts of dozens.
        ClientEvent::Candidate { .. } | ClientEvent::DisableVariant { .. } => 0,
        ClientEvent::Connect { metadata, .. }
        | ClientEvent::UpdateMetadata { metadata }
        | ClientEvent::UpdateTrackMetadata { metadata, .. } => 1 + told([metadata]),
        ClientEvent::Offer(offer) => OFFER + told(offer.track_metadata.values()),
        _ => 1,
    }
}

/// Bytes of metadata that everybody in the room is told anew; `None`: hardly any. Clients send what is known again with each offer, and
/// all of them make one when somebody comes.
fn for_everybody(event: &FromClient) -> Option<usize> {
    let FromClient::Event(event) = event else { return None };
    let long = |bytes: usize| Some(bytes).filter(|bytes| *bytes >= METADATA);
    match event {
        ClientEvent::UpdateMetadata { metadata } | ClientEvent::UpdateTrackMetadata { metadata, .. } => Some(metadata.as_json().len()),
        ClientEvent::Connect { metadata, .. } => long(metadata.as_json().len()),
        ClientEvent::Offer(offer) => long(offer.track_metadata.values().map(|metadata| metadata.as_json().len()).sum()),
        _ => None,
    }
}

/// What metadata counts for: everybody in the room is told it.
fn told<'a>(metadata: impl IntoIterator<Item = &'a Metadata>) -> u32 {
    let bytes: usize = metadata.into_iter().map(|metadata| metadata.as_json().len()).sum();
    u32::try_from(bytes / METADATA).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use std::collections::BTreeMap;

    use super::*;

    const EVENT: FromClient = FromClient::Event(ClientEvent::RenegotiateTracks);

    fn passed(queue: &mut EventQueue, now: Instant) -> usize {
        std::iter::from_fn(|| queue.pop(now)).count()
    }

    #[test]
    fn a_burst_passes_and_the_excess_waits() {
        let start = Instant::now() + Duration::from_secs(100);
        let mut queue = EventQueue::default();
        for _ in 0..3000 {
            queue.push(EVENT, 4).unwrap();
        }
        assert_eq!(passed(&mut queue, start), 1000);
        assert_eq!(queue.next_at(start), Some(start + EVENT_TIME));
        assert_eq!(passed(&mut queue, start + Duration::from_secs(1)), 200);
        assert_eq!(passed(&mut queue, start + Duration::from_mins(1)), 1000);
        assert_eq!(passed(&mut queue, start + Duration::from_mins(2)), 800);
        assert_eq!(queue.next_at(start), None);
    }

    #[test]
    fn what_passes_ahead_takes_the_place_of_an_event() {
        let start = Instant::now() + Duration::from_secs(100);
        let mut queue = EventQueue::default();
        for _ in 0..2000 {
            queue.push(EVENT, 4).unwrap();
        }
        assert!(queue.pass(start));
        assert_eq!(passed(&mut queue, start), 999);
        assert!(!queue.pass(start));
        assert!(queue.pass(start + EVENT_TIME));
        assert_eq!(passed(&mut queue, start + EVENT_TIME), 0);
    }

    #[test]
    fn candidates_and_disable_bursts_never_count() {
        let now = Instant::now();
        let mut queue = EventQueue::default();
        for _ in 0..4000 {
            queue.push(FromClient::Event(ClientEvent::Candidate { candidate: String::new() }), 4).unwrap();
        }
        assert_eq!(passed(&mut queue, now), 4000);
        queue.push(EVENT, 4).unwrap();
        assert_eq!(passed(&mut queue, now), 1);
    }

    #[test]
    fn an_offer_counts_ten_times() {
        let start = Instant::now() + Duration::from_secs(100);
        let mut queue = EventQueue::default();
        for _ in 0..200 {
            let offer = sfu::Offer {
                sdp: String::new(),
                track_metadata: BTreeMap::new(),
                track_bitrates: BTreeMap::new(),
                mid_to_track: BTreeMap::new(),
            };
            queue.push(FromClient::Event(ClientEvent::Offer(offer)), 4).unwrap();
        }
        assert_eq!(passed(&mut queue, start), 100);
        assert_eq!(passed(&mut queue, start + Duration::from_secs(1)), 20);
    }

    #[test]
    fn a_kibibyte_of_metadata_counts_as_an_event() {
        let start = Instant::now() + Duration::from_secs(100);
        let metadata = |bytes| Metadata::from_json(&"1".repeat(bytes));
        let mut queue = EventQueue::default();
        for _ in 0..100 {
            queue.push(FromClient::Event(ClientEvent::UpdateMetadata { metadata: metadata(63 * 1024) }), 4).unwrap();
        }
        // 64 each; the last one of a burst may go beyond it.
        assert_eq!(passed(&mut queue, start), 16);
        assert_eq!(passed(&mut queue, start + Duration::from_secs(1)), 3);
        let mut queue = EventQueue::default();
        for _ in 0..2000 {
            queue.push(FromClient::Event(ClientEvent::UpdateMetadata { metadata: metadata(1023) }), 4).unwrap();
        }
        assert_eq!(passed(&mut queue, start), 1000, "what is short counts as before");
    }

    #[test]
    fn limit_metadata_of_all_clients_of_a_room() {
        let start = Instant::now() + Duration::from_secs(100);
        let update = || ClientEvent::UpdateMetadata { metadata: Metadata::from_json(&"1".repeat(250)) };
        let room = Arc::<Told>::default();
        let mut all: Vec<_> = (0..12).map(|_| EventQueue::new(Arc::clone(&room))).collect();
        for queue in &mut all {
            for _ in 0..1000 {
                queue.push(FromClient::Event(update()), 4).unwrap();
            }
        }
        let passed_by_all = |all: &mut [EventQueue], now| all.iter_mut().map(|queue| passed(queue, now)).sum::<usize>();
        assert_eq!(passed_by_all(&mut all, start), 1000, "750 bytes each");
        assert!(all[11].next_at(start) > Some(start), "also for one that said nothing yet");
        assert_eq!(passed_by_all(&mut all, start + Duration::from_secs(3)), 1000);
        // What is told to nobody waits for nobody.
        let mut queue = EventQueue::new(room);
        queue.push(EVENT, 4).unwrap();
        queue.push(FromClient::Event(update()), 4).unwrap();
        assert_eq!(passed(&mut queue, start + Duration::from_secs(3)), 1);
    }

    #[test]
    fn too_many_or_too_long_events_are_refused() {
        let mut queue = EventQueue::default();
        for _ in 0..MAX_WAITING {
            queue.push(EVENT, 4).unwrap();
        }
        assert_eq!(queue.push(EVENT, 4), Err(Full));
        let mut queue = EventQueue::default();
        for _ in 0..8 {
            queue.push(EVENT, 1024 * 1024).unwrap();
        }
        assert_eq!(queue.push(EVENT, 1), Err(Full));
    }
}
