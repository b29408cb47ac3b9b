//! Agents, livestreams, compositions and MoQ: what the hosted service has beside people in meetings. A server without them refuses with
//! [`Error::Disabled`], or finds nothing.

use std::fmt;

use protocol::rest::{AgentOptions, MoqPaths, Peer, PeerCreated, RecordComposition, StreamConfig, TrackForwarding, VapiOptions};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{Client, Error, NewPeer};

/// A livestream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stream {
    /// Its id.
    pub id: String,
    /// Whether it may be watched without a token.
    pub public: bool,
    /// Who may send.
    pub streamers: Vec<Streamer>,
    /// Who may watch.
    pub viewers: Vec<StreamViewer>,
    /// Without video.
    #[serde(default)]
    pub audio_only: Option<bool>,
}

/// Who may send a livestream.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Streamer {
    /// Its id.
    pub id: String,
    /// `connected` or `disconnected`.
    pub status: String,
    /// With it a client sends; a secret.
    pub token: String,
}

/// Who may watch a livestream.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamViewer {
    /// Its id.
    pub id: String,
    /// With it a client watches; a secret.
    pub token: String,
}

/// Token for a room whose type is a livestream; a secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamToken {
    /// The token.
    pub token: String,
}

/// Access to paths of a MoQ relay.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoqAccess {
    /// Where to connect, the token included; a secret.
    pub connection_url: String,
    /// The token alone; a secret.
    pub token: String,
}

/// What a composition's recording records.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Composition {
    /// Address of the composition.
    #[serde(rename = "compositionURL")]
    pub url: String,
    /// Which of its outputs.
    #[serde(rename = "outputId")]
    pub output: String,
    /// Its size beside that of the output; 1 unless given.
    #[serde(skip_serializing_if = "Option::is_none", default, rename = "scaleRatio")]
    pub scale_ratio: Option<f64>,
}

/// What a recording with a scene of its own records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Template {
    /// Address of the composition.
    #[serde(rename = "compositionURL")]
    pub url: String,
    /// Whether sound is recorded; it is unless given.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub audio: Option<bool>,
    /// Size of the picture, such as `1280x720`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub resolution: Option<String>,
}

/// Status of a composition's recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum RecordingStatus {
    /// It goes on.
    Active,
    /// It has ended.
    Finished,
    /// Its files can be fetched.
    Available,
    /// It broke.
    Failed,
}

/// A recording of a composition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CompositionRecording {
    /// Its id.
    pub id: String,
    /// What it records.
    pub source: Value,
    /// Its status.
    pub status: RecordingStatus,
    /// What the application said about it.
    #[serde(default)]
    pub metadata: Option<Map<String, Value>>,
    /// Its files; none until they are available.
    #[serde(default)]
    pub files: Vec<RecordingFile>,
}

/// A file of a composition's recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingFile {
    /// Where it is.
    pub url: String,
}

/// Nothing of a secret is shown.
macro_rules! hide {
    ($($name:ident { $($shown:ident),* })*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name))$(.field(stringify!($shown), &self.$shown))*.finish_non_exhaustive()
            }
        }
    )*};
}

hide! {
    Streamer { id, status }
    StreamViewer { id }
    StreamToken {}
    MoqAccess {}
}

impl Client {
    /// Adds a program to a room, which gets sound as samples over a socket of its own.
    pub async fn add_agent(&self, room: &str, options: AgentOptions) -> Result<NewPeer, Error> {
        let created: PeerCreated = self.read(self.new_peer(room, "agent", &options)).await?;
        Ok(created.into())
    }

    /// Adds a call of the service VAPI to a room.
    pub async fn add_vapi(&self, room: &str, options: &VapiOptions) -> Result<Peer, Error> {
        let created: PeerCreated = self.read(self.new_peer(room, "vapi", options)).await?;
        Ok(created.peer)
    }

