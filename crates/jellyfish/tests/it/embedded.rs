//! As part of another server, behind proxies, and over TLS.

use std::net::SocketAddr;

use jellyfish::config::{Metrics, Tls};
use net::tcp::{Acceptor, Limits, ListenAddress};
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::support::{Server, Socket, answer, connect_event, publish};
use protocol::signalling::protobuf::encode_auth_request;

#[tokio::test]
async fn the_clients_socket_can_be_served_on_another_port_only() {
    let server = Server::with(|config| config.peer_socket = false).await;
    let room = server.room(json!({})).await;
    let (peer, token) = server.peer(&room).await;
    assert_eq!(server.get("/socket/peer/websocket").await.0, StatusCode::NOT_FOUND);
    let public = Acceptor::bind(&ListenAddress::One(([127, 0, 0, 1], 0).into()), Limits::default()).unwrap();
    let address = public.local_addr();
    let stop = CancellationToken::new();
    let serving = tokio::spawn(public.serve(server.running.peer_socket_router(), stop.clone().cancelled_owned()));
    let mut client = Socket::at(address, "/socket/peer/websocket", &[]).await;
    client.send(encode_auth_request(&token, "web-0.25.1")).await;
    client.frame().await;
    client.send(connect_event("{}")).await;
    client.frame().await;
    assert_eq!(server.peer_in(&room, &peer).await.unwrap()["status"], "connected");
    let rest = reqwest::Client::new().get(format!("http://{address}/room")).send().await.unwrap();
    assert_eq!(rest.status(), StatusCode::NOT_FOUND);
    stop.cancel();
    serving.await.unwrap();
}

#[tokio::test]
async fn metrics_can_be_served_beside_the_api_or_not_at_all() {
    let beside = Server::with(|config| config.metrics = Metrics::OnApi).await;
    assert_eq!(beside.running.metrics_addr(), Some(beside.addr()));
    let (status, page) = answer(beside.bare(Method::GET, "/metrics")).await;
    assert!(status == StatusCode::OK && page.as_str().is_some_and(|page| page.contains("fishjam_rooms 0")), "{page}");
    let without = Server::with(|config| config.metrics = Metrics::Off).await;
    assert_eq!(without.running.metrics_addr(), None);
    assert_eq!(answer(without.bare(Method::GET, "/metrics")).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_host_that_a_proxy_forwards_is_a_candidate() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    let (peer, token) = server.peer(&room).await;
    let headers = [("x-forwarded-for", "198.51.100.7"), ("x-forwarded-host", "203.0.113.9:443")];
    let mut client = Socket::at(server.addr(), "/socket/peer/websocket", &headers).await;
    client.send(encode_auth_request(&token, "web-0.25.1")).await;
    client.frame().await;
    let (_, sdp) = publish(&mut client, &peer).await;
    let first = sdp.lines().find(|line| line.starts_with("a=candidate:")).unwrap();
    let expected = SocketAddr::from(([203, 0, 113, 9], server.running.media_port()));
    assert!(first.contains(&format!(" {} {} ", expected.ip(), expected.port())), "{sdp}");
    assert!(!sdp.contains(" 127.0.0.1 "), "{sdp}");
}

#[tokio::test]
async fn announced_addresses_replace_detected_ones() {
    let server = Server::with(|config| config.announce = vec!["203.0.113.5".into()]).await;
    let room = server.room(json!({})).await;
    let (peer, token) = server.peer(&room).await;
    let mut client = server.client(&token).await;
    let (_, sdp) = publish(&mut client, &peer).await;
    let candidates: Vec<&str> = sdp.lines().filter(|line| line.starts_with("a=candidate:")).collect();
    assert!(candidates[0].contains(" 127.0.0.1 "), "{sdp}");
    assert!(candidates.last().unwrap().contains(" 203.0.113.5 "), "{sdp}");
}

#[tokio::test]
async fn one_port_speaks_http_and_https() {
    let server = Server::with(|config| {
        config.tls = Tls::SelfSigned;
        config.public_url = Some("https://media.example.org/base/".parse().unwrap());
    })
    .await;
    let (_, body) = server.post("/room", json!({})).await;
    assert_eq!(body["data"]["fishjam_address"], "media.example.org/base");
    let client = reqwest::Client::builder().danger_accept_invalid_certs(true).build().unwrap();
    let url = format!("https://{}/room", server.addr());
    let secure = client.get(url).bearer_auth(crate::support::TOKEN).send().await.unwrap();
    assert_eq!(secure.status(), StatusCode::OK);
    assert_eq!(server.running.url(), format!("http://{}", server.addr()));
}
