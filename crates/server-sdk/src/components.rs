//! Components and recordings: what archived servers may have beside peers. A server without them refuses with
//! [`Error::ComponentDisabled`].

use protocol::rest::{AddComponent, ComponentKind, Dial, SubscribeComponent, Track};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Client, Error};

/// A component of a room.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Component {
    /// Its id.
    pub id: String,
    /// Its kind.
    #[serde(rename = "type")]
    pub kind: ComponentKind,
    /// What it was made with, and what it found out since.
    pub properties: Value,
    /// What it publishes.
    pub tracks: Vec<Track>,
}

impl Client {
    /// Adds a component; its options are those of the kind in the server's documentation.
    pub async fn add_component(&self, room: &str, kind: ComponentKind, options: Value) -> Result<Component, Error> {
        let body = AddComponent { kind, options };
        self.read(self.request(Method::POST, &["room", room, "component"]).json(&body)).await
    }

    /// Removes a component.
    pub async fn delete_component(&self, room: &str, component: &str) -> Result<(), Error> {
        self.send(self.request(Method::DELETE, &["room", room, "component", component])).await.map(drop)
    }

    /// Lets a component whose subscription is manual take the tracks of these peers and components, now and later.
    pub async fn subscribe_component(&self, room: &str, component: &str, origins: &[&str]) -> Result<(), Error> {
        let body = SubscribeComponent { origins: origins.iter().map(|id| (*id).to_owned()).collect() };
        self.send(self.request(Method::POST, &["room", room, "component", component, "subscribe"]).json(&body)).await.map(drop)
    }

    /// Lets a SIP component call a number.
    pub async fn dial(&self, room: &str, component: &str, number: &str) -> Result<(), Error> {
        let body = Dial { phone_number: number.to_owned() };
        self.send(self.request(Method::POST, &["sip", room, component, "call"]).json(&body)).await.map(drop)
    }

    /// Ends the call of a SIP component.
    pub async fn end_call(&self, room: &str, component: &str) -> Result<(), Error> {
        self.send(self.request(Method::DELETE, &["sip", room, component, "call"])).await.map(drop)
    }

    /// A file of a room's HLS stream: a playlist, a header or a segment. Anybody may read it, also without a token.
    pub async fn hls_file(&self, room: &str, name: &str) -> Result<Vec<u8>, Error> {
        self.send(self.request(Method::GET, &["hls", room, name])).await
    }

    /// A file of a recording. Anybody may read it, also without a token.
    pub async fn recording_file(&self, recording: &str, name: &str) -> Result<Vec<u8>, Error> {
        self.send(self.request(Method::GET, &["recording", recording, name])).await
    }

    /// Ids of all recordings.
    pub async fn recordings(&self) -> Result<Vec<String>, Error> {
        self.read(self.request(Method::GET, &["recording"])).await
    }

    /// Removes a recording.
    pub async fn delete_recording(&self, id: &str) -> Result<(), Error> {
        self.send(self.request(Method::DELETE, &["recording", id])).await.map(drop)
    }
}
