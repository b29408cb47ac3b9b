//! Sending: datagrams are copied one behind the other, grouped into trains of equal size per destination (GSO), and the
//! trains of all destinations leave together (`sendmmsg`).

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::os::fd::BorrowedFd;
use std::sync::atomic::Ordering;

use super::address::unmapped;
use super::sys::{Outgoing, SendBatch};
use super::{MAX_PAYLOAD, Offload, UdpSocket};

/// Datagrams of one train at most; what every kernel with GSO takes.
const MAX_SEGMENTS: usize = 64;
/// Bytes that wait per address family at most; the kernel's own buffer comes on top.
const MAX_QUEUED: usize = 4 * 1024 * 1024;
/// Trains refused in a row, with their datagrams then accepted one by one, until no more trains are tried.
const MAX_REFUSALS: u32 = 8;

/// How a flush ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Flush {
    /// Nothing waits any more.
    Complete,
    /// The kernel's buffer is full: the rest waits. Flush again once the socket is writable, and produce less until then.
    WantWrite,
}

/// What a [`SendQueue`] has done since it was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SendCounters {
    /// Datagrams the kernel took.
    pub datagrams: u64,
    /// Messages they were handed over in: a train counts once.
    pub messages: u64,
    /// System calls made.
    pub syscalls: u64,
    /// Payload bytes the kernel took.
    pub bytes: u64,
    /// Datagrams the kernel refused for good (no route, too long, forbidden); only those were skipped.
    pub failed: u64,
    /// Datagrams not even queued: the queue was full, or they were empty or too long for UDP.
    pub dropped: u64,
}

/// Datagrams of one worker on their way out.
pub struct SendQueue {
    v4: Train,
    v6: Train,
    batch: SendBatch,
    counters: SendCounters,
}

impl SendQueue {
    pub(super) fn new(offload: Offload) -> Self {
        let trains = offload == Offload::Auto;
        Self { v4: Train::new(trains), v6: Train::new(trains), batch: SendBatch::new(offload), counters: SendCounters::default() }
    }

    /// Queues a copy of a datagram from `local` (the unspecified address lets the kernel choose) to `remote`.
    ///
    /// Datagrams of one `(local, remote)` that follow each other with equal sizes (the last may be shorter) travel as one
    /// train. Returns false when the datagram was dropped and counted instead.
    pub fn push(&mut self, local: SocketAddr, remote: SocketAddr, payload: &[u8]) -> bool {
        let (local, remote) = (unmapped(local), unmapped(remote));
        let queue = if remote.is_ipv4() { &mut self.v4 } else { &mut self.v6 };
        let fits = !payload.is_empty() && payload.len() <= MAX_PAYLOAD && queue.bytes() + payload.len() <= MAX_QUEUED;
        if fits && local.is_ipv4() == remote.is_ipv4() {
            queue.push(local, remote, payload);
            return true;
        }
        self.counters.dropped += 1;
        false
    }

    /// Hands everything to the kernel, without waiting.
    pub fn flush(&mut self, socket: &UdpSocket) -> Flush {
        let v4 = self.v4.flush(Some(socket.v4()), &mut self.batch, &mut self.counters);
        let v6 = self.v6.flush(socket.v6(), &mut self.batch, &mut self.counters);
        socket.full().v4.store(v4 == Flush::WantWrite, Ordering::Relaxed);
        socket.full().v6.store(v6 == Flush::WantWrite, Ordering::Relaxed);
        if v4 == Flush::WantWrite { v4 } else { v6 }
    }

    /// Bytes that wait.
    pub fn queued_bytes(&self) -> usize {
        self.v4.bytes() + self.v6.bytes()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.queued_bytes() == 0
    }

    /// What this queue has done.
    pub fn counters(&self) -> SendCounters {
        self.counters
    }
}

/// One or more datagrams of one destination, one behind the other.
#[derive(Debug, Clone, Copy)]
struct Message {
    local: SocketAddr,
    remote: SocketAddr,
    start: usize,
    length: usize,
    /// Size of each datagram but the last, in bytes.
    segment: usize,
}

impl Message {
    fn segments(&self) -> usize {
        self.length.div_ceil(self.segment)
    }

