//! The REST client.

use std::time::Duration;

use serde_json::json;
use server_sdk::{Client, Error, PeerOptions, PeerStatus, RoomConfig};
use testkit::scripted::{Scripted, TOKEN};

async fn server() -> (Scripted, Client) {
    let server = Scripted::start().await;
    let client = Client::new(&server.url(), TOKEN).unwrap();
    (server, client)
}

fn config(id: &str) -> RoomConfig {
    RoomConfig { room_id: Some(id.into()), ..RoomConfig::default() }
}

#[tokio::test]
async fn a_room_and_its_peers_from_creation_to_end() {
    let (server, client) = server().await;
    let created = client.create_room(&RoomConfig { max_peers: Some(3), ..config("one") }).await.unwrap();
    assert_eq!((created.id.as_str(), created.config.max_peers), ("one", Some(3)));

    let options = PeerOptions { metadata: Some(json!({"displayName": "Ana"})), ..PeerOptions::default() };
    let new = client.add_peer("one", options).await.unwrap();
    assert_eq!(new.peer.status, PeerStatus::Disconnected);
    assert!(!new.token.is_empty());
    assert!(new.websocket_address.as_deref().unwrap().ends_with("/socket/peer/websocket"));

    let room = client.room("one").await.unwrap();
    assert_eq!(room.peers.len(), 1);
    assert_eq!(room.peers[0].metadata["server"], json!({"displayName": "Ana"}));
    assert_eq!(client.rooms().await.unwrap(), vec![room]);

    client.delete_peer("one", &new.peer.id).await.unwrap();
    let another = client.add_peer("one", PeerOptions::default()).await.unwrap();
    client.delete_peer_because("one", &another.peer.id, "replaced").await.unwrap();
    assert!(server.room("one").unwrap().peers.is_empty());
    client.delete_room("one").await.unwrap();
    assert!(server.rooms().is_empty());
}

#[tokio::test]
async fn each_refusal_is_its_own_error() {
    let (server, client) = server().await;
    client.create_room(&RoomConfig { max_peers: Some(0), ..config("full") }).await.unwrap();
    client.create_room(&config("open")).await.unwrap();

    assert!(matches!(client.create_room(&config("open")).await, Err(Error::RoomExists)));
    assert!(matches!(client.create_room(&config("no/id")).await, Err(Error::BadRequest(sentence)) if sentence.contains("alphanumeric")));
    assert!(matches!(client.add_peer("full", PeerOptions::default()).await, Err(Error::PeerLimit)));
    assert!(matches!(client.add_peer("none", PeerOptions::default()).await, Err(Error::RoomNotFound)));
    assert!(matches!(client.room("none").await, Err(Error::RoomNotFound)));
    assert!(matches!(client.delete_room("none").await, Err(Error::RoomNotFound)));
    assert!(matches!(client.delete_peer("open", "none").await, Err(Error::PeerNotFound)));

    let stranger = Client::new(&server.url(), "wrong").unwrap();
    assert!(matches!(stranger.rooms().await, Err(Error::Unauthorized(sentence)) if sentence == "Invalid token"));
}

#[tokio::test]
async fn a_server_that_is_down_is_not_a_full_room() {
    let (server, client) = server().await;
    client.create_room(&config("r")).await.unwrap();
    server.answer_next("POST /room/{id}/peer", 1, 503, r#"{"errors":"Unable to reach Fishjam instance holding room r"}"#);
    let error = client.add_peer("r", PeerOptions::default()).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { status: 503, .. }) && error.is_temporary(), "{error}");

    server.answer_next("GET /room", 1, 200, "<html>a captive portal</html>");
    assert!(matches!(client.rooms().await, Err(Error::Protocol(_))));
    server.answer_next("GET /room", 1, 302, "");
    assert!(matches!(client.rooms().await, Err(Error::Protocol(_))));

    drop(server);
    let error = testkit::eventually("the server is gone", async || match client.rooms().await {
        Err(error @ Error::Transport(_)) => Ok(error),
        other => Err(format!("a transport error instead of {other:?}")),
    })
    .await;
    assert!(error.is_temporary());
}

#[tokio::test]
async fn health_is_read_from_servers_with_and_without_our_field() {
    let (server, client) = server().await;
    let health = client.health().await.unwrap();
    assert_eq!((health.status.as_str(), health.public_url), ("UP", None));

    let ours = json!({"data": {"status": "UP", "uptime": 5, "version": "0.6.3", "gitCommit": "dev", "publicUrl": "https://media.example",
        "distribution": {"enabled": false, "nodeStatus": "DOWN", "nodesInCluster": 0}}});
    server.answer_next("GET /health", 1, 200, &ours.to_string());
    assert_eq!(client.health().await.unwrap().public_url.as_deref(), Some("https://media.example"));
}

#[tokio::test]
async fn secrets_stay_out_of_debug_output() {
    let (_server, client) = server().await;
    assert!(!format!("{client:?}").contains(TOKEN));
    client.create_room(&config("r")).await.unwrap();
    let new = client.add_peer("r", PeerOptions::default()).await.unwrap();
    assert!(!format!("{new:?}").contains(&new.token));
}

#[tokio::test]
async fn ids_from_strangers_cannot_leave_their_place_in_the_path() {
    let (server, client) = server().await;
    client.create_room(&config("r")).await.unwrap();
    for id in ["../room", "r/peer", "r?x=1", "..", "r#"] {
        let answer = tokio::time::timeout(Duration::from_secs(5), client.delete_room(id)).await.unwrap();
        assert!(answer.is_err(), "{id}");
    }
    assert!(server.room("r").is_some());
}
