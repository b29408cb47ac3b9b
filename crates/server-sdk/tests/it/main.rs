//! The SDK against a server that speaks only the documented wire.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod client;
mod example;
mod notifier;
mod real;