    /// Whether a datagram of this many bytes may still join: equal sizes so far, and no shorter one has ended the train.
    fn takes(&self, local: SocketAddr, remote: SocketAddr, size: usize) -> bool {
        self.remote == remote
            && self.local == local
            && size <= self.segment
            && self.length.is_multiple_of(self.segment)
            && self.segments() < MAX_SEGMENTS
            && self.length + size <= MAX_PAYLOAD
    }
}

/// The queue of one address family.
struct Train {
    arena: Vec<u8>,
    messages: VecDeque<Message>,
    /// Whether datagrams are put together (GSO).
    together: bool,
    refusals: u32,
}

impl Train {
    fn new(together: bool) -> Self {
        Self { arena: Vec::new(), messages: VecDeque::new(), together, refusals: 0 }
    }

    fn bytes(&self) -> usize {
        self.arena.len() - self.messages.front().map_or(self.arena.len(), |message| message.start)
    }

    fn push(&mut self, local: SocketAddr, remote: SocketAddr, payload: &[u8]) {
        let start = self.arena.len();
        self.arena.extend_from_slice(payload);
        match self.messages.back_mut() {
            Some(last) if self.together && last.takes(local, remote, payload.len()) => last.length += payload.len(),
            _ => self.messages.push_back(Message { local, remote, start, length: payload.len(), segment: payload.len() }),
        }
    }

    fn flush(&mut self, fd: Option<BorrowedFd<'_>>, batch: &mut SendBatch, counters: &mut SendCounters) -> Flush {
        let result = self.send_all(fd, batch, counters);
        self.compact();
        result
    }

    fn send_all(&mut self, fd: Option<BorrowedFd<'_>>, batch: &mut SendBatch, counters: &mut SendCounters) -> Flush {
        while let Some(&first) = self.messages.front() {
            let Some(fd) = fd else {
                self.skip(first, counters);
                continue;
            };
            counters.syscalls += 1;
            let arena = &self.arena;
            let outgoing = self.messages.iter().map(|message| Outgoing {
                local: message.local,
                remote: message.remote,
                payload: &arena[message.start..message.start + message.length],
                segment: (message.segments() > 1).then_some(message.segment as u16),
            });
            match batch.send(fd, outgoing) {
                Ok(sent) => self.took(sent, counters),
                Err(error) => match verdict(&error, first.segments() > 1, batch.batched) {
                    Verdict::Wait => return Flush::WantWrite,
                    Verdict::Retry => {}
                    Verdict::NoBatches => batch.batched = false,
                    Verdict::NoTrain { ever } => self.refused(first, ever),
                    Verdict::Skip => self.skip(first, counters),
                },
            }
        }
        Flush::Complete
    }

    fn took(&mut self, sent: usize, counters: &mut SendCounters) {
        for message in self.messages.drain(..sent) {
            counters.messages += 1;
            counters.datagrams += message.segments() as u64;
            counters.bytes += message.length as u64;
            if message.segments() > 1 {
                self.refusals = 0;
            }
        }
    }

    fn skip(&mut self, first: Message, counters: &mut SendCounters) {
        counters.failed += first.segments() as u64;
        // What is refused on its own says nothing about trains.
        self.refusals = 0;
        self.messages.pop_front();
    }

    /// The kernel refuses a train: its datagrams go one by one. A route with a small MTU refuses some trains, a device
    /// without checksum offload all of them.
    fn refused(&mut self, first: Message, ever: bool) {
        self.refusals += 1;
        if ever || self.refusals >= MAX_REFUSALS {
            self.together = false;
            self.messages = self.messages.iter().flat_map(datagrams).collect();
            return;
        }
        self.messages.pop_front();
        for datagram in datagrams(&first).rev() {
            self.messages.push_front(datagram);
        }
    }

    /// Gives the room of what was sent back, so that the arena does not grow while the kernel's buffer stays full.
    fn compact(&mut self) {
        let Some(first) = self.messages.front().map(|message| message.start) else {
            self.arena.clear();
            return;
        };
        if first > 0 {
            self.arena.copy_within(first.., 0);
            self.arena.truncate(self.arena.len() - first);
            for message in &mut self.messages {
                message.start -= first;
            }
        }
    }
}

/// The datagrams of a train as messages of their own.
fn datagrams(train: &Message) -> impl DoubleEndedIterator<Item = Message> + use<> {
    let train = *train;
    (0..train.segments()).map(move |index| {
        let offset = index * train.segment;
        let length = train.segment.min(train.length - offset);
        Message { start: train.start + offset, length, segment: length, ..train }
    })
}

