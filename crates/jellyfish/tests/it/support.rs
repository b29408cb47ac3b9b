//! A server for one test, and clients of it.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use jellyfish::config::{Config, Metrics, Secret, Tls};
use jellyfish::{Running, start};
use net::tcp::ListenAddress;
use protocol::notification::Notification;
use protocol::proto::media_events::peer::media_event as client;
use protocol::proto::media_events::server::media_event::Content as Event;
use protocol::proto::media_events::{peer, server};
use protocol::proto::peer_message::Content as PeerContent;
use protocol::proto::server_message::{AuthRequest, Content, EventType, SubscribeRequest};
use protocol::proto::{Message as _, PeerMessage, ServerMessage};
use protocol::signalling::protobuf::encode_auth_request;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::ice::OFFER;

pub(crate) const TOKEN: &str = "test-token";

/// Longest wait for anything that must happen: generous, because machines are slow.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A running server.
pub(crate) struct Server {
    pub(crate) running: Running,
    pub(crate) data_dir: TempDir,
    http: reqwest::Client,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        Self::in_directory(tempfile::tempdir().unwrap(), change).await
    }

    pub(crate) async fn in_directory(data_dir: TempDir, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config {
            listen: ListenAddress::One(([127, 0, 0, 1], 0).into()),
            media_port: 0,
            api_token: Some(Secret::new(TOKEN)),
            data_dir: data_dir.path().to_owned(),
            tls: Tls::Off,
            workers: 3,
            metrics: Metrics::On(ListenAddress::One(([127, 0, 0, 1], 0).into())),
            fault_injection: true,
            ..Config::default()
        };
        change(&mut config);
        let running = start(config).await.unwrap();
        Self { running, data_dir, http: reqwest::Client::new() }
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.running.api_addr()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr())
    }

    /// A request without token, to be changed.
    pub(crate) fn bare(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, self.url(path))
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.bare(method, path).bearer_auth(TOKEN)
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        answer(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        answer(self.request(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> (StatusCode, Value) {
        answer(self.request(Method::DELETE, path)).await
    }

    pub(crate) async fn room(&self, options: Value) -> String {
        let (status, body) = self.post("/room", options).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        body["data"]["room"]["id"].as_str().unwrap().to_owned()
    }

    /// A new peer's id and token.
    pub(crate) async fn peer(&self, room: &str) -> (String, String) {
        let (status, body) = self.post(&format!("/room/{room}/peer"), json!({"type": "webrtc"})).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&body["data"]["peer"]["id"]), text(&body["data"]["token"]))
    }

    /// A client that has authenticated.
    pub(crate) async fn client(&self, token: &str) -> Socket {
        let mut socket = Socket::peer(self).await;
        socket.send(encode_auth_request(token, "web-0.25.1")).await;
        assert!(matches!(socket.peer_content().await, PeerContent::Authenticated(_)));
        socket
    }

    /// A back end that is subscribed to notifications.
    pub(crate) async fn subscriber(&self) -> Socket {
        let mut socket = Socket::server(self).await;
        socket.send(server_message(Content::AuthRequest(AuthRequest { token: TOKEN.to_owned() }))).await;
        assert!(matches!(socket.server_content().await, Content::Authenticated(_)));
        socket.send(subscribe(EventType::ServerNotification)).await;
        assert!(matches!(socket.server_content().await, Content::SubscribeResponse(_)));
        socket
    }

    pub(crate) async fn peer_in(&self, room: &str, peer: &str) -> Option<Value> {
        let (status, body) = self.get(&format!("/room/{room}")).await;
        assert_eq!(status, StatusCode::OK);
        body["data"]["peers"].as_array().unwrap().iter().find(|found| found["id"] == peer).cloned()
    }

    /// Waits until the server's figures fit.
    pub(crate) async fn until_stats(&self, what: &str, fit: impl Fn(&[jellyfish::WorkerStats]) -> bool) {
        let wait = async {
            while !fit(&self.running.worker_stats().await) {
                tokio::task::yield_now().await;
            }
        };
        assert!(timeout(PATIENCE, wait).await.is_ok(), "{what}: {:?}", self.running.worker_stats().await);
    }
}

