//! Who asks, and under which address they know us: from the connection, and from what trusted proxies say.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::{HeaderMap, header};
use net::tcp::ConnInfo;

use crate::config::{Network, PublicUrl};

/// Facts about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Requester {
    /// The client: the nearest address that is no trusted proxy.
    pub(crate) client: IpAddr,
    /// Whether the client speaks HTTPS, to us or to the proxy.
    pub(crate) https: bool,
    /// Only the browser says that it speaks HTTPS: the proxy that it speaks to does not.
    pub(crate) undeclared: bool,
    /// `host[:port]` that the client used.
    pub(crate) host: String,
}

/// How to find them out.
#[derive(Clone, Debug)]
pub(crate) struct Forwarding {
    /// Proxies whose headers count.
    pub(crate) trusted: Vec<Network>,
    /// The address that people use, when it is configured.
    pub(crate) public_url: Option<PublicUrl>,
}

impl Forwarding {
    /// The facts about a request; `None` when it did not come over a connection of ours.
    pub(crate) fn requester(&self, request: &Request) -> Option<Requester> {
        let info = request.extensions().get::<ConnInfo>()?;
        let authority = request.uri().authority().map(http::uri::Authority::as_str);
        Some(self.resolve(info, request.headers(), authority))
    }

    fn resolve(&self, info: &ConnInfo, headers: &HeaderMap, authority: Option<&str>) -> Requester {
        let remote = info.remote.ip().to_canonical();
        let direct = text(headers, header::HOST.as_str()).or(authority);
        let mut found = Requester {
            client: remote,
            https: info.tls,
            undeclared: false,
            host: valid_host(direct).unwrap_or_else(|| info.local.to_string()),
        };
        if self.is_trusted(remote) {
            let forwarded = Forwarded::read(headers);
            found.client = self.client(remote, &forwarded.addresses);
            if let Some(proto) = forwarded.proto {
                found.https = proto.eq_ignore_ascii_case("https") || proto.eq_ignore_ascii_case("wss");
            }
            if let Some(host) = valid_host(forwarded.host.as_deref()) {
                found.host = host;
            }
        }
        found.undeclared = !found.https && is_secure_context(headers) && !is_local(&found.host);
        found.https |= found.undeclared;
        found
    }

    /// `http(s)://host[:port]` under which this requester reaches us, or the configured address; and its path, if it has one.
    pub(crate) fn origin(&self, requester: &Requester) -> (bool, String, String) {
        match &self.public_url {
            Some(url) => (url.is_https(), url.authority().to_owned(), url.path().to_owned()),
            None => (requester.https, requester.host.clone(), String::new()),
        }
    }

    /// The last address of the chain that is no trusted proxy; each proxy appends the one that it saw.
    fn client(&self, remote: IpAddr, chain: &[Option<IpAddr>]) -> IpAddr {
        let mut client = remote;
        for address in chain.iter().rev() {
            let Some(address) = address else { break };
            client = *address;
            if !self.is_trusted(client) {
                break;
            }
        }
        client
    }

    fn is_trusted(&self, ip: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(ip))
    }
}

/// What proxies say.
#[derive(Default)]
struct Forwarded {
    /// In the order of the chain; `None` for what is no address.
    addresses: Vec<Option<IpAddr>>,
    proto: Option<String>,
    host: Option<String>,
}

impl Forwarded {
    /// `Forwarded` (RFC 7239) when there is one, else the `X-Forwarded-` headers.
    fn read(headers: &HeaderMap) -> Self {
        let mut found = Self::default();
        for element in list(headers, "forwarded") {
            let mut address = None;
            for pair in element.split(';') {
                let Some((name, value)) = pair.split_once('=') else { continue };
                let value = value.trim().trim_matches('"');
                match name.trim().to_ascii_lowercase().as_str() {
                    "for" => address = ip(value),
                    "proto" => found.proto = found.proto.or_else(|| Some(value.to_owned())),
                    "host" => found.host = found.host.or_else(|| Some(value.to_owned())),
                    _ => {}
                }
            }
            found.addresses.push(address);
        }
        if found.addresses.is_empty() {
            found.addresses = list(headers, "x-forwarded-for").map(ip).collect();
            found.proto = list(headers, "x-forwarded-proto").next().map(str::to_owned);
            found.host = list(headers, "x-forwarded-host").next().map(str::to_owned);
        }
        found
    }
}

/// Whether a browser says that it trusts the connection: it sends these headers over nothing else (Fetch Metadata Request Headers,
/// section 2), so for hosts other than this machine that is HTTPS.
fn is_secure_context(headers: &HeaderMap) -> bool {
    headers.contains_key("sec-fetch-mode")
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// All elements of a list header, also when it is repeated (RFC 9110 section 5.3).
fn list<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim).filter(|element| !element.is_empty())
}

