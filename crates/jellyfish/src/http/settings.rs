//! Reading the options of rooms and peers: checked one after the other, the first failure is told.

use protocol::rest::{RoomType, SubscribeMode, sentences};
use serde::Deserialize as _;
use serde_json::Value;
use sfu::{Metadata, Permissions, RoomId, Subscriptions, VideoCodec, Wishes};

use super::error::ApiError;
use super::generation::Generation;
use super::params::Params;
use crate::random;
use crate::rooms::{PeerSettings, RoomSettings};
use crate::webhooks::{TargetError, Targets};

/// Longest room id, in characters.
pub const MAX_ROOM_ID: usize = 128;

/// Longest reason of a peer's removal, in characters.
pub const MAX_REASON: usize = 64;

/// A room that is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NewRoom {
    /// The id asked for, or a random one.
    pub(super) id: RoomId,
    /// The id as it was asked for, else empty.
    pub(super) requested: String,
    pub(super) settings: RoomSettings,
}

impl NewRoom {
    pub(super) fn read(params: &Params, generation: Generation, targets: &Targets) -> Result<Self, ApiError> {
        let requested = params.get("roomId").map(room_id).transpose()?;
        let settings = RoomSettings {
            max_peers: params.get("maxPeers").map(max_peers).transpose()?.and_then(|number| generation.max_peers(number)),
            video_codec: params.get("videoCodec").map(video_codec).transpose()?.or(generation.default_video_codec()),
            webhook_url: params.get("webhookUrl").map(|value| webhook_url(value, targets)).transpose()?,
            room_type: params.get("roomType").map(room_type).transpose()?.unwrap_or_default(),
            public: switch(params, "public")?,
            batch_webhook_notifications: switch(params, "batchWebhookNotifications")?,
            peerless_purge_timeout: timeout(params, "peerlessPurgeTimeout")?,
            peer_disconnected_timeout: timeout(params, "peerDisconnectedTimeout")?,
        };
        let id = requested.clone().unwrap_or_else(random::id).into();
        Ok(Self { id, requested: requested.unwrap_or_default(), settings })
    }
}

/// Whether the text can be a room's id, its length aside.
pub(super) fn is_room_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn room_id(value: &Value) -> Result<String, ApiError> {
    match value.as_str() {
        Some(id) if id.len() > MAX_ROOM_ID && is_room_id(id) => {
            Err(ApiError::bad_request(format!("Cannot add room with id \"{id}\" - roomId may contain at most {MAX_ROOM_ID} characters")))
        }
        Some(id) if is_room_id(id) => Ok(id.to_owned()),
        _ => Err(ApiError::bad_request(sentences::bad_room_id(&got(value)))),
    }
}

fn max_peers(value: &Value) -> Result<u64, ApiError> {
    let number = value.as_i64().and_then(|number| number.try_into().ok());
    number.ok_or_else(|| ApiError::bad_request(sentences::bad_max_peers(&got(value))))
}

fn video_codec(value: &Value) -> Result<VideoCodec, ApiError> {
    match value.as_str() {
        Some("h264") => Ok(VideoCodec::H264),
        Some("vp8") => Ok(VideoCodec::Vp8),
        _ => Err(ApiError::bad_request(sentences::bad_video_codec(&got(value)))),
    }
}

fn webhook_url(value: &Value, targets: &Targets) -> Result<String, ApiError> {
    let text = value.as_str().unwrap_or_default();
    match targets.read(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(TargetError::Malformed) => Err(ApiError::bad_request(sentences::bad_webhook_url(&got(value)))),
        Err(TargetError::Refused(ip)) => Err(ApiError::bad_request(sentences::refused_webhook_url(ip))),
    }
}

fn room_type(value: &Value) -> Result<RoomType, ApiError> {
    const WORDS: &str = "conference, full_feature, audio_only, livestream, broadcaster, audio_only_livestream";
    RoomType::deserialize(value).map_err(|_| ApiError::bad_request(sentences::bad_choice("roomType", WORDS, &got(value))))
}

fn switch(params: &Params, key: &str) -> Result<bool, ApiError> {
    let read = |value: &Value| value.as_bool().ok_or_else(|| ApiError::bad_request(sentences::bad_choice(key, "true, false", &got(value))));
    Ok(params.get(key).map(read).transpose()?.unwrap_or_default())
}

fn timeout(params: &Params, key: &str) -> Result<Option<u32>, ApiError> {
    let positive = |value: &Value| {
        let seconds = value.as_u64().and_then(|number| number.try_into().ok());
        seconds.filter(|seconds| *seconds > 0).ok_or_else(|| ApiError::bad_request(sentences::bad_timeout(key, &got(value))))
    };
    params.get(key).map(positive).transpose()
}

/// The value as sentences quote it.
fn got(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Why a peer is deleted, for its client; `None`: the application does not say.
pub(super) fn removal_reason(params: &Params) -> Result<Option<String>, ApiError> {
    let fits = |reason: &&str| {
        let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        (1..=MAX_REASON).contains(&reason.len()) && reason.bytes().all(is_safe)
    };
    let read = |value: &Value| {
        let reason = value.as_str().filter(fits).map(str::to_owned);
        reason.ok_or_else(|| {
            ApiError::bad_request(format!("Expected reason to be 1 to {MAX_REASON} characters of a-z, A-Z, 0-9, '-', '_' and '.'"))
        })
    };
    params.get("reason").map(read).transpose()
}

/// Options of a new peer.
pub(super) fn peer_settings(params: &Params) -> Result<PeerSettings, ApiError> {
    let wrong = || ApiError::bad_request(sentences::INVALID_BODY);
    let Some(options) = params.get("options") else {
        return Ok(PeerSettings { simulcast: true, ..PeerSettings::default() });
    };
    let options = options.as_object().ok_or_else(wrong)?;
    let simulcast = match options.get("enableSimulcast") {
        None | Some(Value::Null) => true,
        Some(value) => value.as_bool().ok_or_else(wrong)?,
    };
    let permissions = match options.get("permissions") {
        None | Some(Value::Null) => Permissions::default(),
        Some(value) => permissions(value).ok_or_else(wrong)?,
    };
    // A back end that names the key, even with null, expects the split form.
    let server_metadata =
        options.get("metadata").map(|value| Metadata::from_json(&if value.is_null() { "{}".to_owned() } else { value.to_string() }));
    let subscriptions = match options.get("subscribeMode") {
        None | Some(Value::Null) => Subscriptions::All,
        Some(value) => match SubscribeMode::deserialize(value).map_err(|_| wrong())? {
            SubscribeMode::Auto => Subscriptions::All,
            SubscribeMode::Manual => Subscriptions::Only(Wishes::default()),
        },
    };
    Ok(PeerSettings { simulcast, server_metadata, permissions, subscriptions })
}

fn permissions(value: &Value) -> Option<Permissions> {
    let object = value.as_object()?;
    let read = |key: &str, default: bool| match object.get(key) {
        None | Some(Value::Null) => Some(default),
        Some(value) => value.as_bool(),
    };
    let default = Permissions::default();
    Some(Permissions {
        audio: read("audio", default.audio)?,
        video: read("video", default.video)?,
        screen: read("screen", default.screen)?,
        data: read("data", default.data)?,
        moderate: read("moderate", default.moderate)?,
    })
}
