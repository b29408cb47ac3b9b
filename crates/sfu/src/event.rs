//! What the engine answers, datagrams aside: events for clients, facts for the room's owner.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{Metadata, Mid, PeerId, RoomId, TrackId};

/// One effect, in the order in which it must happen.
#[derive(Debug)]
pub enum Output {
    /// Tell this client.
    ToClient {
        /// Its room.
        room: RoomId,
        /// Which client.
        peer: PeerId,
        /// What to say.
        event: ServerEvent,
    },
    /// A fact for the owner of the room (notifications, life cycle).
    Event {
        /// The room.
        room: RoomId,
        /// What happened.
        event: Event,
    },
}

/// Kind of a track as the server knows it from its media line, whatever the metadata says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TrackKind {
    /// Audio.
    Audio,
    /// Video.
    Video,
}

/// A simulcast layer; a track without simulcast has only [`Variant::High`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Variant {
    /// rid `l`, a quarter of the size.
    Low,
    /// rid `m`, half the size.
    Medium,
    /// rid `h`, full size.
    High,
}

impl Variant {
    /// The layer that a rid (RFC 8851) stands for.
    pub(crate) fn of_rid(rid: &[u8]) -> Option<Self> {
        match rid {
            b"l" => Some(Self::Low),
            b"m" => Some(Self::Medium),
            b"h" => Some(Self::High),
            _ => None,
        }
    }
}

/// Whether somebody speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum VoiceActivity {
    /// Nobody.
    Silence,
    /// Somebody.
    Speech,
}

/// Kind of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndpointKind {
    /// A person's or program's WebRTC connection.
    WebRtc,
}

/// A track as others see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrackInfo {
    /// Its id.
    pub id: TrackId,
    /// Its kind.
    pub kind: TrackKind,
    /// Its metadata, as its owner gave it.
    pub metadata: Metadata,
    /// Negotiated simulcast variants; empty without simulcast.
    pub variants: Vec<Variant>,
    /// Variants that the owner switched off.
    pub disabled_variants: Vec<Variant>,
}

/// An endpoint as others see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndpointInfo {
    /// Its id.
    pub id: PeerId,
    /// Its kind.
    pub kind: EndpointKind,
    /// Metadata that the client gave.
    pub metadata: Metadata,
    /// Metadata that the application gave when it made the peer.
    pub server_metadata: Metadata,
    /// Its published tracks.
    pub tracks: Vec<TrackInfo>,
}

/// An ICE candidate for a client.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct IceCandidate(pub String);

impl fmt::Debug for IceCandidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IceCandidate(..)")
    }
}

/// What a client is told, whatever its dialect. The order of events is the order on the wire.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ServerEvent {
    /// Answer to [`crate::ClientEvent::Connect`]; always the first event.
    Connected {
        /// The client's own entry.
        own: EndpointInfo,
        /// Everybody else who has connected.
        others: Vec<EndpointInfo>,
    },
    /// Somebody connected.
    EndpointAdded {
        /// Who. Without tracks.
        endpoint: EndpointInfo,
    },
    /// Somebody's metadata changed.
    EndpointUpdated {
        /// Who.
        endpoint: PeerId,
        /// What the client gave.
        metadata: Metadata,
        /// What the application gave.
        server_metadata: Metadata,
    },
    /// Somebody left; all their tracks were removed before.
    EndpointRemoved {
        /// Who.
        endpoint: PeerId,
    },
    /// Tracks that the next cycle negotiates.
    TracksAdded {
        /// Whose.
        endpoint: PeerId,
        /// Which.
        tracks: Vec<TrackInfo>,
    },
    /// Tracks that ended.
    TracksRemoved {
        /// Whose.
        endpoint: PeerId,
        /// Which.
        tracks: Vec<TrackId>,
    },
    /// New metadata of a track.
    TrackUpdated {
        /// Whose.
        endpoint: PeerId,
        /// Which.
        track: TrackId,
        /// The new value.
        metadata: Metadata,
    },
    /// Starts a negotiation cycle. Totals of receive-only lines, never decreasing.
    OfferData {
        /// Audio lines.
        audio: u32,
        /// Video lines.
        video: u32,
    },
    /// Answers an offer.
    Answer {
        /// The session description.
        sdp: String,
        /// Complete: every active remote track and every accepted own track.
        mid_to_track: BTreeMap<Mid, TrackId>,
    },
    /// A candidate, after an answer.
    Candidate(IceCandidate),
    /// Speech started or ended on a track.
    VoiceActivity {
        /// Whose.
        endpoint: PeerId,
        /// Which.
        track: TrackId,
        /// What.
        activity: VoiceActivity,
    },
    /// Another variant of a track is being sent to this client.
    VariantSwitched {
        /// Whose.
        endpoint: PeerId,
        /// Which.
        track: TrackId,
        /// The new one.
        variant: Variant,
    },
    /// The owner switched a variant off (`enabled` false) or on.
    VariantEnabled {
        /// Whose.
        endpoint: PeerId,
        /// Which.
        track: TrackId,
        /// Which variant.
        variant: Variant,
        /// On or off.
        enabled: bool,
    },
}

/// A fact about a room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// Metadata set by `Connect`, or changed later.
    PeerMetadataUpdated {
        /// Whose.
        peer: PeerId,
        /// The new value.
        metadata: Metadata,
    },
    /// A track is published.
    TrackAdded {
        /// Whose.
        peer: PeerId,
        /// Which.
        track: TrackInfo,
    },
    /// A track has new metadata.
    TrackUpdated {
        /// Whose.
        peer: PeerId,
        /// Which, with the new metadata.
        track: TrackInfo,
    },
    /// A track ended, for whatever reason; the last known facts.
    TrackRemoved {
        /// Whose.
        peer: PeerId,
        /// Which.
        track: TrackInfo,
    },
    /// First media packet went through in either direction; milliseconds since the peer was added.
    MediaStarted {
        /// Whose.
        peer: PeerId,
        /// Milliseconds.
        after_ms: u64,
    },
    /// The engine gave this endpoint up. It is gone already, its tracks were removed before; close its socket.
    PeerClosed {
        /// Whose.
        peer: PeerId,
        /// Why.
        reason: Closed,
    },
}

/// Why the engine gave an endpoint up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Closed {
    /// The client's bytes broke the WebRTC library; contained to this peer.
    Crashed,
    /// An offer that cannot be answered.
    BadOffer(String),
    /// No offer came although three were asked for.
    NoOffer,
}
