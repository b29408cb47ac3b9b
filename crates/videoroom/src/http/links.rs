//! The links that somebody at this machine can give to others.

use axum::Json;
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderMap, Version};
use net::tcp::ConnInfo;
use serde::Serialize;
use utoipa::ToSchema;

use super::requester::is_local;
use super::{App, Requester};

/// What proxies add.
const PROXY_HEADERS: [&str; 5] = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];

/// Links for others.
#[derive(Serialize, ToSchema)]
pub(super) struct LinksAnswer {
    /// Addresses of the home page, without trailing slash, the best first. Empty unless the page was opened at this machine
    /// itself, as `localhost` or a loopback address.
    #[schema(example = json!(["https://192.168.1.5:8080"]))]
    links: Vec<String>,
}

/// Addresses under which other machines reach this page, for somebody who opened it as `localhost`.
#[utoipa::path(get, path = "/api/links", operation_id = "links", tag = "rooms",
    responses((status = 200, description = "The addresses, if any", body = LinksAnswer)))]
pub(super) async fn read(State(app): State<App>, Extension(requester): Extension<Requester>, request: Request) -> Json<LinksAnswer> {
    let info = request.extensions().get::<ConnInfo>();
    let here = info.is_some_and(|info| is_here(info, &requester, request.version(), request.headers()));
    Json(LinksAnswer { links: if here { app.0.links.for_others() } else { Vec::new() } })
}

/// Whether a browser on this machine asks. A proxy on this machine speaks for strangers, and not every one says so.
fn is_here(info: &ConnInfo, requester: &Requester, version: Version, headers: &HeaderMap) -> bool {
    let direct = version == Version::HTTP_11 && !PROXY_HEADERS.iter().any(|name| headers.contains_key(*name));
    info.remote.ip().to_canonical().is_loopback() && direct && is_local(&requester.host)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn only_a_browser_on_this_machine_is_told() {
        let ask = |remote: &str, host: &str, version, header: Option<&'static str>| {
            let info = ConnInfo { remote: remote.parse().unwrap(), local: "127.0.0.1:8080".parse().unwrap(), tls: false };
            let requester = Requester { client: info.remote.ip(), https: false, undeclared: false, host: host.to_owned() };
            let headers: HeaderMap = header.map(|name| (name.parse().unwrap(), "x".parse().unwrap())).into_iter().collect();
            is_here(&info, &requester, version, &headers)
        };
        assert!(ask("127.0.0.1:1", "localhost:8080", Version::HTTP_11, None));
        assert!(ask("[::ffff:127.0.0.1]:1", "127.0.0.1:8080", Version::HTTP_11, None));
        assert!(ask("[::1]:1", "[::1]:8080", Version::HTTP_11, None));
        assert!(!ask("192.168.1.9:1", "localhost:8080", Version::HTTP_11, None), "a stranger");
        assert!(!ask("127.0.0.1:1", "evil.example", Version::HTTP_11, None), "another site, by a name that leads here");
        assert!(!ask("127.0.0.1:1", "localhost:8080", Version::HTTP_10, None), "nginx as it is installed");
        for header in PROXY_HEADERS {
            assert!(!ask("127.0.0.1:1", "localhost:8080", Version::HTTP_11, Some(header)), "{header}");
        }
    }
}
