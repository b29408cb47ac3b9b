#![doc = include_str!("../README.md")]

mod address;
mod client;
mod components;
mod error;
mod notifier;
pub mod webhook;

pub use client::{Client, NewPeer};
pub use components::{Component, ComponentKind};
pub use error::Error;
pub use notifier::{Backoff, Event, Notifier, Timing};
pub use protocol::notification::{Endpoint, Notification, Track as NotifiedTrack};
pub use protocol::rest::{Health, Peer, PeerOptions, PeerStatus, Permissions, Room, RoomConfig, Track, TrackKind, VideoCodec};
