//! Metadata that the clients of a room have told to everybody in it, at a bounded rate. Each alone may send much of it; all together
//! must not fill the queues of those that read slowly, who would lose their sockets for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use sfu::RoomId;

/// Time of a byte in the long run: 250 kB a second. Twice as much is more than a slow connection can take beside its media; much less
/// would be felt in large rooms.
const BYTE_TIME: Duration = Duration::from_micros(4);

/// Bytes that pass at once after a quiet time. A queue of a client must have room for them, by bytes and by number.
const BURST: u32 = 750_000;

/// What a change counts for beside its bytes: half a thousand changes a second.
const CHANGE: usize = 500;

/// A client that has to wait looks again no sooner: hundreds may wait at once.
const PAUSE: Duration = Duration::from_millis(20);

/// What one room was told.
#[derive(Default)]
pub(super) struct Told {
    /// When all bytes let through so far would have ended, one after the other (generic cell rate algorithm).
    busy_until: Mutex<Option<Instant>>,
}

impl Told {
    /// When to look again; `None`: something may pass now.
    pub(super) fn wait_until(&self, now: Instant) -> Option<Instant> {
        let free_at = (*lock(&self.busy_until))?.checked_sub(BYTE_TIME * (BURST - 1));
        free_at.filter(|at| *at > now).map(|at| at.max(now + PAUSE))
    }

    /// Counts a change of metadata with so many bytes.
    pub(super) fn count(&self, now: Instant, bytes: usize) {
        let time = BYTE_TIME.saturating_mul(u32::try_from(CHANGE.saturating_add(bytes)).unwrap_or(u32::MAX));
        let mut busy_until = lock(&self.busy_until);
        *busy_until = Some(busy_until.map_or(now, |until| until.max(now)) + time);
    }
}

/// Those of all rooms that have clients.
#[derive(Clone, Default)]
pub(crate) struct ToldInRooms(Arc<Mutex<HashMap<RoomId, Weak<Told>>>>);

impl ToldInRooms {
    /// The one of this room, for one more client.
    pub(super) fn of(&self, room: &RoomId) -> Share {
        let mut rooms = lock(&self.0);
        let told = rooms.get(room).and_then(Weak::upgrade).unwrap_or_default();
        rooms.insert(room.clone(), Arc::downgrade(&told));
        Share { rooms: self.clone(), room: room.clone(), told }
    }
}

/// A client's share in what its room is told.
pub(super) struct Share {
    rooms: ToldInRooms,
    room: RoomId,
    pub(super) told: Arc<Told>,
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut rooms = lock(&self.rooms.0);
        if Arc::strong_count(&self.told) == 1 {
            rooms.remove(&self.room);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workers::{MAX_QUEUED_BYTES, MAX_QUEUED_EVENTS};

    #[test]
    fn what_passes_at_once_fits_into_every_queue() {
        let start = Instant::now() + Duration::from_secs(100);
        for bytes in [0, 100, 1_000, 64_000] {
            let told = Told::default();
            let passed = std::iter::from_fn(|| told.wait_until(start).is_none().then(|| told.count(start, bytes)));
            let passed = passed.count();
            assert!(passed < MAX_QUEUED_EVENTS && passed * bytes < MAX_QUEUED_BYTES / 2, "{passed} of {bytes} bytes");
            assert!(passed * (bytes + CHANGE) >= BURST as usize, "{passed} of {bytes} bytes");
        }
    }

    #[test]
    fn clients_of_a_room_share_until_the_last_has_left() {
        let (rooms, now) = (ToldInRooms::default(), Instant::now());
        let (one, other, elsewhere) = (rooms.of(&"r".into()), rooms.of(&"r".into()), rooms.of(&"s".into()));
        one.told.count(now, 1_000_000);
        assert!(other.told.wait_until(now).is_some() && elsewhere.told.wait_until(now).is_none());
        drop(one);
        assert!(rooms.of(&"r".into()).told.wait_until(now).is_some(), "it goes on while a client is there");
        drop(other);
        assert_eq!(lock(&rooms.0).len(), 1);
        assert!(rooms.of(&"r".into()).told.wait_until(now).is_none());
    }
}
