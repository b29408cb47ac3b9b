//! How rooms and peers come and go, and in which order that is told.
//!
//! The order of notifications is part of the wire: back ends' test suites compare it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use protocol::close;
use protocol::notification::Notification;
use sfu::{Command, CommandError, PeerId, PeerOptions, Permissions, RoomId, RoomOptions, Wishes};

use super::command::{Answer, ConnectionId, PeerSettings, Reply, RoomError, RoomSettings};
use super::ended::EndedRoom;
use super::farewells::Farewell;
use super::message::ToClient;
use super::room::{Peer, Presence, Room};
use super::session::{Resuming, Session};
use super::timers::Timer;
use super::translate::{TrackChange, track_notification};
use super::{Output, Rooms};

/// A client's socket that wants to hold a peer.
pub(super) struct Socket {
    pub(super) connection: ConnectionId,
    pub(super) replaces: Option<ConnectionId>,
    pub(super) candidates: Vec<SocketAddr>,
    pub(super) resume: Option<Resuming>,
}

impl Rooms {
    pub(super) fn create_room(&mut self, now: Instant, room: &RoomId, settings: RoomSettings) -> Reply {
        if self.by_id.contains_key(room) {
            return Err(RoomError::RoomExists);
        }
        let options = RoomOptions { video_codec: settings.video_codec };
        self.engine.handle_command(now, Command::CreateRoom { room: room.clone(), options })?;
        if let Some(url) = settings.webhook_url.clone() {
            let batching = settings.batch_webhook_notifications;
            self.outputs.push_back(Output::OpenWebhook { room: room.clone(), url, batching });
        }
        self.by_id.insert(room.clone(), Room::new(now, settings));
        self.restart_purge(now, room);
        self.notify(Notification::RoomCreated { room: room.to_string() });
        self.room_snapshot(now, room)
    }

    pub(super) fn delete_room(&mut self, now: Instant, id: &RoomId, tell_disconnected: bool) -> Reply {
        let mut room = self.take_room(now, id).ok_or(RoomError::RoomNotFound)?;
        // The engine forgets the room first, so that nobody's media outlives the notification.
        self.forget_room(now, id);
        for (peer_id, peer) in &mut room.peers {
            self.remove_tracks(id, peer_id, peer);
            if tell_disconnected && peer.is_connected() {
                self.notify(Notification::PeerDisconnected { room: id.to_string(), peer: peer_id.to_string() });
            }
            self.notify(Notification::PeerDeleted { room: id.to_string(), peer: peer_id.to_string() });
            self.remember_farewell(now, id, peer_id, peer, Farewell { close: close::ROOM_STOPPED, reason: None });
            self.close(peer.connection(), close::ROOM_STOPPED);
        }
        self.notify(Notification::RoomDeleted { room: id.to_string() });
        self.outputs.push_back(Output::RoomEnded(id.clone()));
        Ok(Answer::Done)
    }

    pub(super) fn add_peer(&mut self, now: Instant, room_id: &RoomId, peer_id: &PeerId, settings: PeerSettings) -> Reply {
        let room = self.by_id.get_mut(room_id).ok_or(RoomError::RoomNotFound)?;
        let limit =
            room.settings.max_peers.map_or(usize::MAX, |limit| limit.try_into().unwrap_or(usize::MAX)).min(self.limits.peers_per_room);
        if room.peers.len() >= limit {
            return Err(RoomError::PeerLimit);
        }
        if room.peers.contains_key(peer_id) {
            return Err(RoomError::PeerExists);
        }
        let settings = PeerSettings { permissions: room.settings.allowed(settings.permissions), ..settings };
        let peer = Peer::new(settings);
        let snapshot = peer.snapshot(peer_id);
        room.count_time(now);
        room.peers.insert(peer_id.clone(), peer);
        self.restart_removal(now, room_id, peer_id);
        self.restart_purge(now, room_id);
        self.notify(Notification::PeerAdded { room: room_id.to_string(), peer: peer_id.to_string() });
        Ok(Answer::Peer(Box::new(snapshot)))
    }

