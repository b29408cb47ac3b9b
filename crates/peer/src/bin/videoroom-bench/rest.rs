//! Just enough HTTP to create rooms and peers.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use protocol::rest::{AddPeer, Data, PeerCreated, PeerOptions, RoomCreated};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::server::TOKEN;

/// Creates a room and returns its id.
pub(crate) async fn create_room(server: SocketAddr) -> Result<String> {
    let body = post(server, "/room", &json!({}).to_string()).await?;
    let created: Data<RoomCreated> = serde_json::from_str(&body).with_context(|| body.clone())?;
    Ok(created.data.room.id)
}

/// Adds a peer and returns its token.
pub(crate) async fn add_peer(server: SocketAddr, room: &str) -> Result<String> {
    let peer = AddPeer { kind: "webrtc".to_owned(), options: PeerOptions::default() };
    let body = post(server, &format!("/room/{room}/peer"), &serde_json::to_string(&peer)?).await?;
    let created: Data<PeerCreated> = serde_json::from_str(&body).with_context(|| body.clone())?;
    Ok(created.data.token)
}

async fn post(server: SocketAddr, path: &str, body: &str) -> Result<String> {
    let mut stream = TcpStream::connect(server).await?;
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {server}\r\nauthorization: Bearer {TOKEN}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (head, body) = answer.split_once("\r\n\r\n").context("no HTTP answer")?;
    ensure!(head.starts_with("HTTP/1.1 201"), "POST {path}: {answer}");
    ensure!(!head.to_ascii_lowercase().contains("transfer-encoding"), "a chunked answer to POST {path}");
    Ok(body.to_owned())
}
