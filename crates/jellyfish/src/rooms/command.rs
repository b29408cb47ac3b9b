//! What is asked of the rooms of a worker, and what they answer: plain values that can be stored and sent elsewhere.

use std::net::SocketAddr;

use protocol::rest::RoomType;
use protocol::signalling::Resumption;
use serde::{Deserialize, Serialize};
use sfu::{Metadata, PeerId, Permissions, RoomId, Subscriptions, TrackInfo, VideoCodec, Wishes};
use thiserror::Error;

use super::ended::EndedRoom;
use super::farewells::Farewell;
use super::life::Life;
use super::message::FromClient;
use super::session::Resuming;

/// One authenticated client socket. A peer that comes back has a new one, so that the end of the old socket means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ConnectionId(pub u64);

/// How a client's socket ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SocketEnd {
    /// One side closed it.
    Closed,
    /// It died without a word.
    Lost,
}

/// Configuration of a room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomSettings {
    /// Most peers, connected or not; `None`: the server's limit.
    pub max_peers: Option<u64>,
    /// The only video codec negotiated.
    pub video_codec: Option<VideoCodec>,
    /// Where back ends want notifications of this room posted.
    pub webhook_url: Option<String>,
    /// Kind of the room.
    pub room_type: RoomType,
    /// What its creator says about watching it without a token.
    pub public: bool,
    /// Whether several of them may be posted in one request.
    pub batch_webhook_notifications: bool,
    /// Seconds without a connected peer after which the room ends.
    pub peerless_purge_timeout: Option<u32>,
    /// Seconds after which a disconnected peer is removed.
    pub peer_disconnected_timeout: Option<u32>,
}

impl RoomSettings {
    /// What a peer may do here of what it may do at all.
    pub(super) fn allowed(&self, permissions: Permissions) -> Permissions {
        match self.room_type {
            RoomType::AudioOnly | RoomType::AudioOnlyLivestream => Permissions { video: false, screen: false, ..permissions },
            RoomType::Conference | RoomType::FullFeature | RoomType::Livestream | RoomType::Broadcaster => permissions,
        }
    }
}

/// What the application says about a peer when it adds it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PeerSettings {
    /// Accept simulcast offers.
    pub simulcast: bool,
    /// What others are told and the client cannot change; `None` when the application gave nothing.
    pub server_metadata: Option<Metadata>,
    /// What the peer may do.
    pub permissions: Permissions,
    /// Which of the others' tracks it gets.
    pub subscriptions: Subscriptions,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum RoomCommand {
    /// Makes a room.
    CreateRoom {
        /// Its id, unique.
        room: RoomId,
        /// Its configuration.
        settings: RoomSettings,
    },
    /// Ends a room and everything in it.
    DeleteRoom {
        /// Which.
        room: RoomId,
        /// Whether it is told of connected peers that they are disconnected, before it is told that they are deleted.
        tell_disconnected: bool,
    },
    /// Reads a room.
    Room {
        /// Which.
        room: RoomId,
    },
    /// Reads rooms in the order of their ids, a page at a time: reading must not hold up media.
    Rooms {
        /// Continue behind this id.
        after: Option<RoomId>,
        /// At most so many.
        limit: usize,
    },
    /// Reads what is remembered of rooms that have ended.
    EndedRooms,
    /// Reads what the client of a peer that is gone was told last. Its room may be gone, or be another one of the same id elsewhere.
    Farewell {
        /// Its room.
        room: RoomId,
        /// Which peer.
        peer: PeerId,
    },
    /// Adds a peer, disconnected at first.
    AddPeer {
        /// Its room.
        room: RoomId,
        /// Its id, unique.
        peer: PeerId,
        /// What the application says about it.
        settings: PeerSettings,
    },
    /// Removes a peer.
    DeletePeer {
        /// Its room.
        room: RoomId,
        /// Which.
        peer: PeerId,
        /// What its client is told about the reason.
        reason: Option<String>,
    },
    /// Asks whether a client may connect, without changing anything.
    Lookup {
        /// Its room.
        room: RoomId,
        /// Which peer.
        peer: PeerId,
    },
    /// A client's socket has authenticated.
    Connect {
        /// Its room.
        room: RoomId,
        /// Which peer.
        peer: PeerId,
        /// The socket.
        connection: ConnectionId,
        /// The socket that it takes the place of, found dead.
        replaces: Option<ConnectionId>,
        /// Where this client can send media, best first.
        candidates: Vec<SocketAddr>,
        /// Only for a client that can resume.
        resume: Option<Resuming>,
    },
    /// A client's socket has ended.
    Disconnect {
        /// Its room.
        room: RoomId,
        /// Which peer.
        peer: PeerId,
        /// The socket.
        connection: ConnectionId,
        /// How.
        end: SocketEnd,
    },
    /// A client said something.
    Client {
        /// Its room.
        room: RoomId,
        /// Which peer.
        peer: PeerId,
        /// The socket.
        connection: ConnectionId,
        /// What.
        message: FromClient,
    },
    /// Replaces a peer's permission set.
    SetPermissions {
        /// Its room.
        room: RoomId,
        /// Which peer.
        peer: PeerId,
        /// The new set.
        permissions: Permissions,
    },
    /// Adds to what a peer gets that does not get everything.
    Subscribe {
        /// Its room.
        room: RoomId,
        /// Which peer.
        peer: PeerId,
        /// What; all of it must exist.
        wishes: Wishes,
    },
    /// Breaks on purpose, so that containment can be tested from outside. Servers accept it only when configured to.
    Crash {
        /// Which room breaks.
        room: RoomId,
        /// Only this peer of it.
        peer: Option<PeerId>,
    },
}

