//! The rooms of one worker.

use std::time::{Instant, SystemTime};

use crate::command::{Command, CommandError};
use crate::event::Output;
use crate::flow::{Arrival, Datagram};

/// Facts an engine is made with.
#[derive(Clone, Debug)]
pub struct Config {
    /// Index of the worker, encoded in every ICE ufrag it hands out.
    pub worker: u16,
    /// Seed of everything random that is not a key: SSRCs, first sequence numbers, ufrags, session ids.
    pub seed: u64,
    /// Tracks a peer may publish; further ones are refused, the connection lives.
    pub max_tracks_per_peer: usize,
    /// Longest accepted SDP, in bytes.
    pub max_sdp_bytes: usize,
    /// The wall clock at the instant of construction, for sender reports.
    pub wall_clock: (Instant, SystemTime),
}

/// Counters since the engine was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Datagrams taken by a peer.
    pub datagrams_in: u64,
    /// Bytes taken by a peer.
    pub bytes_in: u64,
    /// Datagrams handed out.
    pub datagrams_out: u64,
    /// Bytes handed out.
    pub bytes_out: u64,
    /// Media packets received from publishers.
    pub packets_in: u64,
    /// Media packets forwarded to subscribers.
    pub packets_forwarded: u64,
    /// Dropped: neither STUN, DTLS, RTP nor RTCP.
    pub dropped_malformed: u64,
    /// Dropped: no known peer.
    pub dropped_unknown: u64,
    /// Dropped: the source's STUN has not been answered with success yet.
    pub dropped_unverified: u64,
    /// Keyframe requests sent to publishers.
    pub keyframe_requests: u64,
    /// Peers closed because the WebRTC library panicked.
    pub peers_crashed: u64,
}

/// All rooms of one worker. See the crate's documentation for the contract of its calls.
pub struct Engine {
    _config: Config,
}

impl Engine {
    /// An engine without rooms.
    pub fn new(config: Config) -> Self {
        Self { _config: config }
    }

    /// Carries out a command. An error changed nothing.
    pub fn handle_command(&mut self, _now: Instant, _command: Command) -> Result<(), CommandError> {
        Err(CommandError::RoomNotFound)
    }

    /// Takes one received datagram. Feed a whole batch before draining.
    pub fn handle_datagram(&mut self, _now: Instant, _datagram: Datagram<'_>) -> Arrival {
        Arrival::Unknown
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, _now: Instant) {}

    /// When to call [`Engine::handle_timeout`] at the latest; `None` while nothing is pending.
    pub fn poll_timeout(&self) -> Option<Instant> {
        None
    }

    /// The next effect; `now` stamps departures. `None`: everything is drained.
    pub fn poll_output(&mut self, _now: Instant) -> Option<Output> {
        None
    }

    /// Counters.
    pub fn stats(&self) -> Stats {
        Stats::default()
    }
}
