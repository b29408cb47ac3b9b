use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use bytes::Bytes;
use jellyfish::config::Secret;
use protocol::notification::{Notification, decode_webhook};
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::notifications::words;
use crate::support::{PATIENCE, Server, connect_event, errors, publish};

const SECRET: &str = "webhook-secret";

/// One request that a receiver got.
struct Request {
    headers: HeaderMap,
    body: Bytes,
}

impl Request {
    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    fn notifications(&self) -> Vec<Notification> {
        decode_webhook(&self.body).unwrap()
    }
}

/// A back end that is posted to.
struct Receiver {
    address: SocketAddr,
    requests: mpsc::UnboundedReceiver<Request>,
    /// Answers that come before success.
    answers: Arc<Mutex<VecDeque<StatusCode>>>,
}

type Shared = (mpsc::UnboundedSender<Request>, Arc<Mutex<VecDeque<StatusCode>>>);

impl Receiver {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, requests) = mpsc::unbounded_channel();
        let answers = Arc::<Mutex<VecDeque<StatusCode>>>::default();
        let routes = Router::new().route("/hook", post(Self::take)).with_state((sender, Arc::clone(&answers)));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { address, requests, answers }
    }

    fn take(State((sender, answers)): State<Shared>, headers: HeaderMap, body: Bytes) -> std::future::Ready<StatusCode> {
        // The test may have ended.
        let _ = sender.send(Request { headers, body });
        std::future::ready(answers.lock().unwrap().pop_front().unwrap_or(StatusCode::OK))
    }

    fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    async fn request(&mut self) -> Request {
        timeout(PATIENCE, self.requests.recv()).await.expect("nothing was posted").unwrap()
    }

    /// What is posted until a room ends, in words.
    async fn until_the_end(&mut self) -> Vec<String> {
        let mut all = Vec::new();
        while !all.last().is_some_and(|last| last == "room deleted" || last == "room crashed") {
            all.extend(self.request().await.notifications().into_iter().map(words));
        }
        all
    }
}

async fn server() -> Server {
    Server::with(|config| {
        config.webhook_allow = vec!["127.0.0.0/8".parse().unwrap()];
        config.webhook_secret = Some(Secret::new(SECRET));
    })
    .await
}

/// HMAC-SHA256 as a receiver computes it.
fn signature(secret: &str, text: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let hex = hmac::sign(&key, text).as_ref().iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>();
    hex.concat()
}

#[tokio::test]
async fn webhook_151_to_162_the_same_bytes_in_the_same_order_as_on_the_socket() {
    let server = server().await;
    let mut receiver = Receiver::start().await;
    let mut subscriber = server.subscriber().await;
    let room = server.room(json!({"webhookUrl": receiver.url()})).await;
    let (peer, token) = server.peer(&room).await;
    let mut client = server.client(&token).await;
    publish(&mut client, &peer).await;
    client.close().await;
    let other = server.room(json!({})).await;
    server.delete(&format!("/room/{other}")).await;
    server.delete(&format!("/room/{room}")).await;
    let mut sequence = 0;
    loop {
        let frame = subscriber.frame().await;
        let notification = decode_webhook(&frame).unwrap().remove(0);
        if notification.room() == other {
            continue;
        }
        let request = receiver.request().await;
        sequence += 1;
        assert_eq!(request.body, frame, "{notification:?}");
        assert_eq!(request.header("content-type"), "application/x-protobuf");
        assert_eq!(request.header("x-jellyfish-sequence"), sequence.to_string());
        if matches!(notification, Notification::RoomDeleted { .. }) {
            break;
        }
    }
    assert!(sequence > 8, "{sequence}");
    assert!(receiver.requests.is_empty());
}

#[tokio::test]
async fn webhook_signatures_prove_the_body_and_its_time() {
    let server = server().await;
    let mut receiver = Receiver::start().await;
    server.room(json!({"webhookUrl": receiver.url()})).await;
    let request = receiver.request().await;
    assert_eq!(request.header("x-fishjam-signature-256"), format!("sha256={}", signature(SECRET, &request.body)));
    let dated = request.header("x-jellyfish-signature");
    let (time, found) = dated.strip_prefix("t=").unwrap().split_once(",v1=").unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    assert!(now.abs_diff(time.parse().unwrap()) < 60, "{time} at {now}");
    assert_eq!(found, signature(SECRET, &[time.as_bytes(), b".", &request.body].concat()));
}

