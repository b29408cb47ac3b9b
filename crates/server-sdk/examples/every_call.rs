//! Every call about rooms and peers once, each in a function of its own to copy from. `components.rs` and `streams.rs` have the
//! calls for what not every server has.
//!
//! `cargo run -p server-sdk --example every_call -- http://127.0.0.1:5002 TOKEN`

#![allow(clippy::print_stdout, reason = "a program for a terminal")]

use std::process::ExitCode;

use serde_json::json;
use server_sdk::{
    Client, Error, Event, NewPeer, Notification, Notifier, PeerOptions, Permissions, Room, RoomConfig, SubscribeMode, Timing, Topic,
};

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(token), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        println!("usage: every_call URL TOKEN");
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
    validate(&client).await?;
    health(&client).await?;
    // Listen first, so that nothing about the new room is missed.
    let mut notifier = listen(&client).await?;
    let room = create_room(&client).await?;
    let peer = add_peer(&client, &room).await?;
    refresh_token(&client, &room, &peer).await?;
    let audience = add_audience(&client, &room).await?;
    subscribe_peer(&client, &room, &audience, &peer).await?;
    subscribe_tracks(&client, &room, &audience).await?;
    read_rooms(&client, &room).await?;
    delete_peer_because(&client, &room, &audience).await?;
    delete_peer(&client, &room, &peer).await?;
    delete_room(&client, &room).await?;
    notifications(&mut notifier, &room).await?;
    metrics(&client).await
}

async fn validate(client: &Client) -> Result<(), Error> {
    client.validate().await?;
    println!("the token is right");
    Ok(())
}

async fn health(client: &Client) -> Result<(), Error> {
    let health = client.health().await?;
    println!("the server is {} and of version {}", health.status, health.version);
    Ok(())
}

async fn listen(client: &Client) -> Result<Notifier, Error> {
    let mut notifier = client.notifier();
    match notifier.next().await {
        Some(Event::Disconnected(error)) => Err(error),
        _ => Ok(notifier),
    }
}

async fn create_room(client: &Client) -> Result<Room, Error> {
    let config =
        RoomConfig { max_peers: Some(10), peerless_purge_timeout: Some(120), peer_disconnected_timeout: Some(30), ..RoomConfig::default() };
    let room = client.create_room(&config).await?;
    println!("room {}", room.id);
    Ok(room)
}

async fn add_peer(client: &Client, room: &Room) -> Result<NewPeer, Error> {
    let options = PeerOptions {
        metadata: Some(json!({"displayName": "Ana"})),
        permissions: Some(Permissions { screen: Some(false), ..Permissions::default() }),
        ..PeerOptions::default()
    };
    let new = client.add_peer(&room.id, options).await?;
    println!("peer {}; its client connects with a token of {} characters", new.peer.id, new.token.len());
    Ok(new)
}

async fn refresh_token(client: &Client, room: &Room, new: &NewPeer) -> Result<(), Error> {
    let token = client.refresh_token(&room.id, &new.peer.id).await?;
    println!("another token: {}", token != new.token);
    Ok(())
}

/// Somebody who gets only what this program chooses.
async fn add_audience(client: &Client, room: &Room) -> Result<NewPeer, Error> {
    let options = PeerOptions { subscribe_mode: Some(SubscribeMode::Manual), ..PeerOptions::default() };
    client.add_peer(&room.id, options).await
}

async fn subscribe_peer(client: &Client, room: &Room, audience: &NewPeer, publisher: &NewPeer) -> Result<(), Error> {
    client.subscribe_peer(&room.id, &audience.peer.id, &publisher.peer.id).await?;
    println!("the audience gets all tracks of one peer");
    Ok(())
}

async fn subscribe_tracks(client: &Client, room: &Room, audience: &NewPeer) -> Result<(), Error> {
    let room = client.room(&room.id).await?;
    let tracks: Vec<&str> = room.peers.iter().flat_map(|peer| &peer.tracks).map(|track| track.id.as_str()).collect();
    client.subscribe_tracks(&room.id, &audience.peer.id, &tracks).await?;
    println!("the audience gets {} tracks by name", tracks.len());
    Ok(())
}

async fn read_rooms(client: &Client, room: &Room) -> Result<(), Error> {
    let peers = client.room(&room.id).await?.peers.len();
    let rooms = client.rooms().await?.len();
    println!("{peers} peers in the room, {rooms} rooms");
    Ok(())
}

async fn delete_peer_because(client: &Client, room: &Room, new: &NewPeer) -> Result<(), Error> {
    client.delete_peer_because(&room.id, &new.peer.id, "replaced").await
}

async fn delete_peer(client: &Client, room: &Room, new: &NewPeer) -> Result<(), Error> {
    client.delete_peer(&room.id, &new.peer.id).await?;
    match client.delete_peer(&room.id, &new.peer.id).await {
        Err(Error::PeerNotFound) => Ok(()),
        other => other,
    }
}

async fn delete_room(client: &Client, room: &Room) -> Result<(), Error> {
    client.delete_room(&room.id).await?;
    match client.delete_room(&room.id).await {
        Err(Error::RoomNotFound) => Ok(()),
        other => other,
    }
}

async fn notifications(notifier: &mut Notifier, room: &Room) -> Result<(), Error> {
    while let Some(event) = notifier.next().await {
        match event {
            Event::Notification(Notification::RoomDeleted { room: id }) if id == room.id => {
                println!("told: the room is deleted");
                return Ok(());
            }
            Event::Notification(notification) if notification.room() == room.id => println!("told: {notification:?}"),
            Event::Notification(_) | Event::MayHaveMissed | Event::Resumed | Event::Metrics(_) => {}
            Event::Disconnected(error) => return Err(error),
        }
    }
    Ok(())
}

async fn metrics(client: &Client) -> Result<(), Error> {
    let mut reports = client.notifier_of(&[Topic::Metrics], Timing::default());
    while let Some(event) = reports.next().await {
        match event {
            Event::Metrics(metrics) => {
                println!("a report of {} rooms with somebody in them", metrics.rooms.len());
                return Ok(());
            }
            Event::Disconnected(error) => return Err(error),
            Event::Notification(_) | Event::MayHaveMissed | Event::Resumed => {}
        }
    }
    Ok(())
}
