//! What figures still say about rooms that have ended, for a while: whoever reads them now and then gets the last values.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use sfu::RoomId;

use super::life::Life;

/// Ended rooms remembered by one worker.
pub const MAX_ENDED: usize = 1024;

/// How long they are remembered.
pub const REMEMBERED_FOR: Duration = Duration::from_mins(5);

/// A room that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedRoom {
    /// Its id.
    pub id: RoomId,
    /// What its life amounted to.
    pub life: Life,
}

/// Rooms that have ended, the oldest first.
#[derive(Debug, Default)]
pub(super) struct EndedRooms {
    rooms: VecDeque<(Instant, EndedRoom)>,
}

impl EndedRooms {
    pub(super) fn remember(&mut self, now: Instant, room: EndedRoom) {
        self.forget_old(now);
        if self.rooms.len() == MAX_ENDED {
            self.rooms.pop_front();
        }
        self.rooms.push_back((now, room));
    }

    pub(super) fn recent(&mut self, now: Instant) -> Vec<EndedRoom> {
        self.forget_old(now);
        self.rooms.iter().map(|(_, room)| room.clone()).collect()
    }

    /// Of the room that ended last, if it is this one: it may still have to tell of its peers.
    pub(super) fn last_life_mut(&mut self, id: &RoomId) -> Option<&mut Life> {
        self.rooms.back_mut().filter(|(_, room)| room.id == *id).map(|(_, room)| &mut room.life)
    }

    fn forget_old(&mut self, now: Instant) {
        while self.rooms.front().is_some_and(|(at, _)| now.saturating_duration_since(*at) >= REMEMBERED_FOR) {
            self.rooms.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limit_ended_rooms_remembered() {
        let start = Instant::now();
        let mut ended = EndedRooms::default();
        let room = |number: usize| EndedRoom { id: number.to_string().into(), life: Life { connects: 1, ..Life::default() } };
        for number in 0..MAX_ENDED + 2 {
            ended.remember(start, room(number));
        }
        let recent = ended.recent(start + REMEMBERED_FOR.saturating_sub(Duration::from_secs(1)));
        assert_eq!((recent.len(), recent.first()), (MAX_ENDED, Some(&room(2))));
        assert_eq!(ended.recent(start + REMEMBERED_FOR), []);
    }
}
