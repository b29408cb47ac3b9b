//! How a client came: directly, or through proxies whose word counts.

use std::net::IpAddr;

use http::{HeaderMap, header};
use net::tcp::ConnInfo;

use crate::app::App;
use crate::candidates::Approach;

/// Reads it from the connection and the request's headers.
pub(super) fn of(app: &App, connection: Option<&ConnInfo>, headers: &HeaderMap) -> Approach {
    let remote = connection.map(|info| info.remote.ip());
    let via_proxy = remote.is_some_and(|ip| app.trusts(ip));
    let client = if via_proxy { forwarded_for(app, headers).or(remote) } else { remote };
    let host = if via_proxy { text(headers, "x-forwarded-host") } else { None }.or_else(|| text(headers, header::HOST.as_str()));
    Approach { over_loopback: client.is_some_and(|ip| ip.to_canonical().is_loopback()), host: host.and_then(host_literal) }
}

/// The last address in `X-Forwarded-For` that is no proxy of ours: what stands before it is the client's own claim.
fn forwarded_for(app: &App, headers: &HeaderMap) -> Option<IpAddr> {
    let all: Vec<IpAddr> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|part| part.trim().trim_start_matches('[').trim_end_matches(']').parse().ok())
        .collect();
    all.iter().rev().find(|ip| !app.trusts(**ip)).or(all.first()).copied()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn host_literal(host: &str) -> Option<IpAddr> {
    let authority: http::uri::Authority = host.split(',').next()?.trim().parse().ok()?;
    authority.host().trim_start_matches('[').trim_end_matches(']').parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn only_literal_hosts_are_addresses() {
        for (host, expected) in [
            ("192.0.2.7:5002", Some("192.0.2.7")),
            ("192.0.2.7", Some("192.0.2.7")),
            ("[2001:db8::1]:80", Some("2001:db8::1")),
            ("media.example.org:5002", None),
            ("", None),
        ] {
            assert_eq!(host_literal(host), expected.map(|ip| ip.parse().unwrap()), "{host}");
        }
    }
}
