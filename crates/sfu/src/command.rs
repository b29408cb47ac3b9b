//! What is asked of the engine: plain values that can be stored, sent to another process and replayed.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::event::Variant;
use crate::ids::{Metadata, Mid, PeerId, RoomId, TrackId};
use crate::permissions::Permissions;
use crate::subscriptions::{Subscriptions, Wishes};

/// A video codec that a room enforces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum VideoCodec {
    /// H.264 constrained baseline, packetization mode 1 preferred.
    H264,
    /// VP8.
    Vp8,
}

/// Options of a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomOptions {
    /// The only video codec negotiated. `None`: VP8, so that browsers of every make can meet.
    pub video_codec: Option<VideoCodec>,
}

/// Options of a peer that joins.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PeerOptions {
    /// What it may do.
    pub permissions: Permissions,
    /// Metadata given by the application that created the peer; the client cannot change it.
    pub server_metadata: Metadata,
    /// Accept simulcast offers (one encoding is forwarded).
    pub simulcast: bool,
    /// Addresses (`ip:port`) at which this client can reach us, best first; they become the candidates of its answers.
    pub candidates: Vec<std::net::SocketAddr>,
    /// Which of the others' tracks it gets.
    pub subscriptions: Subscriptions,
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Makes an empty room.
    CreateRoom {
        /// Its id.
        room: RoomId,
        /// Its options.
        options: RoomOptions,
    },
    /// Ends a room and all its endpoints. Tells nobody: the caller closes the clients' sockets.
    RemoveRoom {
        /// Which.
        room: RoomId,
    },
    /// Adds an endpoint for a client that has just authenticated. Others see it after its [`ClientEvent::Connect`].
    AddPeer {
        /// Its room.
        room: RoomId,
        /// Its id.
        peer: PeerId,
        /// Its options.
        options: PeerOptions,
    },
    /// Removes an endpoint and its tracks; the others are told.
    RemovePeer {
        /// Its room.
        room: RoomId,
        /// Which.
        peer: PeerId,
    },
    /// An event from a client.
    Client {
        /// Its room.
        room: RoomId,
        /// Whose.
        peer: PeerId,
        /// What it said.
        event: ClientEvent,
    },
    /// Replaces the permission set; tracks that are no longer allowed stop being forwarded at once.
    SetPermissions {
        /// Its room.
        room: RoomId,
        /// Whose.
        peer: PeerId,
        /// The new set.
        permissions: Permissions,
    },
    /// Adds to what a peer gets that does not get everything.
    Subscribe {
        /// Its room.
        room: RoomId,
        /// Who gets it.
        peer: PeerId,
        /// What.
        wishes: Wishes,
    },
}

/// Why a command changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CommandError {
    /// No such room.
    #[error("room not found")]
    RoomNotFound,
    /// The room exists already.
    #[error("room already exists")]
    RoomExists,
    /// No such endpoint in that room.
    #[error("peer not found")]
    PeerNotFound,
    /// The endpoint exists already.
    #[error("peer already exists")]
    PeerExists,
}

/// What a client says, whatever its dialect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ClientEvent {
    /// First event: the client wants to take part. A second one has no effect.
    Connect {
        /// Its endpoint metadata.
        metadata: Metadata,
        /// Tracks that their publisher sends in one `MediaStream` come in one, which is how browsers know what to play in step.
        grouped_streams: bool,
    },
    /// The client leaves the media room; its socket may stay.
    Disconnect,
    /// New endpoint metadata.
    UpdateMetadata {
        /// The new value.
        metadata: Metadata,
    },
    /// New metadata of one of its tracks.
    UpdateTrackMetadata {
        /// Which.
        track: TrackId,
        /// The new value.
        metadata: Metadata,
    },
    /// The client has something to negotiate and asks for an [`crate::ServerEvent::OfferData`].
    RenegotiateTracks,
    /// A trickled ICE candidate. Accepted and not needed: we are ICE-lite and learn addresses from checks.
    Candidate {
        /// `candidate:…`, may be empty.
        candidate: String,
    },
    /// An SDP offer.
    Offer(Offer),
    /// The owner's bitrates of a track's variants.
    TrackBitrates {
        /// Which.
        track: TrackId,
        /// Bits per second by variant.
        bitrates: BTreeMap<Variant, u32>,
    },
    /// The owner switches a variant on.
    EnableVariant {
        /// Which track.
        track: TrackId,
        /// Which variant.
        variant: Variant,
    },
    /// The owner switches a variant off.
    DisableVariant {
        /// Which track.
        track: TrackId,
        /// Which variant.
        variant: Variant,
    },
    /// A receiver wishes for a variant of somebody else's track.
    SetTargetVariant {
        /// Which track.
        track: TrackId,
        /// Which variant.
        variant: Variant,
    },
    /// The owner unmuted a track: a hint to ask for a keyframe.
    UnmuteTrack {
        /// Which.
        track: TrackId,
    },
}

/// An SDP offer and what comes with it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// The session description.
    pub sdp: String,
    /// Metadata of all current local tracks of the client.
    pub track_metadata: BTreeMap<TrackId, Metadata>,
    /// Bits per second by variant for each track; may be missing or empty.
    pub track_bitrates: BTreeMap<TrackId, BTreeMap<Variant, u32>>,
    /// The client's own sending lines only.
    pub mid_to_track: BTreeMap<Mid, TrackId>,
}

/// SDP holds addresses: it does not show itself in logs.
impl fmt::Debug for Offer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Offer").field("sdp_bytes", &self.sdp.len()).field("mid_to_track", &self.mid_to_track).finish_non_exhaustive()
    }
}
