//! The REST interface.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use protocol::rest::{
    AddPeer, Data, Health, Peer, PeerCreated, PeerOptions, Room, RoomConfig, RoomCreated, SubscribeTracks, TokenRefreshed,
};
use reqwest::{Method, RequestBuilder, StatusCode, redirect};
use serde::de::DeserializeOwned;

use crate::address::Address;
use crate::{Error, Notifier, Timing, Topic};

/// Longest wait for a whole answer. Longer hides a server that hangs, shorter gives up on one that is only busy.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest wait for a connection: a neighbour accepts at once or not at all.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Longest answer that is read: the list of 10,000 rooms with some peers each fits.
const MAX_ANSWER: usize = 64 * 1024 * 1024;

/// A client of one media server. Clones share the connections.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    inner: Arc<Inner>,
}

struct Inner {
    address: Address,
    token: String,
}

/// A peer that was just added.
#[derive(Clone, PartialEq)]
pub struct NewPeer {
    /// The peer.
    pub peer: Peer,
    /// With it a client connects; a secret.
    pub token: String,
    /// `<public address of the server>/socket/peer/websocket`, without scheme; `None` when the server does not say.
    pub websocket_address: Option<String>,
}

impl From<PeerCreated> for NewPeer {
    fn from(created: PeerCreated) -> Self {
        Self { peer: created.peer, token: created.token, websocket_address: created.peer_websocket_url }
    }
}

impl fmt::Debug for NewPeer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewPeer").field("peer", &self.peer.id).finish_non_exhaustive()
    }
}

