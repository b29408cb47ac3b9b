#![doc = include_str!("../README.md")]

mod address;
mod client;
mod components;
mod error;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod metrics;
mod notifier;
mod streams;
pub mod webhook;

pub use client::{Client, NewPeer};
pub use components::Component;
pub use error::Error;
pub use metrics::{EndpointMetrics, Metrics, RoomMetrics};
pub use notifier::{Backoff, Event, Notifier, Timing, Topic};
pub use protocol::notification::{Endpoint, Notification, Track as NotifiedTrack};
pub use protocol::rest::{
    AgentOptions, AgentOutput, AudioFormat, ComponentKind, Health, MoqPaths, Peer, PeerOptions, PeerStatus, Permissions, Room, RoomConfig,
    RoomType, StreamConfig, SubscribeMode, Subscriptions, Track, TrackKind, VapiOptions, VideoCodec,
};
pub use streams::{
    Composition, CompositionRecording, MoqAccess, RecordingFile, RecordingStatus, Stream, StreamToken, StreamViewer, Streamer, Template,
};
