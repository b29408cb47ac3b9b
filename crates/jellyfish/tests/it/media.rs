//! The media port, with STUN made by hand: connectivity checks as a browser sends them.

use std::collections::HashSet;
use std::net::SocketAddr;

use aws_lc_rs::hmac;
use serde_json::json;
use tokio::net::UdpSocket;
use tokio::time::timeout;

use crate::support::{PATIENCE, Server, publish};

/// What an answer says about reaching the server.
struct Answer {
    ufrag: String,
    password: String,
    candidates: Vec<SocketAddr>,
}

impl Answer {
    fn read(sdp: &str) -> Self {
        let value = |name: &str| sdp.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
        let candidates = sdp.lines().filter(|line| line.starts_with("a=candidate:")).map(|line| {
            let fields: Vec<&str> = line.split(' ').collect();
            SocketAddr::new(fields[4].parse().unwrap(), fields[5].parse().unwrap())
        });
        Self { candidates: candidates.collect(), ufrag: value("a=ice-ufrag:"), password: value("a=ice-pwd:") }
    }

    /// A connectivity check (RFC 8445 section 7.2.2).
    fn check(&self, transaction: u64) -> Vec<u8> {
        let mut attributes = Vec::new();
        attribute(&mut attributes, 0x0006, format!("{}:EsAw", self.ufrag).as_bytes());
        attribute(&mut attributes, 0x0024, &1_853_824_767_u32.to_be_bytes());
        attribute(&mut attributes, 0x802a, &7_u64.to_be_bytes());
        attribute(&mut attributes, 0x0025, &[]);
        let mut id = [0; 12];
        id[4..].copy_from_slice(&transaction.to_be_bytes());
        // The length covers the attribute that is being computed (RFC 8489 sections 14.5 and 14.7).
        let message = |attributes: &[u8], extra: usize| {
            let mut message = vec![0, 1];
            message.extend(((attributes.len() + extra) as u16).to_be_bytes());
            message.extend(0x2112_a442_u32.to_be_bytes());
            message.extend(id);
            message.extend(attributes);
            message
        };
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, self.password.as_bytes());
        let integrity = hmac::sign(&key, &message(&attributes, 24));
        attribute(&mut attributes, 0x0008, integrity.as_ref());
        let fingerprint = crc32(&message(&attributes, 8)) ^ 0x5354_554e;
        attribute(&mut attributes, 0x8028, &fingerprint.to_be_bytes());
        message(&attributes, 0)
    }
}

fn attribute(attributes: &mut Vec<u8>, kind: u16, value: &[u8]) {
    attributes.extend(kind.to_be_bytes());
    attributes.extend((value.len() as u16).to_be_bytes());
    attributes.extend(value);
    attributes.resize(attributes.len().next_multiple_of(4), 0);
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

#[tokio::test]
async fn candidates_of_a_client_on_this_machine_begin_with_loopback() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    let (peer, token) = server.peer(&room).await;
    let mut client = server.client(&token).await;
    let (_, sdp) = publish(&mut client, &peer).await;
    let answer = Answer::read(&sdp);
    let port = server.running.media_port();
    assert_eq!(answer.candidates.first(), Some(&SocketAddr::from(([127, 0, 0, 1], port))), "{sdp}");
}

#[tokio::test]
async fn checks_that_arrive_at_the_wrong_worker_are_handed_over_and_answered() {
    let server = Server::start().await;
    // One room on each worker, so that every source meets a foreign owner at least once.
    let mut clients = Vec::new();
    for _ in 0..3 {
        let room = server.room(json!({})).await;
        let (peer, token) = server.peer(&room).await;
        let mut client = server.client(&token).await;
        let (_, sdp) = publish(&mut client, &peer).await;
        clients.push((client, Answer::read(&sdp)));
    }
    let owners: HashSet<&str> = clients.iter().map(|(_, answer)| answer.ufrag.as_str()).collect();
    assert_eq!(owners.len(), 3);
    let target = SocketAddr::from(([127, 0, 0, 1], server.running.media_port()));
    for (number, (_, answer)) in (0_u64..).zip(clients.iter().cycle().take(12)) {
        let socket = UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
        socket.send_to(&answer.check(number), target).await.unwrap();
        let mut response = [0; 1500];
        let (length, from) = timeout(PATIENCE, socket.recv_from(&mut response)).await.unwrap().unwrap();
        assert_eq!(from, target);
        assert_eq!(response[..2], [1, 1], "a binding success response");
        assert_eq!(response[12..20], number.to_be_bytes());
        assert!(length > 20);
        // Other datagrams of the same source follow the check to its owner.
        socket.send_to(&[22; 40], target).await.unwrap();
    }
    let total = |stats: &[jellyfish::WorkerStats], of: fn(&jellyfish::Counters) -> u64| stats.iter().map(|s| of(&s.counters)).sum::<u64>();
    server
        .until_stats("handed over", |stats| {
            let out = total(stats, |counters| counters.handed_over_out);
            let taken = total(stats, |counters| counters.datagrams);
            out > 0 && taken == 24 && total(stats, |counters| counters.handed_over_in) == out
        })
        .await;
    let stats = server.running.worker_stats().await;
    assert_eq!(total(&stats, |counters| counters.handover_dropped), 0);
}
