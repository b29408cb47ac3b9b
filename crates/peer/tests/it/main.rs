//! The peer against a server that speaks only the documented wire.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod server;
mod session;
