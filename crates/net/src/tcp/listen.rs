//! Where to listen, and opening the listener.

use std::fmt;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

/// Connections that the kernel keeps ready for us.
const BACKLOG: i32 = 1024;

/// Where a server listens.
///
/// Written as `ADDR:PORT`; a missing address, `*` and `[::]` mean all addresses, IPv4 and IPv6.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListenAddress {
    /// All addresses of the machine on this port, IPv4 and, where the machine has it, IPv6.
    All(u16),
    /// One address. `0.0.0.0` means all IPv4 addresses and no IPv6 ones.
    One(SocketAddr),
}

/// The text is no listen address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{text}\" is not ADDR:PORT or PORT")]
pub struct ListenAddressError {
    text: String,
}

impl ListenAddress {
    /// The port; 0 asks for a free one.
    pub fn port(&self) -> u16 {
        match self {
            Self::All(port) => *port,
            Self::One(address) => address.port(),
        }
    }
}

impl From<SocketAddr> for ListenAddress {
    fn from(address: SocketAddr) -> Self {
        if address.ip() == IpAddr::V6(Ipv6Addr::UNSPECIFIED) { Self::All(address.port()) } else { Self::One(address) }
    }
}

impl FromStr for ListenAddress {
    type Err = ListenAddressError;

    fn from_str(text: &str) -> Result<Self, ListenAddressError> {
        let port = text.strip_prefix("*:").or_else(|| text.strip_prefix(':')).unwrap_or(text);
        if let Ok(port) = port.parse() {
            return Ok(Self::All(port));
        }
        text.parse::<SocketAddr>().map(Self::from).map_err(|_| ListenAddressError { text: text.to_owned() })
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(port) => write!(formatter, "*:{port}"),
            Self::One(address) => address.fmt(formatter),
        }
    }
}

/// Why the TCP port could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BindError {
    /// Another program listens there.
    #[error("TCP port {port} is in use", port = .address.port())]
    PortInUse {
        /// What was asked for.
        address: ListenAddress,
    },
    /// The system does not let this process use the port (below 1024 without the privilege).
    #[error("no permission to listen on {address}")]
    Denied {
        /// What was asked for.
        address: ListenAddress,
    },
    /// This machine does not have the address.
    #[error("this machine has no address {address}")]
    AddressAbsent {
        /// What was asked for.
        address: ListenAddress,
    },
    /// Anything else.
    #[error("cannot listen on {address}: {source}")]
    Io {
        /// What was asked for.
        address: ListenAddress,
        /// What the system said.
        source: io::Error,
    },
}

impl BindError {
    fn new(address: ListenAddress, source: io::Error) -> Self {
        match source.kind() {
            ErrorKind::AddrInUse => Self::PortInUse { address },
            ErrorKind::PermissionDenied => Self::Denied { address },
            ErrorKind::AddrNotAvailable => Self::AddressAbsent { address },
            _ => Self::Io { address, source },
        }
    }
}

/// Opens the listener and returns it with its address.
pub(super) fn bind(address: ListenAddress) -> Result<(TcpListener, SocketAddr), BindError> {
    let open = || -> io::Result<(TcpListener, SocketAddr)> {
        let socket = match address {
            ListenAddress::One(one) => listen(one)?,
            ListenAddress::All(port) => match listen((Ipv6Addr::UNSPECIFIED, port).into()) {
                Err(error) if is_ipv6_absent(&error) => listen((Ipv4Addr::UNSPECIFIED, port).into())?,
                result => result?,
            },
        };
        let listener = TcpListener::from_std(socket.into())?;
        let local = listener.local_addr()?;
        Ok((listener, local))
    };
    open().map_err(|error| BindError::new(address, error))
}

fn is_ipv6_absent(error: &io::Error) -> bool {
    error.kind() == ErrorKind::AddrNotAvailable || error.raw_os_error() == Some(libc::EAFNOSUPPORT)
}

fn listen(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    // Lets a restarted server bind while old connections linger; a second listener is refused all the same.
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(address.ip() != IpAddr::V6(Ipv6Addr::UNSPECIFIED))?;
    }
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn listen_addresses_are_read() {
        for (text, expected) in [
            ("8080", ListenAddress::All(8080)),
            (":8080", ListenAddress::All(8080)),
            ("*:8080", ListenAddress::All(8080)),
            ("[::]:8080", ListenAddress::All(8080)),
            ("0.0.0.0:8080", ListenAddress::One("0.0.0.0:8080".parse().unwrap())),
            ("127.0.0.1:0", ListenAddress::One("127.0.0.1:0".parse().unwrap())),
            ("[::1]:7", ListenAddress::One("[::1]:7".parse().unwrap())),
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
        for text in ["", ":", "host:80", "127.0.0.1", "99999", "[::1]"] {
            assert!(text.parse::<ListenAddress>().is_err(), "{text}");
        }
    }
}
