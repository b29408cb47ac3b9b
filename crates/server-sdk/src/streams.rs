//! Livestreams, compositions and MoQ: what the hosted service has beside meetings. A server without them refuses with
//! [`Error::Disabled`], or finds nothing.

use std::fmt;

use protocol::rest::{MoqPaths, RecordComposition, StreamConfig, TrackForwarding};
use reqwest::{Method, RequestBuilder};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{Client, Error};

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
    pub async fn moq_access(&self, publish: Option<&str>, subscribe: Option<&str>) -> Result<MoqAccess, Error> {
        let body = MoqPaths { publish_path: publish.map(str::to_owned), subscribe_path: subscribe.map(str::to_owned) };
        self.read_bare(self.request(Method::POST, &["moq", "access"]).json(&body)).await
    }

    /// All recordings of compositions.
    pub async fn composition_recordings(&self) -> Result<Vec<CompositionRecording>, Error> {
        self.read(self.request(Method::GET, &["recordings"])).await
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
