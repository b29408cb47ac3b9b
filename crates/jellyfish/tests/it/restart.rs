use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jellyfish::config::Config;
use jellyfish::limits::TOKEN_LIFETIME;
use serde_json::json;

use crate::support::{Server, Socket};
use protocol::signalling::protobuf::encode_auth_request;

#[tokio::test]
async fn tokens_outlive_the_process() {
    let first = Server::start().await;
    let room = first.room(json!({})).await;
    let (_, token) = first.peer(&room).await;
    let Server { running, data_dir, .. } = first;
    running.shutdown().await;

    let second = Server::in_directory(data_dir, |_| {}).await;
    let refused = |reason: &'static str| {
        let (second, token) = (&second, &token);
        async move {
            let mut socket = Socket::peer(second).await;
            socket.send(encode_auth_request(token, "web-0.25.1")).await;
            assert_eq!(socket.closed().await, (1000, reason.to_owned()));
        }
    };
    refused("room not found").await;
    assert_eq!(second.room(json!({"roomId": room})).await, room);
    refused("peer not found").await;
    // Another secret knows nothing of the token.
    let third = Server::start().await;
    let mut socket = Socket::peer(&third).await;
    socket.send(encode_auth_request(&token, "web-0.25.1")).await;
    assert_eq!(socket.closed().await, (1000, "invalid token".to_owned()));
}

#[tokio::test]
async fn an_api_token_that_is_not_given_is_made_and_kept() {
    let without_token = |config: &mut Config| config.api_token = None;
    let first = Server::with(without_token).await;
    let token = first.running.api_token().clone();
    let file = first.running.api_token_file().unwrap().clone();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), token.reveal());
    let answer = first.bare(reqwest::Method::GET, "/room").bearer_auth(token.reveal()).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let Server { running, data_dir, .. } = first;
    running.shutdown().await;
    let second = Server::in_directory(data_dir, without_token).await;
    assert_eq!(second.running.api_token(), &token);
}

#[tokio::test]
async fn socket_old_tokens_are_expired() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    let (peer, _) = server.peer(&room).await;
    let secret = std::fs::read_to_string(server.data_dir.path().join("token-secret")).unwrap();
    // Signed with the server's own secret, as if it had issued the token at that time.
    let token = |age: Duration| {
        let issued = (SystemTime::now() - age).duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
        let payload = URL_SAFE_NO_PAD.encode(json!({"room": room, "peer": peer, "issued": issued}).to_string());
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let signature = hmac::sign(&key, &[b"jellyfish peer token 1\0", payload.as_bytes()].concat());
        format!("{payload}.{}", URL_SAFE_NO_PAD.encode(signature))
    };
    let mut old = Socket::peer(&server).await;
    old.send(encode_auth_request(&token(TOKEN_LIFETIME + Duration::from_secs(1)), "web-0.25.1")).await;
    assert_eq!(old.closed().await, (1000, "expired token".to_owned()));
    server.client(&token(TOKEN_LIFETIME / 2)).await;
}