    pub(super) fn delete_peer(&mut self, now: Instant, room_id: &RoomId, peer_id: &PeerId, reason: Option<String>) -> Reply {
        let room = self.by_id.get(room_id).ok_or(RoomError::RoomNotFound)?;
        if !room.peers.contains_key(peer_id) {
            return Err(RoomError::PeerNotFound);
        }
        if let Some(mut peer) = self.take_peer(now, room_id, peer_id) {
            self.remove_tracks(room_id, peer_id, &mut peer);
            if peer.is_connected() {
                self.notify(Notification::PeerDisconnected { room: room_id.to_string(), peer: peer_id.to_string() });
            }
            self.notify(Notification::PeerDeleted { room: room_id.to_string(), peer: peer_id.to_string() });
            let farewell = Farewell { close: close::PEER_REMOVED, reason: reason.clone() };
            self.remember_farewell(now, room_id, peer_id, &mut peer, farewell);
            if let Some((connection, reason)) = peer.connection().zip(reason) {
                self.outputs.push_back(Output::ToClient { connection, message: ToClient::Removed { reason } });
            }
            self.close(peer.connection(), close::PEER_REMOVED);
        }
        Ok(Answer::Done)
    }

    pub(super) fn connect(&mut self, now: Instant, room_id: &RoomId, peer_id: &PeerId, socket: Socket) -> Reply {
        let room = self.by_id.get(room_id).ok_or(RoomError::RoomNotFound)?;
        let peer = room.peers.get(peer_id).ok_or(RoomError::PeerNotFound)?;
        if let Presence::Connected { connection, session } = &peer.presence {
            let is_same_client = socket.resume.as_ref().zip(session.as_ref()).is_some_and(|(it, session)| session.is_named(&it.session));
            if !is_same_client && socket.replaces != Some(*connection) {
                return Err(RoomError::PeerConnected { connection: *connection });
            }
        }
        if let Some(resumption) = self.resume(room_id, peer_id, &socket) {
            return Ok(Answer::Connected(Some(resumption)));
        }
        self.replace(now, room_id, peer_id);
        let peer = self.by_id.get_mut(room_id).and_then(|room| room.peers.get_mut(peer_id)).ok_or(RoomError::PeerNotFound)?;
        let options = PeerOptions {
            permissions: peer.settings.permissions,
            server_metadata: peer.settings.server_metadata.clone().unwrap_or_else(|| sfu::Metadata::from_json("{}")),
            simulcast: peer.settings.simulcast,
            subscriptions: peer.settings.subscriptions.clone(),
            candidates: socket.candidates,
        };
        self.engine.handle_command(now, Command::AddPeer { room: room_id.clone(), peer: peer_id.clone(), options })?;
        let session = socket.resume.map(|resume| Session::new(resume.fresh));
        let resumption = session.as_ref().map(|session| session.resumption(false));
        peer.presence = Presence::Connected { connection: socket.connection, session };
        self.stop_removal(room_id, peer_id);
        self.stop_purge(room_id);
        self.notify(Notification::PeerConnected { room: room_id.to_string(), peer: peer_id.to_string() });
        Ok(Answer::Connected(resumption))
    }

    pub(super) fn set_permissions(&mut self, now: Instant, room_id: RoomId, peer_id: PeerId, permissions: Permissions) -> Reply {
        let room = self.by_id.get_mut(&room_id).ok_or(RoomError::RoomNotFound)?;
        let permissions = room.settings.allowed(permissions);
        let peer = room.peers.get_mut(&peer_id).ok_or(RoomError::PeerNotFound)?;
        peer.settings.permissions = permissions;
        if peer.is_connected() {
            self.engine.handle_command(now, Command::SetPermissions { room: room_id, peer: peer_id, permissions })?;
        }
        Ok(Answer::Done)
    }

    pub(super) fn subscribe(&mut self, now: Instant, room_id: RoomId, peer_id: PeerId, wishes: Wishes) -> Reply {
        let room = self.by_id.get_mut(&room_id).ok_or(RoomError::RoomNotFound)?;
        if !room.peers.contains_key(&peer_id) {
            return Err(RoomError::PeerNotFound);
        }
        if !wishes.peers.iter().all(|other| room.peers.contains_key(other)) || !wishes.tracks.iter().all(|track| room.has_track(track)) {
            return Err(RoomError::WishNotFound);
        }
        room.forget_gone_wishes(&peer_id);
        let Some(peer) = room.peers.get_mut(&peer_id) else { return Err(RoomError::PeerNotFound) };
        peer.settings.subscriptions.add(wishes.clone());
        if peer.is_connected() {
            self.engine.handle_command(now, Command::Subscribe { room: room_id, peer: peer_id, wishes })?;
        }
        Ok(Answer::Done)
    }

    pub(super) fn crash(&mut self, now: Instant, room_id: &RoomId, peer: Option<PeerId>) -> Reply {
        let room = self.by_id.get(room_id).ok_or(RoomError::RoomNotFound)?;
        let Some(peer_id) = peer else { panic!("a crash of this room was asked for") };
        if !room.peers.contains_key(&peer_id) {
            return Err(RoomError::PeerNotFound);
        }
        self.crash_peer(now, room_id, &peer_id, "");
        Ok(Answer::Done)
    }

