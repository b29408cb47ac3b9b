//! The signalling connection: a WebSocket of protobuf messages.

use std::io;
use std::net::SocketAddr;

use futures_util::{SinkExt as _, StreamExt as _};
use protocol::proto::{Message as _, PeerMessage, peer_message};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::PeerError;
use crate::resume::Memory;

pub(crate) type WebSocket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// How the server is reached.
pub(crate) struct Way {
    pub(crate) url: String,
    pub(crate) token: String,
    pub(crate) sdk_version: String,
    /// Announce that this client can resume.
    pub(crate) resume: bool,
}

impl Way {
    /// Opens an authenticated WebSocket.
    pub(crate) async fn open(&self, memory: &Memory) -> Result<(WebSocket, Option<peer_message::Resumption>), PeerError> {
        let (mut web_socket, _response) = connect_async(&self.url).await?;
        let resume = self.resume.then(|| memory.request());
        let request = peer_message::AuthRequest { token: self.token.clone(), sdk_version: self.sdk_version.clone(), resume };
        send(&mut web_socket, PeerMessage { content: Some(peer_message::Content::AuthRequest(request)) }).await?;
        loop {
            let message = next_message(&mut web_socket).await?;
            if let Some(peer_message::Content::Authenticated(answer)) = message.content {
                return Ok((web_socket, answer.resumption));
            }
        }
    }
}

pub(crate) fn local_address(web_socket: &WebSocket) -> io::Result<SocketAddr> {
    match web_socket.get_ref() {
        MaybeTlsStream::Plain(stream) => stream.local_addr(),
        MaybeTlsStream::Rustls(stream) => stream.get_ref().0.local_addr(),
        _ => Err(io::Error::other("an unknown kind of WebSocket transport")),
    }
}

pub(crate) async fn send(web_socket: &mut WebSocket, message: PeerMessage) -> Result<(), PeerError> {
    Ok(web_socket.send(Message::Binary(message.encode_to_vec().into())).await?)
}

/// The next message that says something.
async fn next_message(web_socket: &mut WebSocket) -> Result<PeerMessage, PeerError> {
    loop {
        match web_socket.next().await {
            Some(Ok(frame)) => {
                if let Some(message) = decode(frame)? {
                    return Ok(message);
                }
            }
            Some(Err(error)) => return Err(error.into()),
            None => return Err(PeerError::Closed { code: 1006, reason: String::new() }),
        }
    }
}

/// The next message, once there is a WebSocket.
pub(crate) async fn next_of(web_socket: &mut Option<WebSocket>) -> Result<PeerMessage, PeerError> {
    match web_socket {
        Some(web_socket) => next_message(web_socket).await,
        None => std::future::pending().await,
    }
}

fn decode(frame: Message) -> Result<Option<PeerMessage>, PeerError> {
    match frame {
        Message::Binary(bytes) => match PeerMessage::decode(bytes) {
            Ok(message) => Ok(Some(message)),
            Err(error) => Err(PeerError::Closed { code: 1006, reason: format!("an undecodable message: {error}") }),
        },
        Message::Close(frame) => Err(closed(frame)),
        Message::Text(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => Ok(None),
    }
}

pub(crate) fn closed(frame: Option<CloseFrame>) -> PeerError {
    match frame {
        Some(frame) => PeerError::Closed { code: frame.code.into(), reason: frame.reason.to_string() },
        None => PeerError::Closed { code: 1005, reason: String::new() },
    }
}