/// Runs the test of that name in a process of its own, where it has the memory and the open files for itself. Returns true
/// in the process that only waits for the other one.
pub(crate) fn ran_alone(test: &str) -> bool {
    const ALONE: &str = "JELLYFISH_TEST_ALONE";
    if std::env::var_os(ALONE).is_some() {
        return false;
    }
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    let output = command.args([test, "--exact", "--nocapture"]).env(ALONE, "1").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}{}", String::from_utf8_lossy(&output.stderr));
    true
}

pub(crate) async fn answer(request: reqwest::RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap_or(Value::String(text)) };
    (status, body)
}

pub(crate) fn errors(sentence: &str) -> Value {
    json!({"errors": sentence})
}

pub(crate) fn server_message(content: Content) -> Vec<u8> {
    ServerMessage { content: Some(content) }.encode_to_vec()
}

pub(crate) fn subscribe(event_type: EventType) -> Vec<u8> {
    server_message(Content::SubscribeRequest(SubscribeRequest { event_type: event_type as i32, after: None }))
}

pub(crate) fn media_event(content: peer::media_event::Content) -> Vec<u8> {
    let event = peer::MediaEvent { content: Some(content) };
    PeerMessage { content: Some(PeerContent::PeerMediaEvent(event)) }.encode_to_vec()
}

pub(crate) fn connect_event(metadata: &str) -> Vec<u8> {
    media_event(peer::media_event::Content::Connect(peer::media_event::Connect {
        metadata_json: metadata.to_owned(),
        grouped_streams: false,
    }))
}

/// A WebSocket to the server.
pub(crate) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Socket {
    pub(crate) async fn at(address: SocketAddr, path: &str, headers: &[(&'static str, &str)]) -> Self {
        let mut request = format!("ws://{address}{path}").into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let (stream, _) = connect_async(request).await.unwrap();
        Self { stream }
    }

    pub(crate) async fn peer(server: &Server) -> Self {
        Self::at(server.addr(), "/socket/peer/websocket", &[]).await
    }

    pub(crate) async fn server(server: &Server) -> Self {
        Self::at(server.addr(), "/socket/server/websocket", &[]).await
    }

    pub(crate) async fn send(&mut self, bytes: Vec<u8>) {
        self.stream.send(Message::Binary(bytes.into())).await.unwrap();
    }

    pub(crate) async fn send_text(&mut self, text: &str) {
        self.stream.send(Message::Text(text.into())).await.unwrap();
    }

    /// Sends, whether or not the server still reads.
    pub(crate) async fn try_send(&mut self, bytes: Vec<u8>) -> bool {
        self.stream.send(Message::Binary(bytes.into())).await.is_ok()
    }

    /// The next binary frame.
    pub(crate) async fn frame(&mut self) -> Vec<u8> {
        match self.next().await {
            Message::Binary(bytes) => bytes.into(),
            other => panic!("no binary frame: {other:?}"),
        }
    }

    pub(crate) async fn peer_content(&mut self) -> PeerContent {
        PeerMessage::decode(self.frame().await.as_slice()).unwrap().content.unwrap()
    }

    pub(crate) async fn server_content(&mut self) -> Content {
        ServerMessage::decode(self.frame().await.as_slice()).unwrap().content.unwrap()
    }

    /// The next event of the server to a client.
    pub(crate) async fn event(&mut self) -> server::media_event::Content {
        match self.peer_content().await {
            PeerContent::ServerMediaEvent(event) => event.content.unwrap(),
            other => panic!("no event: {other:?}"),
        }
    }

    /// Sends all of this, and tells what comes meanwhile and afterwards, until the connection ends.
    pub(crate) async fn shout(self, frames: Vec<Vec<u8>>, mut hear: impl FnMut(server::media_event::Content)) {
        let (mut sink, mut stream) = self.stream.split();
        let sending = async {
            for frame in frames {
                sink.send(Message::Binary(frame.into())).await.unwrap();
            }
            std::future::pending::<()>().await;
        };
        let reading = async {
            while let Some(Ok(message)) = stream.next().await {
                let Message::Binary(bytes) = message else { continue };
                let Some(PeerContent::ServerMediaEvent(event)) = PeerMessage::decode(bytes).unwrap().content else { continue };
                hear(event.content.unwrap());
            }
        };
        tokio::select! {
            () = reading => {}
            () = sending => {}
        }
    }

    pub(crate) async fn notification(&mut self) -> Notification {
        let content = self.server_content().await;
        Notification::from_content(content).expect("a message that is a notification")
    }

    /// Waits for the close, whatever comes before.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        loop {
            if let Message::Close(frame) = self.next().await {
                return reason(frame);
            }
        }
    }

    /// Asserts that nothing but what `wanted` leaves out came before the answer to a ping: the server has read all that was
    /// sent before.
    pub(crate) async fn is_alive_and_silent(&mut self) {
        self.stream.send(Message::Ping(b"sync".to_vec().into())).await.unwrap();
        match self.next().await {
            Message::Pong(payload) => assert_eq!(&payload[..], b"sync"),
            other => panic!("the server said something: {other:?}"),
        }
    }

    /// Waits until the server has read what was sent before; how it closed, when it did instead.
    pub(crate) async fn settled(&mut self) -> Option<(u16, String)> {
        // An error means that the server has closed; why comes below.
        let _ = self.stream.send(Message::Ping(b"settled".to_vec().into())).await;
        loop {
            match self.next().await {
                Message::Pong(payload) if &payload[..] == b"settled" => return None,
                Message::Close(frame) => return Some(reason(frame)),
                _ => {}
            }
        }
    }

    /// Waits for the answer to an offer; how the server closed, when it did instead.
    pub(crate) async fn answer_or_close(&mut self) -> Result<(), (u16, String)> {
        loop {
            match self.next().await {
                Message::Binary(bytes) => {
                    let content = PeerMessage::decode(bytes).unwrap().content;
                    if let Some(PeerContent::ServerMediaEvent(server::MediaEvent { content: Some(Event::SdpAnswer(_)) })) = content {
                        return Ok(());
                    }
                }
                Message::Close(frame) => return Err(reason(frame)),
                _ => {}
            }
        }
    }

    pub(crate) async fn close(mut self) {
        self.stream.close(None).await.unwrap();
    }

    /// Closes without code and reason, as clients do, and returns the server's answer.
    pub(crate) async fn close_and_wait(mut self) -> (u16, String) {
        self.stream.close(None).await.unwrap();
        let answer = self.closed().await;
        assert!(timeout(PATIENCE, self.stream.next()).await.unwrap().is_none(), "the connection ends cleanly");
        answer
    }

    async fn next(&mut self) -> Message {
        loop {
            match timeout(PATIENCE, self.stream.next()).await {
                Ok(Some(Ok(Message::Ping(_)))) => {}
                Ok(Some(Ok(message))) => return message,
                Ok(Some(Err(error))) => panic!("the connection broke: {error}"),
                Ok(None) => panic!("the connection ended"),
                Err(elapsed) => panic!("nothing came: {elapsed}"),
            }
        }
    }
}

