//! Bodies of requests for what our server does not have: archived servers and the hosted service take them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Kind of a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ComponentKind {
    /// Composes the room into an HLS stream.
    Hls,
    /// Brings the video of an RTSP source.
    Rtsp,
    /// Plays a file.
    File,
    /// Calls a telephone number.
    Sip,
    /// Records tracks.
    Recording,
}

/// Body of `POST /room/{room_id}/component`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddComponent {
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: ComponentKind,
    /// What it is made with; which keys there are depends on the kind.
    #[serde(default)]
    pub options: Value,
}

/// Body of `POST /room/{room_id}/component/{id}/subscribe`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SubscribeComponent {
    /// Ids of peers and components.
    pub origins: Vec<String>,
}

/// Body of `POST /sip/{room_id}/{component_id}/call`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Dial {
    /// The number to call.
    pub phone_number: String,
}

/// Body of `POST /room/{room_id}/track_forwardings`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrackForwarding {
    /// Address of the composition.
    #[serde(rename = "compositionURL")]
    pub composition_url: String,
    /// Which tracks: `all`.
    pub selector: String,
}

/// Body of `POST /livestream`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct StreamConfig {
    /// Without video.
    pub audio_only: Option<bool>,
    /// Whether it may be watched without a token.
    pub public: bool,
    /// Where notifications of this stream are posted.
    pub webhook_url: Option<String>,
    /// Whether several notifications may be posted in one request.
    pub batch_webhook_notifications: bool,
}

/// Body of `POST /moq/access`. At least one of the two.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase", default)]
pub struct MoqPaths {
    /// Where something may be published.
    pub publish_path: Option<String>,
    /// Where something may be subscribed to.
    pub subscribe_path: Option<String>,
}

/// Body of `POST /recordings`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordComposition {
    /// What is recorded.
    pub source: Value,
    /// What the application says about it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub metadata: Option<Map<String, Value>>,
}
