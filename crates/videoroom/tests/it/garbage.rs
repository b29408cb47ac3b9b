//! Ten thousand broken requests: each gets an error or a closed connection, and nobody else notices.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{PeerSocket, System};

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

async fn throw(system: &System, bytes: &[u8]) {
    let Ok(mut stream) = TcpStream::connect(system.web.address()).await else { return };
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
    let system = System::with_jellyfish(&[]).await;
    let access = system.web.join("calm", "Ana").await;
    let socket = PeerSocket::connect(&access).await.unwrap();
    let mut dice = Dice(0x5eed);
    for round in 0..100 {
        let inputs: Vec<_> = (0..100).map(|_| mutated(&mut dice)).collect();
        futures_util::future::join_all(inputs.iter().map(|bytes| throw(&system, bytes))).await;
        let asked = Instant::now();
        let people = system.web.get("/api/rooms/calm").await.json()["people"].clone();
        assert_eq!(people, serde_json::json!([{"name": "Ana"}]), "round {round}");
        assert!(asked.elapsed() < Duration::from_secs(1), "round {round}");
    }
    socket.leave().await;
}