fn reason(frame: Option<CloseFrame>) -> (u16, String) {
    frame.map_or((1005, String::new()), |frame| (frame.code.into(), frame.reason.to_string()))
}

/// Negotiates a video track; returns its id and the answer.
pub(crate) async fn publish(socket: &mut Socket, peer: &str) -> (String, String) {
    socket.send(connect_event("{\"name\":\"Ana\"}")).await;
    assert!(matches!(socket.event().await, Event::Connected(_)));
    let answer = offer(socket, peer).await;
    let track = format!("{peer}:video-1");
    assert_eq!(answer.mid_to_track_id.get("0"), Some(&track));
    (track, answer.sdp)
}

/// Offers a video track; returns the answer.
pub(crate) async fn offer(socket: &mut Socket, peer: &str) -> server::media_event::SdpAnswer {
    socket.send(media_event(client::Content::RenegotiateTracks(client::RenegotiateTracks {}))).await;
    // What others publish may be told first.
    loop {
        match socket.event().await {
            Event::OfferData(_) => break,
            Event::TracksAdded(_) | Event::EndpointAdded(_) => {}
            other => panic!("no offer data: {other:?}"),
        }
    }
    let track = format!("{peer}:video-1");
    let offer = client::SdpOffer {
        sdp: OFFER.replace('\n', "\r\n"),
        track_id_to_metadata_json: [(track.clone(), Value::from("myvideo").to_string())].into(),
        track_id_to_bitrates: [].into(),
        mid_to_track_id: [("0".to_owned(), track)].into(),
    };
    socket.send(media_event(client::Content::SdpOffer(offer))).await;
    let Event::SdpAnswer(answer) = socket.event().await else { panic!("no answer") };
    answer
}
