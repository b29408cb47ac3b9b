//! Protobuf messages, generated from `crates/protocol/proto` by `cargo xtask gen`.

#[allow(missing_docs, clippy::all, clippy::pedantic, unreachable_pub, unused_qualifications, reason = "generated code")]
#[rustfmt::skip]
#[path = "gen/mod.rs"]
mod generated;

pub use generated::fishjam::{PeerMessage, ServerMessage, media_events, peer_message, server_message};
pub use prost::{DecodeError, Message};
