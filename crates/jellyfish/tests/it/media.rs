//! The media port, with connectivity checks made by hand.

use std::collections::HashSet;
use std::net::SocketAddr;

use peer::{Peer, PeerOptions, ReceivedTrack, TrackKind};
use serde_json::json;
use testkit::eventually;
use tokio::net::UdpSocket;
use tokio::time::timeout;

use crate::ice::Answer;
use crate::support::{PATIENCE, Server, publish};

/// Packets of a track that show that it flows: about two seconds.
const LONG_ENOUGH: u64 = 60;

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn media_that_arrives_at_the_wrong_worker_is_handed_over_and_none_is_lost() {
    let server = Server::start().await;
    // A meeting of four on each of the three workers: the kernel gives most of their flows to another worker.
    let mut meetings = Vec::new();
    for _ in 0..3 {
        let room = server.room(json!({})).await;
        let mut people = Vec::new();
        for _ in 0..4 {
            let (_, token) = server.peer(&room).await;
            let options = PeerOptions { patience: PATIENCE, ..PeerOptions::default() };
            let peer = Peer::connect(&server.url(""), &token, options).await.unwrap();
            peer.publish_video(200_000).await.unwrap();
            peer.publish_audio(32_000).await.unwrap();
            people.push(peer);
        }
        meetings.push(people);
    }
    for peer in meetings.iter().flatten() {
        eventually("everybody gets everybody's sound and picture, complete", async || {
            let stats = peer.stats().await.unwrap();
            let complete = |track: &ReceivedTrack| {
                let is_whole = track.lost == 0 && track.jumps == 0 && (track.kind == Some(TrackKind::Audio) || track.began_with_keyframe);
                is_whole && track.packets >= LONG_ENOUGH
            };
            let done = stats.received.iter().filter(|track| complete(track)).count();
            if done == 6 && stats.violations == 0 { Ok(()) } else { Err(format!("{stats:?}")) }
        })
        .await;
    }
    let stats = server.running.worker_stats().await;
    let total = |of: fn(&jellyfish::Counters) -> u64| stats.iter().map(|stats| of(&stats.counters)).sum::<u64>();
    // At least one of the twelve sends two tracks through a foreign worker.
    assert!(total(|counters| counters.handed_over_in) >= 2 * LONG_ENOUGH, "{stats:?}");
    assert_eq!(total(|counters| counters.handover_dropped), 0);
}
