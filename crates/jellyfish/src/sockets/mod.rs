//! The WebSockets of clients and back ends.

mod bad_frames;
mod event_queue;
pub(crate) mod peer;
pub(crate) mod server;
#[cfg(test)]
mod tests;
mod told;

use std::time::Duration;

pub(crate) use told::ToldInRooms;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use protocol::close::{self, Close};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_util::sync::CancellationToken;

/// Longest frame that is read.
pub const MAX_FRAME: usize = 1024 * 1024;

/// How often the server asks for a sign of life.
pub const PING_INTERVAL: Duration = Duration::from_secs(30);

/// A socket that shows no sign of life for so long is dropped.
pub const IDLE_TIMEOUT: Duration = Duration::from_mins(1);

/// Time to authenticate.
pub const AUTH_TIMEOUT: Duration = Duration::from_secs(10);

/// Time that the system's buffers may stay full.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// Time for the other end to answer a close.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Time for the other end to go on reading when it did not: why its socket is closed stands behind all that it left unread.
/// Longer reaches more of those that only paused; each holds a socket and at most one frame until then.
pub const SLOW_READER_TIMEOUT: Duration = Duration::from_secs(30);

/// How a socket ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// We close it.
    Close(Close),
    /// The other end closed it, or does not speak the protocol.
    Left,
    /// It broke without a word.
    Lost,
    /// It shows no sign of life; it is closed in case somebody hears it.
    Silent,
}

/// What is known about the life of the other end.
struct Life {
    ping_at: Instant,
    idle_at: Instant,
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    /// To ask the other end for a sign of life.
    Ping,
    /// The end: it shows none.
    Silence,
}

impl Life {
    /// The other end lives now.
    fn new() -> Self {
        let now = Instant::now();
        Self { ping_at: now + PING_INTERVAL, idle_at: now + IDLE_TIMEOUT }
    }

    /// A sign of life came.
    fn seen(&mut self) {
        self.idle_at = Instant::now() + IDLE_TIMEOUT;
    }

    /// Waits for what is due next.
    async fn due(&self) -> Due {
        sleep_until(self.ping_at.min(self.idle_at)).await;
        if self.idle_at <= Instant::now() { Due::Silence } else { Due::Ping }
    }

    /// Asks the other end for a sign of life, or ends its socket.
    async fn keep(&mut self, socket: &mut WebSocket, due: Due) -> Result<(), End> {
        match due {
            Due::Ping => {
                self.ping_at = Instant::now() + PING_INTERVAL;
                send(socket, Message::Ping(bytes::Bytes::new())).await
            }
            Due::Silence => Err(End::Silent),
        }
    }
}

/// What the other end said.
enum Incoming {
    Binary(bytes::Bytes),
    Text,
    /// A ping or a pong: a sign of life. `Some`: the payload of a pong.
    Life(Option<bytes::Bytes>),
}

/// Waits for a frame.
async fn receive(socket: &mut WebSocket) -> Result<Incoming, End> {
    match socket.recv().await {
        Some(Ok(Message::Binary(bytes))) => Ok(Incoming::Binary(bytes)),
        Some(Ok(Message::Text(_))) => Ok(Incoming::Text),
        Some(Ok(Message::Ping(_))) => Ok(Incoming::Life(None)),
        Some(Ok(Message::Pong(payload))) => Ok(Incoming::Life(Some(payload))),
        Some(Ok(Message::Close(_))) => Err(End::Left),
        Some(Err(error)) => Err(end_by(error)),
        None => Err(End::Lost),
    }
}

/// What an error of reading means.
fn end_by(error: axum::Error) -> End {
    match error.into_inner().downcast_ref() {
        Some(Error::Capacity(_)) => End::Close(close::FRAME_TOO_LARGE),
        Some(Error::Io(_) | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)) => End::Lost,
        _ => End::Left,
    }
}

/// Looks once more at a socket that broke: a close that came before says that it was meant.
async fn last_word(socket: &mut WebSocket) -> End {
    let deadline = Instant::now() + CLOSE_TIMEOUT;
    loop {
        match timeout_at(deadline, receive(socket)).await {
            Ok(Ok(_)) => {}
            Ok(Err(end)) => return end,
            Err(_elapsed) => return End::Lost,
        }
    }
}

/// Sends a frame, unless the other end does not read.
async fn send(socket: &mut WebSocket, message: Message) -> Result<(), End> {
    match timeout(WRITE_TIMEOUT, socket.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(End::Lost),
        Err(_elapsed) => Err(End::Close(close::SLOW_READER)),
    }
}

/// Ends a socket: says why, and gives the other end a moment to read it, or longer if it is slow, unless the server ends.
async fn finish(socket: WebSocket, end: End, closing: &CancellationToken) {
    if end == End::Close(close::SLOW_READER) {
        tokio::select! {
            () = say_why(socket, end, SLOW_READER_TIMEOUT) => {}
            () = closing.cancelled() => {}
        }
    } else {
        say_why(socket, end, CLOSE_TIMEOUT).await;
    }
}

async fn say_why(mut socket: WebSocket, end: End, patience: Duration) {
    let deadline = Instant::now() + patience;
    let close = match end {
        End::Close(close) => Some(close),
        End::Silent => Some(Close { code: 1000, reason: "" }),
        End::Left | End::Lost => None,
    };
    if let Some(Close { code, reason }) = close {
        let frame = CloseFrame { code, reason: reason.into() };
        if timeout_at(deadline, socket.send(Message::Close(Some(frame)))).await.is_err() {
            return;
        }
    }
    if end == End::Close(close::FRAME_TOO_LARGE) {
        // The rest of the frame stays unread. Closing now would reset the connection and lose the reason on its way.
        sleep_until(deadline).await;
        return;
    }
    // Reading on also sends the answer to the other end's close.
    while let Ok(Some(Ok(_))) = timeout_at(deadline, socket.recv()).await {}
}