    fn new_peer(&self, room: &str, kind: &str, options: &impl Serialize) -> RequestBuilder {
        self.request(Method::POST, &["room", room, "peer"]).json(&json!({"type": kind, "options": options}))
    }

    /// Token with which a client sends into a room whose type is a livestream.
    pub async fn streamer_token(&self, room: &str) -> Result<StreamToken, Error> {
        self.read_bare(self.request(Method::POST, &["room", room, "streamer"])).await
    }

    /// Token with which a client watches a room whose type is a livestream.
    pub async fn viewer_token(&self, room: &str) -> Result<StreamToken, Error> {
        self.read_bare(self.request(Method::POST, &["room", room, "viewer"])).await
    }

    /// Forwards all tracks of a room to a composition.
    pub async fn forward_tracks(&self, room: &str, composition: &str) -> Result<(), Error> {
        let body = TrackForwarding { composition_url: composition.to_owned(), selector: "all".to_owned() };
        self.send(self.request(Method::POST, &["room", room, "track_forwardings"]).json(&body)).await.map(drop)
    }

    /// All livestreams.
    pub async fn livestreams(&self) -> Result<Vec<Stream>, Error> {
        self.read(self.request(Method::GET, &["livestream"])).await
    }

    /// Creates a livestream.
    pub async fn create_livestream(&self, config: &StreamConfig) -> Result<Stream, Error> {
        self.read(self.request(Method::POST, &["livestream"]).json(config)).await
    }

    /// One livestream.
    pub async fn livestream(&self, id: &str) -> Result<Stream, Error> {
        self.read(self.request(Method::GET, &["livestream", id])).await
    }

    /// Ends a livestream.
    pub async fn delete_livestream(&self, id: &str) -> Result<(), Error> {
        self.send(self.request(Method::DELETE, &["livestream", id])).await.map(drop)
    }

    /// Lets somebody send a livestream.
    pub async fn add_streamer(&self, livestream: &str) -> Result<Streamer, Error> {
        self.read(self.request(Method::POST, &["livestream", livestream, "streamer"])).await
    }

    /// Takes the right to send back.
    pub async fn delete_streamer(&self, livestream: &str, streamer: &str) -> Result<(), Error> {
        self.send(self.request(Method::DELETE, &["livestream", livestream, "streamer", streamer])).await.map(drop)
    }

    /// Lets somebody watch a livestream.
    pub async fn add_viewer(&self, livestream: &str) -> Result<StreamViewer, Error> {
        self.read(self.request(Method::POST, &["livestream", livestream, "viewer"])).await
    }

    /// Takes the right to watch back.
    pub async fn delete_viewer(&self, livestream: &str, viewer: &str) -> Result<(), Error> {
        self.send(self.request(Method::DELETE, &["livestream", livestream, "viewer", viewer])).await.map(drop)
    }

    /// Access to paths of a MoQ relay, at least one of the two.
    pub async fn moq_access(&self, paths: &MoqPaths) -> Result<MoqAccess, Error> {
        self.read_bare(self.request(Method::POST, &["moq", "access"]).json(paths)).await
    }

    /// All recordings of compositions.
    pub async fn composition_recordings(&self) -> Result<Vec<CompositionRecording>, Error> {
        self.composition_recordings_with(&Map::new()).await
    }

    /// The recordings of compositions whose metadata has all these values.
    pub async fn composition_recordings_with(&self, metadata: &Map<String, Value>) -> Result<Vec<CompositionRecording>, Error> {
        let mut filter = Vec::new();
        flatten("metadata", metadata, &mut filter);
        self.read(self.request_with(Method::GET, &["recordings"], &filter)).await
    }

    /// Begins to record a composition; `metadata` comes back with the recording.
    pub async fn record_composition(
        &self,
        source: &Composition,
        metadata: Option<&Map<String, Value>>,
    ) -> Result<CompositionRecording, Error> {
        let body = RecordComposition { source: json!(source), metadata: metadata.cloned() };
        self.read(self.request(Method::POST, &["recordings"]).json(&body)).await
    }

