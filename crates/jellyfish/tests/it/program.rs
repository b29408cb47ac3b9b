//! The server as a process of its own: its memory, its descriptors and its end are nobody else's.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, ExitStatus, Stdio};

use peer::{Peer, PeerOptions};
use protocol::signalling::protobuf::encode_auth_request;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use testkit::{eventually, hostile::Usage};

use crate::process::jellyfish;
use crate::support::{PATIENCE, Socket, TOKEN, answer};

/// A process that does not outlive its test.
pub(crate) struct Ended(pub(crate) Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // Most have ended by now, and been waited for.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A running server.
pub(crate) struct Program {
    process: Ended,
    pub(crate) address: SocketAddr,
    metrics: SocketAddr,
    http: reqwest::Client,
    /// Makes a connection for each request.
    fresh: reqwest::Client,
    _data_dir: tempfile::TempDir,
}

impl Program {
    pub(crate) fn start(workers: usize) -> Self {
        let data_dir = tempfile::tempdir().unwrap();
        let metrics = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let (workers, page) = (workers.to_string(), metrics.to_string());
        let flags = ["--listen", "127.0.0.1:0", "--media-port", "0", "--api-token", TOKEN, "--workers", &workers];
        let mut command = jellyfish(data_dir.path(), &flags);
        command.args(["--metrics-listen", &page, "--log-level", "warn"]).stdout(Stdio::piped());
        let mut process = Ended(command.spawn().unwrap());
        let ready = BufReader::new(process.0.stdout.take().unwrap()).lines().next().unwrap().unwrap();
        let address = ready.strip_prefix("ready: http://").unwrap().parse().unwrap();
        let fresh = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
        Self { process, address, metrics, http: reqwest::Client::new(), fresh, _data_dir: data_dir }
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.0.id()
    }

    pub(crate) fn memory(&self) -> usize {
        Usage::of(self.id()).memory
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("http://{}{path}", self.address)).bearer_auth(TOKEN)
    }

    /// A request over a new connection.
    pub(crate) fn fresh_request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.fresh.request(method, format!("http://{}{path}", self.address)).bearer_auth(TOKEN)
    }

    pub(crate) async fn room(&self, options: Value) -> String {
        let (status, body) = answer(self.request(Method::POST, "/room").json(&options)).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        body["data"]["room"]["id"].as_str().unwrap().to_owned()
    }

    /// A new peer's id and token.
    pub(crate) async fn peer(&self, room: &str) -> (String, String) {
        let (status, body) = answer(self.request(Method::POST, &format!("/room/{room}/peer")).json(&json!({"type": "webrtc"}))).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&body["data"]["peer"]["id"]), text(&body["data"]["token"]))
    }

    pub(crate) async fn delete(&self, path: &str) -> StatusCode {
        answer(self.request(Method::DELETE, path)).await.0
    }

    /// A client's socket that has said nothing yet.
    pub(crate) async fn socket(&self) -> Socket {
        Socket::at(self.address, "/socket/peer/websocket", &[]).await
    }

    /// A client that has authenticated.
    pub(crate) async fn client(&self, token: &str) -> Socket {
        let mut socket = self.socket().await;
        socket.send(encode_auth_request(token, "web-0.25.1")).await;
        socket.frame().await;
        socket
    }

    /// A client with media.
    pub(crate) async fn join(&self, room: &str) -> Peer {
        let (_, token) = self.peer(room).await;
        let options = PeerOptions { patience: PATIENCE, ..PeerOptions::default() };
        Peer::connect(&format!("ws://{}", self.address), &token, options).await.unwrap()
    }

    /// The sum of these counters over all workers.
    pub(crate) async fn counted(&self, names: &[&str]) -> u64 {
        let page = self.http.get(format!("http://{}/metrics", self.metrics)).send().await.unwrap().text().await.unwrap();
        let values = page.lines().filter_map(|line| {
            let (name, value) = line.split_once("{worker=")?;
            names.contains(&name).then(|| value.split_once("} ").unwrap().1.parse::<u64>().unwrap())
        });
        values.sum()
    }

    /// Asks it to end, as a service manager does.
    pub(crate) fn terminate(&self, signal: &str) {
        let told = std::process::Command::new("kill").args([signal, &self.id().to_string()]).status().unwrap();
        assert!(told.success());
    }

    /// Waits for its end.
    pub(crate) async fn ended(mut self) -> ExitStatus {
        eventually("the process ends", async || self.process.0.try_wait().unwrap().ok_or_else(|| "it runs".to_owned())).await
    }
}
