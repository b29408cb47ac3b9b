//! A Backend with a media server, and what a browser does.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use protocol::proto::peer_message::{AuthRequest, Content};
use protocol::proto::{Message as _, PeerMessage};
use protocol::rest::{PeerStatus, Room};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server_sdk::Client;
use tempfile::TempDir;
use testkit::scripted::{Scripted, TOKEN};
use testkit::{eventually, servers};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use videoroom::rooms::RoomName;
use videoroom::server;

/// Makes of one story two tests: with our media server and with the scripted one.
macro_rules! with_both {
    ($($name:ident $([$($flag:expr),*])?;)*) => {
        mod jellyfish {
            $(#[tokio::test] async fn $name() { super::$name(crate::support::System::with_jellyfish(&[$($($flag),*)?]).await).await; })*
        }
        mod scripted {
            $(#[tokio::test] async fn $name() { super::$name(crate::support::System::with_scripted(&[$($($flag),*)?]).await).await; })*
        }
    };
}
pub(crate) use with_both;

/// A Backend and its media server.
pub(crate) struct System {
    pub(crate) web: Web,
    /// The media server's API, to look behind the Backend.
    pub(crate) media: Client,
    running: Running,
    data: TempDir,
}

enum Running {
    /// Product and media server in one, running until the test's runtime ends.
    Jellyfish,
    Scripted(server::Running, Scripted),
}

impl System {
    pub(crate) async fn with_jellyfish(flags: &[&str]) -> Self {
        let data = TempDir::new().unwrap();
        let product = servers::product(data.path(), flags).await;
        let media = Client::new(&format!("http://{}", product.media().unwrap().api_addr()), servers::API_TOKEN).unwrap();
        Self { web: Web::new(product.backend().local_addr()), media, running: Running::Jellyfish, data }
    }

    pub(crate) async fn with_scripted(flags: &[&str]) -> Self {
        let (data, media) = (TempDir::new().unwrap(), Scripted::start().await);
        let backend = servers::backend(data.path(), flags, &media);
        let client = Client::new(&media.url(), TOKEN).unwrap();
        let system = Self { web: Web::new(backend.local_addr()), media: client, running: Running::Scripted(backend, media), data };
        eventually("the Backend's subscription", async || match system.script().subscribers() {
            0 => Err("a subscriber".to_owned()),
            _ => Ok(()),
        })
        .await;
        system
    }

    /// The scripted media server.
    pub(crate) fn script(&self) -> &Scripted {
        match &self.running {
            Running::Scripted(_, media) => media,
            Running::Jellyfish => panic!("this story needs the scripted media server"),
        }
    }

    /// Ends the Backend as a crash does and starts a new one on the same media server and data; only for the scripted one.
    pub(crate) async fn restart_backend(self, meanwhile: impl AsyncFnOnce(&Client)) -> Self {
        let Running::Scripted(backend, script) = self.running else { panic!("this story needs the scripted media server") };
        backend.shutdown().await;
        meanwhile(&self.media).await;
        let backend = servers::backend(self.data.path(), &[], &script);
        Self { web: Web::new(backend.local_addr()), running: Running::Scripted(backend, script), ..self }
    }

    /// The media server's view of a room; `None` when it is gone.
    pub(crate) async fn room(&self, name: &str) -> Option<Room> {
        match self.media.room(id(name).as_str()).await {
            Ok(room) => Some(room),
            Err(server_sdk::Error::RoomNotFound) => None,
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) async fn gone(&self, name: &str) {
        let patience = Duration::from_secs(20);
        testkit::eventually_within(patience, "the room is removed", async || match self.room(name).await {
            None => Ok(()),
            Some(room) => Err(format!("{} peers are in it", room.peers.len())),
        })
        .await;
    }

    /// Waits until so many peers of the room are connected.
    pub(crate) async fn connected(&self, name: &str, count: usize) {
        eventually("connected peers", async || {
            let room = self.room(name).await.ok_or("the room is gone")?;
            let connected = room.peers.iter().filter(|peer| peer.status == PeerStatus::Connected).count();
            if connected == count { Ok(()) } else { Err(format!("{connected} are connected instead of {count}")) }
        })
        .await;
    }
}

/// The media server's id of a room.
pub(crate) fn id(name: &str) -> String {
    RoomName::parse(name).unwrap().id().to_string()
}

/// Whether this process may do everything.
pub(crate) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

/// What a browser sends to the public port.
pub(crate) struct Web {
    address: SocketAddr,
    http: reqwest::Client,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn expect_error(&self, status: u16, code: &str) {
        assert_eq!((self.status.as_u16(), self.json()["error"]["code"].as_str()), (status, Some(code)), "{self:?}");
        assert!(self.json()["error"]["message"].as_str().is_some_and(|message| message.len() > 5), "{self:?}");
    }
}

/// A join that worked.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    pub(crate) token: String,
    pub(crate) url: String,
    pub(crate) peer: String,
    pub(crate) identity: String,
    pub(crate) room: String,
}

impl Web {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).danger_accept_invalid_certs(true);
        Self { address, http: http.no_proxy().build().unwrap() }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<reqwest::Body>) -> Answer {
        self.send_to("http", method, path, headers, body).await
    }

    pub(crate) async fn send_to(
        &self,
        scheme: &str,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        let mut request = self.http.request(method, format!("{scheme}://{}{path}", self.address)).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        Answer { status: answer.status(), headers: answer.headers().clone(), text: answer.text().await.unwrap() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], "").await
    }

    pub(crate) async fn post_join(&self, room: &str, body: &Value) -> Answer {
        self.send(Method::POST, &format!("/api/rooms/{room}/join"), &[], body.to_string()).await
    }

    /// A join that has to work. `room` as it stands in the path.
    pub(crate) async fn join(&self, room: &str, name: &str) -> Access {
        self.join_as(room, &json!({"name": name})).await
    }

    pub(crate) async fn rejoin(&self, room: &str, name: &str, identity: &str) -> Access {
        self.join_as(room, &json!({"name": name, "identity": identity})).await
    }

    async fn join_as(&self, room: &str, body: &Value) -> Access {
        Access::read(&self.post_join(room, body).await)
    }
}

