//! Creates a room with two peers, prints their tokens, and says what happens in it until it ends.
//!
//! `cargo run -p server-sdk --example rooms -- http://127.0.0.1:5002 TOKEN`

#![allow(clippy::print_stdout, reason = "a program for a terminal")]

use std::process::ExitCode;

use server_sdk::{Client, Error, Event, Notification, PeerOptions, RoomConfig};

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(token), None) = (arguments.next(), arguments.next(), arguments.next()) else {
        println!("usage: rooms URL TOKEN");
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
    // Listen first, so that nothing about the new room is missed.
    let mut notifier = client.notifier();
    let config = RoomConfig { peerless_purge_timeout: Some(60), ..RoomConfig::default() };
    let room = client.create_room(&config).await?;
    println!("room {}", room.id);
    for _ in 0..2 {
        let new = client.add_peer(&room.id, PeerOptions::default()).await?;
        println!("peer {} token {}", new.peer.id, new.token);
    }
    while let Some(event) = notifier.next().await {
        match event {
            Event::MayHaveMissed => match client.room(&room.id).await {
                Ok(room) => println!("listening; {} peers", room.peers.len()),
                Err(Error::RoomNotFound) => return Ok(()),
                Err(error) => println!("{error}"),
            },
            Event::Notification(Notification::RoomDeleted { room: id } | Notification::RoomCrashed { room: id }) if id == room.id => {
                return Ok(());
            }
            Event::Notification(notification) if notification.room() == room.id => println!("{notification:?}"),
            Event::Notification(_) | Event::Resumed | Event::Metrics(_) => {}
            Event::Disconnected(error) => println!("connecting again: {error}"),
        }
    }
    Ok(())
}
