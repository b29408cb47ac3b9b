//! One connection of a notifier: handshake, authentication, subscription, then listening.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use protocol::notification::Notification;
use protocol::proto::server_message::{AuthRequest, Content, EventType, Position, SubscribeRequest, SubscribeResponse};
use protocol::proto::{Message as _, ServerMessage};
use reqwest::{StatusCode, Upgraded, header};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Error as WsError, Message};

use super::{Event, Outbox, Timing, Topic};
use crate::{Client, Error, Metrics};

/// Longest message that is accepted; a notification carries at most some metadata of 64 kB.
const MAX_MESSAGE: usize = 4 * 1024 * 1024;
/// Reason with which servers refuse the token.
const REFUSED: &str = protocol::close::INVALID_TOKEN.reason;

pub(super) struct Connection {
    socket: WebSocketStream<Upgraded>,
    /// When the last frame of any kind arrived.
    heard: Instant,
    /// Behind which notification of the server it is; `None` with servers that do not count them.
    position: Option<Position>,
}

/// A connection that just began.
pub(super) struct Opened {
    pub(super) connection: Connection,
    /// Nothing was missed since the connection before.
    pub(super) resumed: bool,
}

/// Connects, authenticates and subscribes; asks for what came behind `after`, where the connection before ended.
pub(super) async fn open(client: &Client, topics: &[Topic], timing: &Timing, after: Option<Position>) -> Result<Opened, Error> {
    let socket = in_time(timing.handshake, handshake(client)).await?;
    let mut connection = Connection { socket, heard: Instant::now(), position: None };
    connection.send(Content::AuthRequest(AuthRequest { token: client.token().to_owned() })).await?;
    match in_time(timing.handshake, connection.content()).await? {
        Content::Authenticated(_) => {}
        _ => return Err(Error::Protocol("the answer to the authentication is another message".into())),
    }
    // Notifications last: whatever follows their answer is one of them or a report, never an answer.
    if topics.contains(&Topic::Metrics) {
        connection.subscribe(timing, SubscribeRequest { event_type: EventType::Metrics as i32, after: None }).await?;
    }
    let mut resumed = false;
    if topics.contains(&Topic::Notifications) {
        let request = SubscribeRequest { event_type: EventType::ServerNotification as i32, after: Some(after.unwrap_or_default()) };
        let response = connection.subscribe(timing, request).await?;
        resumed = after.is_some() && response.after == after;
        connection.position = response.after;
    }
    Ok(Opened { connection, resumed })
}

async fn in_time<T>(limit: Duration, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    timeout(limit, work).await.map_err(|_| Error::Transport("it does not answer in time".into()))?
}