    /// Begins a recording that renders its own scene from a template: a bundle of at most 1 MiB.
    pub async fn record_template(
        &self,
        source: &Template,
        bundle: &[u8],
        metadata: Option<&Map<String, Value>>,
    ) -> Result<CompositionRecording, Error> {
        let config = RecordComposition { source: json!(source), metadata: metadata.cloned() };
        let (content_type, body) = form(json!(config).to_string().as_bytes(), bundle);
        self.read(self.request(Method::POST, &["recordings"]).header(CONTENT_TYPE, content_type).body(body)).await
    }

    /// One recording of a composition.
    pub async fn composition_recording(&self, id: &str) -> Result<CompositionRecording, Error> {
        self.read(self.request(Method::GET, &["recordings", id])).await
    }

    /// Ends a recording of a composition.
    pub async fn stop_composition_recording(&self, id: &str) -> Result<CompositionRecording, Error> {
        self.read(self.request(Method::POST, &["recordings", id, "stop"])).await
    }

    /// Removes a recording of a composition.
    pub async fn delete_composition_recording(&self, id: &str) -> Result<(), Error> {
        self.send(self.request(Method::DELETE, &["recordings", id])).await.map(drop)
    }

    /// A body that is not wrapped in `data`.
    async fn read_bare<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Error> {
        let body = self.send(request).await?;
        serde_json::from_slice(&body).map_err(|error| Error::Protocol(error.to_string()))
    }
}

/// `metadata[key]=value`, and `metadata[key][inner]=value` for what is nested.
fn flatten(prefix: &str, metadata: &Map<String, Value>, filter: &mut Vec<(String, String)>) {
    for (key, value) in metadata {
        let key = format!("{prefix}[{key}]");
        match value {
            Value::Object(inner) => flatten(&key, inner, filter),
            Value::String(text) => filter.push((key, text.clone())),
            other => filter.push((key, other.to_string())),
        }
    }
}

/// Content type and body of a form (RFC 7578) with a configuration and a template's file.
fn form(config: &[u8], bundle: &[u8]) -> (String, Vec<u8>) {
    let has = |boundary: &str| [config, bundle].iter().any(|part| part.windows(boundary.len()).any(|bytes| bytes == boundary.as_bytes()));
    let mut boundary = "part".to_owned();
    while has(&boundary) {
        boundary.push('-');
    }
    let config_head = "content-disposition: form-data; name=\"config\"\r\ncontent-type: application/json";
    let bundle_head =
        "content-disposition: form-data; name=\"template\"; filename=\"template.js\"\r\ncontent-type: application/octet-stream";
    let mut body = Vec::new();
    for (head, part) in [(config_head, config), (bundle_head, bundle)] {
        body.extend_from_slice(format!("--{boundary}\r\n{head}\r\n\r\n").as_bytes());
        body.extend_from_slice(part);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn filters_of_metadata_are_written_key_by_key() {
        let Value::Object(metadata) = json!({"class": {"name": "1a", "year": 2}, "gone": null}) else { panic!("an object") };
        let mut filter = Vec::new();
        flatten("metadata", &metadata, &mut filter);
        let expected = [("metadata[class][name]", "1a"), ("metadata[class][year]", "2"), ("metadata[gone]", "null")];
        assert_eq!(filter, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }

    #[test]
    fn a_form_is_parted_by_what_its_parts_do_not_have() {
        let (content_type, body) = form(b"{}", b"x --part y");
        assert_eq!(content_type, "multipart/form-data; boundary=part-");
        let text = String::from_utf8(body).unwrap();
        assert!(text.starts_with("--part-\r\ncontent-disposition: form-data; name=\"config\"\r\n"), "{text}");
        assert!(text.ends_with("\r\n\r\nx --part y\r\n--part---\r\n"), "{text}");
    }
}
