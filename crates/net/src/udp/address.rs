//! Socket addresses as the kernel writes them (`sockaddr_in`, `sockaddr_in6`), without pointer casts.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};

/// Bytes of the larger of the two layouts (`sockaddr_in6`).
pub(super) const LEN: usize = size_of::<libc::sockaddr_in6>();
const V4_LEN: usize = size_of::<libc::sockaddr_in>();

/// Room for one kernel socket address.
#[derive(Debug, Clone, Copy)]
#[repr(C, align(8))]
pub(super) struct RawAddress(pub(super) [u8; LEN]);

impl RawAddress {
    pub(super) const EMPTY: Self = Self([0; LEN]);

    /// Writes `address` and returns how many bytes count.
    pub(super) fn encode(&mut self, address: SocketAddr) -> usize {
        self.0 = [0; LEN];
        self.0[2..4].copy_from_slice(&address.port().to_be_bytes());
        match address {
            SocketAddr::V4(v4) => {
                self.0[..2].copy_from_slice(&(libc::AF_INET as libc::sa_family_t).to_ne_bytes());
                self.0[4..8].copy_from_slice(&v4.ip().octets());
                V4_LEN
            }
            SocketAddr::V6(v6) => {
                self.0[..2].copy_from_slice(&(libc::AF_INET6 as libc::sa_family_t).to_ne_bytes());
                self.0[4..8].copy_from_slice(&v6.flowinfo().to_be_bytes());
                self.0[8..24].copy_from_slice(&v6.ip().octets());
                self.0[24..28].copy_from_slice(&v6.scope_id().to_ne_bytes());
                LEN
            }
        }
    }

    /// Reads what the kernel wrote; a v4-mapped address comes out as the IPv4 address it stands for.
    pub(super) fn decode(&self) -> Option<SocketAddr> {
        let bytes = &self.0;
        let family = libc::c_int::from(u16::from_ne_bytes([bytes[0], bytes[1]]));
        let port = u16::from_be_bytes([bytes[2], bytes[3]]);
        match family {
            libc::AF_INET => Some(SocketAddrV4::new(Ipv4Addr::new(bytes[4], bytes[5], bytes[6], bytes[7]), port).into()),
            libc::AF_INET6 => {
                let ip: [u8; 16] = bytes[8..24].try_into().ok()?;
                let scope = u32::from_ne_bytes(bytes[24..28].try_into().ok()?);
                Some(unmapped(SocketAddrV6::new(Ipv6Addr::from(ip), port, 0, scope).into()))
            }
            _ => None,
        }
    }
}

/// The same address with `::ffff:a.b.c.d` written as `a.b.c.d` (RFC 4291 section 2.5.5.2).
pub(crate) fn unmapped(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V6(v6) => match v6.ip().to_ipv4_mapped() {
            Some(v4) => SocketAddr::new(IpAddr::V4(v4), v6.port()),
            None => address,
        },
        SocketAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn addresses_survive_the_kernel_layout() {
        for text in ["192.0.2.7:65535", "[2001:db8::5]:1", "0.0.0.0:0", "[fe80::1%7]:5"] {
            let address: SocketAddr = text.parse().unwrap();
            let mut raw = RawAddress::EMPTY;
            raw.encode(address);
            assert_eq!(raw.decode(), Some(address));
        }
        assert_eq!(RawAddress::EMPTY.decode(), None);
    }

    #[test]
    fn mapped_addresses_come_out_as_ipv4() {
        let mut raw = RawAddress::EMPTY;
        raw.encode("[::ffff:192.0.2.7]:9".parse().unwrap());
        assert_eq!(raw.decode(), Some("192.0.2.7:9".parse().unwrap()));
    }
}
