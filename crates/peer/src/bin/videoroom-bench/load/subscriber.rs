//! A back end that counts notifications.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use protocol::proto::server_message::{AuthRequest, Content, EventType, SubscribeRequest};
use protocol::proto::{Message as _, ServerMessage};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

use crate::server::TOKEN;

/// Longest silence while notifications are due.
const PATIENCE: Duration = Duration::from_secs(10);

/// Subscribes, and counts in the background until so many came; the task then gives the number that really came.
pub(crate) async fn subscribe(server: SocketAddr, expected: u64) -> Result<JoinHandle<Result<u64>>> {
    let (mut socket, _) = connect_async(format!("ws://{server}/socket/server/websocket")).await?;
    let event_type = EventType::ServerNotification as i32;
    for content in [
        Content::AuthRequest(AuthRequest { token: TOKEN.to_owned() }),
        Content::SubscribeRequest(SubscribeRequest { event_type, after: None }),
    ] {
        socket.send(Message::binary(ServerMessage { content: Some(content) }.encode_to_vec())).await?;
    }
    loop {
        let frame = timeout(PATIENCE, socket.next()).await?.context("the socket ended")??;
        if let Message::Binary(bytes) = frame
            && let Some(Content::SubscribeResponse(_)) = ServerMessage::decode(bytes)?.content
        {
            break;
        }
    }
    Ok(tokio::spawn(async move {
        let mut received = 0;
        while received < expected {
            match timeout(PATIENCE, socket.next()).await {
                Ok(Some(Ok(Message::Binary(_)))) => received += 1,
                Ok(Some(Ok(Message::Close(close)))) => bail!("the server closed the socket: {close:?}"),
                Ok(Some(Ok(_))) => {}
                Ok(Some(Err(error))) => return Err(error.into()),
                Ok(None) => bail!("the socket ended"),
                // What did not come by now is lost.
                Err(_elapsed) => break,
            }
        }
        Ok(received)
    }))
}
