//! The system calls that move datagrams. All unsafe code of the UDP side is here.
//!
//! Both batches own every buffer that the kernel reads or writes. Pointers into those buffers are stored right before a
//! call and not read again after it, so a batch may move between calls.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::ptr;

use super::Offload;
use super::address::{self, RawAddress};
use super::control::{CAPACITY, Control};

/// Messages of one `sendmmsg`.
pub(super) const SEND_BATCH: usize = 64;

/// A message on its way out: one datagram, or several of equal size when `segment` is given.
pub(super) struct Outgoing<'a> {
    pub(super) local: SocketAddr,
    pub(super) remote: SocketAddr,
    pub(super) payload: &'a [u8],
    pub(super) segment: Option<u16>,
}

/// Headers for a batch of messages to send.
pub(super) struct SendBatch {
    headers: Vec<libc::mmsghdr>,
    parts: Vec<libc::iovec>,
    addresses: Vec<RawAddress>,
    controls: Vec<Control>,
    /// Whether `sendmmsg` is used.
    pub(super) batched: bool,
}

// SAFETY: the raw pointers inside are written anew before each system call and never read in between.
unsafe impl Send for SendBatch {}

impl SendBatch {
    pub(super) fn new(offload: Offload) -> Self {
        Self {
            headers: vec![empty_header(); SEND_BATCH],
            parts: vec![EMPTY_PART; SEND_BATCH],
            addresses: vec![RawAddress::EMPTY; SEND_BATCH],
            controls: vec![Control::EMPTY; SEND_BATCH],
            batched: offload == Offload::Auto,
        }
    }

    /// Hands the first messages to the kernel, at most [`SEND_BATCH`], and returns how many it took. An error is about
    /// the first message. Without `sendmmsg` one message is sent per call.
    pub(super) fn send<'a>(&mut self, fd: BorrowedFd<'_>, messages: impl Iterator<Item = Outgoing<'a>>) -> io::Result<usize> {
        let limit = if self.batched { SEND_BATCH } else { 1 };
        let mut count = 0;
        for message in messages.take(limit) {
            self.fill(count, &message);
            count += 1;
        }
        if count == 0 {
            return Ok(0);
        }
        if self.batched {
            // SAFETY: the first `count` headers were filled just now; what they point to lives in `self` or is borrowed
            // for `'a`, which outlives the call.
            let sent = unsafe { libc::sendmmsg(fd.as_raw_fd(), self.headers.as_mut_ptr(), count as libc::c_uint, libc::MSG_DONTWAIT as _) };
            return if sent < 0 { Err(io::Error::last_os_error()) } else { Ok(sent as usize) };
        }
        // SAFETY: as above, for the first header alone.
        let sent = unsafe { libc::sendmsg(fd.as_raw_fd(), &raw const self.headers[0].msg_hdr, libc::MSG_DONTWAIT) };
        if sent < 0 { Err(io::Error::last_os_error()) } else { Ok(1) }
    }

    fn fill(&mut self, index: usize, message: &Outgoing<'_>) {
        let address_length = self.addresses[index].encode(message.remote);
        let control_length = self.controls[index].encode(message.local, message.segment);
        self.parts[index] = libc::iovec { iov_base: message.payload.as_ptr().cast_mut().cast(), iov_len: message.payload.len() };
        let header = &mut self.headers[index].msg_hdr;
        header.msg_name = self.addresses[index].0.as_mut_ptr().cast();
        header.msg_namelen = address_length as libc::socklen_t;
        header.msg_iov = &raw mut self.parts[index];
        header.msg_iovlen = 1;
        header.msg_control = if control_length == 0 { ptr::null_mut() } else { self.controls[index].0.as_mut_ptr().cast() };
        header.msg_controllen = control_length as _;
        header.msg_flags = 0;
    }
}

/// A received message: one datagram, or several of `segment` bytes each (the last may be shorter).
pub(super) struct Incoming<'a> {
    pub(super) local: Option<IpAddr>,
    pub(super) remote: Option<SocketAddr>,
    pub(super) payload: &'a [u8],
    pub(super) segment: Option<usize>,
    /// The message did not fit its slot; the rest of it is lost.
    pub(super) truncated: bool,
}

