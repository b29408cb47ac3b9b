//! Sockets: batched UDP on one port, one TCP port for TLS and plain HTTP, local addresses. No protocol knowledge.
//!
//! * [`udp`]: one UDP port shared by several worker threads. Datagrams come and go in batches (`recvmmsg`, GRO, GSO,
//!   `sendmmsg`) and keep the local address they arrived at.
//! * [`poll`]: the sleep of a worker thread: its sockets, a deadline, and wake-ups from other threads.
//! * [`tcp`]: one TCP port for HTTP, HTTPS and registered stream protocols, told apart by their first bytes.
//! * [`interfaces`]: the addresses of this machine.
//! * [`affinity`]: binding a thread to a core.
//! * [`clock`]: whether the clock is kept right.

pub mod affinity;
pub mod clock;
pub mod interfaces;
pub mod poll;
pub mod tcp;
pub mod udp;
