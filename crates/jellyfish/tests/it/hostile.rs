//! Garbage of every kind: the server lives, others notice nothing, nothing is left behind.

use std::sync::Arc;
use std::time::{Duration, Instant};

use protocol::proto::media_events::peer::media_event as client;
use protocol::signalling::protobuf::encode_auth_request;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::net::UdpSocket;

use crate::support::{Server, Socket, connect_event, media_event, publish, ran_alone};

/// Inputs of each kind.
const INPUTS: usize = 10_000;

/// Allowed growth of memory, in KiB, and of open files.
const MEMORY: usize = 50 * 1024;
const FILES: usize = 40;

/// A small generator of numbers: the same ones at every run (xorshift64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    /// Flips, cuts, inserts and doubles bytes.
    fn mutate(&mut self, seed: &[u8]) -> Vec<u8> {
        let mut bytes = seed.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(bytes.len());
            match self.below(4) {
                0 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
                1 => bytes.truncate(at),
                2 => bytes.insert(at, self.next() as u8),
                _ => bytes.extend_from_within(at..),
            }
        }
        bytes
    }
}

fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

fn files() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Somebody else in the server, who must not notice anything.
struct Bystander {
    room: String,
    peer: String,
    socket: Socket,
}

impl Bystander {
    async fn join(server: &Server) -> Self {
        let room = server.room(json!({})).await;
        let (peer, token) = server.peer(&room).await;
        let mut socket = server.client(&token).await;
        publish(&mut socket, &peer).await;
        Self { room, peer, socket }
    }

