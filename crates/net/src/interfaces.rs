//! The addresses of this machine.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use nix::ifaddrs::getifaddrs;
use nix::net::if_::InterfaceFlags;

/// An address of an interface that is up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalAddress {
    /// Name of the interface, for example `eth0`.
    pub interface: String,
    /// The unicast address.
    pub ip: IpAddr,
    /// True for addresses that only this machine reaches.
    pub loopback: bool,
}

/// The unicast addresses of all interfaces that are up, in the system's order and without repetition.
///
/// IPv6 addresses are global or unique local (RFC 4193) ones. Link-local addresses of both families (RFC 3927, RFC 4291
/// section 2.5.6) are left out: they mean nothing without the interface they belong to.
pub fn local_addresses() -> io::Result<Vec<LocalAddress>> {
    let mut found: Vec<LocalAddress> = Vec::new();
    for entry in getifaddrs()? {
        if !entry.flags.contains(InterfaceFlags::IFF_UP) {
            continue;
        }
        let Some(storage) = entry.address else { continue };
        let ip = match (storage.as_sockaddr_in(), storage.as_sockaddr_in6()) {
            (Some(v4), _) => IpAddr::V4(v4.ip()),
            (None, Some(v6)) => IpAddr::V6(v6.ip()),
            (None, None) => continue,
        };
        if !is_usable(ip) || found.iter().any(|known| known.ip == ip) {
            continue;
        }
        let loopback = entry.flags.contains(InterfaceFlags::IFF_LOOPBACK) || ip.is_loopback();
        found.push(LocalAddress { interface: entry.interface_name, ip, loopback });
    }
    Ok(found)
}

fn is_usable(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => is_usable_v4(v4),
        IpAddr::V6(v6) => is_usable_v6(v6),
    }
}

fn is_usable_v4(ip: Ipv4Addr) -> bool {
    !(ip.is_unspecified() || ip.is_multicast() || ip.is_broadcast() || ip.is_link_local())
}

fn is_usable_v6(ip: Ipv6Addr) -> bool {
    !(ip.is_unspecified() || ip.is_multicast() || ip.is_unicast_link_local() || ip.to_ipv4_mapped().is_some())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn link_local_multicast_and_mapped_addresses_are_left_out() {
        let cases = [
            ("192.0.2.7", true),
            ("127.0.0.1", true),
            ("169.254.3.4", false),
            ("224.0.0.251", false),
            ("0.0.0.0", false),
            ("2001:db8::1", true),
            ("fd00::2", true),
            ("::1", true),
            ("fe80::1", false),
            ("ff02::fb", false),
            ("::", false),
            ("::ffff:192.0.2.7", false),
        ];
        for (text, usable) in cases {
            assert_eq!(is_usable(text.parse().unwrap()), usable, "{text}");
        }
    }

    #[test]
    fn the_loopback_address_is_found_once_and_flagged() {
        let all = local_addresses().unwrap();
        let loopback: Vec<_> = all.iter().filter(|address| address.ip == IpAddr::V4(Ipv4Addr::LOCALHOST)).collect();
        assert_eq!(loopback.len(), 1, "{all:?}");
        assert!(loopback[0].loopback);
    }
}
