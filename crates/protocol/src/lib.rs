//! Wire words of the media server: what goes over its sockets and its REST interface, and nothing about how.
//!
//! - [`proto`]: the generated protobuf messages.
//! - [`signalling`]: one vocabulary for what clients and server say to each other; each dialect is a codec of it.
//! - [`notification`]: what the server tells back ends, on its socket and as webhooks.
//! - [`rest`]: bodies of the REST interface and its exact error sentences.
//! - [`close`]: why a WebSocket is closed.
//!
//! No IO, no clock, no randomness.

pub mod close;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
pub mod notification;
pub mod proto;
pub mod rest;
pub mod signalling;
