//! The rooms of one worker.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Instant;

use slab::Slab;

use crate::command::{Command, CommandError, RoomOptions};
use crate::event::Output;
use crate::flow::{Arrival, Datagram, Datagrams};
use crate::ids::{PeerId, RoomId};
use crate::reach::classify::{Class, classify};
use crate::reach::stun::{Kind, Message};
use crate::reach::ufrag::Ufrag;
use crate::rooms::Room;
use crate::worker::{Due, PeerKey, Place, Worker};

/// Facts an engine is made with.
#[derive(Clone, Debug)]
pub struct Config {
    /// Index of the worker, encoded in every ICE ufrag it hands out.
    pub worker: u16,
    /// Seed of everything random that is not a key: SSRCs, first sequence numbers, ufrags, session ids.
    pub seed: u64,
    /// Tracks a peer may publish; further ones are refused, the connection lives.
    pub max_tracks_per_peer: usize,
    /// Longest accepted SDP, in bytes.
    pub max_sdp_bytes: usize,
}

/// Counters since the engine was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Datagrams taken by a peer.
    pub datagrams_in: u64,
    /// Bytes taken by a peer.
    pub bytes_in: u64,
    /// Datagrams handed out.
    pub datagrams_out: u64,
    /// Bytes handed out.
    pub bytes_out: u64,
    /// Media packets received from publishers.
    pub packets_in: u64,
    /// Media packets forwarded to subscribers.
    pub packets_forwarded: u64,
    /// Dropped: neither STUN, DTLS, RTP nor RTCP.
    pub dropped_malformed: u64,
    /// Dropped: no known peer.
    pub dropped_unknown: u64,
    /// Dropped: RTP or RTCP that the client's keys do not open, RTP that contradicts itself, and RTCP that came before.
    pub dropped_forged: u64,
    /// Dropped: RTP before the handshake was done.
    pub dropped_early: u64,
    /// Dropped: RTP that came before, or so late that nobody can tell.
    pub dropped_duplicate: u64,
    /// Dropped: RTP of a stream that belongs to no negotiated media.
    pub dropped_unplaced: u64,
    /// Dropped: the source's STUN has not been answered with success yet.
    pub dropped_unverified: u64,
    /// Keyframe requests sent to publishers.
    pub keyframe_requests: u64,
    /// Peers closed because the WebRTC library panicked.
    pub peers_crashed: u64,
    /// Peers closed because their offer could not be answered.
    pub offers_refused: u64,
    /// Peers closed because they did not offer although they were asked.
    pub offers_missing: u64,
}

/// How much the engine keeps, for leak checks and gauges.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableSizes {
    /// Rooms.
    pub rooms: usize,
    /// Endpoints of all rooms.
    pub endpoints: usize,
    /// Published tracks.
    pub tracks: usize,
    /// Tracks on their way to a subscriber.
    pub subscriptions: usize,
    /// Peers that an ICE ufrag can name.
    pub slots: usize,
    /// Verified sources.
    pub flows: usize,
    /// Peers whose sources are kept, verified or not.
    pub sources: usize,
    /// Pending deadlines.
    pub deadlines: usize,
}

/// All rooms of one worker. See the crate's documentation for the contract of its calls.
pub struct Engine {
    worker: Worker,
    rooms: Slab<Room>,
    by_id: HashMap<RoomId, usize>,
}

impl Engine {
    /// An engine without rooms.
    pub fn new(config: Config) -> Self {
        Self { worker: Worker::new(config), rooms: Slab::new(), by_id: HashMap::new() }
    }

    /// Carries out a command. An error changed nothing.
    pub fn handle_command(&mut self, now: Instant, command: Command) -> Result<(), CommandError> {
        match command {
            Command::CreateRoom { room, options } => self.create_room(room, options),
            Command::RemoveRoom { room } => self.remove_room(&room),
            Command::AddPeer { room, peer, options } => {
                let (room, worker) = self.room(&room)?;
                room.add_peer(worker, now, peer, options)
            }
            Command::RemovePeer { room, peer } => {
                let (room, key, worker) = self.endpoint(&room, &peer)?;
                room.remove(worker, now, key);
                Ok(())
            }
            Command::Client { room, peer, event } => {
                let (room, key, worker) = self.endpoint(&room, &peer)?;
                room.client(worker, now, key, event);
                Ok(())
            }
            Command::SetPermissions { room, peer, permissions } => {
                let (room, key, worker) = self.endpoint(&room, &peer)?;
                room.set_permissions(worker, now, key, permissions);
                Ok(())
            }
            Command::Subscribe { room, peer, wishes } => {
                let (room, key, worker) = self.endpoint(&room, &peer)?;
                room.add_wishes(worker, now, key, wishes);
                Ok(())
            }
        }
    }

