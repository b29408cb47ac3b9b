//! Bodies of the REST interface, in the archived server's last generation, and its exact error sentences.

mod elsewhere;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use elsewhere::{
    AddComponent, AgentOptions, AgentOutput, AudioFormat, ComponentKind, Dial, MoqPaths, RecordComposition, StreamConfig,
    SubscribeComponent, TrackForwarding, VapiOptions,
};

/// A success body: `{"data": …}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Data<T> {
    /// The payload.
    pub data: T,
}

/// An error body of the application: `{"errors": "sentence"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorBody {
    /// What went wrong.
    pub errors: String,
}

/// An error body of the HTTP layer, which the application never saw: `{"errors": {"detail": "phrase"}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PhraseBody {
    /// What went wrong.
    pub errors: Phrase,
}

/// The error in a [`PhraseBody`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Phrase {
    /// The phrase of the HTTP status.
    pub detail: String,
}

/// Configuration of a room. The archived generation shows the first six keys, unset ones as `null`; today's SDKs get `maxPeers`,
/// `videoCodec`, `webhookUrl` and the last three.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct RoomConfig {
    /// Equals the room's id.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[a-zA-Z0-9_-]+$", min_length = 1, max_length = 128))]
    pub room_id: Option<String>,
    /// Most peers, connected or not. Without limit it is `null`, for today's SDKs 0.
    #[cfg_attr(feature = "openapi", schema(format = "int64", maximum = 9_223_372_036_854_775_807_i64))]
    pub max_peers: Option<u64>,
    /// The only video codec. Today's SDKs get no key where there is none.
    pub video_codec: Option<VideoCodec>,
    /// Where notifications of this room are posted: `http` or `https`, with a path.
    #[cfg_attr(feature = "openapi", schema(pattern = "^https?://[^/]+/.*$", max_length = 2048))]
    pub webhook_url: Option<String>,
    /// Seconds without a connected peer after which the room is removed.
    #[cfg_attr(feature = "openapi", schema(format = "int64", minimum = 1, maximum = 4_294_967_295_u32))]
    pub peerless_purge_timeout: Option<u32>,
    /// Seconds after which a disconnected peer is removed.
    #[cfg_attr(feature = "openapi", schema(format = "int64", minimum = 1, maximum = 4_294_967_295_u32))]
    pub peer_disconnected_timeout: Option<u32>,
    /// Kind of the room; of today's SDKs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub room_type: Option<RoomType>,
    /// Whether a livestream may be watched without a token; of today's SDKs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub public: Option<bool>,
    /// Whether several notifications may be posted in one request; of today's SDKs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub batch_webhook_notifications: Option<bool>,
}

/// Kind of a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoomType {
    /// Everybody sends and receives.
    #[default]
    Conference,
    /// Its older name.
    FullFeature,
    /// A conference without video.
    AudioOnly,
    /// One sends, many receive.
    Livestream,
    /// Its older name.
    Broadcaster,
    /// A livestream without video.
    AudioOnlyLivestream,
}

/// Which of the others' tracks a peer gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum SubscribeMode {
    /// All.
    Auto,
    /// Those that the application subscribes it to.
    Manual,
}

/// What a peer in manual mode is subscribed to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Subscriptions {
    /// Peers, with all their tracks.
    pub peers: Vec<String>,
    /// Single tracks.
    pub tracks: Vec<String>,
}

/// Video codec of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum VideoCodec {
    /// H.264.
    H264,
    /// VP8.
    Vp8,
}

/// A room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Room {
    /// Its id.
    pub id: String,
    /// Its configuration.
    pub config: RoomConfig,
    /// Its components.
    #[serde(default)]
    pub components: Vec<Value>,
    /// Its peers, connected or not.
    pub peers: Vec<Peer>,
}

/// A peer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Peer {
    /// Its id.
    pub id: String,
    /// Always `webrtc`.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(pattern = "^webrtc$"))]
    pub kind: String,
    /// Whether its socket is authenticated.
    pub status: PeerStatus,
    /// Its published tracks.
    pub tracks: Vec<Track>,
    /// `null`, the client's value, or `{"peer", "server"}` when the peer was created with metadata.
    pub metadata: Value,
    /// Which tracks it gets; of today's SDKs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub subscribe_mode: Option<SubscribeMode>,
    /// What it is subscribed to by hand; of today's SDKs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub subscriptions: Option<Subscriptions>,
}

/// Status of a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum PeerStatus {
    /// Its socket is authenticated.
    Connected,
    /// It is not.
    Disconnected,
}

/// A track.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Track {
    /// Its id.
    pub id: String,
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: TrackKind,
    /// Its owner's value.
    pub metadata: Value,
}

/// Kind of a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum TrackKind {
    /// Audio.
    Audio,
    /// Video.
    Video,
}

/// Answer to `POST /room`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoomCreated {
    /// The room.
    pub room: Room,
    /// Public address of the node that holds it, without scheme.
    #[serde(default)]
    pub fishjam_address: Option<String>,
    /// The same, under its oldest name.
    #[serde(default)]
    pub jellyfish_address: Option<String>,
}