/// Slots for a batch of messages to receive.
pub(super) struct ReceiveBatch {
    headers: Vec<libc::mmsghdr>,
    parts: Vec<libc::iovec>,
    addresses: Vec<RawAddress>,
    controls: Vec<Control>,
    memory: Vec<u8>,
    slot_size: usize,
    /// Whether `recvmmsg` is used.
    pub(super) batched: bool,
}

// SAFETY: the raw pointers inside are written anew before each system call and never read in between.
unsafe impl Send for ReceiveBatch {}

impl ReceiveBatch {
    pub(super) fn new(slots: usize, slot_size: usize, offload: Offload) -> Self {
        Self {
            headers: vec![empty_header(); slots],
            parts: vec![EMPTY_PART; slots],
            addresses: vec![RawAddress::EMPTY; slots],
            controls: vec![Control::EMPTY; slots],
            memory: vec![0; slots * slot_size],
            slot_size,
            batched: offload == Offload::Auto,
        }
    }

    pub(super) fn slots(&self) -> usize {
        self.headers.len()
    }

    /// Fills slots from number `first` on, at most `count`, and returns how many were filled.
    pub(super) fn receive(&mut self, fd: BorrowedFd<'_>, first: usize, count: usize) -> io::Result<usize> {
        let end = (first + if self.batched { count } else { count.min(1) }).min(self.slots());
        if first >= end {
            return Ok(0);
        }
        for index in first..end {
            self.prepare(index);
        }
        if self.batched {
            let headers = self.headers[first..end].as_mut_ptr();
            // SAFETY: the headers `first..end` were prepared just now; the memory they point to is owned by `self`,
            // exclusively borrowed, and each header names a slot of its own.
            let received =
                unsafe { libc::recvmmsg(fd.as_raw_fd(), headers, (end - first) as libc::c_uint, libc::MSG_DONTWAIT as _, ptr::null_mut()) };
            return if received < 0 { Err(io::Error::last_os_error()) } else { Ok(received as usize) };
        }
        // SAFETY: as above, for one header.
        let received = unsafe { libc::recvmsg(fd.as_raw_fd(), &raw mut self.headers[first].msg_hdr, libc::MSG_DONTWAIT) };
        if received < 0 {
            return Err(io::Error::last_os_error());
        }
        self.headers[first].msg_len = received as libc::c_uint;
        Ok(1)
    }

    fn prepare(&mut self, index: usize) {
        let start = index * self.slot_size;
        let slot = &mut self.memory[start..start + self.slot_size];
        self.parts[index] = libc::iovec { iov_base: slot.as_mut_ptr().cast(), iov_len: slot.len() };
        let header = &mut self.headers[index].msg_hdr;
        header.msg_name = self.addresses[index].0.as_mut_ptr().cast();
        header.msg_namelen = address::LEN as libc::socklen_t;
        header.msg_iov = &raw mut self.parts[index];
        header.msg_iovlen = 1;
        header.msg_control = self.controls[index].0.as_mut_ptr().cast();
        header.msg_controllen = CAPACITY as _;
        header.msg_flags = 0;
    }

    /// The message in a slot that the last calls filled.
    pub(super) fn message(&self, index: usize) -> Incoming<'_> {
        let header = &self.headers[index];
        let control = self.controls[index].decode(header.msg_hdr.msg_controllen);
        let start = index * self.slot_size;
        let length = (header.msg_len as usize).min(self.slot_size);
        Incoming {
            local: control.local,
            remote: self.addresses[index].decode(),
            payload: &self.memory[start..start + length],
            segment: control.segment,
            truncated: header.msg_hdr.msg_flags & libc::MSG_TRUNC != 0,
        }
    }
}

const EMPTY_PART: libc::iovec = libc::iovec { iov_base: ptr::null_mut(), iov_len: 0 };

fn empty_header() -> libc::mmsghdr {
    // SAFETY: all-zero bytes are a valid header: null pointers and zero lengths. (Its padding differs between C
    // libraries, so that it cannot be written as a literal.)
    unsafe { std::mem::zeroed() }
}
