//! Rooms, peers, subscribers and ordered faults.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use protocol::close::{self, Close};
use protocol::notification::Notification;
use protocol::rest::{Peer, PeerStatus, Room, RoomConfig, sentences};
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

/// What a subscriber's task is told; the channel's end means: break the connection.
pub(super) type Subscriber = mpsc::UnboundedSender<Vec<u8>>;
/// What a peer's socket task is told; the channel's end means: break the connection.
pub(super) type PeerSocket = mpsc::UnboundedSender<GoodBye>;

/// How a peer's socket ends.
pub(super) struct GoodBye {
    /// What is told before, as the application gave it.
    pub(super) reason: Option<String>,
    pub(super) close: Close,
}

#[derive(Default)]
pub(super) struct State {
    rooms: BTreeMap<String, Room>,
    tokens: HashMap<String, (String, String)>,
    sockets: HashMap<(String, String), PeerSocket>,
    subscribers: Vec<Subscriber>,
    requests: HashMap<String, usize>,
    next_id: u64,
    pub(super) faults: Faults,
}

#[derive(Default)]
pub(super) struct Faults {
    pub(super) answers: Vec<CannedAnswer>,
    pub(super) vanish: Vec<(String, usize)>,
    pub(super) delays: Vec<(String, Duration)>,
    pub(super) silent: watch::Sender<bool>,
}

/// An answer ordered by a test.
pub(super) struct CannedAnswer {
    pub(super) route: String,
    pub(super) times: usize,
    pub(super) status: u16,
    pub(super) body: String,
}

/// A refusal: status and sentence.
pub(super) type Refusal = (u16, String);

impl State {
    /// Counts a request, applies ordered faults; an ordered answer, if there is one.
    pub(super) fn request(&mut self, route: &str, room: Option<&str>) -> Option<(u16, String)> {
        *self.requests.entry(route.to_owned()).or_default() += 1;
        if let Some((_, times)) = self.faults.vanish.iter_mut().find(|(of, times)| of == route && *times > 0) {
            *times -= 1;
            if let Some(room) = room {
                self.rooms.remove(room);
            }
        }
        let answer = self.faults.answers.iter_mut().find(|answer| answer.route == route && answer.times > 0)?;
        answer.times -= 1;
        Some((answer.status, answer.body.clone()))
    }

    pub(super) fn delay(&self, route: &str) -> Option<Duration> {
        self.faults.delays.iter().find(|(of, _)| of == route).map(|(_, delay)| *delay)
    }

    pub(super) fn requests(&self, route: &str) -> usize {
        self.requests.get(route).copied().unwrap_or_default()
    }

    pub(super) fn rooms(&self) -> Vec<Room> {
        self.rooms.values().cloned().collect()
    }

    pub(super) fn room(&self, id: &str) -> Option<Room> {
        self.rooms.get(id).cloned()
    }

