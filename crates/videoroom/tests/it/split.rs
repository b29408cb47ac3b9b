//! With a media server elsewhere.

use serde_json::json;
use tempfile::TempDir;
use testkit::scripted::{Scripted, TOKEN};
use testkit::servers;

use crate::support::{PeerSocket, Web};

#[tokio::test]
async fn clients_are_sent_to_the_configured_address_of_the_media_server() {
    let (data, media) = (TempDir::new().unwrap(), Scripted::start().await);
    let flags = ["--media-server", &media.url(), "--media-server-token", TOKEN];
    let product = servers::product(data.path(), &flags).await;
    assert!(product.media().is_none());
    let web = Web::new(product.backend().local_addr());
    let access = web.join("r", "Ana").await;
    assert_eq!(access.url, format!("ws://{}/socket/peer/websocket", media.address()));
    PeerSocket::connect(&access).await.unwrap().leave().await;
    assert_eq!(web.get("/api/room/r").await.json()["data"]["fishjam_address"], media.address().to_string());
    let policy = web.get("/").await.header("content-security-policy").to_owned();
    assert!(policy.contains(&format!("ws://{} wss://{}", media.address(), media.address())), "{policy}");
    assert_eq!(web.get("/socket/peer/websocket").await.status, 404, "nothing media-like is served here");
    product.shutdown().await;
}

#[tokio::test]
async fn its_public_url_wins_when_it_has_one() {
    let (media_data, data) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let media = servers::jellyfish(media_data.path(), Some("https://127.0.0.1:7443/sfu")).await;
    let flags = ["--media-server", &media.url(), "--media-server-token", servers::API_TOKEN];
    let product = servers::product(data.path(), &flags).await;
    let web = Web::new(product.backend().local_addr());
    assert_eq!(web.join("r", "Ana").await.url, "wss://127.0.0.1:7443/sfu/socket/peer/websocket");
    let policy = web.get("/").await.header("content-security-policy").to_owned();
    assert!(policy.contains("connect-src 'self' wss://127.0.0.1:7443 https://127.0.0.1:7443;"), "{policy}");
    product.shutdown().await;
    media.shutdown().await;
}

#[tokio::test]
async fn our_media_server_alone_serves_a_backend_elsewhere() {
    let (media_data, data) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let media = servers::jellyfish(media_data.path(), None).await;
    let flags = ["--media-server", &media.url(), "--media-server-token", servers::API_TOKEN];
    let product = servers::product(data.path(), &flags).await;
    let web = Web::new(product.backend().local_addr());
    let access = web.join("r", "Ana").await;
    let socket = PeerSocket::connect(&access).await.unwrap();
    product.shutdown().await;
    // The call goes on without the Backend.
    let data_again = TempDir::new().unwrap();
    let product = servers::product(data_again.path(), &flags).await;
    let web = Web::new(product.backend().local_addr());
    assert_eq!(web.get("/api/rooms/r").await.json()["people"], json!([{"name": "Ana"}]));
    socket.leave().await;
    product.shutdown().await;
    media.shutdown().await;
}
