//! Bodies of requests for what our server does not have: archived servers and the hosted service take them.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::SubscribeMode;

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

/// Options of a peer that is a program and gets sound as samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentOptions {
    /// What it gets.
    #[serde(default)]
    pub output: AgentOutput,
    /// Which of the others' tracks it gets; default `auto`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub subscribe_mode: Option<SubscribeMode>,
}

/// Sound for a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentOutput {
    /// How samples are written.
    pub audio_format: AudioFormat,
    /// Samples a second: 16,000 or 24,000.
    pub audio_sample_rate: u32,
}

impl Default for AgentOutput {
    fn default() -> Self {
        Self { audio_format: AudioFormat::Pcm16, audio_sample_rate: 16_000 }
    }
}

/// How samples of sound are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum AudioFormat {
    /// 16 bits each, little-endian.
    Pcm16,
}

/// Options of a peer that is a call of the service VAPI.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VapiOptions {
    /// Key of the service; a secret.
    pub api_key: String,
    /// Id of the call.
    pub call_id: String,
    /// Which of the others' tracks it gets; default `auto`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub subscribe_mode: Option<SubscribeMode>,
    /// Whether the peer goes when the call ends.
    #[serde(default)]
    pub auto_close: bool,
}

impl fmt::Debug for VapiOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VapiOptions").field("call_id", &self.call_id).finish_non_exhaustive()
    }
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
    /// Seconds for which the access holds: an hour unless given, a week at most.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ttl: Option<u32>,
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
