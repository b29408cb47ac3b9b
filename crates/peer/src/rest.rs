//! Just enough of the REST interface to give a peer a room and a token, over plain HTTP.

use std::net::SocketAddr;

use protocol::rest::{AddPeer, Data, PeerCreated, PeerOptions, RoomCreated};
use serde::de::DeserializeOwned;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::PeerError;

/// Creates a room with a name of the server's choice and returns its id. `bearer` is the server's API token.
pub async fn create_room(server: SocketAddr, bearer: &str) -> Result<String, PeerError> {
    let created: Data<RoomCreated> = post(server, bearer, "/room", "{}").await?;
    Ok(created.data.room.id)
}

/// Adds a peer to a room and returns the peer's token.
pub async fn add_peer(server: SocketAddr, bearer: &str, room: &str) -> Result<String, PeerError> {
    let peer = AddPeer { kind: "webrtc".to_owned(), options: PeerOptions::default() };
    let body = serde_json::to_string(&peer).map_err(|error| PeerError::Rest(error.to_string()))?;
    let created: Data<PeerCreated> = post(server, bearer, &format!("/room/{room}/peer"), &body).await?;
    Ok(created.data.token)
}

async fn post<T: DeserializeOwned>(server: SocketAddr, bearer: &str, path: &str, body: &str) -> Result<T, PeerError> {
    let mut stream = TcpStream::connect(server).await?;
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {server}\r\nauthorization: Bearer {bearer}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let refused = || PeerError::Rest(format!("POST {path}: {answer}"));
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(refused)?;
    if !head.starts_with("HTTP/1.1 201") {
        return Err(refused());
    }
    serde_json::from_str(body).map_err(|_| refused())
}
