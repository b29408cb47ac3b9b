//! What people who come and go leave behind in a server that runs for long.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::Stdio;

use peer::{Event, Peer, PeerOptions, rest};

use crate::process::{Ended, jellyfish};
use crate::support::{PATIENCE, TOKEN};

/// Cycles until caches, pools and the allocator's reserves are full.
const WARM_UP: usize = 30;
const CYCLES: usize = 150;

/// What a cycle may leave behind.
const MOST_LEFT: usize = 64 * 1024;

/// The server as a process of its own: its memory is nobody else's.
struct Server {
    process: Ended,
    address: SocketAddr,
    http: reqwest::Client,
    _data_dir: tempfile::TempDir,
}

impl Server {
    fn start() -> Self {
        let data_dir = tempfile::tempdir().unwrap();
        let flags = ["--listen", "127.0.0.1:0", "--media-port", "0", "--api-token", TOKEN, "--workers", "2", "--log-level", "warn"];
        let mut process = Ended(jellyfish(data_dir.path(), &flags).stdout(Stdio::piped()).spawn().unwrap());
        let mut lines = BufReader::new(process.0.stdout.take().unwrap()).lines();
        let ready = lines.next().unwrap().unwrap();
        let address = ready.strip_prefix("ready: http://").unwrap().parse().unwrap();
        Self { process, address, http: reqwest::Client::new(), _data_dir: data_dir }
    }

    /// Resident memory in bytes (proc(5), `VmRSS`).
    fn memory(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.0.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
    }

    async fn join(&self, room: &str) -> Peer {
        let token = rest::add_peer(self.address, TOKEN, room).await.unwrap();
        let options = PeerOptions { patience: PATIENCE, ..PeerOptions::default() };
        Peer::connect(&format!("ws://{}", self.address), &token, options).await.unwrap()
    }

    async fn remove(&self, room: &str, peer: &str) {
        let url = format!("http://{}/room/{room}/peer/{peer}", self.address);
        let answer = self.http.delete(url).bearer_auth(TOKEN).send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
    }
}

#[tokio::test]
async fn joining_hearing_and_leaving_leaves_nothing_behind() {
    let server = Server::start();
    let room = rest::create_room(server.address, TOKEN).await.unwrap();
    let publisher = server.join(&room).await;
    publisher.publish_video(300_000).await.unwrap();
    publisher.publish_audio(32_000).await.unwrap();
    let mut before = 0;
    for cycle in 0..WARM_UP + CYCLES {
        if cycle == WARM_UP {
            before = server.memory();
        }
        let mut guest = server.join(&room).await;
        let id = guest.endpoint_id().to_owned();
        let heard = guest.wait_for(PATIENCE, |event| matches!(event, Event::FirstPacket { .. })).await;
        assert!(heard.is_some(), "no media in cycle {cycle}");
        guest.leave().await;
        server.remove(&room, &id).await;
    }
    let left = server.memory().saturating_sub(before) / CYCLES;
    assert!(left <= MOST_LEFT, "{left} bytes for each cycle");
}
