//! The engine's simulation suite: several WebRTC clients in memory, a seeded bad network, one virtual clock, no sockets and no
//! sleeping. Tests whose names begin with an area and a number prove that row of the signalling conformance list.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod client;
mod dtls;
mod feedback;
mod grouping;
mod hostile;
mod leaving;
mod loss;
mod media;
mod meeting;
mod metadata;
mod negotiation;
mod network;
mod permissions;
mod protection;
mod reach;
mod recycling;
mod rng;
mod rules;
mod simulcast;
mod tap;
mod voice;
mod world;
