//! Clients that outlive their socket.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use peer::{Event as PeerEvent, Peer, PeerOptions, rest};
use protocol::notification::Notification;
use protocol::proto::media_events::peer::media_event as client;
use protocol::proto::media_events::server::media_event::Content as Event;
use protocol::proto::peer_message::{Authenticated, Content, Resumption};
use protocol::signalling::Resume;
use protocol::signalling::protobuf::{encode_auth_request, encode_auth_request_with, encode_ping};
use reqwest::StatusCode;
use serde_json::json;
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::ice::Answer;
use crate::support::{PATIENCE, Server, Socket, TOKEN, connect_event, errors, media_event, publish};

async fn authenticate(server: &Server, token: &str, resume: Resume) -> (Socket, Resumption) {
    let mut socket = Socket::peer(server).await;
    socket.send(encode_auth_request_with(token, "web-0.25.1", resume)).await;
    let Content::Authenticated(Authenticated { resumption, .. }) = socket.peer_content().await else { panic!("not authenticated") };
    (socket, resumption.unwrap())
}

/// Checks as a browser sends them, so that the client counts as living until this is dropped.
struct Life(JoinHandle<()>);

impl Life {
    async fn begin(server: &Server, answer: Answer) -> Self {
        let media = SocketAddr::from(([127, 0, 0, 1], server.running.media_port()));
        let socket = UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
        let check = async |number| {
            socket.send_to(&answer.check(number), media).await.unwrap();
            let mut response = [0; 1500];
            timeout(PATIENCE, socket.recv(&mut response)).await.unwrap().unwrap();
            assert_eq!(response[..2], [1, 1], "a binding success response");
        };
        check(0).await;
        Self(tokio::spawn(async move {
            for number in 1.. {
                tokio::time::sleep(Duration::from_millis(500)).await;
                socket.send_to(&answer.check(number), media).await.unwrap();
            }
        }))
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A client `peer` that can resume, publishes and lives, and somebody who watches.
struct Meeting {
    server: Server,
    room: String,
    peer: String,
    token: String,
    socket: Option<Socket>,
    session: String,
    life: Life,
    watcher: Socket,
    back_end: Socket,
}

/// Media events that the client has received and sent: `connected`, `offerData`, the answer.
const SAID: u64 = 3;

impl Meeting {
    async fn new() -> Self {
        let server = Server::start().await;
        let room = server.room(json!({})).await;
        let (peer, token) = server.peer(&room).await;
        let (mut socket, resumption) = authenticate(&server, &token, Resume::default()).await;
        assert_eq!((resumption.resumed, resumption.received, resumption.kept_ms), (false, 0, 15_000));
        let (_, sdp) = publish(&mut socket, &peer).await;
        let life = Life::begin(&server, Answer::read(&sdp)).await;
        let (_, token_of_watcher) = server.peer(&room).await;
        let mut watcher = server.client(&token_of_watcher).await;
        watcher.send(connect_event("{}")).await;
        for _ in 0..3 {
            // `connected`, `tracksAdded`, `offerData`.
            watcher.event().await;
        }
        assert!(matches!(socket.event().await, Event::EndpointAdded(_)));
        let back_end = server.subscriber().await;
        Self { server, room, peer, token, socket: Some(socket), session: resumption.session, life, watcher, back_end }
    }

    /// The same, after its TCP connection broke and the server knows.
    async fn without_socket() -> Self {
        let mut meeting = Box::pin(Self::new()).await;
        meeting.socket = None;
        let clients = |stats: &[jellyfish::WorkerStats]| stats.iter().map(|stats| stats.clients).sum::<usize>();
        meeting.server.until_stats("the socket is lost", |stats| clients(stats) == 1).await;
        meeting
    }

    fn socket(&mut self) -> &mut Socket {
        self.socket.as_mut().unwrap()
    }

    async fn resume(&self, received: u64) -> (Socket, Resumption) {
        authenticate(&self.server, &self.token, Resume { session: self.session.clone(), received }).await
    }

    async fn status(&self) -> String {
        self.server.peer_in(&self.room, &self.peer).await.unwrap()["status"].as_str().unwrap().to_owned()
    }

    /// The back end hears that the client has gone, and nothing before.
    async fn is_told_of_the_end(&mut self) {
        let peer = self.peer.clone();
        let told = self.back_end.notification().await;
        assert!(matches!(&told, Notification::PeerDisconnected { peer: gone, .. } if *gone == peer), "{told:?}");
        assert!(matches!(self.back_end.notification().await, Notification::TrackRemoved { .. }));
    }
}

fn update(metadata: &str) -> Vec<u8> {
    media_event(client::Content::UpdateEndpointMetadata(client::UpdateEndpointMetadata { metadata_json: metadata.to_owned() }))
}

#[tokio::test]
async fn resume_over_another_socket_unnoticed() {
    let mut meeting = Meeting::without_socket().await;
    assert_eq!(meeting.status().await, "connected");
    meeting.watcher.is_alive_and_silent().await;
    meeting.back_end.is_alive_and_silent().await;
    meeting.watcher.send(update("{\"missed\":1}")).await;
    assert!(matches!(meeting.back_end.notification().await, Notification::PeerMetadataUpdated { .. }));

    // As if `endpointAdded` had been lost with the socket.
    let (mut socket, resumption) = meeting.resume(SAID).await;
    assert_eq!((resumption.resumed, resumption.received, &resumption.session), (true, SAID, &meeting.session));
    assert!(matches!(socket.event().await, Event::EndpointAdded(_)));
    let Event::EndpointUpdated(missed) = socket.event().await else { panic!("nothing was missed") };
    assert_eq!(missed.metadata_json, "{\"peer\":{\"missed\":1},\"server\":{}}");
    socket.is_alive_and_silent().await;
    // The session goes on in both directions.
    socket.send(update("{\"back\":1}")).await;
    assert!(matches!(meeting.watcher.event().await, Event::EndpointUpdated(_)));
    let back_end = meeting.back_end.notification().await;
    assert!(matches!(back_end, Notification::PeerMetadataUpdated { .. }), "{back_end:?}");
    socket.send(encode_ping(SAID + 2)).await;
    let Content::Pong(pong) = socket.peer_content().await else { panic!("no pong") };
    assert_eq!(pong.received, SAID + 1);
    let stats = meeting.server.running.worker_stats().await;
    let sum = |of: fn(&jellyfish::WorkerStats) -> u64| stats.iter().map(of).sum::<u64>();
    let counted = [sum(|it| it.resumptions.kept), sum(|it| it.resumptions.resumed), sum(|it| it.resumptions.expired)];
    assert_eq!(counted, [1, 1, 0]);
}

#[tokio::test]
async fn resume_again_when_the_first_new_socket_dies_too() {
    let meeting = Meeting::without_socket().await;
    for _ in 0..3 {
        // Nobody reads what comes over it.
        let mut socket = Socket::peer(&meeting.server).await;
        let resume = Resume { session: meeting.session.clone(), received: SAID };
        socket.send(encode_auth_request_with(&meeting.token, "web-0.25.1", resume)).await;
    }
    let (mut socket, resumption) = meeting.resume(SAID).await;
    assert!(resumption.resumed);
    assert!(matches!(socket.event().await, Event::EndpointAdded(_)));
    socket.is_alive_and_silent().await;
}

#[tokio::test]
async fn resume_of_another_session_begins_a_new_one() {
    for (session, received) in [(Some("AAAAAAAAAAAAAAAAAAAAAA"), SAID), (Some(""), 0), (None, 1_000)] {
        let mut meeting = Meeting::without_socket().await;
        let session = session.unwrap_or(&meeting.session).to_owned();
        let (mut socket, resumption) = authenticate(&meeting.server, &meeting.token, Resume { session, received }).await;
        assert!(!resumption.resumed && resumption.received == 0 && resumption.session != meeting.session);
        meeting.is_told_of_the_end().await;
        assert!(matches!(meeting.back_end.notification().await, Notification::PeerConnected { .. }));
        socket.send(connect_event("{}")).await;
        assert!(matches!(socket.event().await, Event::Connected(_)));
    }
}

#[tokio::test]
async fn resume_leaves_a_half_open_socket_behind() {
    // The right name is enough: nobody has to wait for the dead socket.
    let mut meeting = Meeting::new().await;
    let started = Instant::now();
    let (mut socket, resumption) = meeting.resume(SAID + 1).await;
    assert!(resumption.resumed && started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    assert_eq!(meeting.socket().closed().await, (1000, "peer already connected".into()));
    socket.is_alive_and_silent().await;
    meeting.watcher.is_alive_and_silent().await;
    meeting.back_end.is_alive_and_silent().await;
    assert_eq!(meeting.status().await, "connected");

    // Anybody else waits for the answer to a ping, which the dead socket does not give.
    let (_another, resumption) = authenticate(&meeting.server, &meeting.token, Resume::default()).await;
    assert!(!resumption.resumed);
    meeting.is_told_of_the_end().await;
}

#[tokio::test]
async fn resume_is_not_for_a_socket_that_was_closed() {
    let mut meeting = Meeting::new().await;
    meeting.socket.take().unwrap().close().await;
    meeting.is_told_of_the_end().await;
    let (_socket, resumption) = meeting.resume(SAID + 1).await;
    assert!(!resumption.resumed);
}

#[tokio::test]
async fn resume_is_not_for_a_client_without_media() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    let (peer, token) = server.peer(&room).await;
    let (mut socket, _) = authenticate(&server, &token, Resume::default()).await;
    socket.send(connect_event("{}")).await;
    assert!(matches!(socket.event().await, Event::Connected(_)));
    let mut back_end = server.subscriber().await;
    drop(socket);
    let told = back_end.notification().await;
    assert!(matches!(&told, Notification::PeerDisconnected { peer: gone, .. } if *gone == peer), "{told:?}");
}

#[tokio::test]
async fn resume_waits_for_living_media_only() {
    let mut meeting = Meeting::without_socket().await;
    let lost = Instant::now();
    meeting.back_end.is_alive_and_silent().await;
    drop(std::mem::replace(&mut meeting.life, Life(tokio::spawn(async {}))));
    meeting.is_told_of_the_end().await;
    let after = lost.elapsed();
    assert!((Duration::from_secs(5)..Duration::from_secs(10)).contains(&after), "{after:?}");
    assert_eq!(meeting.status().await, "disconnected");
}

#[tokio::test]
async fn clients_that_do_not_resume_get_the_published_bytes() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    let (_, token) = server.peer(&room).await;
    let mut socket = Socket::peer(&server).await;
    socket.send(encode_auth_request(&token, "web-0.25.1")).await;
    assert_eq!(socket.frame().await, [0x0a, 0x02, 0x08, 0x01]);
}

#[tokio::test]
async fn a_deleted_peer_is_told_why() {
    let mut meeting = Meeting::new().await;
    let path = format!("/room/{}/peer/{}", meeting.room, meeting.peer);
    let sentence = "Expected reason to be 1 to 64 characters of a-z, A-Z, 0-9, '-', '_' and '.'";
    for reason in ["", "two%20words", "%22", &"x".repeat(65)] {
        let answer = meeting.server.delete(&format!("{path}?reason={reason}")).await;
        assert_eq!(answer, (StatusCode::BAD_REQUEST, errors(sentence)), "{reason}");
    }
    assert_eq!(meeting.server.delete(&format!("{path}?reason=replaced")).await.0, StatusCode::NO_CONTENT);
    let Content::Removed(removed) = meeting.socket().peer_content().await else { panic!("not told") };
    assert_eq!(removed.reason, "replaced");
    assert_eq!(meeting.socket().closed().await, (1000, "Peer removed".into()));
}

/// Comes with the token of a peer that is gone, as a client that can resume.
async fn come_back(server: &Server, token: &str, session: &str) -> Socket {
    let mut socket = Socket::peer(server).await;
    let resume = Resume { session: session.to_owned(), received: SAID };
    socket.send(encode_auth_request_with(token, "web-0.25.1", resume)).await;
    socket
}

#[tokio::test]
async fn who_lost_the_socket_when_the_peer_was_deleted_is_told_later() {
    for (query, reason) in [("?reason=replaced", Some("replaced")), ("", None)] {
        let meeting = Meeting::without_socket().await;
        let path = format!("/room/{}/peer/{}{query}", meeting.room, meeting.peer);
        assert_eq!(meeting.server.delete(&path).await.0, StatusCode::NO_CONTENT);
        // Also when it has given the session up.
        for session in [&meeting.session, ""] {
            let mut socket = come_back(&meeting.server, &meeting.token, session).await;
            if let Some(reason) = reason {
                let Content::Removed(removed) = socket.peer_content().await else { panic!("not told") };
                assert_eq!(removed.reason, reason);
            }
            assert_eq!(socket.closed().await, (1000, "Peer removed".into()));
        }
        // Everybody else hears what was always said.
        let mut socket = Socket::peer(&meeting.server).await;
        socket.send(encode_auth_request(&meeting.token, "web-0.25.1")).await;
        assert_eq!(socket.closed().await, (1000, "peer not found".into()));
    }
}

#[tokio::test]
async fn who_lost_the_socket_when_the_room_was_deleted_is_told_later() {
    let meeting = Meeting::without_socket().await;
    let path = format!("/room/{}", meeting.room);
    assert_eq!(meeting.server.delete(&path).await.0, StatusCode::NO_CONTENT);
    let mut socket = come_back(&meeting.server, &meeting.token, &meeting.session).await;
    assert_eq!(socket.closed().await, (1000, "Room stopped".into()));
    // Wherever a room of the same id lives by now.
    meeting.server.room(json!({ "roomId": meeting.room })).await;
    let mut socket = come_back(&meeting.server, &meeting.token, &meeting.session).await;
    assert_eq!(socket.closed().await, (1000, "Room stopped".into()));
}

#[tokio::test]
async fn who_was_gone_before_the_room_was_deleted_hears_that_it_is_not_there() {
    let mut meeting = Meeting::new().await;
    meeting.socket.take().unwrap().close().await;
    meeting.is_told_of_the_end().await;
    let (room, peer) = (format!("/room/{}", meeting.room), format!("/room/{}/peer/{}", meeting.room, meeting.peer));
    for (path, word) in [(peer, "peer not found"), (room, "room not found")] {
        assert_eq!(meeting.server.delete(&path).await.0, StatusCode::NO_CONTENT);
        let mut socket = come_back(&meeting.server, &meeting.token, &meeting.session).await;
        assert_eq!(socket.closed().await, (1000, word.into()));
    }
}

/// Whatever an unnoticed loss must not bring, and what is said afterwards.
fn is_about_others(event: &PeerEvent) -> bool {
    matches!(
        event,
        PeerEvent::EndpointUpdated { .. }
            | PeerEvent::EndpointAdded { .. }
            | PeerEvent::EndpointRemoved { .. }
            | PeerEvent::TrackRemoved { .. }
            | PeerEvent::Closed { .. }
    )
}

/// Packets that each of two peers has received from the other one.
async fn received(peers: [&Peer; 2]) -> [u64; 2] {
    [peers[0].stats().await.unwrap().packets_received(), peers[1].stats().await.unwrap().packets_received()]
}

#[tokio::test]
async fn media_flows_both_ways_while_a_socket_is_dead() {
    let server = Server::start().await;
    let room = rest::create_room(server.addr(), TOKEN).await.unwrap();
    let mut peers = Vec::new();
    for resume in [true, false] {
        let token = rest::add_peer(server.addr(), TOKEN, &room).await.unwrap();
        let options = PeerOptions { patience: PATIENCE, resume, ..PeerOptions::default() };
        let peer = Peer::connect(&format!("ws://{}", server.addr()), &token, options).await.unwrap();
        peer.publish_video(300_000).await.unwrap();
        peers.push(peer);
    }
    let [lost, other] = &mut peers[..] else { panic!("two peers") };
    for peer in [&mut *lost, &mut *other] {
        assert!(peer.wait_for(PATIENCE, |event| matches!(event, PeerEvent::TrackReady { .. })).await.is_some(), "no media");
    }
    let mut back_end = server.subscriber().await;
    for round in 0..2 {
        lost.lose_socket().await.unwrap();
        server.until_stats("the socket is lost", |stats| stats.iter().map(|stats| stats.clients).sum::<usize>() == 1).await;
        let before = received([lost, other]).await;
        let started = Instant::now();
        // A hundred packets each way, with the socket dead all the time.
        loop {
            let now = received([lost, other]).await;
            if std::iter::zip(now, before).all(|(now, before)| now > before + 100) {
                break;
            }
            assert!(started.elapsed() < Duration::from_secs(13), "media stands still: {before:?} → {now:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        back_end.is_alive_and_silent().await;
        // What is said meanwhile arrives afterwards.
        lost.update_metadata(&format!("{{\"round\":{round}}}")).await.unwrap();
        lost.resume().await.unwrap();
        let told = other.wait_for(PATIENCE, is_about_others).await;
        assert!(matches!(told, Some(PeerEvent::EndpointUpdated { .. })), "{told:?}");
        assert!(matches!(back_end.notification().await, Notification::PeerMetadataUpdated { .. }));
    }
    // And negotiations go on as before.
    lost.publish_audio(32_000).await.unwrap();
    assert!(other.wait_for(PATIENCE, |event| matches!(event, PeerEvent::TrackReady { .. })).await.is_some(), "no new track");
    for peer in [&*lost, &*other] {
        assert_eq!(peer.stats().await.unwrap().violations, 0);
    }
}
