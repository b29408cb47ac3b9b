//! A peer driven by lines on its standard input, for tests in other languages and for trying a server by hand.
//!
//! It joins the room that the token is for and answers every line with one JSON object per line on its standard output:
//! `{"joined": peer}` at first, `{"done": track or null}` or `{"failed": why}` after each command, and
//! `{"closed": {"code", "reason"}}` as the last one, when the session is over. The end of its input means `vanish`.

mod command;

use std::io::Write as _;

use anyhow::Result;
use clap::Parser;
use peer::{Event, Peer, PeerOptions};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use command::Command;

/// Joins a room as one peer and obeys lines on its standard input.
#[derive(Debug, Parser)]
#[command(version, after_help = command::HELP)]
struct Options {
    /// The server's base, or the complete address of its peer socket.
    #[arg(long, value_name = "URL")]
    url: String,
    /// The peer's token.
    #[arg(long)]
    token: String,
    /// The peer's metadata, JSON text.
    #[arg(long, value_name = "JSON", default_value = "{}")]
    metadata: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    let mut peer = Peer::connect(&options.url, &options.token, PeerOptions::default().metadata(options.metadata)).await?;
    say(&json!({"joined": peer.endpoint_id()}))?;
    let mut lines = lines();
    loop {
        tokio::select! {
            line = lines.recv() => match line.as_deref().map(Command::parse) {
                None | Some(Ok(Command::Vanish)) => {
                    peer.vanish();
                    return Ok(());
                }
                Some(Ok(Command::Leave)) => {
                    peer.leave().await;
                    return say(&json!({"closed": {"code": 1005, "reason": ""}}));
                }
                Some(Ok(command)) => say(&answer(&peer, command).await)?,
                Some(Err(why)) => say(&json!({"failed": why}))?,
            },
            event = peer.next_event() => match event {
                Some(Event::Closed { code, reason }) => return say(&json!({"closed": {"code": code, "reason": reason}})),
                Some(_) => {}
                None => return Ok(()),
            },
        }
    }
}

/// The standard input's lines; read on a thread of their own, because reading blocks.
fn lines() -> mpsc::UnboundedReceiver<String> {
    let (sender, lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines() {
            let Ok(line) = line else { return };
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

async fn answer(peer: &Peer, command: Command) -> Value {
    let result = match command {
        Command::Publish { kind, metadata } => peer.publish(kind, command::bitrate(kind), &metadata).await.map(Some),
        Command::Unpublish { track } => peer.unpublish(&track).await.map(|()| None),
        Command::Update { metadata } => peer.update_metadata(&metadata).await.map(|()| None),
        Command::UpdateTrack { track, metadata } => peer.update_track_metadata(&track, &metadata).await.map(|()| None),
        Command::Leave | Command::Vanish => Ok(None),
    };
    match result {
        Ok(track) => json!({"done": track}),
        Err(error) => json!({"failed": error.to_string()}),
    }
}

fn say(value: &Value) -> Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "{value}")?;
    Ok(output.flush()?)
}
