//! Rooms and peers of one worker as a value without IO: life cycle around the media engine.
//!
//! [`Rooms`] owns the [`sfu::Engine`] and everything that outlives a connection: which peers a room has, who is connected,
//! when an unused room or peer is removed, and what back ends are told in which order. Same contract as the engine's: one
//! call, then [`Rooms::poll_output`] until it is empty.

mod command;
mod ended;
mod events;
mod farewells;
mod life;
mod lifecycle;
mod message;
mod resume;
mod room;
mod session;
#[cfg(test)]
mod tests;
mod timers;
pub mod translate;

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::time::Instant;

use protocol::close::Close;
use protocol::notification::Notification;
use sfu::{Arrival, Datagram, Datagrams, Engine, PeerId, RoomId, Stats};

pub use command::{Answer, ConnectionId, PeerSettings, PeerSnapshot, Reply, RoomCommand, RoomError, RoomSettings, RoomSnapshot, SocketEnd};
pub use ended::{EndedRoom, MAX_ENDED, REMEMBERED_FOR};
pub use farewells::{FAREWELLS_FOR, Farewell, MAX_FAREWELLS};
pub use life::Life;
pub use message::{FromClient, Refusal, ToClient};
pub use resume::{MEDIA_SILENCE, Resumptions};
pub use session::{KEPT, MAX_EVENT_BYTES, MAX_EVENTS, Resuming, SessionName};

use crate::figures::Durations;
use ended::EndedRooms;
use farewells::Farewells;
use room::{Peer, Room};
use timers::{Timer, Timers};

/// What a worker carries out, in this order.
#[derive(Debug)]
pub enum Output {
    /// Tell a client.
    ToClient {
        /// On which socket.
        connection: ConnectionId,
        /// What.
        message: ToClient,
    },
    /// Close a client's socket.
    Close {
        /// Which.
        connection: ConnectionId,
        /// How.
        close: Close,
    },
    /// Tell back ends.
    Notify(Notification),
    /// Post what is told about this room from now on, until its end.
    OpenWebhook {
        /// Which room.
        room: RoomId,
        /// Where to.
        url: String,
        /// Several notifications may go in one request.
        batching: bool,
    },
    /// This room is gone: its id is free again.
    RoomEnded(RoomId),
}

/// Limits of [`Rooms`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most peers of a room that sets no lower limit.
    pub peers_per_room: usize,
}

/// All rooms of one worker.
pub struct Rooms {
    engine: Engine,
    limits: Limits,
    by_id: BTreeMap<RoomId, Room>,
    timers: Timers,
    ended: EndedRooms,
    farewells: Farewells,
    /// From the connection of each client to its first media.
    time_to_media: Durations,
    resumptions: Resumptions,
    outputs: VecDeque<Output>,
}

impl Rooms {
    /// No rooms around a fresh engine.
    pub fn new(engine: Engine, limits: Limits) -> Self {
        Self {
            engine,
            limits,
            by_id: BTreeMap::new(),
            timers: Timers::default(),
            ended: EndedRooms::default(),
            farewells: Farewells::default(),
            time_to_media: Durations::default(),
            resumptions: Resumptions::default(),
            outputs: VecDeque::new(),
        }
    }

    /// Carries out a command. An error changed nothing.
    pub fn handle(&mut self, now: Instant, command: RoomCommand) -> Reply {
        match command {
            RoomCommand::CreateRoom { room, settings } => self.create_room(now, &room, settings),
            RoomCommand::DeleteRoom { room, tell_disconnected } => self.delete_room(now, &room, tell_disconnected),
            RoomCommand::Room { room } => self.room_snapshot(now, &room),
            RoomCommand::Rooms { after, limit } => Ok(Answer::Rooms(self.page(now, after.as_ref(), limit))),
            RoomCommand::Farewell { room, peer } => Ok(Answer::Farewell(self.farewells.of(now, &room, &peer))),
            RoomCommand::EndedRooms => Ok(Answer::EndedRooms(self.ended.recent(now))),
            RoomCommand::AddPeer { room, peer, settings } => self.add_peer(now, &room, &peer, settings),
            RoomCommand::DeletePeer { room, peer, reason } => self.delete_peer(now, &room, &peer, reason),
            RoomCommand::Lookup { room, peer } => self.lookup(&room, &peer),
            RoomCommand::Connect { room, peer, connection, replaces, candidates, resume } => {
                self.connect(now, &room, &peer, lifecycle::Socket { connection, replaces, candidates, resume })
            }
            RoomCommand::Disconnect { room, peer, connection, end } => {
                self.disconnect(now, &room, &peer, connection, end);
                Ok(Answer::Done)
            }
            RoomCommand::Client { room, peer, connection, message } => self.client(now, room, peer, connection, message),
            RoomCommand::SetPermissions { room, peer, permissions } => self.set_permissions(now, room, peer, permissions),
            RoomCommand::Subscribe { room, peer, wishes } => self.subscribe(now, room, peer, wishes),
            RoomCommand::Crash { room, peer } => self.crash(now, &room, peer),
        }
    }

