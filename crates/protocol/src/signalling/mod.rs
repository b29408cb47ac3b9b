//! What clients and the media server say to each other, whatever the dialect.
//!
//! [`ClientEvent`] and [`ServerEvent`] are the vocabulary; [`protobuf`] is the codec of the protobuf dialect. Metadata is JSON text
//! that nobody here interprets; absent metadata is `null`.

pub mod protobuf;
mod resume;

use std::collections::BTreeMap;

pub use resume::{Resume, Resumption};

/// A simulcast layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Variant {
    /// rid `l`.
    Low,
    /// rid `m`.
    Medium,
    /// rid `h`; also the only layer of a track without simulcast.
    High,
}

/// A track in events to clients.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Track {
    /// JSON text.
    pub metadata: String,
    /// Negotiated variants; empty without simulcast.
    pub variants: Vec<Variant>,
    /// Those of them that the owner switched off.
    pub disabled_variants: Vec<Variant>,
}

/// An endpoint in events to clients.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// `webrtc` for peers, a component's type otherwise.
    pub kind: &'static str,
    /// JSON text that the client gave.
    pub metadata: String,
    /// JSON text that the application gave when it created the peer.
    pub server_metadata: String,
    /// Tracks by id.
    pub tracks: BTreeMap<String, Track>,
}

/// A STUN or TURN server for clients. One without addresses is not told: browsers refuse the whole list then.
#[derive(Clone, PartialEq, Eq)]
pub struct IceServer {
    /// `stun:` or `turn:` addresses.
    pub urls: Vec<String>,
    /// User name, may be empty.
    pub username: String,
    /// Password, may be empty.
    pub credential: String,
}

/// A client's SDP offer.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SdpOffer {
    /// The session description.
    pub sdp: String,
    /// JSON text by track id, of all current local tracks.
    pub track_metadata: BTreeMap<String, String>,
    /// Bits per second by variant, by track id; may be missing or empty.
    pub track_bitrates: BTreeMap<String, BTreeMap<Variant, u32>>,
    /// Track ids of the client's own sending lines.
    pub mid_to_track: BTreeMap<String, String>,
}

/// What a client says.
#[derive(Clone, PartialEq, Eq)]
pub enum ClientEvent {
    /// First event after authentication.
    Connect {
        /// JSON text.
        metadata: String,
        /// Tracks that their publisher sends in one stream shall come in one stream.
        grouped_streams: bool,
    },
    /// Leaves the media room.
    Disconnect,
    /// New endpoint metadata.
    UpdateEndpointMetadata {
        /// JSON text.
        metadata: String,
    },
    /// New track metadata.
    UpdateTrackMetadata {
        /// Which track.
        track: String,
        /// JSON text.
        metadata: String,
    },
    /// Asks for a negotiation cycle.
    RenegotiateTracks,
    /// A trickled candidate, may be empty.
    Candidate {
        /// `candidate:…`
        candidate: String,
    },
    /// An offer.
    SdpOffer(SdpOffer),
    /// The owner's bitrates of a track.
    TrackBitrates {
        /// Which track.
        track: String,
        /// Bits per second by variant.
        bitrates: BTreeMap<Variant, u32>,
    },
    /// The owner switches a variant on, or (old SDKs) a receiver wishes for it.
    EnableVariant {
        /// Which track.
        track: String,
        /// Which variant.
        variant: Variant,
    },
    /// The owner switches a variant off.
    DisableVariant {
        /// Which track.
        track: String,
        /// Which variant.
        variant: Variant,
    },
    /// A receiver wishes for a variant.
    SetTargetVariant {
        /// Which track.
        track: String,
        /// Which variant.
        variant: Variant,
    },
    /// The owner unmuted a track.
    UnmuteTrack {
        /// Which track.
        track: String,
    },
}

/// What the server says.
#[derive(Clone, PartialEq, Eq)]
pub enum ServerEvent {
    /// Answer to `Connect`.
    Connected {
        /// The client's own id.
        endpoint: String,
        /// All endpoints by id, the own one included.
        endpoints: BTreeMap<String, Endpoint>,
        /// Servers for connectivity; may be empty.
        ice_servers: Vec<IceServer>,
    },
    /// Somebody connected.
    EndpointAdded {
        /// Who.
        endpoint: String,
        /// JSON text from the client.
        metadata: String,
        /// JSON text from the application.
        server_metadata: String,
    },
    /// Somebody's metadata changed.
    EndpointUpdated {
        /// Who.
        endpoint: String,
        /// JSON text from the client.
        metadata: String,
        /// JSON text from the application.
        server_metadata: String,
    },
    /// Somebody left.
    EndpointRemoved {
        /// Who.
        endpoint: String,
    },
    /// Tracks that the next cycle negotiates.
    TracksAdded {
        /// Whose.
        endpoint: String,
        /// By id.
        tracks: BTreeMap<String, Track>,
    },
    /// Tracks that ended.
    TracksRemoved {
        /// Whose.
        endpoint: String,
        /// Their ids.
        tracks: Vec<String>,
    },
    /// New metadata of a track.
    TrackUpdated {
        /// Whose.
        endpoint: String,
        /// Which.
        track: String,
        /// JSON text.
        metadata: String,
    },
    /// Starts a negotiation cycle.
    OfferData {
        /// Total of receive-only audio lines.
        audio: u32,
        /// Total of receive-only video lines.
        video: u32,
    },
    /// Answers an offer.
    SdpAnswer {
        /// The session description.
        sdp: String,
        /// Complete.
        mid_to_track: BTreeMap<String, String>,
    },
    /// A candidate, after an answer.
    Candidate {
        /// `candidate:…`
        candidate: String,
    },
    /// Speech started (`true`) or ended on a track.
    VoiceActivity {
        /// Which track.
        track: String,
        /// Speech or silence.
        speech: bool,
    },
    /// Another variant is being sent to this client.
    VariantSwitched {
        /// Whose.
        endpoint: String,
        /// Which track.
        track: String,
        /// The new variant.
        variant: Variant,
    },
    /// The owner switched a variant on or off.
    VariantEnabled {
        /// Whose.
        endpoint: String,
        /// Which track.
        track: String,
        /// Which variant.
        variant: Variant,
        /// On or off.
        enabled: bool,
    },
    /// A change of the client's had no effect. Of this project; published SDKs skip it.
    Refused {
        /// Stable code.
        code: &'static str,
        /// A sentence.
        message: String,
        /// The track concerned, or empty.
        track: String,
    },
}
