//! The crate over real sockets of the loopback interface.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod affinity;
mod poll;
mod tcp;
mod tls;
mod udp;