    /// Takes one received datagram. Feed a whole batch before draining.
    pub fn handle_datagram(&mut self, now: Instant, datagram: Datagram<'_>) -> Arrival {
        self.engine.handle_datagram(now, datagram)
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(timer) = self.timers.pop_due(now) {
            match timer {
                Timer::PeerDisconnected(room, peer) => self.peer_timed_out(now, &room, &peer),
                Timer::Kept(room, peer) => self.check_kept(now, &room, &peer),
                Timer::Peerless(room) => self.room_timed_out(now, &room),
            }
        }
        if self.engine.poll_timeout().is_some_and(|at| at <= now) {
            self.engine.handle_timeout(now);
        }
    }

    /// When to call [`Rooms::handle_timeout`] at the latest.
    pub fn poll_timeout(&self) -> Option<Instant> {
        [self.timers.next(), self.engine.poll_timeout()].into_iter().flatten().min()
    }

    /// The next effect, datagrams aside; `None` when everything is drained.
    pub fn poll_output(&mut self, now: Instant) -> Option<Output> {
        loop {
            if let Some(output) = self.outputs.pop_front() {
                return Some(output);
            }
            let output = self.engine.poll_output(now)?;
            self.take_engine_output(now, output);
        }
    }

    /// Exchanges the datagrams that wait to be sent for `empty`, once everything is drained.
    pub fn take_datagrams(&mut self, empty: &mut Datagrams) {
        self.engine.take_datagrams(empty);
    }

    /// The engine's counters.
    pub fn stats(&self) -> Stats {
        self.engine.stats()
    }

    /// How long clients waited for their first media packet, counted from their connection.
    pub fn time_to_media(&self) -> Durations {
        self.time_to_media
    }

    /// What became of clients that lost their socket.
    pub fn resumptions(&self) -> Resumptions {
        self.resumptions
    }

    /// How many rooms there are.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Gives up a room that broke: its clients are told, back ends hear of the room only.
    pub fn abandon_room(&mut self, now: Instant, room: &RoomId) {
        self.crash_room(now, room);
    }

    /// Gives up everything, for when it is not known what broke. The engine must not be used again.
    pub fn abandon(mut self) -> Vec<Output> {
        let ids: Vec<RoomId> = self.by_id.keys().cloned().collect();
        for id in ids {
            if let Some(room) = self.by_id.remove(&id) {
                self.tell_crash(&id, &room);
            }
        }
        self.outputs.into()
    }

    fn peer_mut(&mut self, room: &RoomId, peer: &PeerId) -> Option<&mut Peer> {
        self.by_id.get_mut(room)?.peers.get_mut(peer)
    }

    fn room_snapshot(&self, now: Instant, room: &RoomId) -> Reply {
        let found = self.by_id.get(room).ok_or(RoomError::RoomNotFound)?;
        Ok(Answer::Room(Box::new(found.snapshot(now, room))))
    }

    fn page(&self, now: Instant, after: Option<&RoomId>, limit: usize) -> Vec<RoomSnapshot> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        self.by_id.range::<RoomId, _>((start, Bound::Unbounded)).take(limit).map(|(id, room)| room.snapshot(now, id)).collect()
    }

    fn lookup(&self, room: &RoomId, peer: &PeerId) -> Reply {
        let found = self.by_id.get(room).ok_or(RoomError::RoomNotFound)?;
        match found.peers.get(peer).ok_or(RoomError::PeerNotFound)?.connection() {
            Some(connection) => Err(RoomError::PeerConnected { connection }),
            None => Ok(Answer::Done),
        }
    }
}
