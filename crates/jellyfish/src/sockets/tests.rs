//! The sockets' patience with silence, on a clock that stands still: over memory, so that nothing waits for the system.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use futures_util::{SinkExt as _, StreamExt as _};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use net::tcp::ListenAddress;
use protocol::notification::Notification;
use protocol::proto::server_message::{AuthRequest, Content, EventType, SubscribeRequest};
use protocol::proto::{Message as _, ServerMessage};
use protocol::signalling::protobuf::encode_auth_request;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, DuplexStream, duplex};
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::protocol::CloseFrame as Closing;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::{WebSocketStream, client_async};

use super::*;
use crate::config::{Config, Secret, Tls};
use crate::rooms::{PeerSettings, RoomCommand, RoomSettings};
use crate::server::{Running, start};
use crate::token::Bearer;

async fn server(data_dir: &TempDir) -> Running {
    let config = Config {
        listen: ListenAddress::One(([127, 0, 0, 1], 0).into()),
        media_port: 0,
        api_token: Some(Secret::new("token")),
        data_dir: data_dir.path().to_owned(),
        tls: Tls::Off,
        workers: 1,
        metrics: crate::config::Metrics::Off,
        ..Config::default()
    };
    start(config).await.unwrap()
}

/// An authenticated socket. What waits for other threads is over when this returns: then the clock can be stopped.
async fn authenticated(server: &Running, path: &str, request: Vec<u8>) -> WebSocketStream<DuplexStream> {
    let (near, far) = duplex(64 * 1024);
    let connection = http1::Builder::new().serve_connection(TokioIo::new(far), TowerToHyperService::new(server.api_router()));
    tokio::spawn(connection.with_upgrades());
    let (mut socket, _) = client_async(format!("ws://localhost{path}"), near).await.unwrap();
    socket.send(Frame::Binary(request.into())).await.unwrap();
    assert!(matches!(socket.next().await, Some(Ok(Frame::Binary(_)))), "not authenticated");
    socket
}

/// A client that answers lives on; one that does not is asked once more and then given up.
async fn is_asked_and_given_up(mut socket: WebSocketStream<DuplexStream>) {
    tokio::time::pause();
    let started = Instant::now();
    for asked in 1..=4 {
        assert!(matches!(socket.next().await, Some(Ok(Frame::Ping(_)))));
        assert_eq!(started.elapsed().as_secs(), asked * PING_INTERVAL.as_secs());
        // Sends the answer.
        socket.flush().await.unwrap();
    }
    let silent = Instant::now();
    let wire = socket.get_mut();
    let mut frames = Vec::new();
    while frames.last().is_none_or(|(_, opcode, _)| *opcode != CLOSE) {
        let (head, length) = (wire.read_u8().await.unwrap(), wire.read_u8().await.unwrap());
        let mut payload = vec![0; usize::from(length)];
        wire.read_exact(&mut payload).await.unwrap();
        frames.push((silent.elapsed().as_secs(), head & 0x0f, payload));
    }
    let normal = 1000_u16.to_be_bytes().to_vec();
    assert_eq!(frames, [(PING_INTERVAL.as_secs(), PING, Vec::new()), (IDLE_TIMEOUT.as_secs(), CLOSE, normal)]);
    tokio::time::resume();
}

/// Opcodes of RFC 6455 section 11.8.
const CLOSE: u8 = 8;
const PING: u8 = 9;

#[tokio::test]
async fn limit_silence_of_a_client() {
    let data_dir = tempfile::tempdir().unwrap();
    let server = server(&data_dir).await;
    let bearer = Bearer { room: "room".into(), peer: "peer".into() };
    server.app().workers.create_room(bearer.room.clone(), RoomSettings::default()).await.unwrap();
    let (room, peer) = (bearer.room.clone(), bearer.peer.clone());
    server.app().workers.command(RoomCommand::AddPeer { room, peer, settings: PeerSettings::default() }).await.unwrap();
    let token = server.app().token_key.sign(std::time::SystemTime::now(), &bearer);
    let request = encode_auth_request(&token, "web-0.25.1");
    is_asked_and_given_up(authenticated(&server, "/socket/peer/websocket", request).await).await;
    server.shutdown().await;
}

#[tokio::test]
async fn limit_silence_of_a_back_end() {
    let data_dir = tempfile::tempdir().unwrap();
    let server = server(&data_dir).await;
    let request = ServerMessage { content: Some(Content::AuthRequest(AuthRequest { token: "token".to_owned() })) }.encode_to_vec();
    is_asked_and_given_up(authenticated(&server, "/socket/server/websocket", request).await).await;
    server.shutdown().await;
}

/// One that only paused learns why it was disconnected, behind all that it left unread.
#[tokio::test]
async fn limit_time_for_a_back_end_that_reads_again() {
    let data_dir = tempfile::tempdir().unwrap();
    let server = server(&data_dir).await;
    let request = ServerMessage { content: Some(Content::AuthRequest(AuthRequest { token: "token".to_owned() })) }.encode_to_vec();
    for (pause, told) in [(WRITE_TIMEOUT + SLOW_READER_TIMEOUT / 2, true), (WRITE_TIMEOUT + SLOW_READER_TIMEOUT * 2, false)] {
        let mut socket = authenticated(&server, "/socket/server/websocket", request.clone()).await;
        let subscribe = SubscribeRequest { event_type: EventType::ServerNotification as i32, after: None };
        let subscribe = ServerMessage { content: Some(Content::SubscribeRequest(subscribe)) };
        socket.send(Frame::Binary(subscribe.encode_to_vec().into())).await.unwrap();
        assert!(matches!(socket.next().await, Some(Ok(Frame::Binary(_)))), "not subscribed");
        tokio::time::pause();
        // More than the pipe holds.
        for _ in 0..2_000 {
            server.app().notifications.publish(Notification::RoomCreated { room: "r".repeat(100) });
        }
        // The clock is paused: how late somebody reads is what this is about, and nobody waits for it.
        tokio::time::sleep(pause).await;
        let mut last = None;
        while let Some(Ok(frame)) = socket.next().await {
            last = Some(frame);
        }
        let close = Frame::Close(Some(Closing { code: CloseCode::Policy, reason: "slow reader".into() }));
        assert_eq!(last == Some(close), told, "{last:?} after {pause:?}");
        tokio::time::resume();
    }
    server.shutdown().await;
}
