//! Last words to clients whose peer or room was deleted: who lost its socket just then did not hear them, and asks again.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use protocol::close::Close;
use sfu::{PeerId, RoomId};

/// Last words remembered by one worker.
pub const MAX_FAREWELLS: usize = 4096;

/// How long they are remembered: as long as a client looks for the server.
pub const FAREWELLS_FOR: Duration = Duration::from_mins(2);

/// Last words to a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Farewell {
    /// How its socket was closed, or would have been.
    pub close: Close,
    /// What it was told before, as in [`ToClient::Removed`](super::ToClient::Removed).
    pub reason: Option<String>,
}

/// Last words of late, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Farewells {
    words: VecDeque<(Instant, RoomId, PeerId, Farewell)>,
}

impl Farewells {
    pub(super) fn remember(&mut self, now: Instant, room: &RoomId, peer: &PeerId, farewell: Farewell) {
        self.forget_old(now);
        if self.words.len() == MAX_FAREWELLS {
            self.words.pop_front();
        }
        self.words.push_back((now, room.clone(), peer.clone(), farewell));
    }

    pub(super) fn of(&mut self, now: Instant, room: &RoomId, peer: &PeerId) -> Option<Farewell> {
        self.forget_old(now);
        let (.., farewell) = self.words.iter().rev().find(|(_, its_room, its_peer, _)| its_peer == peer && its_room == room)?;
        Some(farewell.clone())
    }

    fn forget_old(&mut self, now: Instant) {
        while self.words.front().is_some_and(|(at, ..)| now.saturating_duration_since(*at) >= FAREWELLS_FOR) {
            self.words.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::close;

    use super::*;

    #[test]
    fn limit_last_words_remembered() {
        let (start, room) = (Instant::now(), RoomId::from("r"));
        let mut farewells = Farewells::default();
        let peer = |number: usize| PeerId::from(number.to_string().as_str());
        let words = Farewell { close: close::ROOM_STOPPED, reason: None };
        for number in 0..=MAX_FAREWELLS {
            farewells.remember(start, &room, &peer(number), words.clone());
        }
        let late = start + FAREWELLS_FOR.saturating_sub(Duration::from_secs(1));
        assert_eq!(farewells.of(late, &room, &peer(0)), None, "the oldest is forgotten");
        assert_eq!(farewells.of(late, &room, &peer(1)), Some(words));
        assert_eq!(farewells.of(late, &"another".into(), &peer(1)), None);
        assert_eq!(farewells.of(start + FAREWELLS_FOR, &room, &peer(1)), None);
    }

    #[test]
    fn the_newest_words_count() {
        let (now, room, peer) = (Instant::now(), RoomId::from("r"), PeerId::from("a"));
        let mut farewells = Farewells::default();
        for reason in ["first", "second"] {
            farewells.remember(now, &room, &peer, Farewell { close: close::PEER_REMOVED, reason: Some(reason.to_owned()) });
        }
        assert_eq!(farewells.of(now, &room, &peer).and_then(|it| it.reason).as_deref(), Some("second"));
    }
}