#[tokio::test]
async fn webhook_152_155_timeouts_and_deletions_are_posted_in_order() {
    let server = server().await;
    let mut receiver = Receiver::start().await;
    let room = server.room(json!({"webhookUrl": receiver.url(), "peerlessPurgeTimeout": 1, "peerDisconnectedTimeout": 1})).await;
    let (_, token) = server.peer(&room).await;
    server.client(&token).await.close().await;
    let life = ["room created", "peer added", "peer connected", "peer disconnected", "peer deleted", "room deleted"];
    assert_eq!(receiver.until_the_end().await, life);
    let room = server.room(json!({"webhookUrl": receiver.url()})).await;
    let (peer, token) = server.peer(&room).await;
    let _client = server.client(&token).await;
    server.delete(&format!("/room/{room}/peer/{peer}")).await;
    server.delete(&format!("/room/{room}")).await;
    assert_eq!(receiver.until_the_end().await, life);
    let room = server.room(json!({"webhookUrl": receiver.url(), "peerlessPurgeTimeout": 1})).await;
    let (peer, _) = server.peer(&room).await;
    server.delete(&format!("/room/{room}/peer/{peer}")).await;
    assert_eq!(receiver.until_the_end().await, ["room created", "peer added", "peer deleted", "room deleted"]);
}

#[tokio::test]
async fn webhook_153_156_158_room_ends_and_metadata_are_posted() {
    let server = server().await;
    let mut receiver = Receiver::start().await;
    let room = server.room(json!({"webhookUrl": receiver.url()})).await;
    let (_, token) = server.peer(&room).await;
    let mut client = server.client(&token).await;
    client.send(connect_event("{\"name\":\"Ana\"}")).await;
    client.event().await;
    server.delete(&format!("/room/{room}")).await;
    let joined = ["room created", "peer added", "peer connected"];
    let expected = [&joined[..], &["metadata {\"name\":\"Ana\"}", "peer deleted", "room deleted"]].concat();
    assert_eq!(receiver.until_the_end().await, expected);
    let room = server.room(json!({"webhookUrl": receiver.url()})).await;
    let (_, token) = server.peer(&room).await;
    let _client = server.client(&token).await;
    server.post(&format!("/fault/room/{room}"), json!({})).await;
    assert_eq!(receiver.until_the_end().await, [&joined[..], &["room crashed"]].concat());
}

#[tokio::test]
async fn webhook_failures_are_repeated_until_taken_and_order_is_kept() {
    let server = server().await;
    let mut receiver = Receiver::start().await;
    receiver.answers.lock().unwrap().extend([StatusCode::INTERNAL_SERVER_ERROR, StatusCode::FOUND]);
    let room = server.room(json!({"webhookUrl": receiver.url()})).await;
    server.peer(&room).await;
    server.delete(&format!("/room/{room}")).await;
    for _ in 0..3 {
        let request = receiver.request().await;
        assert_eq!((words(request.notifications().remove(0)).as_str(), request.header("x-jellyfish-sequence")), ("room created", "1"));
    }
    assert_eq!(receiver.until_the_end().await, ["peer added", "peer deleted", "room deleted"]);
    until_metrics(&server, &["jellyfish_webhook_attempts_failed_total 2", "jellyfish_webhook_notifications_delivered_total 4"]).await;
    // Nothing is left of the room.
    until_metrics(&server, &["jellyfish_webhooks 0", "jellyfish_webhooks_failing 0", "jellyfish_webhook_bytes_waiting 0"]).await;
}

#[tokio::test]
async fn webhook_a_slow_receiver_delays_nobody_else() {
    let server = server().await;
    // Accepts connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let slow_url = format!("http://{}/", silent.local_addr().unwrap());
    for _ in 0..40 {
        server.room(json!({"webhookUrl": slow_url})).await;
    }
    let _held = timeout(PATIENCE, silent.accept()).await.unwrap().unwrap();
    let mut receiver = Receiver::start().await;
    let started = std::time::Instant::now();
    let room = server.room(json!({"webhookUrl": receiver.url()})).await;
    server.delete(&format!("/room/{room}")).await;
    assert_eq!(receiver.until_the_end().await, ["room created", "room deleted"]);
    assert!(started.elapsed() < jellyfish::limits::WEBHOOK_TIMEOUT, "before any request to the slow receiver ended");
    until_metrics(&server, &["jellyfish_webhook_notifications_waiting 40", "jellyfish_webhooks 40"]).await;
}

