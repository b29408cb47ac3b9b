//! Which generation of the published interface a request belongs to, and all that differs between them: the one place that
//! decides where the generations contradict each other.
//!
//! | A request | shows | what follows |
//! | --- | --- | --- |
//! | carries `x-fishjam-api-client` | [`Generation::Current`]: today's SDKs, which name themselves | everything in this module |
//! | carries no such header | [`Generation::Archived`]: the archived server's own SDKs, up to 0.7 | everything in this module |
//! | of either kind names `options.metadata` of a peer | that its back end expects metadata in two halves | the peer is shown so to everybody |

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use protocol::rest::sentences;
use serde_json::{Map, Value, json};
use sfu::{RoomId, VideoCodec};

use super::error::ApiError;
use super::settings;
use crate::rooms::{PeerSnapshot, RoomError, RoomSnapshot, translate};

/// The header by which today's SDKs name themselves.
const CLIENT: &str = "x-fishjam-api-client";

/// A generation of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Generation {
    /// The archived server's.
    Archived,
    /// That of today's SDKs.
    Current,
}

impl<S: Sync> FromRequestParts<S> for Generation {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

impl Generation {
    /// The generation that a request shows.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        if headers.contains_key(CLIENT) { Self::Current } else { Self::Archived }
    }

    /// The room that a path names. Text that no room id can be is a wrong id in one generation, an unknown room in the other.
    pub(super) fn room_id(self, text: &str) -> Result<RoomId, ApiError> {
        match self {
            _ if settings::is_room_id(text) => Ok(text.into()),
            Self::Archived => Err(ApiError::bad_request(sentences::invalid_room_id(text))),
            Self::Current => Err(ApiError::not_found(sentences::room_not_found(text))),
        }
    }

    /// What the rooms answered to a command about this room and peer. A full room is a conflict for today's SDKs.
    pub(super) fn room_error(self, error: RoomError, room: &str, peer: &str) -> ApiError {
        match (self, error) {
            (Self::Current, RoomError::PeerLimit) => ApiError::Sentence(StatusCode::CONFLICT, sentences::peer_limit(room)),
            _ => ApiError::from_room(error, room, peer),
        }
    }

    /// The limit that a number means: 0 is nobody in one generation, everybody in the other.
    pub(super) fn max_peers(self, number: u64) -> Option<u64> {
        if self == Self::Current && number == 0 { None } else { Some(number) }
    }

    /// The codec of a room whose creator names none.
    pub(super) fn default_video_codec(self) -> Option<VideoCodec> {
        match self {
            Self::Archived => None,
            Self::Current => Some(VideoCodec::H264),
        }
    }

    /// Whether a room that is deleted tells that its connected peers are disconnected before it tells that they are deleted.
    pub(super) fn tells_disconnected(self) -> bool {
        self == Self::Current
    }

    /// Whether back ends of this generation know peers of this type; here they are switched off.
    pub(super) fn knows_peer_type(self, kind: &str) -> bool {
        self == Self::Current && matches!(kind, "agent" | "vapi")
    }

    /// Where clients connect. Clients of the archived generation put the scheme before it themselves.
    pub(super) fn socket_url(self, address: &str, is_secure: bool) -> String {
        let scheme = match (self, is_secure) {
            (Self::Archived, _) => "",
            (Self::Current, true) => "wss://",
            (Self::Current, false) => "ws://",
        };
        format!("{scheme}{address}/socket/peer/websocket")
    }

    /// The room's address in the answer to its creation.
    pub(super) fn room_address(self, address: &str) -> Option<String> {
        (self == Self::Archived).then(|| address.to_owned())
    }

    /// A room as it is shown.
    pub(super) fn room(self, room: RoomSnapshot) -> Value {
        let peers: Vec<Value> = room.peers.iter().map(|peer| self.peer(peer)).collect();
        let mut shown = object(&translate::rest_room(room));
        shown.insert("peers".to_owned(), peers.into());
        let foreign = match self {
            Self::Archived => ["roomType", "public", "batchWebhookNotifications"],
            Self::Current => ["roomId", "peerlessPurgeTimeout", "peerDisconnectedTimeout"],
        };
        if let Some(Value::Object(config)) = shown.get_mut("config") {
            config.retain(|key, _| !foreign.contains(&key.as_str()));
            if self == Self::Current {
                // Today's SDKs stumble over a codec that is null, and show 0 where there is no limit.
                config.retain(|key, value| key != "videoCodec" || !value.is_null());
                if config.get("maxPeers").is_some_and(Value::is_null) {
                    config.insert("maxPeers".to_owned(), 0.into());
                }
            }
        }
        if self == Self::Current {
            shown.remove("components");
        }
        shown.into()
    }

    /// A peer as it is shown. Metadata is in two halves for today's SDKs, else only when the application gave some.
    pub(super) fn peer(self, peer: &PeerSnapshot) -> Value {
        let mut shown = translate::rest_peer(peer);
        if self == Self::Archived {
            (shown.subscribe_mode, shown.subscriptions) = (None, None);
        } else if peer.server_metadata.is_none() {
            let own = if shown.metadata.is_null() { json!({}) } else { shown.metadata };
            shown.metadata = json!({"peer": own, "server": {}});
        }
        object(&shown).into()
    }
}

fn object(shown: &impl serde::Serialize) -> Map<String, Value> {
    match serde_json::to_value(shown) {
        Ok(Value::Object(object)) => object,
        // Structs of plain values become objects.
        _ => Map::new(),
    }
}
