//! How datagrams reach a peer, and the datagrams themselves.

use std::fmt;
use std::net::SocketAddr;
use std::time::Instant;

/// A way to a peer: today a pair of UDP addresses; TCP connections and TURN allocations become further kinds.
///
/// The engine compares and stores flows and hands them back in [`Datagrams`]; only `peer/rtc` looks inside.
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

/// Datagrams on their way out, one behind the other: no allocation for each, and what goes to one client lies side by side.
#[derive(Default)]
pub struct Datagrams {
    bytes: Vec<u8>,
    /// Where each goes, and where it ends.
    ends: Vec<(Flow, usize)>,
}

impl Datagrams {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Forgets all of them; the memory is kept.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Flow, &[u8])> {
        let mut start = 0;
        self.ends.iter().map(move |(flow, end)| (*flow, &self.bytes[std::mem::replace(&mut start, *end)..*end]))
    }

    /// Bytes of all of them.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Adds a copy of a datagram.
    pub(crate) fn push(&mut self, flow: Flow, payload: &[u8]) {
        self.bytes.extend_from_slice(payload);
        self.ends.push((flow, self.bytes.len()));
    }

    /// Adds a datagram that `write` appends; after an error it does not exist.
    pub(crate) fn append<E>(&mut self, flow: Flow, write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<(), E> {
        let start = self.bytes.len();
        match write(&mut self.bytes) {
            Ok(()) => {
                self.ends.push((flow, self.bytes.len()));
                Ok(())
            }
            Err(error) => {
                self.bytes.truncate(start);
                Err(error)
            }
        }
    }
}

/// Their content is private; so are the addresses.
impl fmt::Debug for Datagrams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Datagrams").field("len", &self.len()).field("bytes", &self.bytes()).finish()
    }
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