#[tokio::test]
async fn webhook_202_batches_hold_what_waited_in_order() {
    let server = server().await;
    let mut receiver = Receiver::start().await;
    receiver.answers.lock().unwrap().push_back(StatusCode::SERVICE_UNAVAILABLE);
    let room = server.room(json!({"webhookUrl": receiver.url(), "batchWebhookNotifications": true})).await;
    let first = receiver.request().await;
    assert_eq!(first.notifications().into_iter().map(words).collect::<Vec<_>>(), ["room created"]);
    let (_, token) = server.peer(&room).await;
    server.client(&token).await.close().await;
    let mut subscriber = server.subscriber().await;
    server.delete(&format!("/room/{room}")).await;
    while words(subscriber.notification().await) != "room deleted" {}
    let second = receiver.request().await;
    assert_eq!(second.header("x-jellyfish-sequence"), "1");
    let mut all: Vec<String> = second.notifications().into_iter().map(words).collect();
    assert!(all.len() > 1, "what waited comes in one request: {all:?}");
    if all.last().is_some_and(|last| last != "room deleted") {
        all.extend(receiver.until_the_end().await);
    }
    assert_eq!(all, ["room created", "peer added", "peer connected", "peer disconnected", "peer deleted", "room deleted"]);
}

#[tokio::test]
async fn webhook_addresses_near_the_server_are_refused() {
    let server = Server::start().await;
    for (url, ip) in [
        ("http://127.0.0.1:1/hook", "127.0.0.1"),
        ("http://2130706433/", "127.0.0.1"),
        ("https://[::1]/", "::1"),
        ("http://169.254.169.254/latest", "169.254.169.254"),
        ("http://10.0.0.1/", "10.0.0.1"),
    ] {
        let sentence =
            format!("webhookUrl leads to {ip}, which is no public address; the server's operator can allow it with --webhook-allow");
        assert_eq!(server.post("/room", json!({"webhookUrl": url})).await, (StatusCode::BAD_REQUEST, errors(&sentence)), "{url}");
    }
    // A name is looked up when something is posted.
    let receiver = Receiver::start().await;
    server.room(json!({"webhookUrl": format!("http://localhost:{}/hook", receiver.address.port())})).await;
    until_metrics(&server, &["jellyfish_webhook_notifications_refused_total 1", "jellyfish_webhook_notifications_waiting 0"]).await;
    assert!(receiver.requests.is_empty());
}

#[tokio::test]
async fn webhook_secrets_are_made_once_and_kept() {
    let server = Server::with(|config| config.webhook_allow = vec!["127.0.0.0/8".parse().unwrap()]).await;
    let mut receiver = Receiver::start().await;
    server.room(json!({"webhookUrl": receiver.url()})).await;
    let secret = std::fs::read_to_string(server.data_dir.path().join("webhook-secret")).unwrap();
    let request = receiver.request().await;
    assert_eq!(request.header("x-fishjam-signature-256"), format!("sha256={}", signature(&secret, &request.body)));
}

#[tokio::test]
async fn webhook_receivers_that_hang_do_not_hold_up_the_end_of_the_server() {
    let server = server().await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    server.room(json!({"webhookUrl": format!("http://{}/", silent.local_addr().unwrap())})).await;
    let _held = timeout(PATIENCE, silent.accept()).await.unwrap().unwrap();
    let started = std::time::Instant::now();
    server.running.shutdown().await;
    assert!(started.elapsed() < std::time::Duration::from_secs(4), "{:?}", started.elapsed());
}

/// Waits until the metrics page has these lines.
async fn until_metrics(server: &Server, lines: &[&str]) {
    let address = server.running.metrics_addr().unwrap();
    let deadline = std::time::Instant::now() + PATIENCE;
    loop {
        let page = reqwest::get(format!("http://{address}/metrics")).await.unwrap().text().await.unwrap();
        if lines.iter().all(|line| page.lines().any(|found| found == *line)) {
            return;
        }
        let webhooks: Vec<&str> = page.lines().filter(|line| line.starts_with("jellyfish_webhook")).collect();
        assert!(std::time::Instant::now() < deadline, "{lines:?} are not in {webhooks:#?}");
    }
}
