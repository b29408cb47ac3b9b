//! The user's end of a peer.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::driver::{self, Command};
use crate::options::socket_url;
use crate::{Event, PeerError, PeerOptions, PeerStats, TrackKind};

/// A peer in a room. It runs on the tokio runtime it was made on, and ends when it is dropped.
#[derive(Debug)]
pub struct Peer {
    endpoint_id: String,
    commands: mpsc::UnboundedSender<Command>,
    events: mpsc::UnboundedReceiver<Event>,
    task: JoinHandle<()>,
    patience: Duration,
}

impl Peer {
    /// Joins the room that `token` is for. `url` is the server's base or the complete address of the WebSocket. Returns when
    /// the server has welcomed the peer; nothing is negotiated yet.
    pub async fn connect(url: &str, token: &str, options: PeerOptions) -> Result<Self, PeerError> {
        let patience = options.patience;
        let connecting = Box::pin(driver::connect(socket_url(url), token.to_owned(), options));
        let connected = tokio::time::timeout(patience, connecting).await.map_err(|_| PeerError::Timeout { what: "the connection" })??;
        let (commands, inbox) = mpsc::unbounded_channel();
        let (sender, events) = mpsc::unbounded_channel();
        let endpoint_id = connected.endpoint_id().to_owned();
        let task = tokio::spawn(connected.run(inbox, sender));
        Ok(Self { endpoint_id, commands, events, task, patience })
    }

    /// Its id in the room.
    pub fn endpoint_id(&self) -> &str {
        &self.endpoint_id
    }

    /// Publishes made-up video of `bitrate` bits per second, as a camera. Returns the track's id once the server has
    /// answered.
    pub async fn publish_video(&self, bitrate: u32) -> Result<String, PeerError> {
        self.publish(TrackKind::Video, bitrate, r#"{"type":"camera","paused":false}"#).await
    }

    /// Publishes made-up audio of `bitrate` bits per second, as a microphone. Returns the track's id once the server has
    /// answered.
    pub async fn publish_audio(&self, bitrate: u32) -> Result<String, PeerError> {
        self.publish(TrackKind::Audio, bitrate, r#"{"type":"microphone","paused":false}"#).await
    }

    /// Publishes a track with metadata (JSON text) of one's own.
    pub async fn publish(&self, kind: TrackKind, bitrate: u32, metadata: &str) -> Result<String, PeerError> {
        let metadata = metadata.to_owned();
        self.in_time("a new track", self.ask(|reply| Command::Publish { kind, bitrate, metadata, reply })).await?
    }

    /// Withdraws a local track; done once the server has answered.
    pub async fn unpublish(&self, track_id: &str) -> Result<(), PeerError> {
        let track_id = track_id.to_owned();
        self.in_time("a removed track", self.ask(|reply| Command::Unpublish { track_id, reply })).await?
    }

    /// Stops or goes on sending a local track that stays published.
    pub async fn set_paused(&self, track_id: &str, paused: bool) -> Result<(), PeerError> {
        let track_id = track_id.to_owned();
        self.ask(|reply| Command::SetPaused { track_id, paused, reply }).await?
    }

    /// Lets a local audio track carry speech (as from the start) or silence.
    pub async fn set_speaking(&self, track_id: &str, speaking: bool) -> Result<(), PeerError> {
        let track_id = track_id.to_owned();
        self.ask(|reply| Command::SetSpeaking { track_id, speaking, reply }).await?
    }

    /// Changes a local track's metadata (JSON text).
    pub async fn update_track_metadata(&self, track_id: &str, metadata: &str) -> Result<(), PeerError> {
        let (track_id, metadata) = (track_id.to_owned(), metadata.to_owned());
        self.ask(|reply| Command::UpdateTrackMetadata { track_id, metadata, reply }).await?
    }

    /// Changes this peer's metadata (JSON text).
    pub async fn update_metadata(&self, metadata: &str) -> Result<(), PeerError> {
        let metadata = metadata.to_owned();
        self.ask(|reply| Command::UpdateMetadata { metadata, reply }).await
    }

    /// Asks for a keyframe of a remote track.
    pub async fn request_keyframe(&self, track_id: &str) -> Result<(), PeerError> {
        let track_id = track_id.to_owned();
        self.ask(|reply| Command::RequestKeyframe { track_id, reply }).await?
    }

    /// Goes on from another UDP port without a word, as behind a NAT that forgot its mapping.
    pub async fn rebind(&self) -> Result<(), PeerError> {
        self.ask(|reply| Command::Rebind { reply }).await?
    }

    /// Loses the WebSocket without a close frame, as when a network forgets the connection. Media goes on.
    pub async fn lose_socket(&self) -> Result<(), PeerError> {
        self.ask(|reply| Command::LoseSocket { reply }).await
    }

    /// Goes on over another WebSocket; an error means that the session is over.
    pub async fn resume(&self) -> Result<(), PeerError> {
        self.in_time("another socket", self.ask(|reply| Command::Resume { reply })).await?
    }

    /// Sends a raw frame over the WebSocket, for tests of what a server does with nonsense.
    pub async fn send_raw(&self, frame: Vec<u8>) -> Result<(), PeerError> {
        self.ask(|reply| Command::SendRaw { frame, reply }).await
    }

    /// Sends bytes to where its media goes, from the address that its media comes from, for tests of what a server does with
    /// nonsense.
    pub async fn send_datagram(&self, datagram: Vec<u8>) -> Result<(), PeerError> {
        self.ask(|reply| Command::SendDatagram { datagram, reply }).await?
    }

    /// What it has counted.
    pub async fn stats(&self) -> Result<PeerStats, PeerError> {
        self.ask(|reply| Command::Stats { reply }).await
    }

    /// The next event; `None` once all were taken after [`Event::Closed`].
    pub async fn next_event(&mut self) -> Option<Event> {
        self.events.recv().await
    }

    /// The next event if there is one already.
    pub fn try_next_event(&mut self) -> Option<Event> {
        self.events.try_recv().ok()
    }

    /// Takes events until one satisfies `wanted`, at most for `patience`; returns it. Other events are dropped.
    pub async fn wait_for(&mut self, patience: Duration, mut wanted: impl FnMut(&Event) -> bool) -> Option<Event> {
        let search = async {
            loop {
                let event = self.events.recv().await?;
                if wanted(&event) {
                    return Some(event);
                }
            }
        };
        tokio::time::timeout(patience, search).await.ok().flatten()
    }

    /// Leaves as the published SDK does: closes the WebSocket without code and reason.
    pub async fn leave(self) {
        let (reply, closed) = oneshot::channel();
        if self.commands.send(Command::Leave { reply }).is_ok() {
            // An error means that the session was over already.
            let _ = closed.await;
        }
    }

    /// Vanishes without a word, as when a machine loses power: sockets are just dropped.
    pub fn vanish(self) {
        self.task.abort();
    }

    async fn in_time<T>(&self, what: &'static str, answer: impl Future<Output = Result<T, PeerError>>) -> Result<T, PeerError> {
        tokio::time::timeout(self.patience, answer).await.map_err(|_| PeerError::Timeout { what })?
    }

    async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Result<T, PeerError> {
        let (reply, answer) = oneshot::channel();
        let over = || PeerError::Closed { code: 1006, reason: "the session is over".to_owned() };
        self.commands.send(command(reply)).map_err(|_| over())?;
        answer.await.map_err(|_| over())
    }
}
