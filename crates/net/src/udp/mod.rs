//! One UDP port shared by several worker threads.
//!
//! [`bind`] gives every worker a [`UdpSocket`] of its own on the same port. A worker keeps one [`Receiver`] and one
//! [`SendQueue`] beside it; all buffers live there and are used again, so that nothing is allocated per datagram.
//!
//! ```no_run
//! use net::udp::{Flush, UdpOptions, bind};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let socket = bind(&UdpOptions::new(50_000))?.remove(0);
//! let (mut receiver, mut queue) = (socket.receiver(), socket.send_queue());
//! for datagram in receiver.receive(&socket)? {
//!     queue.push(datagram.local, datagram.remote, datagram.payload);
//! }
//! if queue.flush(&socket) == Flush::WantWrite {
//!     // ask the poller for writability, flush again then
//! }
//! # Ok(()) }
//! ```

mod address;
mod control;
mod receive;
mod send;
mod socket;
mod sys;

pub(crate) use address::unmapped;
pub use receive::{Datagram, Datagrams, ReceiveCounters, Receiver};
pub use send::{Flush, SendCounters, SendQueue};
pub use socket::{BindError, Offload, UdpOptions, UdpSocket, bind};

/// Largest payload of a UDP datagram over IPv4, in bytes (RFC 768 with the IPv4 header of RFC 791).
pub const MAX_PAYLOAD: usize = 65_507;