    /// A peer's media session broke: the peer is gone, nobody else notices.
    pub(super) fn crash_peer(&mut self, now: Instant, room_id: &RoomId, peer_id: &PeerId, reason: &str) {
        let Some(mut peer) = self.take_peer(now, room_id, peer_id) else { return };
        self.remove_tracks(room_id, peer_id, &mut peer);
        self.notify(Notification::PeerCrashed { room: room_id.to_string(), peer: peer_id.to_string(), reason: reason.to_owned() });
        self.close(peer.connection(), close::INTERNAL_ERROR);
    }

    pub(super) fn crash_room(&mut self, now: Instant, id: &RoomId) {
        let Some(room) = self.take_room(now, id) else { return };
        self.tell_crash(id, &room);
        // Comes last: the engine may be what broke, and what is told must be told then, too.
        self.forget_room(now, id);
    }

    /// Replaces all events of the room's peers.
    pub(super) fn tell_crash(&mut self, id: &RoomId, room: &Room) {
        self.notify(Notification::RoomCrashed { room: id.to_string() });
        for peer in room.peers.values() {
            self.close(peer.connection(), close::INTERNAL_ERROR);
        }
        self.outputs.push_back(Output::RoomEnded(id.clone()));
    }

    pub(super) fn peer_timed_out(&mut self, now: Instant, room_id: &RoomId, peer_id: &PeerId) {
        let is_due = self.by_id.get(room_id).and_then(|room| room.peers.get(peer_id)).is_some_and(|peer| !peer.is_connected());
        if is_due && self.take_peer(now, room_id, peer_id).is_some() {
            self.notify(Notification::PeerDeleted { room: room_id.to_string(), peer: peer_id.to_string() });
        }
    }

    pub(super) fn room_timed_out(&mut self, now: Instant, room_id: &RoomId) {
        if !self.by_id.get(room_id).is_some_and(Room::is_peerless) {
            return;
        }
        if let Err(error) = self.delete_room(now, room_id, false) {
            tracing::warn!(room = %room_id, %error, "a room could not be purged");
        }
    }

    /// Another client takes the peer over.
    fn replace(&mut self, now: Instant, room_id: &RoomId, peer_id: &PeerId) {
        let Some(peer) = self.peer_mut(room_id, peer_id).filter(|peer| peer.is_connected()) else { return };
        let former = peer.connection();
        self.detach(now, room_id, peer_id);
        self.close(former, close::PEER_ALREADY_CONNECTED);
    }

    /// The client is gone, the peer stays.
    pub(super) fn detach(&mut self, now: Instant, room_id: &RoomId, peer_id: &PeerId) {
        self.stop_keeping(room_id, peer_id);
        let Some(peer) = self.peer_mut(room_id, peer_id) else { return };
        peer.presence = Presence::Away;
        let tracks = std::mem::take(&mut peer.tracks);
        self.remove_endpoint(now, room_id, peer_id);
        self.notify(Notification::PeerDisconnected { room: room_id.to_string(), peer: peer_id.to_string() });
        for track in &tracks {
            self.notify(track_notification(TrackChange::Removed, room_id, peer_id, track));
        }
        self.restart_removal(now, room_id, peer_id);
        self.restart_purge(now, room_id);
    }

    /// Takes a peer out of its room, whatever its state; what is told is up to the caller.
    fn take_peer(&mut self, now: Instant, room_id: &RoomId, peer_id: &PeerId) -> Option<Peer> {
        self.stop_removal(room_id, peer_id);
        self.stop_keeping(room_id, peer_id);
        let room = self.by_id.get_mut(room_id)?;
        room.count_time(now);
        let peer = room.peers.remove(peer_id)?;
        if peer.is_connected() {
            self.remove_endpoint(now, room_id, peer_id);
        }
        self.restart_purge(now, room_id);
        Some(peer)
    }

    fn take_room(&mut self, now: Instant, id: &RoomId) -> Option<Room> {
        let room = self.by_id.remove(id)?;
        self.ended.remember(now, EndedRoom { id: id.clone(), life: room.life(now) });
        self.timers.reset(Timer::Peerless(id.clone()), room.purge_at, None);
        for (peer_id, peer) in &room.peers {
            self.timers.reset(Timer::PeerDisconnected(id.clone(), peer_id.clone()), peer.remove_at, None);
            if let Presence::Kept(kept) = &peer.presence {
                self.timers.reset(Timer::Kept(id.clone(), peer_id.clone()), Some(kept.check_at), None);
            }
        }
        Some(room)
    }

