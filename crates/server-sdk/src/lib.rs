#![doc = include_str!("../README.md")]

mod address;
mod client;
mod error;
mod notifier;

pub use client::{Client, MediaServerHealth, NewPeer};
pub use error::Error;
pub use notifier::{Backoff, Event, Notifier, Timing};
pub use protocol::notification::{Endpoint, Notification, Track as NotifiedTrack};
pub use protocol::rest::{Peer, PeerOptions, PeerStatus, Permissions, Room, RoomConfig, Track, TrackKind, VideoCodec};
