//! Garbage of every kind: the server lives, others notice nothing, nothing is left behind.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use peer::{Event, Peer};
use protocol::proto::media_events::peer::media_event as client;
use protocol::proto::server_message::{AuthRequest, Content};
use protocol::signalling::protobuf::encode_auth_request;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::eventually;
use testkit::hostile::{self, Dice, INPUTS, endure};
use tokio::net::UdpSocket;
use tokio::task::JoinSet;

use crate::ice::{Answer, OFFER};
use crate::program::Program;
use crate::support::{PATIENCE, Socket, TOKEN, answer, connect_event, media_event, publish, server_message};

/// Attackers at once.
const ATTACKERS: usize = 4;

/// Garbage that a client sends over one socket: few enough that none is closed for bad frames alone.
const FRAMES_OF_A_SOCKET: usize = 16;

/// Datagrams sent before the server must have read them: the sockets' buffers are finite.
const BURST: usize = 100;

/// The longest that others' media may stand still. Their tasks share two cores with the attack.
const STANDSTILL: Duration = Duration::from_secs(1);

/// Closes that a client or a back end may get for what it sends.
const CLOSES: [(u16, &str); 8] = [
    (1000, "unauthenticated"),
    (1000, "invalid auth request"),
    (1000, "invalid token"),
    (1003, "operation not allowed"),
    (1008, "too many events"),
    (1009, "frame too large"),
    (1011, "too many undecodable frames"),
    (1011, "Internal server error"),
];

/// Others in the server, who must not notice anything: one speaks and shows, the other one hears and sees.
struct Meeting {
    room: String,
    publisher: Peer,
    viewer: Peer,
    packets: u64,
    grown_at: Instant,
}

impl Meeting {
    async fn begin(server: &Program) -> Self {
        let room = server.room(json!({})).await;
        let publisher = server.join(&room).await;
        publisher.publish_video(300_000).await.unwrap();
        publisher.publish_audio(32_000).await.unwrap();
        let mut viewer = server.join(&room).await;
        for _ in 0..2 {
            let seen = viewer.wait_for(PATIENCE, |event| matches!(event, Event::FirstPacket { .. })).await;
            assert!(seen.is_some(), "no media before the attack");
        }
        Self { room, publisher, viewer, packets: 0, grown_at: Instant::now() }
    }

    /// Both are shown as connected, and media has arrived since the last look, or not long before it.
    async fn goes_on(&mut self, server: &Program) {
        let (status, body) = answer(server.fresh_request(Method::GET, &format!("/room/{}", self.room))).await;
        assert_eq!(status, StatusCode::OK);
        let peers = body["data"]["peers"].as_array().unwrap();
        assert!(peers.len() == 2 && peers.iter().all(|peer| peer["status"] == "connected"), "{body}");
        let packets = self.viewer.stats().await.unwrap().packets_received();
        if packets > self.packets {
            (self.packets, self.grown_at) = (packets, Instant::now());
        }
        assert!(self.grown_at.elapsed() < STANDSTILL, "media stands still after {packets} packets");
    }

    /// Nothing was lost on the way, and nobody was told anything odd.
    async fn was_undisturbed(self) {
        eventually("what the viewer lacks is repaired", async || match self.viewer.stats().await.unwrap() {
            stats if stats.packets_lost() == 0 => Ok(()),
            stats => Err(format!("{stats:?}")),
        })
        .await;
        let mut people = [self.publisher, self.viewer];
        for peer in &mut people {
            let stats = peer.stats().await.unwrap();
            assert!(stats.violations == 0 && stats.received.iter().all(|track| track.jumps == 0), "{stats:?}");
            while let Some(event) = peer.try_next_event() {
                let is_odd =
                    matches!(event, Event::MediaDisconnected | Event::Closed { .. } | Event::Error { .. } | Event::TrackRemoved { .. });
                assert!(!is_odd, "{event:?}");
            }
        }
        for peer in people {
            peer.leave().await;
        }
    }
}

/// Runs an attack beside a meeting. Afterwards there is no other room than the meeting's.
async fn besiege(attack: impl AsyncFnOnce(Arc<Program>) -> usize) {
    let server = Arc::new(Program::start(3));
    let mut meeting = Meeting::begin(&server).await;
    let attack = Box::pin(attack(Arc::clone(&server)));
    Box::pin(endure(server.id(), async || meeting.goes_on(&server).await, attack)).await;
    meeting.goes_on(&server).await;
    let (_, rooms) = answer(server.request(Method::GET, "/room")).await;
    assert_eq!(rooms["data"].as_array().map(Vec::len), Some(1), "{rooms}");
    meeting.was_undisturbed().await;
}

