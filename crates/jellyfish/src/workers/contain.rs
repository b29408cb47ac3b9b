//! Keeping a panic inside the room, or at worst inside the worker, where it happened.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use sfu::RoomId;

use crate::figures::Durations;
use crate::rooms::{Output, Resumptions, Rooms};

/// The rooms of a worker, and how to begin anew when they are broken beyond telling what.
pub(super) struct Contained {
    rooms: Rooms,
    fresh: Box<dyn Fn() -> Rooms + Send>,
    /// What was left to do when the rooms were given up.
    leftovers: VecDeque<Output>,
}

/// The call broke.
#[derive(Debug)]
pub(super) struct Broken;

impl Contained {
    pub(super) fn new(fresh: impl Fn() -> Rooms + Send + 'static) -> Self {
        Self { rooms: fresh(), fresh: Box::new(fresh), leftovers: VecDeque::new() }
    }

    /// Calls into the rooms. A panic ends `room`, or, when it is not known which room broke, all rooms of this worker.
    pub(super) fn call<T>(&mut self, now: Instant, room: Option<&RoomId>, call: impl FnOnce(&mut Rooms) -> T) -> Result<T, Broken> {
        // Broken state never outlives this function: it is dropped with the room or with all rooms.
        catch_unwind(AssertUnwindSafe(|| call(&mut self.rooms))).map_err(|_| {
            match room {
                Some(room) => self.abandon_room(now, room),
                None => self.abandon_all(),
            }
            Broken
        })
    }

    /// The next output that a panic left over.
    pub(super) fn next_leftover(&mut self) -> Option<Output> {
        self.leftovers.pop_front()
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.rooms.poll_timeout()
    }

    pub(super) fn stats(&self) -> sfu::Stats {
        self.rooms.stats()
    }

    pub(super) fn time_to_media(&self) -> Durations {
        self.rooms.time_to_media()
    }

    pub(super) fn resumptions(&self) -> Resumptions {
        self.rooms.resumptions()
    }

    fn abandon_room(&mut self, now: Instant, room: &RoomId) {
        tracing::error!(%room, "a room broke and is closed");
        if catch_unwind(AssertUnwindSafe(|| self.rooms.abandon_room(now, room))).is_err() {
            self.abandon_all();
        }
    }

    /// Ends all rooms of this worker; what is left to do comes out of [`Contained::next_leftover`].
    pub(super) fn abandon_all(&mut self) {
        tracing::error!("the rooms of a worker broke and are closed");
        let broken = std::mem::replace(&mut self.rooms, (self.fresh)());
        if let Ok(outputs) = catch_unwind(AssertUnwindSafe(|| broken.abandon())) {
            self.leftovers.extend(outputs);
        } else {
            tracing::error!("the clients of broken rooms could not be told");
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use protocol::notification::Notification;

    use super::*;
    use crate::rooms::{Answer, Limits, RoomCommand, RoomSettings};

    fn contained(rooms: &[&str]) -> Contained {
        let mut contained = Contained::new(|| Rooms::new(sfu::Engine::new(super::super::engine_config(0)), Limits { peers_per_room: 10 }));
        let now = Instant::now();
        for room in rooms {
            let command = RoomCommand::CreateRoom { room: (*room).into(), settings: RoomSettings::default() };
            contained.call(now, None, |rooms| rooms.handle(now, command)).unwrap().unwrap();
        }
        told(&mut contained);
        contained
    }

    fn told(contained: &mut Contained) -> Vec<Notification> {
        let now = Instant::now();
        let drained = contained.call(now, None, |rooms| std::iter::from_fn(|| rooms.poll_output(now)).collect::<Vec<_>>()).unwrap();
        let all = drained.into_iter().chain(std::iter::from_fn(|| contained.next_leftover()));
        all.filter_map(|output| if let Output::Notify(notification) = output { Some(notification) } else { None }).collect()
    }

    fn left(contained: &mut Contained) -> usize {
        contained.call(Instant::now(), None, |rooms| rooms.len()).unwrap()
    }

    #[test]
    fn a_panic_ends_its_room_only() {
        let mut contained = contained(&["a", "b"]);
        contained.call(Instant::now(), Some(&"a".into()), |_| panic!("a bug")).unwrap_err();
        assert_eq!(told(&mut contained), [Notification::RoomCrashed { room: "a".into() }]);
        assert_eq!(left(&mut contained), 1);
    }

    #[test]
    fn a_panic_of_unknown_origin_ends_the_rooms_of_its_worker_and_the_worker_goes_on() {
        let mut contained = contained(&["a", "b"]);
        contained.call(Instant::now(), None, |_| panic!("a bug")).unwrap_err();
        let crashed = ["a", "b"].map(|room| Notification::RoomCrashed { room: room.into() });
        assert_eq!(told(&mut contained), crashed);
        assert_eq!(left(&mut contained), 0);
        let now = Instant::now();
        let again = RoomCommand::CreateRoom { room: "a".into(), settings: RoomSettings::default() };
        let answer = contained.call(now, None, |rooms| rooms.handle(now, again)).unwrap();
        assert!(matches!(answer, Ok(Answer::Room(_))));
    }
}
