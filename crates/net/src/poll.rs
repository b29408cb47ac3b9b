//! The sleep of a worker thread: until a socket is ready, a deadline is due, or another thread has work for it.
//!
//! ```no_run
//! use std::time::Duration;
//! use net::poll::{Poller, Token};
//!
//! # fn main() -> std::io::Result<()> {
//! # let socket = net::udp::bind(&net::udp::UdpOptions::new(0)).map_err(std::io::Error::other)?.remove(0);
//! let mut poller = Poller::new()?;
//! poller.add_udp(&socket, Token(0))?;
//! let waker = poller.waker(); // goes to the threads that send work
//! loop {
//!     let woken = poller.wait(Some(Duration::from_millis(5)))?;
//!     if woken { /* look at the inbox */ }
//!     for event in poller.events() { /* event.token, event.readable, event.writable */ }
//! #   break;
//! }
//! # Ok(()) }
//! ```

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags};
use nix::sys::eventfd::{EfdFlags, EventFd};

use crate::udp::UdpSocket;

/// Events one wait reports at most; the rest are reported by the next.
const EVENTS: usize = 64;
/// Token of the event counter that wakes the poller.
const WAKE: u64 = u64::MAX;

/// Names a registered socket in events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token(pub u32);

/// What a registered socket is ready for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// The name it was registered under.
    pub token: Token,
    /// Reading gives something: data, the end, or an error.
    pub readable: bool,
    /// Writing is possible; reported only while asked for.
    pub writable: bool,
}

/// State shared between a poller and its wakers.
const RUNNING: u8 = 0;
const SLEEPING: u8 = 1;
const WOKEN: u8 = 2;

#[derive(Debug)]
struct Bell {
    state: AtomicU8,
    counter: EventFd,
}

/// Wakes the thread that waits in a [`Poller`]. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Waker(Arc<Bell>);

impl Waker {
    /// Makes the current or the next [`Poller::wait`] return true at once. Calls before that count as one; a thread that
    /// is not asleep costs no system call.
    pub fn wake(&self) {
        if self.0.state.swap(WOKEN, Ordering::AcqRel) == SLEEPING {
            // Fails only when the counter is full, and then it is readable anyway.
            let _ = self.0.counter.write(1);
        }
    }
}

/// Waits for sockets, deadlines and wakers. Belongs to one thread at a time.
#[derive(Debug)]
pub struct Poller {
    epoll: Epoll,
    bell: Arc<Bell>,
    events: [EpollEvent; EVENTS],
    ready: usize,
    /// Whether the kernel takes timeouts finer than a millisecond (Linux 5.11).
    fine: bool,
}