/// Divides inputs among attackers, each in a task of its own; the sum of what they have sent.
async fn share<F>(inputs: usize, attacker: impl Fn(u64, usize) -> F) -> usize
where
    F: Future<Output = usize> + Send + 'static,
{
    let mut attackers = JoinSet::new();
    for number in 1..=ATTACKERS as u64 {
        attackers.spawn(attacker(number, inputs / ATTACKERS));
    }
    attackers.join_all().await.into_iter().sum()
}

/// Deletes the room that an answer tells, if any: there is a limit.
async fn delete_created(server: &Program, answer: &str) {
    let id = answer.split("\"roomId\":\"").nth(1).and_then(|rest| rest.split('"').next());
    if let Some(id) = id {
        server.delete(&format!("/room/{id}")).await;
    }
}

/// Deletes all rooms in which nobody is connected: whoever hangs up before the answer never hears of the room that was made.
async fn sweep(server: &Program) {
    let (_, rooms) = answer(server.request(Method::GET, "/room")).await;
    for room in rooms["data"].as_array().unwrap() {
        if room["peers"].as_array().unwrap().iter().all(|peer| peer["status"] != "connected") {
            server.delete(&format!("/room/{}", room["id"].as_str().unwrap())).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mutated_requests_get_documented_answers() {
    Box::pin(besiege(async |server| {
        let room = server.room(json!({"maxPeers": 20})).await;
        let bodies = share(INPUTS / 2, |number, inputs| mutate_bodies(Arc::clone(&server), room.clone(), number, inputs)).await;
        let requests = share(INPUTS / 2, |number, inputs| mutate_requests(Arc::clone(&server), room.clone(), number, inputs)).await;
        sweep(&server).await;
        bodies + requests
    }))
    .await;
}

/// Well-formed requests with mutated bodies.
async fn mutate_bodies(server: Arc<Program>, room: String, number: u64, inputs: usize) -> usize {
    let seeds = [
        ("/room".to_owned(), json!({"roomId": "abc", "maxPeers": 10, "videoCodec": "vp8", "webhookUrl": "http://a/b"})),
        ("/room".to_owned(), json!({"peerlessPurgeTimeout": 5, "peerDisconnectedTimeout": 7})),
        (format!("/room/{room}/peer"), json!({"type": "webrtc", "options": {"enableSimulcast": true, "metadata": {"a": [1]}}})),
        (format!("/room/{room}/component"), json!({"type": "hls", "options": {"s3": {}}})),
    ];
    let mut dice = Dice::new(0x9e37_79b9 + number);
    for n in 0..inputs {
        let (path, body) = &seeds[n % seeds.len()];
        let body = dice.mutate(body.to_string().as_bytes());
        let request = server.request(Method::POST, path).header("content-type", "application/json").body(body.clone());
        let response = request.send().await.unwrap();
        let status = response.status();
        let known = [StatusCode::CREATED, StatusCode::BAD_REQUEST, StatusCode::NOT_FOUND, StatusCode::SERVICE_UNAVAILABLE];
        let text = response.text().await.unwrap();
        assert!(known.contains(&status), "{status} for {}: {text}", String::from_utf8_lossy(&body));
        let answer: Value = serde_json::from_str(&text).unwrap();
        assert_ne!(answer["errors"].is_null(), status != StatusCode::CREATED, "{status}: {answer}");
        delete_created(&server, &text).await;
    }
    inputs
}

/// Requests mutated as a whole, each on a connection of its own.
async fn mutate_requests(server: Arc<Program>, room: String, number: u64, inputs: usize) -> usize {
    let bearer = format!("host: a.example\r\nauthorization: Bearer {TOKEN}\r\n");
    let json = "content-type: application/json\r\n";
    let seeds = [
        format!("POST /room HTTP/1.1\r\n{bearer}{json}content-length: 15\r\n\r\n{{\"maxPeers\": 10}}"),
        format!("POST /room/{room}/peer?a=b HTTP/1.1\r\n{bearer}{json}content-length: 17\r\n\r\n{{\"type\":\"webrtc\"}}"),
        format!("GET /room/%61b?x=%C3%BC HTTP/1.1\r\n{bearer}accept: application/json\r\n\r\n"),
        format!("DELETE /room/{room}/peer/nobody HTTP/1.1\r\n{bearer}x-forwarded-for: 198.51.100.1\r\n\r\n"),
        format!("GET /health HTTP/1.1\r\n{bearer}forwarded: for=\"[2001:db8::1]:1\";proto=https\r\n\r\n"),
        "GET /socket/peer/websocket HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
            .to_owned(),
    ];
    let mut dice = Dice::new(0x5eed + number);
    for n in 0..inputs {
        let text = hostile::throw(server.address, &dice.mutate(seeds[n % seeds.len()].as_bytes())).await;
        delete_created(&server, &text).await;
    }
    inputs
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mutated_frames_cost_at_most_their_own_peer() {
    Box::pin(besiege(async |server| {
        let room = server.room(json!({})).await;
        let sent = share(INPUTS, |number, inputs| mutate_frames(Arc::clone(&server), room.clone(), number, inputs)).await;
        assert_eq!(server.delete(&format!("/room/{room}")).await, StatusCode::NO_CONTENT);
        sent
    }))
    .await;
}

async fn mutate_frames(server: Arc<Program>, room: String, number: u64, inputs: usize) -> usize {
    let sdp = OFFER.replace('\n', "\r\n");
    let offer = client::SdpOffer { sdp, mid_to_track_id: [("0".to_owned(), "p:1".to_owned())].into(), ..Default::default() };
    let metadata_json = "{\"b\":[]}".to_owned();
    let seeds = [
        encode_auth_request("token", "web-0.25.1"),
        connect_event("{\"a\":1}"),
        media_event(client::Content::RenegotiateTracks(client::RenegotiateTracks {})),
        media_event(client::Content::SdpOffer(offer)),
        media_event(client::Content::UpdateEndpointMetadata(client::UpdateEndpointMetadata { metadata_json })),
        media_event(client::Content::UnmuteTrack(client::UnmuteTrack { track_id: "p:1".into() })),
        server_message(Content::AuthRequest(AuthRequest { token: "token".to_owned() })),
    ];
    let mut dice = Dice::new(0x1234_5678 + number);
    let mut sent = 0;
    while sent < inputs {
        let (peer, token) = server.peer(&room).await;
        // Some are no clients but back ends, some never authenticate.
        let (is_back_end, is_early) = (dice.below(8) == 0, dice.below(4) == 0);
        let path = if is_back_end { "/socket/server/websocket" } else { "/socket/peer/websocket" };
        let mut socket = Socket::at(server.address, path, &[]).await;
        if is_back_end && !is_early {
            socket.send(server_message(Content::AuthRequest(AuthRequest { token: TOKEN.to_owned() }))).await;
        } else if !is_early {
            socket.send(encode_auth_request(&token, "web-0.25.1")).await;
            socket.send(connect_event("{}")).await;
        }
        let frames = if is_early || is_back_end { 2 } else { FRAMES_OF_A_SOCKET };
        for _ in 0..frames.min(inputs - sent) {
            if !socket.try_send(dice.mutate(&seeds[sent % seeds.len()])).await {
                break;
            }
            sent += 1;
        }
        // Either the server has read them all, or it has had enough.
        is_known(socket.settled().await);
        drop(socket);
        let status = server.delete(&format!("/room/{room}/peer/{peer}")).await;
        assert!([StatusCode::NO_CONTENT, StatusCode::NOT_FOUND].contains(&status), "{status}");
    }
    sent
}

fn is_known(close: Option<(u16, String)>) {
    if let Some((code, reason)) = close {
        assert!(CLOSES.contains(&(code, reason.as_str())), "closed with {code} {reason}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mutated_offers_are_answered_or_cost_their_own_peer() {
    Box::pin(besiege(async |server| {
        let room = server.room(json!({})).await;
        let sent = share(INPUTS, |number, inputs| mutate_offers(Arc::clone(&server), room.clone(), number, inputs)).await;
        assert_eq!(server.delete(&format!("/room/{room}")).await, StatusCode::NO_CONTENT);
        sent
    }))
    .await;
}

async fn mutate_offers(server: Arc<Program>, room: String, number: u64, inputs: usize) -> usize {
    let seed = OFFER.replace('\n', "\r\n");
    let mut dice = Dice::new(0xfeed + number);
    let mut sent = 0;
    while sent < inputs {
        let (peer, token) = server.peer(&room).await;
        let mut socket = server.client(&token).await;
        socket.send(connect_event("{}")).await;
        while sent < inputs {
            // Mutations that are no text cannot stand in a message.
            let sdp = String::from_utf8_lossy(&dice.mutate(seed.as_bytes())).into_owned();
            let mid_to_track_id = [("0".to_owned(), format!("{peer}:video-1"))].into();
            let offer = client::SdpOffer { sdp, mid_to_track_id, ..Default::default() };
            if !socket.try_send(media_event(client::Content::SdpOffer(offer))).await {
                break;
            }
            sent += 1;
            match socket.answer_or_close().await {
                Ok(()) => {}
                Err(close) => {
                    is_known(Some(close));
                    break;
                }
            }
        }
        drop(socket);
        let status = server.delete(&format!("/room/{room}/peer/{peer}")).await;
        assert!([StatusCode::NO_CONTENT, StatusCode::NOT_FOUND].contains(&status), "{status}");
    }
    sent
}

/// Seeds of all protocols of the media port: STUN, RTP, RTCP, and DTLS as a handshake, an alert and data.
fn datagrams() -> Vec<Vec<u8>> {
    let mut stun = vec![0, 1, 0, 12, 0x21, 0x12, 0xa4, 0x42];
    stun.extend([7; 12]);
    stun.extend([0, 6, 0, 5, b'a', b':', b'b', b'c', b'd', 0, 0, 0]);
    vec![
        stun,
        [&[0x80, 96, 0, 1][..], &[0; 40]].concat(),
        [&[0x81, 201, 0, 7][..], &[3; 28]].concat(),
        [&[22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 60][..], &[1; 60]].concat(),
        vec![21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 10, 0, 2, 2, 0],
        [&[23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 9, 0, 40][..], &[9; 40]].concat(),
        vec![0x81; 30],
    ]
}

fn mutated_datagram(dice: &mut Dice, seeds: &[Vec<u8>]) -> Vec<u8> {
    let number = dice.below(seeds.len());
    let mut datagram = dice.mutate(&seeds[number]);
    datagram.truncate(1400);
    datagram
}

/// Counters of datagrams, each of which is counted once: received; and dropped, for whatever reason.
const RECEIVED: &str = "jellyfish_udp_received_total";
const DROPPED: [&str; 3] = ["jellyfish_udp_unknown_total", "jellyfish_udp_malformed_total", "jellyfish_udp_handover_dropped_total"];

async fn until_counted(server: &Program, what: &str, names: &[&str], least: u64) {
    eventually(what, async || match server.counted(names).await {
        counted if counted >= least => Ok(()),
        counted => Err(format!("{counted} of {least}")),
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mutated_datagrams_are_dropped_and_counted() {
    Box::pin(besiege(async |server| {
        let before = server.counted(&DROPPED).await;
        let port = media_port(&server).await;
        let sent = send_from_nowhere(&server, port, before).await;
        assert_eq!(server.counted(&DROPPED).await, before + sent as u64, "each is counted as dropped, and nothing else is");
        sent
    }))
    .await;
}

async fn media_port(server: &Program) -> u16 {
    let room = server.room(json!({})).await;
    let (peer, token) = server.peer(&room).await;
    let mut client = server.client(&token).await;
    let (_, sdp) = publish(&mut client, &peer).await;
    server.delete(&format!("/room/{room}")).await;
    Answer::read(&sdp).candidates[0].port()
}

async fn send_from_nowhere(server: &Program, port: u16, before: u64) -> usize {
    let socket = UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
    socket.connect(SocketAddr::from(([127, 0, 0, 1], port))).await.unwrap();
    let (mut dice, seeds) = (Dice::new(0xdead_beef), datagrams());
    for n in 1..=INPUTS {
        socket.send(&mutated_datagram(&mut dice, &seeds)).await.unwrap();
        if n % BURST == 0 {
            until_counted(server, "datagrams are dropped", &DROPPED, before + n as u64).await;
        }
    }
    INPUTS
}

/// Whoever can write a peer's address on its datagrams has a verified source.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mutated_datagrams_from_the_address_of_a_peer_disturb_nobody_not_even_that_peer() {
    Box::pin(besiege(async |server| {
        let mut victims = Meeting::begin(&server).await;
        let (mut dice, seeds) = (Dice::new(0xbad_cafe), datagrams());
        let before = server.counted(&[RECEIVED]).await;
        for n in 1..=INPUTS {
            let sender = if n % 2 == 0 { &victims.publisher } else { &victims.viewer };
            sender.send_datagram(mutated_datagram(&mut dice, &seeds)).await.unwrap();
            if n % BURST == 0 {
                until_counted(&server, "datagrams are received", &[RECEIVED], before + n as u64).await;
                victims.goes_on(&server).await;
            }
        }
        let room = victims.room.clone();
        victims.was_undisturbed().await;
        server.delete(&format!("/room/{room}")).await;
        INPUTS
    }))
    .await;
}