    pub(super) fn create_room(&mut self, mut config: RoomConfig) -> Result<Room, Refusal> {
        let id = config.room_id.clone().unwrap_or_else(|| self.fresh("room"));
        if id.is_empty() || !id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
            return Err((400, sentences::bad_room_id(&id)));
        }
        if self.rooms.contains_key(&id) {
            return Err((400, sentences::room_exists(&id)));
        }
        config.room_id = Some(id.clone());
        let room = Room { id: id.clone(), config, components: Vec::new(), peers: Vec::new() };
        self.rooms.insert(id.clone(), room.clone());
        self.notify(Notification::RoomCreated { room: id });
        Ok(room)
    }

    pub(super) fn delete_room(&mut self, id: &str) -> Result<(), Refusal> {
        let room = self.rooms.remove(id).ok_or_else(|| (404, sentences::room_not_found(id)))?;
        for peer in room.peers {
            self.close(id, &peer.id, None, close::ROOM_STOPPED);
            self.notify(Notification::PeerDeleted { room: id.to_owned(), peer: peer.id });
        }
        self.notify(Notification::RoomDeleted { room: id.to_owned() });
        Ok(())
    }

    /// Adds a peer; its token comes with it. `metadata` is the application's, when the request had any.
    pub(super) fn add_peer(&mut self, room_id: &str, metadata: Option<Value>) -> Result<(Peer, String), Refusal> {
        let (id, token) = (self.fresh("peer"), self.fresh("token"));
        let room = self.rooms.get_mut(room_id).ok_or_else(|| (404, sentences::room_not_found(room_id)))?;
        if room.config.max_peers.is_some_and(|most| room.peers.len() as u64 >= most) {
            return Err((503, sentences::peer_limit(room_id)));
        }
        let metadata = metadata.map_or(Value::Null, |server| json!({"peer": null, "server": server}));
        let peer = Peer {
            id: id.clone(),
            kind: "webrtc".into(),
            status: PeerStatus::Disconnected,
            tracks: Vec::new(),
            metadata,
            subscribe_mode: None,
            subscriptions: None,
        };
        room.peers.push(peer.clone());
        self.tokens.insert(token.clone(), (room_id.to_owned(), id.clone()));
        self.notify(Notification::PeerAdded { room: room_id.to_owned(), peer: id });
        Ok((peer, token))
    }

    pub(super) fn delete_peer(&mut self, room_id: &str, id: &str, reason: Option<String>) -> Result<(), Refusal> {
        let room = self.rooms.get_mut(room_id).ok_or_else(|| (404, sentences::room_not_found(room_id)))?;
        let index = room.peers.iter().position(|peer| peer.id == id).ok_or_else(|| (404, sentences::peer_not_found(id)))?;
        let peer = room.peers.remove(index);
        self.close(room_id, id, reason, close::PEER_REMOVED);
        if peer.status == PeerStatus::Connected {
            self.notify(Notification::PeerDisconnected { room: room_id.to_owned(), peer: id.to_owned() });
        }
        self.notify(Notification::PeerDeleted { room: room_id.to_owned(), peer: id.to_owned() });
        Ok(())
    }

    pub(super) fn crash_room(&mut self, id: &str) {
        if let Some(room) = self.rooms.remove(id) {
            for peer in room.peers {
                self.close(id, &peer.id, None, close::INTERNAL_ERROR);
            }
            self.notify(Notification::RoomCrashed { room: id.to_owned() });
        }
    }

    pub(super) fn forget_everything(&mut self) {
        self.rooms.clear();
        self.sockets.clear();
        self.subscribers.clear();
    }

    /// A peer's socket presents its token.
    pub(super) fn connect_peer(&mut self, token: &str, socket: PeerSocket) -> Result<(String, String), Close> {
        let (room_id, id) = self.tokens.get(token).cloned().ok_or(close::INVALID_TOKEN)?;
        let room = self.rooms.get_mut(&room_id).ok_or(close::ROOM_NOT_FOUND)?;
        let peer = room.peers.iter_mut().find(|peer| peer.id == id).ok_or(close::PEER_NOT_FOUND)?;
        if peer.status == PeerStatus::Connected {
            return Err(close::PEER_ALREADY_CONNECTED);
        }
        peer.status = PeerStatus::Connected;
        self.sockets.insert((room_id.clone(), id.clone()), socket);
        self.notify(Notification::PeerConnected { room: room_id.clone(), peer: id.clone() });
        Ok((room_id, id))
    }

    /// A peer's socket ended.
    pub(super) fn disconnect_peer(&mut self, room_id: &str, id: &str) {
        let room = self.rooms.get_mut(room_id);
        let Some(peer) = room.and_then(|room| room.peers.iter_mut().find(|peer| peer.id == id)) else { return };
        peer.status = PeerStatus::Disconnected;
        self.sockets.remove(&(room_id.to_owned(), id.to_owned()));
        self.notify(Notification::PeerDisconnected { room: room_id.to_owned(), peer: id.to_owned() });
    }

    pub(super) fn subscribe(&mut self, subscriber: Subscriber) {
        self.subscribers.push(subscriber);
    }

    pub(super) fn subscribers(&mut self) -> usize {
        self.subscribers.retain(|subscriber| !subscriber.is_closed());
        self.subscribers.len()
    }

    pub(super) fn drop_subscribers(&mut self) {
        self.subscribers.clear();
    }

    pub(super) fn notify(&mut self, notification: Notification) {
        let bytes = notification.encode();
        self.subscribers.retain(|subscriber| subscriber.send(bytes.clone()).is_ok());
    }

    fn close(&mut self, room: &str, peer: &str, reason: Option<String>, close: Close) {
        if let Some(socket) = self.sockets.remove(&(room.to_owned(), peer.to_owned())) {
            // A socket that ended by itself meanwhile needs no closing.
            let _ = socket.send(GoodBye { reason, close });
        }
    }

    fn fresh(&mut self, kind: &str) -> String {
        self.next_id += 1;
        format!("{kind}-{}", self.next_id)
    }
}