/// Answer to `POST /room/{room_id}/peer`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PeerCreated {
    /// The peer.
    pub peer: Peer,
    /// Its token.
    pub token: String,
    /// `<public address>/socket/peer/websocket`, without scheme.
    #[serde(default)]
    pub peer_websocket_url: Option<String>,
}

/// Body of `POST /room/{room_id}/peer`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddPeer {
    /// `webrtc`.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "openapi", schema(pattern = "^webrtc$"))]
    pub kind: String,
    /// Options; none is needed, and null means none.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<PeerOptions>))]
    pub options: PeerOptions,
}

/// Options of a new peer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PeerOptions {
    /// Which of the others' tracks the peer gets; default `auto`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub subscribe_mode: Option<SubscribeMode>,
    /// Accept simulcast; default true.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub enable_simulcast: Option<bool>,
    /// Server metadata: what the application says about the peer; clients see it and cannot change it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub metadata: Option<Value>,
    /// What the peer may do; of this project, default all but moderate.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub permissions: Option<Permissions>,
}

/// What a peer may do. Unset fields keep the default: everything but `moderate`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Permissions {
    /// Publish audio.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub audio: Option<bool>,
    /// Publish video other than the screen.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub video: Option<bool>,
    /// Publish the screen.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub screen: Option<bool>,
    /// Send data messages.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub data: Option<bool>,
    /// Act on others.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub moderate: Option<bool>,
}

/// Answer to `POST /room/{room_id}/peer/{id}/refresh_token`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenRefreshed {
    /// Another token of the peer.
    pub token: String,
}

/// Body of `POST /room/{room_id}/peer/{id}/subscribe_tracks`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SubscribeTracks {
    /// Ids of tracks in the room, at most 1,000.
    #[cfg_attr(feature = "openapi", schema(max_items = 1000))]
    pub track_ids: Vec<String>,
}

/// Answer to `GET /health`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// Always `UP`.
    pub status: String,
    /// Seconds since start.
    pub uptime: u64,
    /// Version of the server.
    pub version: String,
    /// `dev`, or seven characters.
    pub git_commit: String,
    /// Clustering.
    pub distribution: Distribution,
    /// The address that clients use, when the server was told one; of this project.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub public_url: Option<String>,
}

/// Clustering in [`Health`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Distribution {
    /// Whether it is on.
    pub enabled: bool,
    /// `UP` or `DOWN`.
    pub node_status: String,
    /// Visible nodes including this one; 0 when it is off.
    pub nodes_in_cluster: u32,
}

/// Error sentences, byte for byte.
pub mod sentences {
    /// 401: no usable `Authorization` header.
    pub const MISSING_TOKEN: &str = "Missing token";
    /// 401: a wrong token.
    pub const INVALID_TOKEN: &str = "Invalid token";
    /// 400: wrong shape.
    pub const INVALID_BODY: &str = "Invalid request body structure";
    /// 400: a peer type other than `webrtc`.
    pub const INVALID_PEER_TYPE: &str = "Invalid peer type";

    /// 400: a peer type that this server does not serve.
    pub fn peer_type_disabled(kind: &str) -> String {
        format!("Peers of type {kind} are disabled on this Fishjam")
    }

    /// 400: a value that is none of some words.
    pub fn bad_choice(field: &str, words: &str, got: &str) -> String {
        format!("Expected {field} to be one of {words}, got: {got}")
    }

    /// 404.
    pub fn room_not_found(id: &str) -> String {
        format!("Room {id} does not exist")
    }

    /// 400: characters outside `[a-zA-Z0-9_-]`.
    pub fn invalid_room_id(id: &str) -> String {
        format!("Invalid room ID: {id}")
    }

    /// 404.
    pub fn peer_not_found(id: &str) -> String {
        format!("Peer {id} does not exist")
    }

    /// 503: `maxPeers` reached.
    pub fn peer_limit(room: &str) -> String {
        format!("Reached webrtc peers limit in room {room}")
    }

    /// 400.
    pub fn room_exists(id: &str) -> String {
        format!("Cannot add room with id \"{id}\" - room already exists")
    }

    /// 400.
    pub fn bad_room_id(id: &str) -> String {
        format!("Cannot add room with id \"{id}\" - roomId may contain only alphanumeric characters, hyphens and underscores")
    }

    /// 400.
    pub fn bad_max_peers(got: &str) -> String {
        format!("Expected maxPeers to be a number, got: {got}")
    }

    /// 400.
    pub fn bad_video_codec(got: &str) -> String {
        format!("Expected videoCodec to be 'h264' or 'vp8', got: {got}")
    }

    /// 400.
    pub fn bad_webhook_url(got: &str) -> String {
        format!("Expected webhookUrl to be valid URL, got: {got}")
    }

    /// 400: a webhook into a network that is not public.
    pub fn refused_webhook_url(ip: impl std::fmt::Display) -> String {
        format!("webhookUrl leads to {ip}, which is no public address; the server's operator can allow it with --webhook-allow")
    }

    /// 400; `field` is `peerlessPurgeTimeout` or `peerDisconnectedTimeout`.
    pub fn bad_timeout(field: &str, got: &str) -> String {
        format!("Expected {field} to be a positive integer, got: {got}")
    }
}
