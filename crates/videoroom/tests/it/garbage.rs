//! Ten thousand broken requests: each gets an error or a closed connection, nobody else notices, and nothing is left behind.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;
use testkit::eventually;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::program::{LOOPBACK, Process};
use crate::support::{Access, PeerSocket, Web};

/// Numbers that are the same in every run (xorshift64*, Vigna 2016).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 33) as usize % end
    }
}

const SEEDS: [&str; 5] = [
    "POST /api/rooms/standup/join HTTP/1.1\r\nhost: a.example\r\ncontent-length: 14\r\n\r\n{\"name\":\"Ana\"}",
    "GET /api/rooms/%C3%BCber HTTP/1.1\r\nhost: a.example\r\nx-forwarded-for: 198.51.100.1\r\n\r\n",
    "GET /room/standup?name=Ana HTTP/1.1\r\nhost: a.example\r\nforwarded: for=\"[2001:db8::1]:1\";proto=https\r\n\r\n",
    "GET /socket/peer/websocket HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    "GET /api/room/standup HTTP/1.1\r\nhost: a.example\r\naccept-encoding: gzip\r\nif-none-match: \"x\"\r\n\r\n",
];

fn mutated(dice: &mut Dice) -> Vec<u8> {
    let mut bytes = SEEDS[dice.below(SEEDS.len())].as_bytes().to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len());
        match dice.below(5) {
            0 => bytes[at] = dice.next() as u8,
            1 => bytes.truncate(at + 1),
            2 => bytes.insert(at, dice.next() as u8),
            3 => drop(bytes.remove(at)),
            _ => {
                let tail = bytes[at..].to_vec();
                bytes.extend(tail);
            }
        }
        if bytes.is_empty() {
            bytes.push(b'G');
        }
    }
    bytes
}

async fn throw(server: SocketAddr, bytes: &[u8]) {
    let mut stream = TcpStream::connect(server).await.unwrap();
    // The server may close before it has read everything.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    let mut answer = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(10), stream.take(1 << 20).read_to_end(&mut answer)).await;
    assert!(read.is_ok(), "no end of the answer to {:?}", String::from_utf8_lossy(bytes));
    let text = String::from_utf8_lossy(&answer);
    assert!(!text.starts_with("HTTP/1.1 500"), "{:?}: {text}", String::from_utf8_lossy(bytes));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_notices_broken_requests() {
    let data = TempDir::new().unwrap();
    let process = Process::start(data.path(), &LOOPBACK);
    let web = process.web();
    let access = web.join("calm", "Ana").await;
    let socket = PeerSocket::connect(&access).await.unwrap();
    let (memory, descriptors) = (process.memory(), process.descriptors());
    let mut dice = Dice(0x5eed);
    for round in 0..100 {
        let inputs: Vec<_> = (0..100).map(|_| mutated(&mut dice)).collect();
        futures_util::future::join_all(inputs.iter().map(|bytes| throw(web.address(), bytes))).await;
        let asked = Instant::now();
        let people = web.get("/api/rooms/calm").await.json()["people"].clone();
        assert_eq!(people, json!([{"name": "Ana"}]), "round {round}");
        assert!(asked.elapsed() < Duration::from_secs(1), "round {round}");
    }
    eventually("connections are closed", async || match process.descriptors() {
        now if now < descriptors + 40 => Ok(()),
        now => Err(format!("{now} descriptors are open, {descriptors} were before")),
    })
    .await;
    let grown = process.memory().saturating_sub(memory);
    assert!(grown < 50 << 20, "{grown} bytes more than before");
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
    let (memory, descriptors) = (process.memory(), process.descriptors());
    for number in 0..400 {
        visit(&web, number).await;
    }
    emptied().await;
    let (grown, open) = (process.memory().saturating_sub(memory), process.descriptors());
    assert!(grown < 400 * 32 * 1024, "{} bytes for each visit", grown / 400);
    assert!(open < descriptors + 40, "{open} descriptors are open, {descriptors} were before");
    process.end(Signal::SIGTERM).await;
}