impl RoomCommand {
    /// The room it is about; `None` for what may be known anywhere.
    pub fn room(&self) -> Option<&RoomId> {
        match self {
            Self::CreateRoom { room, .. }
            | Self::DeleteRoom { room, .. }
            | Self::Room { room }
            | Self::AddPeer { room, .. }
            | Self::DeletePeer { room, .. }
            | Self::Lookup { room, .. }
            | Self::Connect { room, .. }
            | Self::Disconnect { room, .. }
            | Self::Client { room, .. }
            | Self::SetPermissions { room, .. }
            | Self::Subscribe { room, .. }
            | Self::Crash { room, .. } => Some(room),
            Self::Rooms { .. } | Self::EndedRooms | Self::Farewell { .. } => None,
        }
    }
}

/// What a command gave.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// It is done.
    Done,
    /// The socket holds its peer; what a client that can resume is told about its session.
    Connected(Option<Resumption>),
    /// A room.
    Room(Box<RoomSnapshot>),
    /// A page of rooms.
    Rooms(Vec<RoomSnapshot>),
    /// Rooms that have ended, the oldest first.
    EndedRooms(Vec<EndedRoom>),
    /// A peer.
    Peer(Box<PeerSnapshot>),
    /// Last words to a client, if they are remembered.
    Farewell(Option<Farewell>),
}

/// Answer of the rooms.
pub type Reply = Result<Answer, RoomError>;

/// Why a command changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error, Serialize, Deserialize)]
#[non_exhaustive]
pub enum RoomError {
    /// No such room.
    #[error("room not found")]
    RoomNotFound,
    /// The id is taken.
    #[error("room already exists")]
    RoomExists,
    /// No such peer.
    #[error("peer not found")]
    PeerNotFound,
    /// A peer or track to subscribe to is not in the room.
    #[error("nothing to subscribe to")]
    WishNotFound,
    /// The id is taken.
    #[error("peer already exists")]
    PeerExists,
    /// The room holds as many peers as it may.
    #[error("peer limit reached")]
    PeerLimit,
    /// Another socket holds the peer.
    #[error("peer already connected")]
    PeerConnected {
        /// Which.
        connection: ConnectionId,
    },
    /// The room broke while it carried the command out; it is gone.
    #[error("room crashed")]
    Crashed,
    /// The worker of the room ends, or has ended: nothing is known about the room.
    #[error("media worker is stopping")]
    Stopping,
}

/// A room at one instant.
#[derive(Clone, Debug, PartialEq)]
pub struct RoomSnapshot {
    /// Its id.
    pub id: RoomId,
    /// Its configuration.
    pub settings: RoomSettings,
    /// Its peers.
    pub peers: Vec<PeerSnapshot>,
    /// What its life amounts to so far.
    pub life: Life,
}

/// A peer at one instant.
#[derive(Clone, Debug, PartialEq)]
pub struct PeerSnapshot {
    /// Its id.
    pub id: PeerId,
    /// Whether a socket holds it, or it is kept for one.
    pub connected: bool,
    /// What it publishes.
    pub tracks: Vec<TrackInfo>,
    /// What the client said about itself.
    pub metadata: Metadata,
    /// What the application said about it.
    pub server_metadata: Option<Metadata>,
    /// Which of the others' tracks it gets.
    pub subscriptions: Subscriptions,
}
