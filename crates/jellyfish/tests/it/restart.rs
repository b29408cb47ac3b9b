use jellyfish::config::Config;
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
    let token = first.running.api_token().0.clone();
    let file = first.running.api_token_file().unwrap().clone();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), token);
    let answer = first.bare(reqwest::Method::GET, "/room").bearer_auth(&token).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let Server { running, data_dir, .. } = first;
    running.shutdown().await;
    let second = Server::in_directory(data_dir, without_token).await;
    assert_eq!(second.running.api_token().0, token);
}
