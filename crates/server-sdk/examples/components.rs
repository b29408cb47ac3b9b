//! Every call about components and recordings once. Archived servers have them when they are switched on; a server without them
//! says so, and this program prints what it says.
//!
//! `cargo run -p server-sdk --example components -- http://127.0.0.1:5002 TOKEN`

#![allow(clippy::print_stdout, reason = "a program for a terminal")]

use std::process::ExitCode;

use serde_json::json;
use server_sdk::{Client, Component, ComponentKind, Error, Room, RoomConfig, VideoCodec};

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(token), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        println!("usage: components URL TOKEN");
        return ExitCode::from(2);
    };
    match run(&address, &token).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(address: &str, token: &str) -> Result<(), Error> {
    let client = Client::new(address, token)?;
    let room = client.create_room(&RoomConfig { video_codec: Some(VideoCodec::H264), ..RoomConfig::default() }).await?;
    said("play a file", play_file(&client, &room).await)?;
    said("watch the stream", watch(&client, &room).await)?;
    said("telephone", telephone(&client, &room).await)?;
    said("list recordings", recordings(&client).await)?;
    said("get a recording", recording_file(&client).await)?;
    said("delete a recording", client.delete_recording("unknown").await)?;
    client.delete_room(&room.id).await
}

/// Prints what became of something that a server may not have; any other error ends the program.
fn said(what: &str, result: Result<(), Error>) -> Result<(), Error> {
    match result {
        Ok(()) => println!("{what}: done"),
        Err(
            error @ (Error::ComponentDisabled
            | Error::ComponentNotFound
            | Error::RecordingNotFound
            | Error::NotFound(_)
            | Error::Disabled(_)),
        ) => println!("{what}: {error}"),
        Err(error) => return Err(error),
    }
    Ok(())
}

async fn play_file(client: &Client, room: &Room) -> Result<(), Error> {
    let component = client.add_component(&room.id, ComponentKind::File, json!({"filePath": "greeting.ogg"})).await?;
    client.delete_component(&room.id, &component.id).await
}

/// Composes what one peer sends into an HLS stream, and reads its playlist.
async fn watch(client: &Client, room: &Room) -> Result<(), Error> {
    let stream: Component = client.add_component(&room.id, ComponentKind::Hls, json!({"subscribeMode": "manual"})).await?;
    let peers: Vec<&str> = room.peers.iter().map(|peer| peer.id.as_str()).collect();
    client.subscribe_component(&room.id, &stream.id, &peers).await?;
    let playlist = client.hls_file(&room.id, "index.m3u8").await?;
    println!("a playlist of {} bytes", playlist.len());
    client.delete_component(&room.id, &stream.id).await
}

async fn telephone(client: &Client, room: &Room) -> Result<(), Error> {
    let registrar = json!({"registrarCredentials": {"address": "sip.example.org", "username": "ana", "password": "secret"}});
    let telephone = client.add_component(&room.id, ComponentKind::Sip, registrar).await?;
    client.dial(&room.id, &telephone.id, "+12345").await?;
    client.end_call(&room.id, &telephone.id).await
}

async fn recordings(client: &Client) -> Result<(), Error> {
    for recording in client.recordings().await? {
        println!("recording {recording}");
    }
    Ok(())
}

async fn recording_file(client: &Client) -> Result<(), Error> {
    let playlist = client.recording_file("unknown", "index.m3u8").await?;
    println!("a playlist of {} bytes", playlist.len());
    Ok(())
}