/// What an error means for the message it is about.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Wait,
    Retry,
    NoBatches,
    NoTrain { ever: bool },
    Skip,
}

fn verdict(error: &io::Error, train: bool, batched: bool) -> Verdict {
    match (error.kind(), error.raw_os_error()) {
        (ErrorKind::WouldBlock, _) => Verdict::Wait,
        (ErrorKind::Interrupted, _) => Verdict::Retry,
        (_, Some(libc::ENOSYS)) if batched => Verdict::NoBatches,
        (_, Some(libc::EIO | libc::EOPNOTSUPP)) if train => Verdict::NoTrain { ever: true },
        (_, Some(libc::EINVAL | libc::EMSGSIZE)) if train => Verdict::NoTrain { ever: false },
        _ => Verdict::Skip,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn queued(sizes: &[usize]) -> Train {
        let mut queue = Train::new(true);
        for size in sizes {
            queue.push("127.0.0.1:1".parse().unwrap(), "127.0.0.1:2".parse().unwrap(), &vec![0; *size]);
        }
        queue
    }

    fn shape(queue: &Train) -> Vec<(usize, usize)> {
        queue.messages.iter().map(|message| (message.segment, message.segments())).collect()
    }

    #[test]
    fn equal_sizes_form_trains_that_a_shorter_datagram_ends() {
        assert_eq!(shape(&queued(&[100, 100, 100])), [(100, 3)]);
        assert_eq!(shape(&queued(&[100, 100, 40, 40, 100])), [(100, 3), (40, 1), (100, 1)]);
        assert_eq!(shape(&queued(&[40, 100, 100])), [(40, 1), (100, 2)]);
        assert_eq!(shape(&queued(&[10; 65])), [(10, 64), (10, 1)]);
        assert_eq!(shape(&queued(&[1200; 60])), [(1200, 54), (1200, 6)]);
    }

    #[test]
    fn another_destination_or_source_starts_a_train() {
        let (a, b) = ("127.0.0.1:1".parse().unwrap(), "127.0.0.1:2".parse().unwrap());
        let mut queue = Train::new(true);
        for (local, remote) in [(a, b), (a, b), (a, a), (b, a), (a, b)] {
            queue.push(local, remote, &[0; 10]);
        }
        assert_eq!(shape(&queue), [(10, 2), (10, 1), (10, 1), (10, 1)]);
    }

    #[test]
    fn a_refused_train_goes_one_by_one_and_repeated_refusals_end_trains_for_good() {
        let mut queue = queued(&[100, 100, 40, 40]);
        queue.refused(queue.messages[0], false);
        assert_eq!(shape(&queue), [(100, 1), (100, 1), (40, 1), (40, 1)]);
        assert!(queue.together);

        let mut queue = queued(&[100, 100, 40, 40, 40]);
        queue.refusals = MAX_REFUSALS - 1;
        queue.refused(queue.messages[0], false);
        assert!(!queue.together);
        let total: usize = queue.messages.iter().map(|message| message.length).sum();
        assert_eq!((queue.messages.len(), total), (5, 320));
    }

    #[test]
    fn errors_are_told_apart() {
        let of = |code, train, batched| verdict(&io::Error::from_raw_os_error(code), train, batched);
        assert_eq!(of(libc::EAGAIN, true, true), Verdict::Wait);
        assert_eq!(of(libc::EINTR, true, true), Verdict::Retry);
        assert_eq!(of(libc::ENOSYS, false, true), Verdict::NoBatches);
        assert_eq!(of(libc::ENOSYS, false, false), Verdict::Skip);
        assert_eq!(of(libc::EIO, true, true), Verdict::NoTrain { ever: true });
        assert_eq!(of(libc::EINVAL, true, true), Verdict::NoTrain { ever: false });
        assert_eq!(of(libc::EINVAL, false, true), Verdict::Skip);
        assert_eq!(of(libc::ENETUNREACH, true, true), Verdict::Skip);
    }

    #[test]
    fn sent_bytes_are_given_back_while_the_rest_waits() {
        let mut queue = queued(&[40, 100, 30]);
        queue.messages.pop_front();
        queue.compact();
        assert_eq!((queue.arena.len(), queue.messages[0].start, queue.bytes()), (130, 0, 130));
    }
}
