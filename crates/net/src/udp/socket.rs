//! Binding the port: proof that nobody else holds it, then one socket per worker and address family.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::socket::{setsockopt, sockopt};
use socket2::{Domain, Protocol, Socket, Type};
use tracing::warn;

use super::{Receiver, SendQueue};

/// How often a random port that is free for IPv4 may turn out taken for IPv6.
const RANDOM_PORT_ATTEMPTS: usize = 16;

/// Whether the kernel's batching is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Offload {
    /// `recvmmsg`, `sendmmsg`, GRO and GSO, each given up for good once the kernel refuses it.
    #[default]
    Auto,
    /// One system call per datagram: what [`Offload::Auto`] falls back to.
    Plain,
}

/// What [`bind`] shall do.
#[derive(Debug, Clone)]
pub struct UdpOptions {
    /// The port; 0 picks a free one.
    pub port: u16,
    /// Number of sockets that share the port, at least 1.
    pub workers: usize,
    /// Whether the kernel's batching is used.
    pub offload: Offload,
    /// Wanted size of the kernel's receive and send buffers, in bytes each. The kernel may grant less.
    pub kernel_buffer: usize,
}

impl UdpOptions {
    /// One worker on `port`, kernel batching on, 8 MiB kernel buffers.
    pub fn new(port: u16) -> Self {
        Self { port, workers: 1, offload: Offload::Auto, kernel_buffer: 8 * 1024 * 1024 }
    }

    /// The same with another number of workers.
    #[must_use]
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers;
        self
    }

    /// The same with or without kernel batching.
    #[must_use]
    pub fn offload(mut self, offload: Offload) -> Self {
        self.offload = offload;
        self
    }
}

/// Why the UDP port could not be bound.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// Another socket (of this or another process) holds the port for at least one address.
    #[error("UDP port {port} is in use")]
    PortInUse {
        /// The port that was asked for.
        port: u16,
    },
    /// The system does not let this process use the port (below 1024 without the privilege).
    #[error("no permission to use UDP port {port}")]
    Denied {
        /// The port that was asked for.
        port: u16,
    },
    /// Anything else.
    #[error("cannot open UDP port {port}: {source}")]
    Io {
        /// The port that was asked for.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
}

impl BindError {
    fn new(port: u16, source: io::Error) -> Self {
        match source.kind() {
            ErrorKind::AddrInUse => Self::PortInUse { port },
            ErrorKind::PermissionDenied => Self::Denied { port },
            _ => Self::Io { port, source },
        }
    }
}

/// The sockets of one worker: IPv4 and, where the machine has it, IPv6, on all addresses of the shared port.
#[derive(Debug)]
pub struct UdpSocket {
    v4: Socket,
    v6: Option<Socket>,
    port: u16,
    offload: Offload,
    /// Families whose kernel buffer was full at the last flush.
    full: Full,
}

/// Whether the kernel's send buffer was full at the last flush.
#[derive(Debug, Default)]
pub(super) struct Full {
    pub(super) v4: AtomicBool,
    pub(super) v6: AtomicBool,
}

impl UdpSocket {
    /// The shared port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether datagrams over IPv6 can come and go.
    pub fn has_ipv6(&self) -> bool {
        self.v6.is_some()
    }

    /// Buffers to receive with; one for each worker.
    pub fn receiver(&self) -> Receiver {
        Receiver::new(self.port, self.offload)
    }

    /// A queue to send with; one for each worker.
    pub fn send_queue(&self) -> SendQueue {
        SendQueue::new(self.offload)
    }

    /// The file descriptors to wait on.
    pub fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        std::iter::once(self.v4.as_fd()).chain(self.v6.as_ref().map(AsFd::as_fd))
    }

    /// The file descriptors with whether each waits for room to send.
    pub(crate) fn fds_waiting(&self) -> impl Iterator<Item = (BorrowedFd<'_>, bool)> {
        self.fds().zip([&self.full.v4, &self.full.v6]).map(|(fd, full)| (fd, full.load(Ordering::Relaxed)))
    }

    pub(super) fn full(&self) -> &Full {
        &self.full
    }

    pub(super) fn v4(&self) -> BorrowedFd<'_> {
        self.v4.as_fd()
    }

    pub(super) fn v6(&self) -> Option<BorrowedFd<'_>> {
        self.v6.as_ref().map(AsFd::as_fd)
    }
}

