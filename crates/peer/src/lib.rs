//! Headless WebRTC peer: integration tests, bots, load.
//!
//! A [`Peer`] joins a room with a token as a browser with the published client SDK does (generation 0.25): one WebSocket,
//! protobuf messages, the server starts each negotiation, one change at a time. It sends made-up video and audio of a
//! given bitrate, answers requests for keyframes, and counts what it receives. What it sees the server do against the
//! protocol's rules comes out as [`Event::Violation`].
//!
//! ```no_run
//! use peer::{Event, Peer, PeerOptions};
//!
//! # async fn example(token: &str) -> Result<(), peer::PeerError> {
//! let mut peer = Peer::connect("ws://127.0.0.1:5002", token, PeerOptions::default()).await?;
//! let camera = peer.publish_video(500_000).await?;
//! peer.publish_audio(32_000).await?;
//! while let Some(event) = peer.next_event().await {
//!     if let Event::TrackReady { track_id, .. } = event {
//!         println!("{track_id} arrives");
//!         break;
//!     }
//! }
//! println!("{:?}", peer.stats().await?.received);
//! peer.unpublish(&camera).await?;
//! peer.leave().await;
//! # Ok(()) }
//! ```

mod connection;
mod driver;
mod error;
mod event;
mod handle;
mod media;
mod negotiation;
mod options;
mod remote;
pub mod rest;
mod resume;
mod session;
mod stats;
mod web_socket;

pub use error::PeerError;
pub use event::{Event, TrackKind};
pub use handle::Peer;
pub use options::PeerOptions;
pub use stats::{PeerStats, ReceivedTrack, SentTrack};
