//! How datagrams reach a peer, and the datagrams themselves.

use std::fmt;
use std::net::SocketAddr;
use std::time::Instant;

/// A way to a peer: today a pair of UDP addresses; TCP connections and TURN allocations become further kinds.
///
/// The engine compares and stores flows and hands them back in [`crate::Transmit`]; only `peer/rtc.rs` looks inside.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Flow {
    /// A UDP address pair. `local` is the announced candidate's address as the client sees it.
    Udp {
        /// Our side.
        local: SocketAddr,
        /// The client's side, IPv4-mapped addresses already unmapped.
        remote: SocketAddr,
    },
}

/// Addresses are private data: they do not show themselves in logs.
impl fmt::Debug for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Flow::Udp { local, .. } => write!(f, "udp({})", if local.is_ipv4() { "v4" } else { "v6" }),
        }
    }
}

/// One received datagram.
#[derive(Clone, Copy)]
pub struct Datagram<'a> {
    /// Where it came from.
    pub flow: Flow,
    /// When the kernel handed it over.
    pub received_at: Instant,
    /// Its bytes.
    pub payload: &'a [u8],
}

/// Whose datagram it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// One of this engine's peers took it.
    Taken,
    /// A STUN request whose ufrag names another worker: hand the datagram over to it.
    Foreign {
        /// Index of the owning worker.
        worker: u16,
    },
    /// An unknown source (not STUN, or STUN for a peer that is gone). The caller may know the flow's owner; else drop and count.
    Unknown,
    /// Not STUN, DTLS, RTP or RTCP: dropped and counted.
    Malformed,
}