impl Access {
    /// From the answer to a join that has to work.
    pub(crate) fn read(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{answer:?}");
        let json = answer.json();
        let text = |key: &str| json[key].as_str().unwrap_or_else(|| panic!("{key} in {json}")).to_owned();
        let (token, url) = (text("token"), text("url"));
        Self { token, url, peer: text("peerId"), identity: text("identity"), room: text("room") }
    }
}

/// The client's socket of a peer.
pub(crate) struct PeerSocket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl PeerSocket {
    /// Connects and authenticates as the page does.
    pub(crate) async fn connect(access: &Access) -> Result<Self, String> {
        let (mut socket, _) = connect_async(&access.url).await.map_err(|error| error.to_string())?;
        let request = AuthRequest { token: access.token.clone(), ..AuthRequest::default() };
        let bytes = PeerMessage { content: Some(Content::AuthRequest(request)) }.encode_to_vec();
        socket.send(Message::Binary(bytes.into())).await.map_err(|error| error.to_string())?;
        match socket.next().await {
            Some(Ok(Message::Binary(bytes))) => match PeerMessage::decode(bytes).unwrap().content {
                Some(Content::Authenticated(_)) => Ok(Self(socket)),
                other => Err(format!("{other:?} instead of the authentication")),
            },
            Some(Ok(Message::Close(Some(frame)))) => Err(frame.reason.to_string()),
            other => Err(format!("{other:?} instead of the authentication")),
        }
    }

    /// Leaves as a closed tab does.
    pub(crate) async fn leave(mut self) {
        self.0.close(None).await.unwrap();
        while let Some(Ok(_)) = self.0.next().await {}
    }

    /// Waits for what the server tells about the peer's removal; the reason.
    pub(crate) async fn removed(&mut self) -> String {
        let removed = async {
            while let Some(Ok(message)) = self.0.next().await {
                if let Message::Binary(bytes) = message
                    && let Some(Content::Removed(removed)) = PeerMessage::decode(bytes).unwrap().content
                {
                    return removed.reason;
                }
            }
            panic!("the socket ended without a reason")
        };
        tokio::time::timeout(Duration::from_secs(15), removed).await.expect("the reason comes within 15 s")
    }

    /// Waits until the server closes the socket; the reason.
    pub(crate) async fn closed(self) -> String {
        self.close().await.map_or_else(|broken| broken, |(_, reason)| reason)
    }

    /// Waits until the server closes the socket: code and reason, or how it ended without them.
    pub(crate) async fn close(mut self) -> Result<(u16, String), String> {
        loop {
            match tokio::time::timeout(Duration::from_secs(15), self.0.next()).await.expect("the socket is closed within 15 s") {
                Some(Ok(Message::Close(Some(frame)))) => return Ok((frame.code.into(), frame.reason.to_string())),
                Some(Ok(Message::Close(None))) | None => return Err(String::new()),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.to_string()),
            }
        }
    }
}
