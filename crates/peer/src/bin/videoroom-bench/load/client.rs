//! A back end: requests over one connection that stays open.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

use crate::server::TOKEN;

/// A connection to the REST interface.
pub(crate) struct Client {
    connection: BufReader<TcpStream>,
    server: SocketAddr,
}

impl Client {
    pub(crate) async fn connect(server: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        Ok(Self { connection: BufReader::new(stream), server })
    }

    /// Creates a room of the server's naming; returns its id.
    pub(crate) async fn create_room(&mut self) -> Result<String> {
        let created = self.request("POST", "/room", "{}", 201).await?;
        let created: Value = serde_json::from_slice(&created)?;
        Ok(created.pointer("/data/room/id").and_then(Value::as_str).context("no id of a room")?.to_owned())
    }

    pub(crate) async fn add_peer(&mut self, room: &str) -> Result<()> {
        self.request("POST", &format!("/room/{room}/peer"), r#"{"type":"webrtc"}"#, 201).await.map(drop)
    }

    pub(crate) async fn delete_room(&mut self, room: &str) -> Result<()> {
        self.request("DELETE", &format!("/room/{room}"), "", 204).await.map(drop)
    }

    /// The list of all rooms, as it comes.
    pub(crate) async fn rooms(&mut self) -> Result<Vec<u8>> {
        self.request("GET", "/room", "", 200).await
    }

    async fn request(&mut self, method: &str, path: &str, body: &str, expected: u16) -> Result<Vec<u8>> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {TOKEN}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            self.server,
            body.len()
        );
        self.connection.write_all(request.as_bytes()).await?;
        let status = self.line().await?;
        let mut length = 0;
        loop {
            let header = self.line().await?.to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
        }
        let mut body = vec![0; length];
        self.connection.read_exact(&mut body).await?;
        let found: u16 = status.split(' ').nth(1).and_then(|text| text.parse().ok()).with_context(|| format!("no status: {status}"))?;
        ensure!(found == expected, "{method} {path}: {status} {}", String::from_utf8_lossy(&body));
        Ok(body)
    }

    async fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        ensure!(self.connection.read_line(&mut line).await? > 0, "the server closed the connection");
        Ok(line.trim_end().to_owned())
    }
}
