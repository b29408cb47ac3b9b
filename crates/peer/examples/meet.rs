//! Two people meet: `meet HOST:PORT ROOM [SECONDS]`.
//!
//! They join through the Backend at that plain HTTP address, the first one sends sound and picture, and the program ends with
//! status 0 once the second one has received them, with 1 when that does not happen in time. It shows whether media gets through
//! from wherever it is run.
#![allow(clippy::print_stdout, reason = "a program says what it saw")]

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use peer::{Event, Peer, PeerOptions};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How long media may take when nothing else is said.
const PATIENCE: u64 = 8;

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (server, room, seconds) = match arguments.as_slice() {
        [server, room] => (server, room, PATIENCE),
        [server, room, seconds] => (server, room, seconds.parse().context("SECONDS is a number")?),
        _ => return Err(anyhow!("usage: meet HOST:PORT ROOM [SECONDS]")),
    };
    let speaker = enter(server, room, "Ana").await?;
    let mut listener = enter(server, room, "Ben").await?;
    let met = tokio::time::timeout(Duration::from_secs(seconds), async {
        let camera = speaker.publish_video(200_000).await?;
        speaker.publish_audio(32_000).await?;
        let seen = |event: &Event| matches!(event, Event::FirstKeyframe { track_id } if *track_id == camera);
        let arrived = listener.wait_for(Duration::from_secs(seconds), seen).await.is_some();
        Ok::<_, anyhow::Error>(arrived)
    });
    let arrived = matches!(met.await, Ok(Ok(true)));
    println!("{}", if arrived { "media flows" } else { "no media" });
    Ok(if arrived { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn enter(server: &str, room: &str, name: &str) -> anyhow::Result<Peer> {
    let access = join(server, room, name).await?;
    let text = |key: &str| access[key].as_str().map(str::to_owned).with_context(|| format!("no {key} in {access}"));
    Ok(Peer::connect(&text("url")?, &text("token")?, PeerOptions::default()).await?)
}

/// What the page asks the Backend for.
async fn join(server: &str, room: &str, name: &str) -> anyhow::Result<Value> {
    let mut stream = TcpStream::connect(server).await?;
    let body = serde_json::json!({"name": name}).to_string();
    let head = format!("POST /api/rooms/{room}/join HTTP/1.1\r\nhost: {server}\r\ncontent-length: {}\r\nconnection: close", body.len());
    stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let (_, body) = answer.split_once("\r\n\r\n").with_context(|| answer.clone())?;
    serde_json::from_str(body).with_context(|| answer.clone())
}
