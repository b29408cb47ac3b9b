//! The addresses under which people reach the page: for the start-up lines, for the certificate, and for "Copy link".

use std::net::{IpAddr, SocketAddr, UdpSocket};

use net::interfaces::{LocalAddress, local_addresses};
use service::certificates::{Names, names_of_machine};

use crate::config::{Config, Media, Public, Tls};

/// What interfaces of containers and virtual machines are called: nobody else is behind them.
const VIRTUAL: [&str; 8] = ["docker", "br-", "veth", "virbr", "vmnet", "cni", "podman", "lxc"];

/// Where the port of HTTPS needs no mention.
const HTTPS_PORT: u16 = 443;

/// The links of a running server.
#[derive(Clone, Debug)]
pub(crate) struct Links {
    public: Public,
    tls: Tls,
    local: SocketAddr,
}

impl Links {
    /// `local`: where the public port listens.
    pub(crate) fn new(config: &Config, local: SocketAddr) -> Self {
        Self { public: config.public.clone(), tls: config.tls.clone(), local }
    }

    /// Addresses of the home page for people on other machines, without trailing slash, the best first. Read anew at each call,
    /// because machines change networks.
    pub(crate) fn for_others(&self) -> Vec<String> {
        let path = self.public.base_path.prefix();
        if let Some(url) = &self.public.url {
            return vec![public_address(url, path)];
        }
        // The authority has proven that port 443 of the name leads here.
        let mut links: Vec<String> = self.tls.domains().iter().map(|name| format!("https://{name}{path}")).collect();
        if self.local.ip().is_unspecified() {
            links.extend(self.machine().into_iter().map(|ip| self.link(ip, path)));
        } else if !self.local.ip().is_loopback() {
            links.push(self.link(self.local.ip(), path));
        }
        links
    }

    fn machine(&self) -> Vec<IpAddr> {
        let reachable = |address: &LocalAddress| !address.loopback && (self.local.is_ipv6() || address.ip.is_ipv4());
        let addresses = machine_addresses().into_iter().filter(reachable).collect();
        ordered(addresses, outward()).into_iter().map(|address| address.ip).collect()
    }

    fn link(&self, ip: IpAddr, path: &str) -> String {
        let scheme = if self.tls.is_on() { "https" } else { "http" };
        let host = match ip {
            IpAddr::V6(ip) => format!("[{ip}]"),
            IpAddr::V4(ip) => ip.to_string(),
        };
        match self.local.port() {
            HTTPS_PORT if self.tls.is_on() => format!("{scheme}://{host}{path}"),
            port => format!("{scheme}://{host}:{port}{path}"),
        }
    }
}

/// The configured address of the home page; its own path is one that the proxy adds.
pub(crate) fn public_address(url: &crate::config::PublicUrl, path: &str) -> String {
    if url.path().is_empty() { format!("{url}{path}") } else { url.to_string() }
}

/// Names that a self-signed certificate is for: what people may type to reach this machine.
pub(crate) fn certificate_names(config: &Config) -> Names {
    let mut given: Vec<String> = config.public.url.iter().map(|url| url.host().to_owned()).collect();
    given.extend(config.tls.domains().iter().cloned());
    if let Media::Embedded(embedded) = &config.media {
        given.extend(embedded.server.announce.iter().cloned());
    }
    names_of_machine(given)
}

fn machine_addresses() -> Vec<LocalAddress> {
    local_addresses().unwrap_or_else(|error| {
        tracing::warn!(%error, "the addresses of this machine cannot be read");
        Vec::new()
    })
}

/// The address that this machine would use towards the world; nothing is sent.
fn outward() -> Option<IpAddr> {
    let socket = UdpSocket::bind(("0.0.0.0", 0)).ok()?;
    // An address for documentation (RFC 5737): no route but the default one leads there.
    socket.connect(("192.0.2.1", 9)).ok()?;
    socket.local_addr().ok().map(|address| address.ip())
}

/// The most useful first: that of the default route, then IPv4, then what only containers see.
fn ordered(mut addresses: Vec<LocalAddress>, outward: Option<IpAddr>) -> Vec<LocalAddress> {
    addresses.sort_by_key(|address| {
        let is_virtual = VIRTUAL.iter().any(|prefix| address.interface.starts_with(prefix));
        (Some(address.ip) != outward, is_virtual, address.ip.is_ipv6())
    });
    addresses
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::config;

    fn links(flags: &str, local: &str) -> Vec<String> {
        let config = config::load(std::iter::once("videoroom").chain(flags.split_whitespace()), &[]).unwrap();
        Links::new(&config, local.parse().unwrap()).for_others()
    }

    #[test]
    fn configured_names_are_the_links() {
        for (flags, local, expected) in [
            ("--public-url https://meet.example.org", "[::]:8080", "https://meet.example.org"),
            ("--public-url https://example.org/m --base-path /meet", "[::]:8080", "https://example.org/m"),
            ("--public-url https://example.org --base-path /meet", "127.0.0.1:8080", "https://example.org/meet"),
            ("--tls-domain meet.example.org --base-path /m", "127.0.0.1:8443", "https://meet.example.org/m"),
            ("", "192.0.2.7:8080", "https://192.0.2.7:8080"),
            ("", "192.0.2.7:443", "https://192.0.2.7"),
            ("--tls off", "[2001:db8::1]:443", "http://[2001:db8::1]:443"),
        ] {
            assert_eq!(links(flags, local), [expected], "{flags}");
        }
        assert_eq!(links("", "127.0.0.1:8080"), [""; 0], "nobody else reaches a loopback address");
    }

    #[test]
    fn the_address_of_the_default_route_comes_first_and_containers_last() {
        let address = |interface: &str, ip: &str| LocalAddress { interface: interface.into(), ip: ip.parse().unwrap(), loopback: false };
        let all =
            vec![address("docker0", "172.17.0.1"), address("eth0", "fd00::5"), address("wg0", "10.9.0.1"), address("eth0", "192.168.1.5")];
        let order = |outward: Option<&str>| {
            let found = ordered(all.clone(), outward.map(|ip| ip.parse().unwrap()));
            found.iter().map(|address| address.ip.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(order(Some("192.168.1.5")), ["192.168.1.5", "10.9.0.1", "fd00::5", "172.17.0.1"]);
        assert_eq!(order(None), ["10.9.0.1", "192.168.1.5", "fd00::5", "172.17.0.1"]);
    }
}
