//! The peer against a server that speaks only the documented wire, and against our own.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod meeting;
mod server;
mod session;