/// Binds `options.workers` sockets to one port on all addresses of the machine, IPv4 and IPv6.
///
/// The first socket of each family is bound alone, which fails when anybody holds the port: with `SO_REUSEPORT` from the
/// start, a second server of the same user would share the port and get half of the datagrams. Only then sharing is
/// switched on and the others join, so the port is never free in between.
pub fn bind(options: &UdpOptions) -> Result<Vec<UdpSocket>, BindError> {
    let mut attempt = 0;
    loop {
        attempt += 1;
        match bind_once(options) {
            Err(BindError::PortInUse { .. }) if options.port == 0 && attempt < RANDOM_PORT_ATTEMPTS => {}
            result => return result.inspect(|sockets| warn_of_small_buffers(sockets, options.kernel_buffer)),
        }
    }
}

fn bind_once(options: &UdpOptions) -> Result<Vec<UdpSocket>, BindError> {
    let failed = |error| BindError::new(options.port, error);
    let first_v4 = open(Domain::IPV4, options.port, false, options).map_err(failed)?;
    let port = local_port(&first_v4).map_err(failed)?;
    let first_v6 = match open(Domain::IPV6, port, false, options) {
        Ok(socket) => Some(socket),
        Err(error) if is_family_absent(&error) => None,
        Err(error) => return Err(failed(error)),
    };
    let mut sockets = vec![UdpSocket { v4: first_v4, v6: first_v6, port, offload: options.offload, full: Full::default() }];
    if options.workers > 1 {
        share(&sockets[0]).map_err(failed)?;
        for _ in 1..options.workers {
            let v4 = open(Domain::IPV4, port, true, options).map_err(failed)?;
            let v6 = if sockets[0].has_ipv6() { Some(open(Domain::IPV6, port, true, options).map_err(failed)?) } else { None };
            sockets.push(UdpSocket { v4, v6, port, offload: options.offload, full: Full::default() });
        }
    }
    Ok(sockets)
}

fn share(first: &UdpSocket) -> io::Result<()> {
    first.v4.set_reuse_port(true)?;
    first.v6.as_ref().map_or(Ok(()), |socket| socket.set_reuse_port(true))
}

fn local_port(socket: &Socket) -> io::Result<u16> {
    socket.local_addr()?.as_socket().map(|address| address.port()).ok_or_else(|| io::Error::other("the socket has no IP address"))
}

/// The machine has no IPv6 at all, or it is switched off.
fn is_family_absent(error: &io::Error) -> bool {
    error.kind() == ErrorKind::AddrNotAvailable || error.raw_os_error() == Some(libc::EAFNOSUPPORT)
}

fn open(domain: Domain, port: u16, shared: bool, options: &UdpOptions) -> io::Result<Socket> {
    let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    let address: SocketAddr = if domain == Domain::IPV6 {
        socket.set_only_v6(true)?;
        setsockopt(&socket, sockopt::Ipv6RecvPacketInfo, &true)?;
        (Ipv6Addr::UNSPECIFIED, port).into()
    } else {
        setsockopt(&socket, sockopt::Ipv4PacketInfo, &true)?;
        (Ipv4Addr::UNSPECIFIED, port).into()
    };
    if shared {
        socket.set_reuse_port(true)?;
    }
    if options.offload == Offload::Auto {
        // Older kernels do not know the option; the receiver then gets one datagram per message.
        let _ = setsockopt(&socket, sockopt::UdpGroSegment, &true);
    }
    grow_buffers(&socket, options.kernel_buffer)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

/// Asks for large kernel buffers: beyond the system's limit where this process may, else up to it.
fn grow_buffers(socket: &Socket, wanted: usize) -> io::Result<()> {
    if setsockopt(socket, sockopt::RcvBufForce, &wanted).is_err() {
        socket.set_recv_buffer_size(wanted)?;
    }
    if setsockopt(socket, sockopt::SndBufForce, &wanted).is_err() {
        socket.set_send_buffer_size(wanted)?;
    }
    Ok(())
}

/// Says once what holds for every socket of the port.
fn warn_of_small_buffers(sockets: &[UdpSocket], wanted: usize) {
    // The kernel reports twice what it grants (socket(7)).
    let granted = sockets.iter().filter_map(|socket| socket.v4.recv_buffer_size().ok()).min().map(|size| size / 2);
    if let Some(granted) = granted.filter(|granted| *granted < wanted) {
        warn!(wanted, granted, "small UDP receive buffer: raise net.core.rmem_max to avoid loss in bursts");
    }
}
