//! Every call of the SDK once, each in a function of its own to copy from.
//!
//! `cargo run -p server-sdk --example every_call -- http://127.0.0.1:5002 TOKEN`

#![allow(clippy::print_stdout, reason = "a program for a terminal")]

use std::process::ExitCode;

use serde_json::json;
use server_sdk::{Client, ComponentKind, Error, Event, NewPeer, Notification, Notifier, PeerOptions, Permissions, Room, RoomConfig};

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
    health(&client).await?;
    // Listen first, so that nothing about the new room is missed.
    let mut notifier = listen(&client).await?;
    let room = create_room(&client).await?;
    let peer = add_peer(&client, &room).await?;
    read_rooms(&client, &room).await?;
    components(&client, &room).await?;
    recordings(&client).await?;
    delete_peer(&client, &room, &peer).await?;
    delete_room(&client, &room).await?;
    notifications(&mut notifier, &room).await
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

async fn read_rooms(client: &Client, room: &Room) -> Result<(), Error> {
    let peers = client.room(&room.id).await?.peers.len();
    let rooms = client.rooms().await?.len();
    println!("{peers} peers in the room, {rooms} rooms");
    Ok(())
}

async fn components(client: &Client, room: &Room) -> Result<(), Error> {
    let options = json!({"filePath": "greeting.ogg"});
    let component = match client.add_component(&room.id, ComponentKind::File, options).await {
        Ok(component) => component,
        Err(Error::ComponentDisabled) => {
            println!("no components here");
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    client.delete_component(&room.id, &component.id).await
}

async fn recordings(client: &Client) -> Result<(), Error> {
    for recording in client.recordings().await? {
        println!("recording {recording}");
    }
    Ok(())
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
            Event::Notification(_) | Event::MayHaveMissed => {}
            Event::Disconnected(error) => return Err(error),
        }
    }
    Ok(())
}