impl Client {
    /// A client of the server at `address` (`http://host:port`, or `https://host/path`), which accepts `token`.
    pub fn new(address: &str, token: impl Into<String>) -> Result<Self, Error> {
        let address = Address::parse(address)?;
        let mut http = reqwest::Client::builder()
            .user_agent(concat!("videoroom-server-sdk/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .tcp_nodelay(true);
        if !address.is_tls() {
            // A machine without any certificate store can still talk plain HTTP.
            http = http.tls_certs_only([]);
        }
        let http = http.build().map_err(Error::from_transport)?;
        Ok(Self { http, inner: Arc::new(Inner { address, token: token.into() }) })
    }

    /// Creates a room. All fields of the configuration are optional; without an id the server makes one.
    pub async fn create_room(&self, config: &RoomConfig) -> Result<Room, Error> {
        let created: RoomCreated = self.read(self.request(Method::POST, &["room"]).json(config)).await?;
        Ok(created.room)
    }

    /// All rooms of the server, also those of other applications.
    pub async fn rooms(&self) -> Result<Vec<Room>, Error> {
        self.read(self.request(Method::GET, &["room"])).await
    }

    /// One room.
    pub async fn room(&self, id: &str) -> Result<Room, Error> {
        self.read(self.request(Method::GET, &["room", id])).await
    }

    /// Ends a room and disconnects all its peers.
    pub async fn delete_room(&self, id: &str) -> Result<(), Error> {
        self.send(self.request(Method::DELETE, &["room", id])).await.map(drop)
    }

    /// Adds a peer to a room.
    pub async fn add_peer(&self, room: &str, options: PeerOptions) -> Result<NewPeer, Error> {
        let body = AddPeer { kind: "webrtc".into(), options };
        let created: PeerCreated = self.read(self.request(Method::POST, &["room", room, "peer"]).json(&body)).await?;
        Ok(created.into())
    }

    /// Removes a peer and disconnects it.
    pub async fn delete_peer(&self, room: &str, peer: &str) -> Result<(), Error> {
        self.send(self.request(Method::DELETE, &["room", room, "peer", peer])).await.map(drop)
    }

    /// Removes a peer and disconnects it; its client is told the reason before: 1 to 64 characters of `a-z A-Z 0-9 - _ .`. An
    /// addition of Jellyfish; other servers ignore it.
    pub async fn delete_peer_because(&self, room: &str, peer: &str, reason: &str) -> Result<(), Error> {
        self.send(self.request_with(Method::DELETE, &["room", room, "peer", peer], &[("reason", reason)])).await.map(drop)
    }

    /// Another token for a peer, which may have lost its own or waited for longer than a token lives. The older ones stay good.
    pub async fn refresh_token(&self, room: &str, peer: &str) -> Result<String, Error> {
        let refreshed: TokenRefreshed = self.read(self.request(Method::POST, &["room", room, "peer", peer, "refresh_token"])).await?;
        Ok(refreshed.token)
    }

    /// Lets a peer whose [`subscribe_mode`](PeerOptions::subscribe_mode) is manual get all tracks of another one, those to come
    /// included.
    pub async fn subscribe_peer(&self, room: &str, peer: &str, publisher: &str) -> Result<(), Error> {
        let path = ["room", room, "peer", peer, "subscribe_peer"];
        self.send(self.request_with(Method::POST, &path, &[("peer_id", publisher)])).await.map(drop)
    }

    /// Lets a peer whose [`subscribe_mode`](PeerOptions::subscribe_mode) is manual get these tracks, at most 1,000 at once.
    pub async fn subscribe_tracks(&self, room: &str, peer: &str, tracks: &[&str]) -> Result<(), Error> {
        let body = SubscribeTracks { track_ids: tracks.iter().map(|id| (*id).to_owned()).collect() };
        self.send(self.request(Method::POST, &["room", room, "peer", peer, "subscribe_tracks"]).json(&body)).await.map(drop)
    }

    /// Whether the server takes the token; [`Error::Unauthorized`] when it does not.
    pub async fn validate(&self) -> Result<(), Error> {
        self.send(self.request(Method::GET, &["validate"])).await.map(drop)
    }

    /// Whether the server serves, and which one it is.
    pub async fn health(&self) -> Result<Health, Error> {
        self.read(self.request(Method::GET, &["health"])).await
    }

    /// Starts listening to what happens on the server. Needs a tokio runtime.
    pub fn notifier(&self) -> Notifier {
        self.notifier_with(Timing::default())
    }

    /// Like [`Client::notifier`], with other waits.
    pub fn notifier_with(&self, timing: Timing) -> Notifier {
        Notifier::start(self.clone(), &[Topic::Notifications], timing)
    }

    /// Like [`Client::notifier_with`], listening to these topics: [`Topic::Metrics`] brings a report every second.
    pub fn notifier_of(&self, topics: &[Topic], timing: Timing) -> Notifier {
        Notifier::start(self.clone(), topics, timing)
    }

    pub(crate) fn token(&self) -> &str {
        &self.inner.token
    }

    /// A request without authentication and time-out, for the socket.
    pub(crate) fn socket_request(&self) -> RequestBuilder {
        self.http.get(self.inner.address.join(&["socket", "server", "websocket"]))
    }

    pub(crate) fn request(&self, method: Method, path: &[&str]) -> RequestBuilder {
        self.request_with(method, path, &[] as &[(&str, &str)])
    }

    /// A request with a query.
    pub(crate) fn request_with(&self, method: Method, path: &[&str], query: &[(impl AsRef<str>, impl AsRef<str>)]) -> RequestBuilder {
        let mut url = self.inner.address.join(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.http.request(method, url).bearer_auth(&self.inner.token).timeout(ANSWER_TIMEOUT)
    }

    pub(crate) async fn read<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, Error> {
        let body = self.send(request).await?;
        let answer: Data<T> = serde_json::from_slice(&body).map_err(|error| Error::Protocol(error.to_string()))?;
        Ok(answer.data)
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Vec<u8>, Error> {
        let mut answer = request.send().await.map_err(Error::from_transport)?;
        let status = answer.status();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(Error::from_transport)? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(Error::Protocol(format!("longer than {MAX_ANSWER} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        match status {
            StatusCode::OK | StatusCode::CREATED | StatusCode::NO_CONTENT => Ok(body),
            _ => Err(Error::from_answer(status, &body)),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("address", &self.inner.address).finish_non_exhaustive()
    }
}