    /// A client that was there and can come back over another socket may not have heard it.
    fn remember_farewell(&mut self, now: Instant, room: &RoomId, peer_id: &PeerId, peer: &mut Peer, farewell: Farewell) {
        if peer.session_mut().is_some() {
            self.farewells.remember(now, room, peer_id, farewell);
        }
    }

    fn forget_room(&mut self, now: Instant, id: &RoomId) {
        if let Err(error) = self.engine.handle_command(now, Command::RemoveRoom { room: id.clone() }) {
            tracing::warn!(room = %id, %error, "the engine did not know a room that ends");
        }
    }

    fn remove_endpoint(&mut self, now: Instant, room: &RoomId, peer: &PeerId) {
        // It is gone already when the engine gave it up.
        match self.engine.handle_command(now, Command::RemovePeer { room: room.clone(), peer: peer.clone() }) {
            Ok(()) | Err(CommandError::PeerNotFound) => {}
            Err(error) => tracing::warn!(%room, %peer, %error, "the engine did not remove an endpoint"),
        }
    }

    fn remove_tracks(&mut self, room_id: &RoomId, peer_id: &PeerId, peer: &mut Peer) {
        for track in peer.tracks.drain(..) {
            self.outputs.push_back(Output::Notify(track_notification(TrackChange::Removed, room_id, peer_id, &track)));
        }
    }

    pub(super) fn holds(&self, room: &RoomId, peer: &PeerId, connection: ConnectionId) -> bool {
        self.by_id.get(room).and_then(|room| room.peers.get(peer)).is_some_and(|peer| peer.connection() == Some(connection))
    }

    /// The full timeout passes again after every change that leaves the room without connected peers.
    fn restart_purge(&mut self, now: Instant, room_id: &RoomId) {
        let Some(room) = self.by_id.get_mut(room_id) else { return };
        if room.is_peerless() {
            let at = deadline(now, room.settings.peerless_purge_timeout);
            let old = std::mem::replace(&mut room.purge_at, at);
            self.timers.reset(Timer::Peerless(room_id.clone()), old, at);
        }
    }

    fn stop_purge(&mut self, room_id: &RoomId) {
        let Some(room) = self.by_id.get_mut(room_id) else { return };
        let old = room.purge_at.take();
        self.timers.reset(Timer::Peerless(room_id.clone()), old, None);
    }

    fn restart_removal(&mut self, now: Instant, room_id: &RoomId, peer_id: &PeerId) {
        let Some(room) = self.by_id.get_mut(room_id) else { return };
        let at = deadline(now, room.settings.peer_disconnected_timeout);
        let Some(peer) = room.peers.get_mut(peer_id) else { return };
        let old = std::mem::replace(&mut peer.remove_at, at);
        self.timers.reset(Timer::PeerDisconnected(room_id.clone(), peer_id.clone()), old, at);
    }

    fn stop_removal(&mut self, room_id: &RoomId, peer_id: &PeerId) {
        let Some(peer) = self.peer_mut(room_id, peer_id) else { return };
        let old = peer.remove_at.take();
        self.timers.reset(Timer::PeerDisconnected(room_id.clone(), peer_id.clone()), old, None);
    }

    pub(super) fn notify(&mut self, notification: Notification) {
        self.count(&notification);
        self.outputs.push_back(Output::Notify(notification));
    }

    /// For figures. A room that ends tells of its peers when it is one of the ended already.
    fn count(&mut self, told: &Notification) {
        if !matches!(told, Notification::PeerConnected { .. } | Notification::PeerDisconnected { .. } | Notification::PeerCrashed { .. }) {
            return;
        }
        let id = RoomId::from(told.room());
        let life = self.by_id.get_mut(&id).map(|room| &mut room.life).or_else(|| self.ended.last_life_mut(&id));
        if let Some(life) = life {
            life.count(told);
        }
    }

    pub(super) fn close(&mut self, connection: Option<ConnectionId>, close: close::Close) {
        if let Some(connection) = connection {
            self.outputs.push_back(Output::Close { connection, close });
        }
    }
}

/// `None` when the timer is off.
fn deadline(now: Instant, seconds: Option<u32>) -> Option<Instant> {
    now.checked_add(Duration::from_secs(seconds?.into()))
}

impl From<CommandError> for RoomError {
    fn from(error: CommandError) -> Self {
        match error {
            CommandError::RoomExists => Self::RoomExists,
            CommandError::PeerNotFound => Self::PeerNotFound,
            CommandError::PeerExists => Self::PeerExists,
            // The engine's list of errors may grow; a room that cannot do what it must is as good as gone.
            _ => Self::RoomNotFound,
        }
    }
}
