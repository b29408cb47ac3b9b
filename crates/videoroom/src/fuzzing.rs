//! Decoders of what strangers send, for the fuzz targets. Each function panics when an invariant does not hold.
//!
//! The committed corpora are replayed by the tests below, on any toolchain.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use axum::Router;
use axum::body::{self, Body};
use net::tcp::ConnInfo;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt as _;

use crate::config;
use crate::rooms::{DisplayName, IdentityKey, MAX_NAME, RoomId, RoomName};
use crate::server::{MediaServer, Sockets, assemble};
use request::Asked;

const SECRET: &[u8] = b"a secret of at least 32 bytes, for tests";

/// Names of rooms and people, and ids of rooms.
pub fn names(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(name) = RoomName::parse(&text) {
        assert!((1..=MAX_NAME).contains(&name.as_str().chars().count()), "{name:?}");
        assert_eq!(RoomName::parse(name.as_str()).as_ref(), Ok(&name), "a name that was read is a name");
        let id = name.id();
        assert_eq!(RoomId::recognise(id.as_str()), Some(id), "an id of ours is recognised");
    }
    if let Some(id) = RoomId::recognise(&text) {
        assert_eq!(id.as_str(), text, "an id has one spelling");
    }
    if let Ok(name) = DisplayName::parse(&text) {
        assert!((1..=MAX_NAME).contains(&name.as_str().chars().count()), "{}", name.as_str());
        assert!(DisplayName::parse(name.as_str()).as_ref() == Ok(&name), "{}: a name that was read is a name", name.as_str());
    }
}

/// What the page says who somebody is: as it is, and as what remains of a good identity whose bytes are changed by it.
pub fn identity(bytes: &[u8]) {
    let key = IdentityKey::new(SECRET);
    assert!(key.verify(&String::from_utf8_lossy(bytes)).is_none(), "nobody else makes identities of this key");
    let person = key.create([7; 16]);
    let mut good = person.identity.as_str().as_bytes().to_vec();
    good.iter_mut().zip(bytes).for_each(|(byte, change)| *byte ^= change);
    if let Some(found) = key.verify(&String::from_utf8_lossy(&good)) {
        assert_eq!(found, person, "an identity stands for its person");
    }
}

/// A Backend without its port. Behind it is a media server that whoever feeds it has started.
pub struct Backend {
    runtime: Runtime,
    routes: Router,
    /// Whoever asks much meets a limit, so that everybody asks once.
    clients: u32,
}

impl Backend {
    /// What everything runs on, the media server included.
    pub fn runtime() -> Runtime {
        Builder::new_current_thread().enable_all().build().expect("a runtime")
    }

    /// Prepares one in front of a media server, which has been started on the same runtime.
    pub fn start(runtime: Runtime, data_dir: &Path, url: &str, token: &str) -> Self {
        let data_dir = data_dir.to_str().expect("a path that is text");
        let most = MAX_PEERS.to_string();
        let arguments = ["videoroom", "--media-server", url, "--media-server-token", token, "--data-dir", data_dir, "--max-peers", &most];
        let config = config::load(arguments, &[]).expect("the settings are good");
        let sockets = Sockets::Elsewhere(url.parse().expect("it is a URL"));
        let media = MediaServer::new(url, token, sockets).expect("the address is good");
        let routes = runtime.block_on(async { assemble(&config, media, IdentityKey::new(SECRET), LOCAL, false).routes });
        Self { runtime, routes, clients: 0 }
    }

    /// Asks what the bytes say, and returns the status; `None`: they are no request. A server error is a finding.
    pub fn ask(&mut self, bytes: &[u8]) -> Option<u16> {
        self.clients += 1;
        let mut asked = Asked::read(bytes);
        asked.headers.push(("x-forwarded-for".to_owned(), Ipv4Addr::from_bits(self.clients | 1 << 31).to_string()));
        let mut request = asked.into_request::<Body>()?;
        request.extensions_mut().insert(ConnInfo { remote: (Ipv4Addr::LOCALHOST, 1).into(), local: LOCAL, tls: false });
        let answer = async {
            let Ok(response) = self.routes.clone().oneshot(request).await;
            let status = response.status().as_u16();
            let body = body::to_bytes(response.into_body(), usize::MAX).await.expect("an answer ends");
            (status, body)
        };
        let (status, body) = self.runtime.block_on(answer);
        assert!(status < 500, "{status} {}", String::from_utf8_lossy(&body));
        // Nothing else says who somebody is.
        if let Some(joined) = serde_json::from_slice::<Value>(&body).ok().filter(|answer| answer.get("identity").is_some()) {
            assert_eq!(status, 200, "{joined}");
            let identity = joined["identity"].as_str().and_then(|identity| IdentityKey::new(SECRET).verify(identity));
            assert!(identity.is_some(), "whoever is let in is somebody: {joined}");
            assert!(joined["room"].as_str().is_some_and(|room| RoomName::parse(room).is_ok()), "{joined}");
            assert!(joined["url"].as_str().is_some_and(|url| url.starts_with("ws")), "{joined}");
        }
        Some(status)
    }
}

const LOCAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
/// So few that rooms fill up.
const MAX_PEERS: usize = 3;

#[cfg(test)]
#[path = "../../../fuzz/replay.rs"]
mod replay;
#[path = "../../../fuzz/request.rs"]
mod request;

#[cfg(test)]
mod tests {
    use testkit::scripted::{Scripted, TOKEN};

    use super::replay::replay;
    use super::*;

    #[test]
    fn names_and_mutations() {
        replay("names", 20_000, names);
    }

    #[test]
    fn identities_and_mutations() {
        replay("identity", 2_000, identity);
    }

    const AGAIN: &[u8] = include_bytes!("../../../fuzz/corpus/backend/join-again");

    #[test]
    fn requests_and_mutations() {
        let data_dir = tempfile::tempdir().expect("a directory");
        let runtime = Backend::runtime();
        let media = runtime.block_on(Scripted::start());
        let mut backend = Backend::start(runtime, data_dir.path(), &media.url(), TOKEN);
        // Whoever comes again takes the place of their former self, as long as the room has one for them.
        let mut statuses: Vec<_> = [AGAIN; 2].into_iter().filter_map(|bytes| backend.ask(bytes)).collect();
        replay("backend", 2_000, |bytes| statuses.extend(backend.ask(bytes)));
        for expected in [200, 400, 404, 405, 409] {
            assert!(statuses.contains(&expected), "no request was answered with {expected}");
        }
        for reached in ["POST /room", "POST /room/{id}/peer", "GET /room/{id}", "DELETE /room/{id}/peer/{peer}"] {
            assert!(media.requests(reached) > 0, "the media server was never asked for {reached}");
        }
    }
}