/// An address as proxies write it, with or without port.
fn ip(text: &str) -> Option<IpAddr> {
    let plain = text.parse().ok();
    let with_port = || text.parse::<std::net::SocketAddr>().ok().map(|address| address.ip());
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    plain.or_else(with_port).or_else(bracketed).map(|ip: IpAddr| ip.to_canonical())
}

/// A host that may stand in addresses and policies that we write.
fn valid_host(host: Option<&str>) -> Option<String> {
    let host = host?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    (!host.is_empty() && host.len() <= 260 && host.bytes().all(fits)).then(|| host.to_owned())
}

/// Whether browsers give camera and microphone to this host without HTTPS: localhost and loopback addresses.
pub(super) fn is_local(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or(rest, |(address, _)| address),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    let name_is_local = name.eq_ignore_ascii_case("localhost") || name.to_ascii_lowercase().ends_with(".localhost");
    name_is_local || name.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn resolve(remote: &str, tls: bool, headers: &[(&str, &str)]) -> (String, bool, String) {
        let trusted = ["127.0.0.0/8", "10.0.0.0/8", "fd00::/8"].map(|network| network.parse().unwrap()).to_vec();
        let forwarding = Forwarding { trusted, public_url: None };
        let info = ConnInfo { remote: remote.parse().unwrap(), local: "192.0.2.1:8080".parse().unwrap(), tls };
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::try_from(*name).unwrap(), HeaderValue::try_from(*value).unwrap());
        }
        let found = forwarding.resolve(&info, &map, None);
        (found.client.to_string(), found.https, found.host)
    }

    fn expect(client: &str, https: bool, host: &str) -> (String, bool, String) {
        (client.to_owned(), https, host.to_owned())
    }

    #[test]
    fn without_a_proxy_the_connection_counts() {
        let lies = [
            ("host", "a.example"),
            ("x-forwarded-for", "198.51.100.1"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "evil.example"),
        ];
        assert_eq!(resolve("203.0.113.9:1", false, &lies), expect("203.0.113.9", false, "a.example"));
        assert_eq!(resolve("203.0.113.9:1", true, &[]), expect("203.0.113.9", true, "192.0.2.1:8080"));
        assert_eq!(resolve("[::ffff:203.0.113.9]:1", true, &[("host", "<a>")]), expect("203.0.113.9", true, "192.0.2.1:8080"));
    }

    #[test]
    fn trusted_proxies_tell_who_asks() {
        for (headers, expected) in [
            (
                &[("host", "inner"), ("x-forwarded-for", "198.51.100.1"), ("x-forwarded-proto", "https"), ("x-forwarded-host", "a.example")]
                    as &[_],
                expect("198.51.100.1", true, "a.example"),
            ),
            (&[("host", "a.example"), ("x-forwarded-for", "6.6.6.6, 198.51.100.1, 10.1.1.1")], expect("198.51.100.1", false, "a.example")),
            (&[("host", "a"), ("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "198.51.100.1")], expect("198.51.100.1", false, "a")),
            (&[("host", "a"), ("x-forwarded-for", "10.1.1.1, 10.2.2.2")], expect("10.1.1.1", false, "a")),
            (&[("host", "a"), ("x-forwarded-for", "198.51.100.1, nonsense")], expect("127.0.0.1", false, "a")),
            (&[("host", "a"), ("x-forwarded-host", "a b")], expect("127.0.0.1", false, "a")),
            (
                &[
                    ("host", "a"),
                    ("forwarded", r#"for="[2001:db8::7]:4711";proto=https;host="b.example:8443""#),
                    ("x-forwarded-for", "6.6.6.6"),
                ],
                expect("2001:db8::7", true, "b.example:8443"),
            ),
            (
                &[("host", "a"), ("forwarded", "for=6.6.6.6, for=198.51.100.1:99"), ("forwarded", "for=unknown")],
                expect("127.0.0.1", false, "a"),
            ),
        ] {
            assert_eq!(resolve("127.0.0.1:1", false, headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn a_browser_knows_https_that_its_proxy_does_not_tell_of() {
        let page = ("sec-fetch-mode", "navigate");
        assert!(resolve("203.0.113.9:1", false, &[("host", "a.example"), page]).1);
        assert!(resolve("127.0.0.1:1", false, &[("host", "a.example"), ("x-forwarded-proto", "http"), page]).1, "an outer proxy");
        assert!(!resolve("127.0.0.1:1", false, &[("host", "localhost:8080"), page]).1, "trusted without HTTPS");
        assert!(!resolve("127.0.0.1:1", false, &[("host", "a.localhost"), page]).1, "trusted without HTTPS");
    }

    #[test]
    fn hosts_that_browsers_trust_without_https() {
        for host in ["localhost", "LOCALHOST:8080", "127.0.0.1:80", "127.9.9.9", "[::1]:8080", "[::1]"] {
            assert!(is_local(host), "{host}");
        }
        for host in ["192.168.1.5:8080", "localhost.example", "a.example", "[2001:db8::1]:80", "::1.example", ""] {
            assert!(!is_local(host), "{host}");
        }
    }
}
