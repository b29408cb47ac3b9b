//! Where rooms live. Today on one of this process's workers; the interface is what other nodes will be found through.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sfu::RoomId;
use thiserror::Error;

/// Where a room lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    /// Index of the worker.
    pub(crate) worker: usize,
    /// Tells it from the places of former rooms of the same id.
    pub(crate) number: u64,
}

/// Why a room gets no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum PlacementError {
    /// The id is taken.
    #[error("room already exists")]
    Taken,
    /// There are as many rooms as there may be.
    #[error("too many rooms")]
    Full,
}

/// Finds rooms and chooses where new ones go.
pub(crate) trait Placement: Send + Sync {
    /// Takes the id for a new room and chooses its place.
    fn place(&self, room: &RoomId) -> Result<Place, PlacementError>;
    /// Where the room is.
    fn find(&self, room: &RoomId) -> Option<Place>;
    /// The room is gone, says its worker.
    fn release(&self, room: &RoomId);
    /// The room that was given this place never came to be. Nothing happens when its worker has said so already: the id may have
    /// a new place by now.
    fn take_back(&self, room: &RoomId, place: Place);
    /// How many rooms there are.
    fn rooms(&self) -> usize;
}

/// The place of a room that does not exist yet. It travels with the request for the room: whoever drops it, for whatever reason,
/// gives the place back.
pub(crate) struct Reservation {
    placement: Arc<dyn Placement>,
    room: RoomId,
    place: Option<Place>,
}

impl Reservation {
    /// Takes the id for a new room and chooses its place.
    pub(crate) fn make(placement: &Arc<dyn Placement>, room: &RoomId) -> Result<(Self, Place), PlacementError> {
        let place = placement.place(room)?;
        Ok((Self { placement: Arc::clone(placement), room: room.clone(), place: Some(place) }, place))
    }

    /// The room exists: its worker gives the place up with it.
    pub(crate) fn keep(mut self) {
        self.place = None;
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            self.placement.take_back(&self.room, place);
        }
    }
}

/// Places rooms on the workers of this process: on the one with the fewest.
pub(crate) struct LocalPlacement {
    max_rooms: usize,
    state: Mutex<State>,
}

struct State {
    places: HashMap<RoomId, Place>,
    rooms_by_worker: Vec<usize>,
    /// Places given so far.
    given: u64,
}

impl LocalPlacement {
    pub(crate) fn new(workers: usize, max_rooms: usize) -> Self {
        Self { max_rooms, state: Mutex::new(State { places: HashMap::new(), rooms_by_worker: vec![0; workers], given: 0 }) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn release(&mut self, room: &RoomId) {
        if let Some(place) = self.places.remove(room) {
            self.rooms_by_worker[place.worker] -= 1;
        }
    }
}

impl Placement for LocalPlacement {
    fn place(&self, room: &RoomId) -> Result<Place, PlacementError> {
        let mut state = self.state();
        if state.places.contains_key(room) {
            return Err(PlacementError::Taken);
        }
        if state.places.len() >= self.max_rooms {
            return Err(PlacementError::Full);
        }
        let worker = state.rooms_by_worker.iter().enumerate().min_by_key(|(_, rooms)| **rooms).map_or(0, |(worker, _)| worker);
        state.rooms_by_worker[worker] += 1;
        state.given += 1;
        let place = Place { worker, number: state.given };
        state.places.insert(room.clone(), place);
        Ok(place)
    }

    fn find(&self, room: &RoomId) -> Option<Place> {
        self.state().places.get(room).copied()
    }

    fn release(&self, room: &RoomId) {
        self.state().release(room);
    }

    fn take_back(&self, room: &RoomId, place: Place) {
        let mut state = self.state();
        if state.places.get(room) == Some(&place) {
            state.release(room);
        }
    }

    fn rooms(&self) -> usize {
        self.state().places.len()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn rooms_spread_over_workers_and_ids_are_free_again() {
        let placement = LocalPlacement::new(2, 3);
        let [a, b, c, d] = ["a", "b", "c", "d"].map(RoomId::from);
        assert_eq!(placement.place(&a), Ok(Place { worker: 0, number: 1 }));
        assert_eq!(placement.place(&b), Ok(Place { worker: 1, number: 2 }));
        assert_eq!(placement.place(&a), Err(PlacementError::Taken));
        assert_eq!(placement.place(&c), Ok(Place { worker: 0, number: 3 }));
        assert_eq!(placement.place(&d), Err(PlacementError::Full));
        placement.release(&a);
        placement.release(&a);
        placement.release(&c);
        assert_eq!(placement.find(&a), None);
        assert_eq!(placement.place(&d), Ok(Place { worker: 0, number: 4 }));
        assert_eq!(placement.rooms(), 2);
    }

    #[test]
    fn a_reservation_gives_its_place_back_unless_the_room_exists() {
        let local = Arc::new(LocalPlacement::new(1, 2));
        let placement: Arc<dyn Placement> = Arc::<LocalPlacement>::clone(&local);
        let (given_up, _) = Reservation::make(&placement, &"a".into()).unwrap();
        let (kept, place) = Reservation::make(&placement, &"b".into()).unwrap();
        assert!(Reservation::make(&placement, &"c".into()).is_err_and(|error| error == PlacementError::Full));
        drop(given_up);
        kept.keep();
        assert_eq!((local.find(&"a".into()), local.find(&"b".into())), (None, Some(place)));
    }

    #[test]
    fn a_place_is_taken_back_once() {
        let placement = LocalPlacement::new(1, 2);
        let room = RoomId::from("a");
        let first = placement.place(&room).unwrap();
        placement.take_back(&room, first);
        assert_eq!(placement.rooms(), 0);
        let second = placement.place(&room).unwrap();
        placement.take_back(&room, first);
        assert_eq!(placement.find(&room), Some(second));
    }
}
