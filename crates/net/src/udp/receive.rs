//! Receiving: batches of messages, each of which may hold several datagrams of one sender.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::fd::BorrowedFd;

use super::sys::ReceiveBatch;
use super::{Offload, UdpSocket};

/// Messages that one call takes at most.
const SLOTS: usize = 64;
/// Messages that one system call takes at most.
const PER_CALL: usize = 32;
/// A call asks the kernel for no more once it has this many datagrams.
const ENOUGH: usize = 256;
/// Calls in a row at most that look at one family only because it had something.
const ONE_SIDED: u32 = 3;
/// Holds the longest message that GRO puts together.
const GRO_SLOT: usize = 65_536;
/// Holds any datagram that fits an Ethernet frame, jumbo frames excepted.
const PLAIN_SLOT: usize = 2048;

/// A datagram as it arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Datagram<'a> {
    /// The address it was sent to, with our port.
    pub local: SocketAddr,
    /// Who sent it. IPv4 senders are never written as v4-mapped IPv6 addresses.
    pub remote: SocketAddr,
    /// What it carries.
    pub payload: &'a [u8],
}

/// What a [`Receiver`] has seen since it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReceiveCounters {
    /// Datagrams handed out.
    pub datagrams: u64,
    /// Messages the kernel delivered them in; fewer than datagrams when GRO is at work.
    pub messages: u64,
    /// System calls made, those that found nothing included.
    pub syscalls: u64,
    /// Messages dropped because they were longer than the buffer or came without a usable address.
    pub unusable: u64,
}

/// Receive buffers of one worker.
pub struct Receiver {
    batch: ReceiveBatch,
    /// Number of filled slots of the current batch.
    filled: usize,
    port: u16,
    /// The family that had something last goes first.
    v6_first: bool,
    /// Calls in a row that did not look at the other family.
    one_sided: u32,
    counters: ReceiveCounters,
}

impl Receiver {
    pub(super) fn new(port: u16, offload: Offload) -> Self {
        let slot = if offload == Offload::Auto { GRO_SLOT } else { PLAIN_SLOT };
        Self {
            batch: ReceiveBatch::new(SLOTS, slot, offload),
            filled: 0,
            port,
            v6_first: false,
            one_sided: 0,
            counters: ReceiveCounters::default(),
        }
    }

    /// Takes what has arrived, about 256 datagrams at most, without waiting. Nothing has arrived when the answer is
    /// empty; what is left stays readable for the next call.
    ///
    /// An error means that the socket itself is broken; datagrams that cannot be used are dropped and counted.
    pub fn receive(&mut self, socket: &UdpSocket) -> io::Result<Datagrams<'_>> {
        self.filled = 0;
        let sides = [Some(socket.v4()), socket.v6()];
        let (first, second) = (usize::from(self.v6_first), usize::from(!self.v6_first));
        let mut datagrams = sides[first].map_or(Ok(0), |fd| self.drain(fd, 0))?;
        // Most machines hear from one family most of the time, and looking at the other one in vain costs a system call.
        // Nothing is forgotten: what waits there stays readable, and a flood over one family never hides it for long.
        if datagrams == 0 || self.one_sided >= ONE_SIDED {
            self.one_sided = 0;
            let more = sides[second].map_or(Ok(0), |fd| self.drain(fd, datagrams))?;
            self.v6_first ^= more > datagrams;
            datagrams += more;
        } else {
            self.one_sided += 1;
        }
        self.counters.datagrams += datagrams as u64;
        Ok(Datagrams { receiver: self, slot: 0, offset: 0 })
    }

    /// What this receiver has seen.
    pub fn counters(&self) -> ReceiveCounters {
        self.counters
    }

    /// Reads one socket until it is empty or there is enough; returns the number of new datagrams.
    fn drain(&mut self, fd: BorrowedFd<'_>, already: usize) -> io::Result<usize> {
        let mut datagrams = 0;
        while already + datagrams < ENOUGH && self.filled < SLOTS {
            let wanted = if self.batch.batched { PER_CALL.min(SLOTS - self.filled) } else { 1 };
            self.counters.syscalls += 1;
            let count = match self.batch.receive(fd, self.filled, wanted) {
                Ok(count) => count,
                Err(error) => match (error.kind(), error.raw_os_error()) {
                    (ErrorKind::WouldBlock, _) => break,
                    (ErrorKind::Interrupted, _) => continue,
                    (_, Some(libc::ENOSYS)) if self.batch.batched => {
                        self.batch.batched = false;
                        continue;
                    }
                    _ => return Err(error),
                },
            };
            for slot in self.filled..self.filled + count {
                datagrams += self.count(slot);
            }
            self.filled += count;
            self.counters.messages += count as u64;
            if count < wanted {
                break;
            }
        }
        Ok(datagrams)
    }

    fn count(&mut self, slot: usize) -> usize {
        let message = self.batch.message(slot);
        if message.truncated || message.remote.is_none() {
            self.counters.unusable += 1;
            return 0;
        }
        message.segment.map_or(1, |size| message.payload.len().div_ceil(size).max(1))
    }
}

/// The datagrams of one [`Receiver::receive`], in the order they arrived per address family.
pub struct Datagrams<'a> {
    receiver: &'a Receiver,
    slot: usize,
    /// Where in the slot's message the next datagram starts.
    offset: usize,
}

impl<'a> Iterator for Datagrams<'a> {
    type Item = Datagram<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.slot < self.receiver.filled {
            let message = self.receiver.batch.message(self.slot);
            let (Some(remote), false) = (message.remote, message.truncated) else {
                self.slot += 1;
                continue;
            };
            let rest = &message.payload[self.offset..];
            let size = message.segment.map_or(rest.len(), |size| size.min(rest.len()));
            self.offset += size;
            if self.offset >= message.payload.len() {
                self.offset = 0;
                self.slot += 1;
            }
            let ip = message.local.unwrap_or_else(|| unspecified_like(remote));
            return Some(Datagram { local: SocketAddr::new(ip, self.receiver.port), remote, payload: &rest[..size] });
        }
        None
    }
}

/// Stands for "unknown": sending from it lets the kernel choose.
fn unspecified_like(remote: SocketAddr) -> IpAddr {
    match remote {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
    }
}
