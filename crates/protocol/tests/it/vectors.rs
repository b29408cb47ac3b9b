//! The byte vectors that the TypeScript types are tested with, too.

use protocol::proto::peer_message::Content;
use protocol::proto::{Message, PeerMessage};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
struct Vector {
    name: String,
    hex: String,
    /// In protobuf's JSON form.
    message: Map<String, Value>,
}

impl Vector {
    fn bytes(&self) -> Vec<u8> {
        (0..self.hex.len()).step_by(2).map(|at| u8::from_str_radix(&self.hex[at..at + 2], 16).unwrap()).collect()
    }

    fn decoded(&self) -> PeerMessage {
        PeerMessage::decode(self.bytes().as_slice()).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }
}

fn vectors() -> Vec<Vector> {
    let vectors: Vec<Vector> = serde_json::from_str(include_str!("../../vectors/peer_messages.json")).unwrap();
    assert!(vectors.len() > 20, "only {} vectors", vectors.len());
    vectors
}

#[test]
fn bytes_survive_decoding_and_encoding() {
    // A field that the Rust types do not know would be dropped on the way.
    for vector in vectors() {
        assert_eq!(vector.decoded().encode_to_vec(), vector.bytes(), "{}", vector.name);
    }
}

#[test]
fn bytes_mean_the_message_beside_them() {
    for vector in vectors() {
        let name = match vector.decoded().content.unwrap() {
            Content::Authenticated(_) => "authenticated",
            Content::AuthRequest(_) => "authRequest",
            Content::MediaEvent(_) => "mediaEvent",
            Content::RtcStatsReport(_) => "rtcStatsReport",
            Content::PeerMediaEvent(_) => "peerMediaEvent",
            Content::ServerMediaEvent(_) => "serverMediaEvent",
            Content::Ping(_) => "ping",
            Content::Pong(_) => "pong",
            Content::Removed(_) => "removed",
        };
        assert_eq!(vector.message.keys().collect::<Vec<_>>(), [name], "{}", vector.name);
        // Every text of the message is in its bytes.
        let bytes = String::from_utf8_lossy(&vector.bytes()).into_owned();
        for text in texts(&Value::Object(vector.message.clone())) {
            assert!(bytes.contains(&text), "{}: {text}", vector.name);
        }
    }
}

/// The texts in a JSON value, without those that stand for enum values or (numbers of 64 bits) for numbers.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) if ["STATUS_", "VARIANT_", "ROOM_TYPE_"].iter().any(|prefix| text.starts_with(prefix)) => Vec::new(),
        Value::String(text) if text.parse::<u64>().is_ok() => Vec::new(),
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(fields) => fields.values().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}
