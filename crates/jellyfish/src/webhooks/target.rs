//! Which addresses may be posted to.
//!
//! Whoever may create rooms chooses where this server sends requests. Addresses that only machines near the server reach are
//! therefore refused unless the operator allows them: else a webhook would be a way into the operator's network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::Url;
use thiserror::Error;

use crate::config::Network;

/// Longest address of a webhook, in bytes.
pub const MAX_URL: usize = 2048;

/// Where requests may go.
#[derive(Clone, Debug, Default)]
pub(crate) struct Targets {
    allowed: Vec<Network>,
}

/// Why an address cannot be a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum TargetError {
    /// It is no `http` or `https` URL with a host and a path.
    #[error("no URL")]
    Malformed,
    /// It names an address that is not allowed.
    #[error("{0} is not a public address")]
    Refused(IpAddr),
}

impl Targets {
    /// Public addresses and these networks.
    pub(crate) fn new(allowed: Vec<Network>) -> Self {
        Self { allowed }
    }

    /// Whether requests may go to this address.
    pub(crate) fn allows(&self, ip: IpAddr) -> bool {
        is_public(ip) || self.allowed.iter().any(|network| network.contains(ip))
    }

    /// Reads the address of a webhook. A path must be there, even when it is only `/`. Names are looked up later, at each
    /// connection; an IP address in any notation is judged now.
    pub(crate) fn read(&self, text: &str) -> Result<Url, TargetError> {
        let is_odd = |byte: u8| byte.is_ascii_whitespace() || byte.is_ascii_control() || byte == b'\\';
        let (scheme, rest) = text.split_once("://").ok_or(TargetError::Malformed)?;
        if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            return Err(TargetError::Malformed);
        }
        if text.len() > MAX_URL || text.bytes().any(is_odd) || !rest.contains('/') || rest.starts_with('/') {
            return Err(TargetError::Malformed);
        }
        let url: Url = text.parse().map_err(|_| TargetError::Malformed)?;
        match literal(&url) {
            Some(ip) if !self.allows(ip) => Err(TargetError::Refused(ip)),
            _ => Ok(url),
        }
    }

    /// Whether the URL names an address that is refused.
    pub(super) fn refuses(&self, url: &Url) -> bool {
        literal(url).is_some_and(|ip| !self.allows(ip))
    }
}

/// The IP address that stands in the URL. The URL's parser has brought all notations of IPv4 into one.
fn literal(url: &Url) -> Option<IpAddr> {
    url.host_str()?.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// Whether the whole internet means the same machine by it.
fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

/// All but the special-purpose ranges (RFC 6890).
fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let protocol_assignments = (a, b, c) == (192, 0, 0);
    let benchmarks = a == 198 && (18..20).contains(&b);
    !(a == 0
        || a >= 240
        || ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || shared
        || protocol_assignments
        || benchmarks)
}

/// Global unicast (RFC 4291 section 2.5.4), and where an IPv4 address is embedded, only what that one allows.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let v4 = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match ip.segments() {
        // NAT64 (RFC 6052 section 2.1) and 6to4 (RFC 3056 section 2).
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => is_public_v4(v4(high, low)),
        // Protocol assignments, Teredo and documentation (RFC 6890, RFC 9637).
        [0x2001, 0..0x200 | 0xdb8, ..] | [0x3fff, 0..0x1000, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn addresses_that_only_neighbours_reach_are_refused() {
        let targets = Targets::default();
        for (address, allowed) in [
            ("8.8.8.8", true),
            ("100.63.255.255", true),
            ("172.32.0.1", true),
            ("192.0.1.1", true),
            ("2606:4700::1", true),
            ("64:ff9b::808:808", true),
            ("2002:808:808::1", true),
            ("0.0.0.0", false),
            ("10.0.0.1", false),
            ("100.64.0.1", false),
            ("127.0.0.1", false),
            ("127.255.255.254", false),
            ("169.254.169.254", false),
            ("172.16.0.1", false),
            ("192.0.0.8", false),
            ("192.168.1.1", false),
            ("198.18.0.1", false),
            ("203.0.113.1", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("::", false),
            ("::1", false),
            ("::ffff:127.0.0.1", false),
            ("::127.0.0.1", false),
            ("64:ff9b::7f00:1", false),
            ("64:ff9b:1::808:808", false),
            ("2002:7f00:1::", false),
            ("2001::1", false),
            ("2001:db8::1", false),
            ("3fff::1", false),
            ("fc00::1", false),
            ("fd12::1", false),
            ("fe80::1", false),
            ("ff02::1", false),
        ] {
            assert_eq!(targets.allows(address.parse().unwrap()), allowed, "{address}");
        }
    }

    #[test]
    fn allowed_networks_are_let_through() {
        let targets = Targets::new(vec!["10.1.0.0/16".parse().unwrap(), "::1".parse().unwrap()]);
        for (address, allowed) in
            [("10.1.2.3", true), ("::ffff:10.1.2.3", true), ("10.2.0.1", false), ("::1", true), ("127.0.0.1", false), ("8.8.8.8", true)]
        {
            assert_eq!(targets.allows(address.parse().unwrap()), allowed, "{address}");
        }
    }

    #[test]
    fn urls_are_read_and_literal_addresses_judged() {
        let targets = Targets::new(vec!["10.1.0.0/16".parse().unwrap()]);
        let refused = |ip: &str| Err(TargetError::Refused(ip.parse().unwrap()));
        let long = format!("http://example.org/{}", "x".repeat(MAX_URL));
        for (text, expected) in [
            ("http://example.org/", Ok("http://example.org/")),
            ("https://user:pass@example.org:8443/a?b#c", Ok("https://user:pass@example.org:8443/a?b#c")),
            ("http://h:1/", Ok("http://h:1/")),
            ("HTTPS://example.org/", Ok("https://example.org/")),
            ("http://localhost/", Ok("http://localhost/")),
            ("http://10.1.0.1/hook", Ok("http://10.1.0.1/hook")),
            ("http://10.2.0.1/hook", refused("10.2.0.1")),
            ("http://2130706433/", refused("127.0.0.1")),
            ("http://0x7f.1/", refused("127.0.0.1")),
            ("http://0177.0.0.01/", refused("127.0.0.1")),
            ("http://127.1/", refused("127.0.0.1")),
            ("http://[::1]/", refused("::1")),
            ("http://[::ffff:127.0.0.1]/", refused("::ffff:127.0.0.1")),
            ("http://169.254.169.254/latest", refused("169.254.169.254")),
            ("http://h:1", Err(TargetError::Malformed)),
            ("nan", Err(TargetError::Malformed)),
            ("", Err(TargetError::Malformed)),
            ("ftp://example.org/", Err(TargetError::Malformed)),
            ("file:///etc/passwd", Err(TargetError::Malformed)),
            ("http:///path", Err(TargetError::Malformed)),
            ("http://h:99999/", Err(TargetError::Malformed)),
            ("http://a b/", Err(TargetError::Malformed)),
            ("http://example.org\\@127.0.0.1/", Err(TargetError::Malformed)),
            ("http://example.org/\r\nx: y", Err(TargetError::Malformed)),
            (long.as_str(), Err(TargetError::Malformed)),
        ] {
            let found = targets.read(text);
            assert_eq!(found.as_ref().map(Url::as_str), expected.as_ref().copied(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(http://|https://)?\\PC{0,40}/?") {
            let targets = Targets::default();
            if let Ok(url) = targets.read(&text) {
                proptest::prop_assert!(!targets.refuses(&url));
                proptest::prop_assert!(url.has_host());
            }
        }
    }
}