    /// Takes one received datagram. Feed a whole batch before draining.
    pub fn handle_datagram(&mut self, now: Instant, datagram: Datagram<'_>) -> Arrival {
        let class = classify(datagram.payload);
        let found = match class {
            Class::Stun => self.find_by_stun(&datagram),
            Class::Dtls | Class::Rtp | Class::Rtcp => self.find_by_source(now, &datagram),
            Class::TurnChannel | Class::Malformed => Err(Arrival::Malformed),
        };
        match found {
            Ok(place) => {
                self.worker.stats.datagrams_in += 1;
                self.worker.stats.bytes_in += datagram.payload.len() as u64;
                if let Some(room) = self.rooms.get_mut(place.room) {
                    room.receive(&mut self.worker, now, place.endpoint, class, &datagram);
                }
                Arrival::Taken
            }
            Err(arrival) => {
                if arrival == Arrival::Malformed {
                    self.worker.stats.dropped_malformed += 1;
                }
                arrival
            }
        }
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(due) = self.worker.schedule.pop(now) {
            let (Due::Session(Place { room, .. })
            | Due::Report(Place { room, .. })
            | Due::Feedback(Place { room, .. })
            | Due::Negotiation(Place { room, .. })
            | Due::Forward { room }
            | Due::Track { room, .. }) = due;
            let Some(room) = self.rooms.get_mut(room) else { continue };
            match due {
                Due::Session(place) => room.mark_dirty(&mut self.worker, place.endpoint),
                Due::Forward { .. } => room.touch(&mut self.worker),
                Due::Report(place) => room.handle_report_timeout(&mut self.worker, now, place.endpoint),
                Due::Feedback(place) => room.handle_feedback_timeout(&mut self.worker, now, place.endpoint),
                Due::Negotiation(place) => room.handle_negotiation_timeout(&mut self.worker, now, place.endpoint),
                Due::Track { track, .. } => room.handle_track_timeout(&mut self.worker, now, track),
            }
        }
    }

