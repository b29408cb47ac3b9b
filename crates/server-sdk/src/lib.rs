#![doc = include_str!("../README.md")]

mod address;
mod client;
mod error;
mod notifier;

pub use client::{Client, NewPeer};
pub use error::Error;
pub use notifier::{Backoff, Event, Notifier, Timing};
pub use protocol::notification::{Endpoint, Notification, Track as NotifiedTrack};
pub use protocol::rest::{Health, Peer, PeerOptions, PeerStatus, Permissions, Room, RoomConfig, Track, TrackKind, VideoCodec};
