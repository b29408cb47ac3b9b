//! Every call about agents, livestreams, compositions and MoQ once. The hosted service has them; a server without them says so, and this
//! program prints what it says.
//!
//! `cargo run -p server-sdk --example streams -- http://127.0.0.1:5002 TOKEN`

#![allow(clippy::print_stdout, reason = "a program for a terminal")]

use std::process::ExitCode;

use serde_json::json;
use server_sdk::{AgentOptions, Client, Composition, Error, MoqPaths, Room, RoomConfig, RoomType, StreamConfig, Template, VapiOptions};

const COMPOSITION: &str = "https://composition.example.org/api/composition/one";

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(token), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        println!("usage: streams URL TOKEN");
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
    let room = client.create_room(&RoomConfig { room_type: Some(RoomType::Livestream), ..RoomConfig::default() }).await?;
    said("add an agent", add_agent(&client, &room).await)?;
    said("add a call", add_call(&client, &room).await)?;
    said("stream into a room", room_tokens(&client, &room).await)?;
    said("forward tracks", client.forward_tracks(&room.id, COMPOSITION).await)?;
    said("list livestreams", livestreams(&client).await)?;
    said("make a livestream", livestream(&client).await)?;
    said("end a livestream", end_livestream(&client, "unknown").await)?;
    said("use MoQ", moq(&client).await)?;
    said("list recordings", recordings(&client).await)?;
    said("record a composition", record(&client).await)?;
    said("record a scene of its own", record_template(&client).await)?;
    said("end a recording", end_recording(&client, "unknown").await)?;
    client.delete_room(&room.id).await
}

/// Prints what became of something that a server may not have; any other error ends the program.
fn said(what: &str, result: Result<(), Error>) -> Result<(), Error> {
    match result {
        Ok(()) => println!("{what}: done"),
        Err(error @ (Error::NotFound(_) | Error::Disabled(_) | Error::RecordingNotFound)) => println!("{what}: {error}"),
        Err(error) => return Err(error),
    }
    Ok(())
}

async fn add_agent(client: &Client, room: &Room) -> Result<(), Error> {
    let agent = client.add_agent(&room.id, AgentOptions::default()).await?;
    println!("agent {}; it connects with a token of {} characters", agent.peer.id, agent.token.len());
    Ok(())
}

async fn add_call(client: &Client, room: &Room) -> Result<(), Error> {
    let options = VapiOptions { api_key: "key".into(), call_id: "call".into(), subscribe_mode: None, auto_close: true };
    let call = client.add_vapi(&room.id, &options).await?;
    println!("call {}", call.id);
    Ok(())
}

async fn room_tokens(client: &Client, room: &Room) -> Result<(), Error> {
    let streamer = client.streamer_token(&room.id).await?;
    let viewer = client.viewer_token(&room.id).await?;
    println!("tokens of {} and {} characters", streamer.token.len(), viewer.token.len());
    Ok(())
}

async fn livestreams(client: &Client) -> Result<(), Error> {
    for stream in client.livestreams().await? {
        println!("livestream {} with {} viewers", stream.id, stream.viewers.len());
    }
    Ok(())
}

async fn livestream(client: &Client) -> Result<(), Error> {
    let stream = client.create_livestream(&StreamConfig { public: true, ..StreamConfig::default() }).await?;
    let streamer = client.add_streamer(&stream.id).await?;
    let viewer = client.add_viewer(&stream.id).await?;
    println!("{:?}", client.livestream(&stream.id).await?);
    client.delete_viewer(&stream.id, &viewer.id).await?;
    client.delete_streamer(&stream.id, &streamer.id).await
}

async fn end_livestream(client: &Client, id: &str) -> Result<(), Error> {
    client.delete_livestream(id).await
}

async fn moq(client: &Client) -> Result<(), Error> {
    let paths = MoqPaths { publish_path: Some("meeting/ana".into()), subscribe_path: Some("meeting".into()), ttl: Some(600) };
    let access = client.moq_access(&paths).await?;
    println!("a token of {} characters", access.token.len());
    Ok(())
}

async fn recordings(client: &Client) -> Result<(), Error> {
    for recording in client.composition_recordings().await? {
        println!("recording {} is {:?}", recording.id, recording.status);
    }
    let wanted = [("class".to_owned(), json!("1a"))].into_iter().collect();
    println!("{} of a class", client.composition_recordings_with(&wanted).await?.len());
    Ok(())
}

async fn record(client: &Client) -> Result<(), Error> {
    let source = Composition { url: COMPOSITION.into(), output: "out".into(), scale_ratio: None };
    let recording = client.record_composition(&source, None).await?;
    println!("{:?}", client.composition_recording(&recording.id).await?);
    Ok(())
}

async fn record_template(client: &Client) -> Result<(), Error> {
    let source = Template { url: COMPOSITION.into(), audio: Some(true), resolution: Some("1280x720".into()) };
    let recording = client.record_template(&source, b"the template's bundle", None).await?;
    println!("{recording:?}");
    Ok(())
}

async fn end_recording(client: &Client, id: &str) -> Result<(), Error> {
    client.stop_composition_recording(id).await?;
    client.delete_composition_recording(id).await
}