    /// When to call [`Engine::handle_timeout`] at the latest; `None` while nothing is pending.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.worker.schedule.next()
    }

    /// The next effect, datagrams aside; `now` stamps departures. `None`: everything is drained.
    pub fn poll_output(&mut self, now: Instant) -> Option<Output> {
        loop {
            if let Some(output) = self.worker.out.pop_front() {
                return Some(output);
            }
            if !self.settle(now) {
                return None;
            }
        }
    }

    /// Exchanges the datagrams that wait to be sent for `empty`, whose memory is used for the next ones. Call it once everything is
    /// drained.
    pub fn take_datagrams(&mut self, empty: &mut Datagrams) {
        let datagrams = &mut self.worker.datagrams;
        self.worker.stats.datagrams_out += datagrams.len() as u64;
        self.worker.stats.bytes_out += datagrams.bytes() as u64;
        empty.clear();
        std::mem::swap(datagrams, empty);
    }

    /// Counters.
    pub fn stats(&self) -> Stats {
        self.worker.stats
    }

    /// When something was last heard from a verified source of a peer; `None` before its first ICE check was answered.
    pub fn heard_at(&self, room: &RoomId, peer: &PeerId) -> Option<Instant> {
        let room = self.rooms.get(*self.by_id.get(room)?)?;
        self.worker.addresses.heard_at(room.peer_key(peer)?)
    }

    /// How much is kept now.
    pub fn table_sizes(&self) -> TableSizes {
        let mut sizes = TableSizes {
            rooms: self.rooms.len(),
            slots: self.worker.slots.len(),
            flows: self.worker.addresses.len(),
            sources: self.worker.addresses.peers(),
            deadlines: self.worker.schedule.len(),
            ..TableSizes::default()
        };
        for (_, room) in &self.rooms {
            room.count(&mut sizes);
        }
        sizes
    }

    /// Media of all rooms is written to all subscribers first, then each peer that has something to say is drained once: bursts
    /// stay together. Returns whether anything was done.
    fn settle(&mut self, now: Instant) -> bool {
        let mut is_busy = false;
        while let Some(room) = self.worker.touched.pop() {
            is_busy = true;
            if let Some(room) = self.rooms.get_mut(room) {
                room.forward(&mut self.worker, now);
            }
        }
        for place in std::mem::take(&mut self.worker.dirty) {
            is_busy = true;
            if let Some(room) = self.rooms.get_mut(place.room) {
                room.drain(&mut self.worker, now, place.endpoint);
            }
        }
        is_busy
    }

    fn create_room(&mut self, id: RoomId, options: RoomOptions) -> Result<(), CommandError> {
        let Entry::Vacant(entry) = self.by_id.entry(id.clone()) else {
            return Err(CommandError::RoomExists);
        };
        let vacant = self.rooms.vacant_entry();
        entry.insert(vacant.key());
        let room = Room::new(vacant.key(), id, options);
        vacant.insert(room);
        Ok(())
    }

    fn remove_room(&mut self, id: &RoomId) -> Result<(), CommandError> {
        let key = self.by_id.remove(id).ok_or(CommandError::RoomNotFound)?;
        self.rooms.remove(key).dispose(&mut self.worker);
        Ok(())
    }

    pub(crate) fn room(&mut self, id: &RoomId) -> Result<(&mut Room, &mut Worker), CommandError> {
        let room = self.by_id.get(id).and_then(|key| self.rooms.get_mut(*key)).ok_or(CommandError::RoomNotFound)?;
        Ok((room, &mut self.worker))
    }

    pub(crate) fn endpoint(&mut self, room: &RoomId, peer: &PeerId) -> Result<(&mut Room, usize, &mut Worker), CommandError> {
        let (room, worker) = self.room(room)?;
        let key = room.endpoint(peer).ok_or(CommandError::PeerNotFound)?;
        Ok((room, key, worker))
    }

    /// The peer that a STUN message is for. The ufrag says it, nobody is searched.
    fn find_by_stun(&mut self, datagram: &Datagram<'_>) -> Result<Place, Arrival> {
        let message = Message::parse(datagram.payload).ok_or(Arrival::Malformed)?;
        if message.kind != Kind::Request {
            // We send no requests, so there is nothing to answer; indications are keep-alives.
            return self.find_owner(datagram).ok_or(Arrival::Unknown);
        }
        let ufrag = message.receiver_ufrag().and_then(|text| Some((text, Ufrag::decode(text)?)));
        let Some((text, ufrag)) = ufrag else {
            self.worker.stats.dropped_unknown += 1;
            return Err(Arrival::Unknown);
        };
        if ufrag.worker != self.worker.config.worker {
            return Err(Arrival::Foreign { worker: ufrag.worker });
        }
        let key = PeerKey { slot: ufrag.slot, generation: ufrag.generation };
        let place = self.worker.slots.get(key);
        let place = place.filter(|place| self.rooms.get_mut(place.room).is_some_and(|room| room.has_ufrag(place.endpoint, text)));
        let Some(place) = place else {
            self.worker.stats.dropped_unknown += 1;
            return Err(Arrival::Unknown);
        };
        self.worker.addresses.note_request(key, datagram.flow, &message);
        Ok(place)
    }

    /// The peer whose verified source this is.
    fn find_by_source(&mut self, now: Instant, datagram: &Datagram<'_>) -> Result<Place, Arrival> {
        let owner = self.worker.addresses.heard(&datagram.flow, now);
        let place = owner.and_then(|key| self.worker.slots.get(key));
        if place.is_none() {
            self.worker.stats.dropped_unverified += 1;
        }
        place.ok_or(Arrival::Unknown)
    }

    fn find_owner(&self, datagram: &Datagram<'_>) -> Option<Place> {
        self.worker.addresses.owner(&datagram.flow).and_then(|key| self.worker.slots.get(key))
    }
}

#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;
