//! Which addresses a client is told to send media to.

use std::net::{IpAddr, SocketAddr};

use net::interfaces::LocalAddress;

/// More candidates only make connecting slower: a client checks every pair.
pub const MAX_CANDIDATES: usize = 12;

/// What is known about the ways to this server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reach {
    /// What the operator announces, resolved. Replaces what is detected.
    pub(crate) announced: Vec<IpAddr>,
    /// Addresses of the interfaces.
    pub(crate) interfaces: Vec<LocalAddress>,
    /// What the name of the public URL resolves to.
    pub(crate) public: Vec<IpAddr>,
    /// The media port.
    pub(crate) port: u16,
}

/// How one client came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Approach {
    /// Its socket came over loopback.
    pub(crate) over_loopback: bool,
    /// The host that it connected to, when that is an IP literal.
    pub(crate) host: Option<IpAddr>,
}

impl Reach {
    /// The candidates for a client, best first.
    ///
    /// A cloud machine behind 1:1 NAT cannot know its own address: the host in the client's URL tells it. A client on this
    /// machine gets the loopback addresses first, and the others, too, because some browsers refuse loopback candidates.
    pub(crate) fn candidates(&self, approach: Approach) -> Vec<SocketAddr> {
        let loopback = self.interfaces.iter().filter(|address| address.loopback).map(|address| address.ip);
        let mut found = Vec::new();
        if approach.over_loopback {
            found.extend(approach.host.filter(IpAddr::is_loopback));
            found.extend(loopback.clone());
        }
        if self.announced.is_empty() {
            found.extend(approach.host);
            found.extend(&self.public);
            found.extend(self.interfaces.iter().filter(|address| !address.loopback).map(|address| address.ip));
        } else {
            found.extend(&self.announced);
        }
        // A literal loopback host means nothing to a client that did not come over loopback.
        found.retain(|ip| is_reachable(*ip) && (approach.over_loopback || !ip.is_loopback()));
        if found.is_empty() {
            found.extend(loopback);
        }
        let mut unique: Vec<SocketAddr> = Vec::new();
        for ip in found {
            let address = SocketAddr::new(ip.to_canonical(), self.port);
            if unique.len() < MAX_CANDIDATES && !unique.contains(&address) {
                unique.push(address);
            }
        }
        unique
    }

    /// The candidate that stands for the local address at which a datagram arrived: itself, unless the operator announces
    /// other addresses instead.
    pub(crate) fn announced_for(&self, local: IpAddr) -> IpAddr {
        if local.is_loopback() || self.announced.is_empty() || self.announced.contains(&local) {
            return local;
        }
        self.announced.iter().copied().find(|ip| ip.is_ipv4() == local.is_ipv4()).unwrap_or(local)
    }
}

fn is_reachable(ip: IpAddr) -> bool {
    let link_local = match ip {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => v6.is_unicast_link_local(),
    };
    !ip.is_unspecified() && !ip.is_multicast() && !link_local
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn ips(list: &[&str]) -> Vec<IpAddr> {
        list.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn interface(ip: &IpAddr) -> LocalAddress {
        LocalAddress { interface: "eth0".into(), ip: *ip, loopback: ip.is_loopback() }
    }

    /// What, announced, interfaces, public, over loopback, host, expected.
    type Case<'a> = (&'a str, &'a [&'a str], &'a [&'a str], &'a [&'a str], bool, &'a str, &'a [&'a str]);

    #[test]
    fn every_public_address_is_a_candidate() {
        let all = &["127.0.0.1", "10.0.0.5", "::1", "2001:db8::5"][..];
        let cases: &[Case<'_>] = &[
            ("detected", &[], all, &[], false, "", &["10.0.0.5", "2001:db8::5"]),
            ("literal host behind NAT", &[], all, &[], false, "203.0.113.9", &["203.0.113.9", "10.0.0.5", "2001:db8::5"]),
            ("host is an interface's", &[], all, &[], false, "10.0.0.5", &["10.0.0.5", "2001:db8::5"]),
            ("public URL", &[], all, &["203.0.113.9"], false, "", &["203.0.113.9", "10.0.0.5", "2001:db8::5"]),
            ("announced only", &["203.0.113.9"], all, &["198.51.100.1"], false, "192.0.2.3", &["203.0.113.9"]),
            ("from this machine", &[], all, &[], true, "", &["127.0.0.1", "::1", "10.0.0.5", "2001:db8::5"]),
            ("another loopback", &[], all, &[], true, "127.0.0.5", &["127.0.0.5", "127.0.0.1", "::1", "10.0.0.5", "2001:db8::5"]),
            ("from this machine, announced", &["203.0.113.9"], all, &[], true, "127.0.0.1", &["127.0.0.1", "::1", "203.0.113.9"]),
            ("nothing else", &[], &["127.0.0.1"], &[], false, "", &["127.0.0.1"]),
            ("loopback host from afar", &[], all, &[], false, "127.0.0.1", &["10.0.0.5", "2001:db8::5"]),
            ("useless hosts", &[], all, &["0.0.0.0", "169.254.1.1", "fe80::1"], false, "224.0.0.1", &["10.0.0.5", "2001:db8::5"]),
            ("mapped host", &[], all, &[], false, "::ffff:10.0.0.5", &["10.0.0.5", "2001:db8::5"]),
        ];
        for (what, announced, interfaces, public, over_loopback, host, expected) in cases {
            let interfaces = ips(interfaces).iter().map(interface).collect();
            let reach = Reach { announced: ips(announced), interfaces, public: ips(public), port: 50_000 };
            let found = reach.candidates(Approach { over_loopback: *over_loopback, host: host.parse().ok() });
            let expected: Vec<SocketAddr> = ips(expected).into_iter().map(|ip| SocketAddr::new(ip, 50_000)).collect();
            assert_eq!(found, expected, "{what}");
        }
    }

    #[test]
    fn candidates_are_bounded() {
        let interfaces = (0..100).map(|n| interface(&IpAddr::from([10, 0, 0, n]))).collect();
        let reach = Reach { interfaces, port: 1, ..Reach::default() };
        assert_eq!(reach.candidates(Approach::default()).len(), MAX_CANDIDATES);
    }

    #[test]
    fn a_local_address_is_mapped_to_the_announced_one_of_its_family() {
        let reach = Reach { announced: ips(&["203.0.113.9", "2001:db8::9"]), ..Reach::default() };
        for (local, expected) in [
            ("10.0.0.5", "203.0.113.9"),
            ("203.0.113.9", "203.0.113.9"),
            ("127.0.0.1", "127.0.0.1"),
            ("fd00::5", "2001:db8::9"),
            ("::1", "::1"),
        ] {
            assert_eq!(reach.announced_for(local.parse().unwrap()), expected.parse::<IpAddr>().unwrap(), "{local}");
        }
        assert_eq!(Reach::default().announced_for("10.0.0.5".parse().unwrap()), "10.0.0.5".parse::<IpAddr>().unwrap());
    }
}
