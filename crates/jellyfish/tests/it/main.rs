//! The media server from outside: over real sockets on free ports, with three media workers.
//!
//! Names begin with the row of the wire reference that they prove, where there is one.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod broken_worker;
mod corpora;
mod current;
mod cycles;
mod door;
mod embedded;
mod hostile;
mod ice;
mod limits;
mod media;
mod metrics;
mod notifications;
mod patience;
mod peer_socket;
mod process;
mod program;
#[path = "../../../../fuzz/replay.rs"]
mod replay;
#[path = "../../../../fuzz/request.rs"]
mod request;
mod rest;
mod restart;
mod resume;
mod server_socket;
mod supervised;
mod support;
mod webhooks;