/// The opening handshake of RFC 6455 section 4.1, over the REST client's connections and certificates.
async fn handshake(client: &Client) -> Result<WebSocketStream<Upgraded>, Error> {
    let key = generate_key();
    let request = client
        .socket_request()
        .header(header::CONNECTION, "Upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_VERSION, "13")
        .header(header::SEC_WEBSOCKET_KEY, &key);
    let answer = request.send().await.map_err(Error::from_transport)?;
    let status = answer.status();
    if status != StatusCode::SWITCHING_PROTOCOLS {
        return Err(Error::from_answer(status, &[]));
    }
    let accepted = answer.headers().get(header::SEC_WEBSOCKET_ACCEPT).map(header::HeaderValue::as_bytes);
    if accepted != Some(derive_accept_key(key.as_bytes()).as_bytes()) {
        return Err(Error::Protocol("the WebSocket handshake has a wrong Sec-WebSocket-Accept".into()));
    }
    let upgraded = answer.upgrade().await.map_err(Error::from_transport)?;
    let config = WebSocketConfig::default().max_message_size(Some(MAX_MESSAGE)).max_frame_size(Some(MAX_MESSAGE));
    Ok(WebSocketStream::from_raw_socket(upgraded, Role::Client, Some(config)).await)
}

impl Connection {
    /// Delivers events until the connection ends; returns why it ended.
    pub(super) async fn listen(&mut self, timing: &Timing, outbox: &mut Outbox) -> Error {
        let mut pinged = false;
        loop {
            let wake = self.heard + if pinged { timing.dead_after } else { timing.ping_after };
            let heard = self.heard;
            tokio::select! {
                content = self.frame() => match content {
                    Ok(Some(content)) => match self.event(content) {
                        Ok(event) => event.into_iter().for_each(|event| outbox.push(event)),
                        Err(error) => return error,
                    },
                    Ok(None) => {}
                    Err(error) => return error,
                },
                () = sleep_until(wake) => {
                    if pinged {
                        return Error::Transport("the connection is silent".into());
                    }
                    if let Err(error) = self.socket.send(Message::Ping(Bytes::new())).await {
                        return from_socket(error);
                    }
                    pinged = true;
                }
                () = outbox.report_missed() => {}
            }
            if self.heard > heard {
                pinged = false;
            }
        }
    }

    /// Where it has come to.
    pub(super) fn position(&self) -> Option<Position> {
        self.position
    }

    /// Subscribes to one kind of events. Reports may come before the answer, when they are subscribed to already.
    async fn subscribe(&mut self, timing: &Timing, request: SubscribeRequest) -> Result<SubscribeResponse, Error> {
        self.send(Content::SubscribeRequest(request)).await?;
        let answer = async {
            loop {
                match self.content().await? {
                    Content::SubscribeResponse(response) => return Ok(response),
                    Content::MetricsReport(_) => {}
                    _ => return Err(Error::Protocol("the answer to the subscription is another message".into())),
                }
            }
        };
        in_time(timing.handshake, answer).await
    }

    /// What a message means to the consumer. Notifications that are unknown here count, too.
    fn event(&mut self, content: Content) -> Result<Option<Event>, Error> {
        match content {
            Content::MetricsReport(report) => Metrics::parse(&report.metrics).map(|metrics| Some(Event::Metrics(metrics))),
            Content::Authenticated(_) | Content::SubscribeResponse(_) => Ok(None),
            notification => {
                self.count();
                Ok(Notification::from_content(notification).map(Event::Notification))
            }
        }
    }

    fn count(&mut self) {
        if let Some(position) = &mut self.position {
            position.sequence += 1;
        }
    }

    async fn send(&mut self, content: Content) -> Result<(), Error> {
        let bytes = ServerMessage { content: Some(content) }.encode_to_vec();
        self.socket.send(Message::Binary(bytes.into())).await.map_err(from_socket)
    }

    /// The next message, whatever it is.
    async fn content(&mut self) -> Result<Content, Error> {
        loop {
            if let Some(content) = self.frame().await? {
                return Ok(content);
            }
        }
    }

    /// Reads one frame: the content of a message, `None` for control frames and for messages that are unknown here.
    /// Cancel safe.
    async fn frame(&mut self) -> Result<Option<Content>, Error> {
        let frame = self.socket.next().await.unwrap_or(Err(WsError::ConnectionClosed)).map_err(from_socket)?;
        self.heard = Instant::now();
        match frame {
            Message::Binary(bytes) => {
                let message = ServerMessage::decode(bytes).map_err(|error| Error::Protocol(error.to_string()))?;
                if message.content.is_none() {
                    // One of a newer server.
                    self.count();
                }
                Ok(message.content)
            }
            Message::Close(frame) => Err(from_close(frame)),
            Message::Text(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => Ok(None),
        }
    }
}

fn from_close(frame: Option<CloseFrame>) -> Error {
    match frame {
        Some(frame) if frame.reason.as_str() == REFUSED => Error::Unauthorized(frame.reason.to_string()),
        Some(frame) => Error::Transport(format!("it closed the connection ({} {})", u16::from(frame.code), frame.reason.as_str())),
        None => Error::Transport("it closed the connection".into()),
    }
}

fn from_socket(error: WsError) -> Error {
    match error {
        WsError::Capacity(error) => Error::Protocol(error.to_string()),
        WsError::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Error::Transport("the connection broke".into()),
        WsError::Protocol(error) => Error::Protocol(error.to_string()),
        error => Error::Transport(error.to_string()),
    }
}