    async fn proves_undisturbed(mut self, server: &Server) {
        let shown = server.peer_in(&self.room, &self.peer).await.unwrap();
        assert_eq!((&shown["status"], shown["tracks"].as_array().map(Vec::len)), (&json!("connected"), Some(1)));
        self.socket.send(media_event(client::Content::RenegotiateTracks(client::RenegotiateTracks {}))).await;
        while !matches!(self.socket.event().await, protocol::proto::media_events::server::media_event::Content::OfferData(_)) {}
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mutated_requests_get_documented_answers() {
    if ran_alone("hostile::mutated_requests_get_documented_answers") {
        return;
    }
    let server = Arc::new(Server::start().await);
    let bystander = Bystander::join(&server).await;
    let (memory_before, files_before) = (memory(), files());
    let room = server.room(json!({"maxPeers": 20})).await;
    let seeds = [
        ("/room".to_owned(), json!({"roomId": "abc", "maxPeers": 10, "videoCodec": "vp8", "webhookUrl": "http://a/b"})),
        ("/room".to_owned(), json!({"peerlessPurgeTimeout": 5, "peerDisconnectedTimeout": 7})),
        (format!("/room/{room}/peer"), json!({"type": "webrtc", "options": {"enableSimulcast": true, "metadata": {"a": [1]}}})),
        (format!("/room/{room}/component"), json!({"type": "hls", "options": {"s3": {}}})),
    ];
    let mut tasks = Vec::new();
    for worker in 0..4_u64 {
        let (server, seeds) = (Arc::clone(&server), seeds.clone());
        tasks.push(tokio::spawn(async move {
            let mut random = Random(0x9e37_79b9 + worker);
            let mut times = Vec::new();
            for n in 0..INPUTS / 4 {
                let (path, body) = &seeds[n % seeds.len()];
                let body = random.mutate(body.to_string().as_bytes());
                let started = Instant::now();
                let request = server.request(Method::POST, path).header("content-type", "application/json").body(body.clone());
                let response = request.send().await.unwrap();
                let status = response.status();
                let known = [StatusCode::CREATED, StatusCode::BAD_REQUEST, StatusCode::NOT_FOUND, StatusCode::SERVICE_UNAVAILABLE];
                assert!(known.contains(&status), "{status} for {}", String::from_utf8_lossy(&body));
                let answer: serde_json::Value = response.json().await.unwrap();
                times.push(started.elapsed());
                if let Some(id) = answer["data"]["room"]["id"].as_str() {
                    server.delete(&format!("/room/{id}")).await;
                }
            }
            times
        }));
    }
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await.unwrap());
    }
    times.sort_unstable();
    assert!(times[times.len() * 99 / 100] < Duration::from_secs(1));
    server.delete(&format!("/room/{room}")).await;
    bystander.proves_undisturbed(&server).await;
    assert_eq!(server.running.room_count(), 1);
    assert!(memory() < memory_before + MEMORY, "{memory_before} {}", memory());
    assert!(files() < files_before + FILES, "{files_before} {}", files());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mutated_frames_cost_at_most_their_own_peer() {
    if ran_alone("hostile::mutated_frames_cost_at_most_their_own_peer") {
        return;
    }
    let server = Server::start().await;
    let bystander = Bystander::join(&server).await;
    let (memory_before, files_before) = (memory(), files());
    let room = server.room(json!({})).await;
    let mut random = Random(0x1234_5678);
    let sdp = crate::ice::OFFER.replace('\n', "\r\n");
    let offer = client::SdpOffer { sdp, mid_to_track_id: [("0".to_owned(), "p:1".to_owned())].into(), ..Default::default() };
    let seeds = [
        encode_auth_request("token", "web-0.25.1"),
        connect_event("{\"a\":1}"),
        media_event(client::Content::RenegotiateTracks(client::RenegotiateTracks {})),
        media_event(client::Content::SdpOffer(offer)),
        media_event(client::Content::UpdateEndpointMetadata(client::UpdateEndpointMetadata { metadata_json: "{\"b\":[]}".into() })),
        media_event(client::Content::UnmuteTrack(client::UnmuteTrack { track_id: "p:1".into() })),
    ];
    // Few enough that none is closed for bad frames alone.
    let per_socket = 16;
    for n in 0..INPUTS / per_socket {
        let (peer, token) = server.peer(&room).await;
        let mut socket = Socket::peer(&server).await;
        // Every fourth socket never authenticates.
        if n % 4 != 0 {
            socket.send(encode_auth_request(&token, "web-0.25.1")).await;
            socket.send(connect_event("{}")).await;
        }
        for k in 0..per_socket {
            let frame = random.mutate(&seeds[k % seeds.len()]);
            if !socket.try_send(frame).await {
                break;
            }
        }
        drop(socket);
        let status = server.delete(&format!("/room/{room}/peer/{peer}")).await.0;
        assert!([StatusCode::NO_CONTENT, StatusCode::NOT_FOUND].contains(&status));
    }
    server.delete(&format!("/room/{room}")).await;
    bystander.proves_undisturbed(&server).await;
    assert!(memory() < memory_before + MEMORY, "{memory_before} {}", memory());
    assert!(files() < files_before + FILES, "{files_before} {}", files());
}

#[tokio::test]
async fn mutated_datagrams_are_dropped_and_counted() {
    let server = Server::start().await;
    let bystander = Bystander::join(&server).await;
    let socket = UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
    socket.connect(("127.0.0.1", server.running.media_port())).await.unwrap();
    let mut random = Random(0xdead_beef);
    let mut stun = vec![0, 1, 0, 12, 0x21, 0x12, 0xa4, 0x42];
    stun.extend([7; 12]);
    stun.extend([0, 6, 0, 5, b'a', b':', b'b', b'c', b'd', 0, 0, 0]);
    let seeds = [stun, [&[0x80, 96, 0, 1][..], &[0; 40]].concat(), [&[22, 0xfe, 0xfd][..], &[0; 60]].concat(), vec![0x81; 30]];
    for n in 0..INPUTS {
        let mut datagram = random.mutate(&seeds[n % seeds.len()]);
        datagram.truncate(1400);
        if datagram.is_empty() {
            datagram.push(0);
        }
        socket.send(&datagram).await.unwrap();
        // The sockets' buffers are finite: the server may breathe.
        if n % 40 == 0 {
            let sent = n as u64;
            server.until_stats("datagrams are read", |stats| stats.iter().map(|s| s.counters.datagrams).sum::<u64>() >= sent).await;
        }
    }
    server
        .until_stats("datagrams are counted", |stats| {
            let dropped = stats.iter().map(|s| s.counters.unknown + s.counters.malformed + s.engine.dropped_unverified).sum::<u64>();
            stats.iter().map(|s| s.counters.datagrams).sum::<u64>() >= INPUTS as u64 && dropped > INPUTS as u64 / 2
        })
        .await;
    bystander.proves_undisturbed(&server).await;
}