impl Poller {
    /// A poller that waits for nothing yet but its wakers.
    pub fn new() -> io::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let counter = EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?;
        epoll.add(counter.as_fd(), EpollEvent::new(EpollFlags::EPOLLIN, WAKE))?;
        let bell = Arc::new(Bell { state: AtomicU8::new(RUNNING), counter });
        Ok(Self { epoll, bell, events: [EpollEvent::empty(); EVENTS], ready: 0, fine: true })
    }

    /// A handle for other threads.
    pub fn waker(&self) -> Waker {
        Waker(Arc::clone(&self.bell))
    }

    /// Watches a UDP socket for datagrams; both families report the same token.
    pub fn add_udp(&self, socket: &UdpSocket, token: Token) -> io::Result<()> {
        socket.fds().try_for_each(|fd| self.add(fd, token))
    }

    /// Starts or stops watching a UDP socket for room to send. Only the families whose buffer was full at the last flush are
    /// watched, since the other one is always ready; so call this after each flush that wants to write.
    pub fn want_write_udp(&self, socket: &UdpSocket, token: Token, wanted: bool) -> io::Result<()> {
        socket.fds_waiting().try_for_each(|(fd, full)| self.want_write(fd, token, wanted && full))
    }

    /// Watches any descriptor for data. Reported again and again while there is some (level-triggered).
    pub fn add(&self, fd: impl AsFd, token: Token) -> io::Result<()> {
        Ok(self.epoll.add(fd, EpollEvent::new(EpollFlags::EPOLLIN, token.0.into()))?)
    }

    /// Starts or stops watching a registered descriptor for room to write.
    pub fn want_write(&self, fd: impl AsFd, token: Token, wanted: bool) -> io::Result<()> {
        let interest = if wanted { EpollFlags::EPOLLIN | EpollFlags::EPOLLOUT } else { EpollFlags::EPOLLIN };
        Ok(self.epoll.modify(fd, &mut EpollEvent::new(interest, token.0.into()))?)
    }

    /// Forgets a descriptor.
    pub fn remove(&self, fd: impl AsFd) -> io::Result<()> {
        Ok(self.epoll.delete(fd)?)
    }

    /// Sleeps until something is ready, a waker rings, or `timeout` (none: forever) is over; precise to microseconds.
    /// Returns whether a waker rang since the last call that said so. What is ready is in [`Poller::events`].
    pub fn wait(&mut self, timeout: Option<Duration>) -> io::Result<bool> {
        let asleep = self.bell.state.compare_exchange(RUNNING, SLEEPING, Ordering::AcqRel, Ordering::Acquire).is_ok();
        let result = self.poll(if asleep { timeout } else { Some(Duration::ZERO) });
        let woken = self.bell.state.swap(RUNNING, Ordering::AcqRel) == WOKEN;
        self.ready = result?;
        if self.events[..self.ready].iter().any(|event| event.data() == WAKE) {
            // Another reader does not exist, so this never blocks and an error cannot matter.
            let _ = self.bell.counter.read();
        }
        Ok(woken)
    }

    /// What the last [`Poller::wait`] found.
    pub fn events(&self) -> impl Iterator<Item = Event> + '_ {
        self.events[..self.ready].iter().filter(|event| event.data() != WAKE).map(|event| Event {
            token: Token(event.data() as u32),
            readable: event.events().intersects(EpollFlags::EPOLLIN | EpollFlags::EPOLLERR | EpollFlags::EPOLLHUP | EpollFlags::EPOLLRDHUP),
            writable: event.events().contains(EpollFlags::EPOLLOUT),
        })
    }

    fn poll(&mut self, timeout: Option<Duration>) -> io::Result<usize> {
        if self.fine {
            match epoll_pwait2(self.epoll.0.as_fd(), &mut self.events, timeout) {
                // Blocked by an old kernel or a strict sandbox.
                Err(Errno::ENOSYS | Errno::EPERM) => self.fine = false,
                Err(Errno::EINTR) => return Ok(0),
                result => return Ok(result?),
            }
        }
        match epoll_wait(self.epoll.0.as_fd(), &mut self.events, timeout) {
            Err(Errno::EINTR) => Ok(0),
            result => Ok(result?),
        }
    }
}

fn epoll_pwait2(epoll: BorrowedFd<'_>, events: &mut [EpollEvent], timeout: Option<Duration>) -> Result<usize, Errno> {
    // The kernel's own layout, which has 64-bit fields on every machine.
    let limit = timeout.map(|timeout| [timeout.as_secs().min(i64::MAX as u64) as i64, i64::from(timeout.subsec_nanos())]);
    let limit = limit.as_ref().map_or(std::ptr::null(), |limit| limit.as_ptr());
    // SAFETY: `EpollEvent` is a transparent wrapper of the kernel's structure, the count is that of the slice, and `limit`
    // is null or points to a value that lives until the end of this function.
    let count = unsafe {
        libc::syscall(
            libc::SYS_epoll_pwait2,
            epoll.as_raw_fd(),
            events.as_mut_ptr(),
            events.len() as libc::c_int,
            limit,
            std::ptr::null::<libc::sigset_t>(),
            0_usize,
        )
    };
    if count < 0 { Err(Errno::last()) } else { Ok(count as usize) }
}

fn epoll_wait(epoll: BorrowedFd<'_>, events: &mut [EpollEvent], timeout: Option<Duration>) -> Result<usize, Errno> {
    // Rounded up: waking early would turn the last millisecond into a busy loop.
    let limit = timeout.map_or(-1, |timeout| i32::try_from(timeout.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX));
    // SAFETY: `EpollEvent` is a transparent wrapper of the kernel's structure, and the count is that of the slice.
    let count = unsafe { libc::epoll_wait(epoll.as_raw_fd(), events.as_mut_ptr().cast(), events.len() as libc::c_int, limit) };
    if count < 0 { Err(Errno::last()) } else { Ok(count as usize) }
}
