//! How a client came: directly, or through proxies whose word counts.

use std::net::IpAddr;

use http::{HeaderMap, header};
use net::tcp::ConnInfo;

use crate::candidates::Approach;

/// What proxies say, in `Forwarded` (RFC 7239) or the `X-Forwarded-…` headers before it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Forwarded {
    /// Addresses of the client and of the proxies behind it, in the order of the way.
    addresses: Vec<IpAddr>,
    host: Option<String>,
}

/// Reads it from the connection and the request's headers.
pub(super) fn of(trusts: impl Fn(IpAddr) -> bool, connection: Option<&ConnInfo>, headers: &HeaderMap) -> Approach {
    let remote = connection.map(|info| info.remote.ip());
    let forwarded = if remote.is_some_and(&trusts) { Forwarded::read(headers) } else { Forwarded::default() };
    // The last address that is no proxy of ours: what stands before it is the client's own claim.
    let client = forwarded.addresses.iter().rev().find(|ip| !trusts(**ip)).or(forwarded.addresses.first()).copied().or(remote);
    let host = forwarded.host.or_else(|| first(headers, header::HOST.as_str()));
    Approach { over_loopback: client.is_some_and(|ip| ip.to_canonical().is_loopback()), host: host.and_then(|host| host_literal(&host)) }
}

impl Forwarded {
    fn read(headers: &HeaderMap) -> Self {
        let standard: Vec<&str> = all(headers, "forwarded").flat_map(|value| value.split([',', ';'])).collect();
        if standard.is_empty() {
            let addresses = all(headers, "x-forwarded-for").flat_map(|value| value.split(',')).filter_map(address).collect();
            return Self { addresses, host: first(headers, "x-forwarded-host") };
        }
        let named = |name: &str| {
            let value = move |pair: &&str| {
                let (key, value) = pair.split_once('=')?;
                key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
            };
            standard.iter().filter_map(value).collect::<Vec<String>>()
        };
        Self { addresses: named("for").iter().filter_map(|text| address(text)).collect(), host: named("host").into_iter().next() }
    }
}

fn all<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok())
}

fn first(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = all(headers, name).next()?;
    value.split(',').next().map(|host| host.trim().to_owned())
}

/// An address with or without brackets and port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    text.parse().ok().or_else(|| host_literal(text))
}

fn host_literal(host: &str) -> Option<IpAddr> {
    let authority: http::uri::Authority = host.parse().ok()?;
    authority.host().trim_start_matches('[').trim_end_matches(']').parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::config::Network;

    fn approach(remote: &str, headers: &[(&'static str, &str)]) -> Approach {
        let headers = headers.iter().map(|(name, value)| (name.parse::<header::HeaderName>().unwrap(), value.parse().unwrap())).collect();
        let local = "127.0.0.1:5002".parse().unwrap();
        let connection = ConnInfo { remote: remote.parse().unwrap(), local, tls: false };
        let trusted = Network::loopback();
        of(|ip| trusted.iter().any(|network| network.contains(ip)), Some(&connection), &headers)
    }

    #[test]
    fn the_way_of_a_client_is_read_from_what_can_be_trusted() {
        let ip = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        for (remote, headers, over_loopback, host) in [
            ("127.0.0.1:9", &[("host", "192.0.2.7:5002")][..], true, ip("192.0.2.7")),
            ("[::ffff:127.0.0.1]:9", &[("host", "media.example.org")], true, None),
            ("198.51.100.7:9", &[("host", "[2001:db8::1]:80")], false, ip("2001:db8::1")),
            // Not from a proxy of ours: nobody believes it.
            ("198.51.100.7:9", &[("x-forwarded-for", "127.0.0.1"), ("x-forwarded-host", "192.0.2.1")], false, None),
            ("127.0.0.1:9", &[("x-forwarded-for", "198.51.100.7"), ("host", "127.0.0.1")], false, ip("127.0.0.1")),
            ("127.0.0.1:9", &[("x-forwarded-for", "127.0.0.1, 198.51.100.7"), ("x-forwarded-host", "192.0.2.1")], false, ip("192.0.2.1")),
            ("127.0.0.1:9", &[("x-forwarded-for", "198.51.100.7, 127.0.0.1")], false, None),
            ("127.0.0.1:9", &[("x-forwarded-for", "127.0.0.1")], true, None),
            ("127.0.0.1:9", &[("forwarded", "for=198.51.100.7;host=192.0.2.1, for=127.0.0.1")], false, ip("192.0.2.1")),
            ("127.0.0.1:9", &[("forwarded", "for=\"[2001:db8::9]:4711\";proto=https")], false, None),
        ] {
            let expected = Approach { over_loopback, host };
            assert_eq!(approach(remote, headers), expected, "{remote} {headers:?}");
        }
    }
}
