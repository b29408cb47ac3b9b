//! Ten thousand broken requests: each gets an error or a closed connection, nobody else notices, and nothing is left behind.

use nix::sys::signal::Signal;
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;
use testkit::eventually;
use testkit::hostile::{Dice, INPUTS, Usage, endure, throw};
use tokio::task::JoinSet;

use crate::program::{LOOPBACK, Process};
use crate::support::{Access, PeerSocket, Web};

const SEEDS: [&str; 5] = [
    "POST /api/rooms/standup/join HTTP/1.1\r\nhost: a.example\r\ncontent-length: 14\r\n\r\n{\"name\":\"Ana\"}",
    "GET /api/rooms/%C3%BCber HTTP/1.1\r\nhost: a.example\r\nx-forwarded-for: 198.51.100.1\r\n\r\n",
    "GET /room/standup?name=Ana HTTP/1.1\r\nhost: a.example\r\nforwarded: for=\"[2001:db8::1]:1\";proto=https\r\n\r\n",
    "GET /socket/peer/websocket HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    "GET /api/room/standup HTTP/1.1\r\nhost: a.example\r\naccept-encoding: gzip\r\nif-none-match: \"x\"\r\n\r\n",
];

/// Connections at once.
const AT_ONCE: usize = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_notices_broken_requests() {
    let data = TempDir::new().unwrap();
    let process = Process::start(data.path(), &LOOPBACK);
    let web = process.web();
    let access = web.join("calm", "Ana").await;
    let socket = PeerSocket::connect(&access).await.unwrap();
    let server = web.address();
    let attack = async {
        let mut attackers = JoinSet::new();
        for number in 1..=AT_ONCE as u64 {
            attackers.spawn(async move {
                let mut dice = Dice::new(0x5eed + number);
                for _ in 0..INPUTS / AT_ONCE {
                    let seed = SEEDS[dice.below(SEEDS.len())];
                    throw(server, &dice.mutate(seed.as_bytes())).await;
                }
                INPUTS / AT_ONCE
            });
        }
        attackers.join_all().await.into_iter().sum()
    };
    let mut number = 0;
    let others = async || {
        // Whoever asks again and again meets a limit of his own.
        number += 1;
        let client = format!("198.51.100.{}", number % 250);
        let people = web.send(Method::GET, "/api/rooms/calm", &[("x-forwarded-for", &client)], "").await.json()["people"].clone();
        assert_eq!(people, json!([{"name": "Ana"}]), "question {number}");
    };
    endure(process.id(), others, attack).await;
    socket.leave().await;
    process.end(Signal::SIGTERM).await;
}

/// Joins from a client of its own each time, so that the limit for one client does not end the story.
async fn visit(web: &Web, number: usize) {
    let client = format!("198.51.{}.{}", number / 256 % 256, number % 256);
    let room = format!("room {}", number % 10);
    let body = json!({"name": "Ana"}).to_string();
    let answer = web.send(Method::POST, &format!("/api/rooms/{room}/join"), &[("x-forwarded-for", &client)], body).await;
    PeerSocket::connect(&Access::read(&answer)).await.unwrap().leave().await;
}

#[tokio::test]
async fn people_who_left_leave_nothing_behind() {
    let data = TempDir::new().unwrap();
    let process = Process::start(data.path(), &LOOPBACK);
    let web = process.web();
    let emptied = async || {
        for number in 0..10 {
            eventually("the room is removed", async || match web.get(&format!("/api/rooms/room {number}")).await.json()["exists"] {
                serde_json::Value::Bool(false) => Ok(()),
                ref other => Err(format!("room {number} exists: {other}")),
            })
            .await;
        }
    };
    // What is made once is not counted.
    for number in 0..200 {
        visit(&web, number).await;
    }
    emptied().await;
    let before = Usage::of(process.id());
    for number in 0..400 {
        visit(&web, number).await;
    }
    emptied().await;
    let now = Usage::of(process.id());
    let grown = now.memory.saturating_sub(before.memory);
    assert!(grown < 400 * 32 * 1024, "{} bytes for each visit", grown / 400);
    assert!(now.descriptors < before.descriptors + 40, "{now:?} after {before:?}");
    process.end(Signal::SIGTERM).await;
}
