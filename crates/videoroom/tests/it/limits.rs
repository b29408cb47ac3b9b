//! What one client may do.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::System;

async fn join_from(system: &System, client: &str) -> crate::support::Answer {
    let body = json!({"name": "Ana"}).to_string();
    system.web.send(Method::POST, "/api/rooms/r/join", &[("x-forwarded-for", client)], body).await
}

#[tokio::test]
async fn a_hundred_joins_at_once_and_no_more() {
    let system = System::with_scripted(&[]).await;
    let start = std::time::Instant::now();
    for number in 0..100 {
        let answer = join_from(&system, "198.51.100.1").await;
        assert_eq!(answer.status, 200, "join {number}");
    }
    // A slow machine earns further joins meanwhile.
    let earned = start.elapsed().as_secs();
    let mut refused = None;
    for _ in 0..=earned + 5 {
        refused = Some(join_from(&system, "198.51.100.1").await).filter(|answer| answer.status != 200);
        if refused.is_some() {
            break;
        }
    }
    let refused = refused.expect("a join beyond the limit is refused");
    refused.expect_error(429, "too_many_requests");
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=2).contains(&wait), "{wait}");

    let legacy = system.web.send(Method::GET, "/api/room/r", &[("x-forwarded-for", "198.51.100.1")], "").await;
    assert_eq!(legacy.status, 429, "the same limit");
    assert_eq!(join_from(&system, "198.51.100.2").await.status, 200, "another client");
    assert_eq!(join_from(&system, "203.0.113.5, 198.51.100.1").await.status, 429, "a made-up chain does not help");
}

#[tokio::test]
async fn limit_looks_at_rooms() {
    let system = System::with_scripted(&[]).await;
    let look = async |path: &str, client: &str| system.web.send(Method::GET, path, &[("x-forwarded-for", client)], "").await;
    let mut allowed = 0;
    let refused = loop {
        let answer = look("/api/rooms/r", "198.51.100.1").await;
        if answer.status != 200 {
            break answer;
        }
        allowed += 1;
        assert!(allowed < 5_000, "the limit counts nobody");
    };
    assert!(allowed >= 300, "{allowed}");
    refused.expect_error(429, "too_many_requests");
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(look("/api/room/r/exist", "198.51.100.1").await.status, 429, "the same limit");
    assert_eq!(look("/api/rooms/r", "198.51.100.2").await.status, 200, "another client");
    assert_eq!(join_from(&system, "198.51.100.1").await.status, 200, "joins are counted for themselves");
}

#[tokio::test]
async fn wrong_requests_do_not_use_up_the_limit() {
    let system = System::with_scripted(&[]).await;
    for _ in 0..150 {
        system.web.post_join("r", &json!({"name": ""})).await.expect_error(400, "invalid_name");
    }
    system.web.join("r", "Ana").await;
}

#[tokio::test]
async fn a_long_body_is_refused_readably() {
    let system = System::with_scripted(&[]).await;
    let just_fits = json!({"name": "Ana", "identity": "x".repeat(64 * 1024 - 40)}).to_string();
    assert!(just_fits.len() <= 64 * 1024);
    let fits = system.web.send(Method::POST, "/api/rooms/r/join", &[], just_fits).await;
    assert_eq!(fits.status, 200);
    for size in [64 * 1024 + 1, 1 << 20, 7_900_000] {
        let answer = system.web.send(Method::POST, "/api/rooms/r/join", &[], "x".repeat(size)).await;
        answer.expect_error(413, "invalid_request");
    }
}

#[tokio::test]
async fn an_announced_flood_is_not_waited_for() {
    let system = System::with_scripted(&[]).await;
    let mut stream = TcpStream::connect(system.web.address()).await.unwrap();
    stream.write_all(b"POST /api/rooms/r/join HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999999\r\n\r\n").await.unwrap();
    let mut answer = vec![0; 12];
    tokio::time::timeout(Duration::from_secs(10), stream.read_exact(&mut answer)).await.expect("an answer").unwrap();
    assert_eq!(answer, b"HTTP/1.1 413");
}
