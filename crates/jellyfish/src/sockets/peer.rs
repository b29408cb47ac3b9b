//! `/socket/peer/websocket`: clients.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use axum::extract::ws::{Message, WebSocket};
use bytes::Bytes;
use protocol::close::{self, Close};
use protocol::signalling::protobuf::{self, ClientFrame, FrameError};
use protocol::signalling::{ClientEvent, ServerEvent};
use tokio::sync::oneshot;
use tokio::time::{sleep_until, timeout};
use tracing::Instrument as _;

use super::bad_frames::BadFrames;
use super::event_queue::EventQueue;
use super::{AUTH_TIMEOUT, End, Incoming, Life, finish, receive, send};
use crate::app::App;
use crate::candidates::Approach;
use crate::rooms::{ConnectionId, RoomCommand, RoomError, translate};
use crate::token::{Bearer, TokenError};
use crate::workers::{self, Inlet, Outlet, ToSocket};

/// Longest metadata of a peer or track, in bytes of JSON.
pub const MAX_METADATA: usize = 64_000;

/// Time that an older socket gets to prove that it lives when a second one comes with its token.
pub const PROBE_TIMEOUT: Duration = Duration::from_secs(1);

/// How often a socket tries to take the place of a dead one: others may do the same.
const TAKE_OVERS: usize = 3;

/// Serves a client until its socket ends.
pub(crate) async fn serve(mut socket: WebSocket, app: Arc<App>, approach: Approach) {
    let admitted = admit(&mut socket, &app, approach).await;
    app.connections.count(match &admitted {
        Ok(_) => Ok(()),
        Err(End::Close(close)) => Err(Some(*close)),
        Err(_) => Err(None),
    });
    let end = match admitted {
        Ok((session, inlet)) => {
            let end = session.run(&mut socket, inlet).await;
            tracing::info!(room = %session.bearer.room, peer = %session.bearer.peer, ?end, "client's socket ended");
            // The peer is disconnected before the closing handshake, which may take its time.
            drop(session);
            end
        }
        Err(end) => end,
    };
    finish(socket, end).await;
}

async fn admit(socket: &mut WebSocket, app: &Arc<App>, approach: Approach) -> Result<(Session, Inlet), End> {
    let token = tokio::select! {
        token = timeout(AUTH_TIMEOUT, read_token(socket)) => token.unwrap_or(Err(End::Close(close::UNAUTHENTICATED)))?,
        () = app.closing.cancelled() => return Err(End::Close(close::GOING_AWAY)),
    };
    let (session, inlet) = Session::open(app, &token, approach).await.map_err(End::Close)?;
    send(socket, Message::Binary(protobuf::encode_authenticated().into())).await?;
    Ok((session, inlet))
}

/// Frames that are no messages are ignored for a while; messages other than authentication are not.
async fn read_token(socket: &mut WebSocket) -> Result<String, End> {
    let mut bad_frames = BadFrames::default();
    loop {
        let frame = match receive(socket).await? {
            Incoming::Binary(bytes) => protobuf::decode_client_frame(&bytes, MAX_METADATA),
            Incoming::Text => Err(FrameError::Undecodable),
            Incoming::Life(_) => continue,
        };
        match frame {
            Ok(ClientFrame::AuthRequest { token, .. }) => return Ok(token),
            Err(FrameError::Undecodable) => {
                bad_frames.count(Instant::now()).map_err(|_| End::Close(close::TOO_MANY_BAD_FRAMES))?;
            }
            _ => return Err(End::Close(close::UNAUTHENTICATED)),
        }
    }
}

/// A client whose socket holds its peer. Dropping it disconnects the peer.
struct Session {
    app: Arc<App>,
    bearer: Bearer,
    connection: ConnectionId,
}

impl Session {
    async fn open(app: &Arc<App>, token: &str, approach: Approach) -> Result<(Self, Inlet), Close> {
        let bearer = app.token_key.verify(SystemTime::now(), token).map_err(|error| match error {
            TokenError::Invalid => close::INVALID_TOKEN,
            TokenError::Expired => close::EXPIRED_TOKEN,
        })?;
        let mut replaces = None;
        for _ in 0..TAKE_OVERS {
            let connection = workers::next_connection();
            let (outlet, inlet) = Outlet::pair();
            let command = RoomCommand::Connect {
                room: bearer.room.clone(),
                peer: bearer.peer.clone(),
                connection,
                replaces,
                candidates: app.candidates(approach),
            };
            // Made before the answer is known: a connection that never came to be is disconnected without effect.
            let session = Self { app: Arc::clone(app), bearer: bearer.clone(), connection };
            match app.workers.connect(command, outlet).await {
                Ok(_) => return Ok((session, inlet)),
                Err(RoomError::PeerConnected { connection: other }) => {
                    if timeout(PROBE_TIMEOUT, app.workers.probe(&bearer.room, other)).await == Ok(Ok(())) {
                        return Err(close::PEER_ALREADY_CONNECTED);
                    }
                    tracing::info!(room = %bearer.room, peer = %bearer.peer, "a new socket takes the place of a dead one");
                    replaces = Some(other);
                }
                Err(RoomError::RoomNotFound) => return Err(close::ROOM_NOT_FOUND),
                Err(RoomError::PeerNotFound) => return Err(close::PEER_NOT_FOUND),
                Err(RoomError::Stopping) => return Err(close::GOING_AWAY),
                Err(error) => {
                    tracing::error!(room = %bearer.room, peer = %bearer.peer, %error, "a client could not be connected");
                    return Err(close::INTERNAL_ERROR);
                }
            }
        }
        Err(close::PEER_ALREADY_CONNECTED)
    }

    async fn run(&self, socket: &mut WebSocket, mut inlet: Inlet) -> End {
        let overrun = inlet.overrun.clone();
        let mut client = Client::new();
        let span = tracing::info_span!("client", room = %self.bearer.room, peer = %self.bearer.peer);
        let working = async {
            loop {
                if let Err(end) = self.step(socket, &mut inlet, &mut client).await {
                    return end;
                }
            }
        };
        let working = working.instrument(span);
        tokio::select! {
            // First, because the worker gives a client that does not read up, too.
            biased;
            () = overrun.cancelled() => End::Close(close::SLOW_READER),
            end = working => end,
            () = self.app.closing.cancelled() => End::Close(close::GOING_AWAY),
        }
    }

    /// Does one thing, whatever comes first.
    async fn step(&self, socket: &mut WebSocket, inlet: &mut Inlet, client: &mut Client) -> Result<(), End> {
        while let Some(event) = client.events.pop(Instant::now()) {
            self.tell(event).await;
        }
        let event_due = client.events.next_at(Instant::now());
        tokio::select! {
            message = inlet.recv() => client.deliver(socket, message).await,
            incoming = receive(socket) => client.take(socket, incoming?).await,
            () = sleep_until(event_due.unwrap_or_else(Instant::now).into()), if event_due.is_some() => Ok(()),
            due = client.life.due() => client.life.keep(socket, due).await,
        }
    }

    async fn tell(&self, event: ClientEvent) {
        let Bearer { room, peer } = self.bearer.clone();
        let event = translate::client_event(event);
        self.app.workers.tell(RoomCommand::Client { room, peer, connection: self.connection, event }).await;
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let app = Arc::clone(&self.app);
        let command = workers::disconnect(&self.bearer.room, &self.bearer.peer, self.connection);
        self.app.tasks.spawn(async move { app.workers.tell(command).await });
    }
}

/// What is known about the other end.
struct Client {
    events: EventQueue,
    bad_frames: BadFrames,
    life: Life,
    /// Who wants to know whether the client lives. Answered by the pong to a ping sent after the question.
    probes: Vec<oneshot::Sender<()>>,
    pings: u64,
}

impl Client {
    fn new() -> Self {
        let (events, bad_frames) = (EventQueue::default(), BadFrames::default());
        Self { events, bad_frames, life: Life::new(), probes: Vec::new(), pings: 0 }
    }

    async fn deliver(&mut self, socket: &mut WebSocket, message: Option<ToSocket>) -> Result<(), End> {
        match message {
            Some(ToSocket::Event(event)) => self.say(socket, translate::server_event(event)).await,
            Some(ToSocket::Probe(alive)) => {
                self.probes.retain(|probe| !probe.is_closed());
                self.probes.push(alive);
                self.pings += 1;
                send(socket, Message::Ping(self.probe_payload())).await
            }
            Some(ToSocket::Close(close)) => Err(End::Close(close)),
            // The worker gave the client up without a word: it is stopping. That a client does not read is told elsewhere.
            None => Err(End::Close(close::GOING_AWAY)),
        }
    }

    async fn take(&mut self, socket: &mut WebSocket, incoming: Incoming) -> Result<(), End> {
        self.life.seen();
        match incoming {
            Incoming::Binary(bytes) => self.take_frame(socket, &bytes).await,
            Incoming::Text => Ok(()),
            Incoming::Life(payload) => {
                if payload.is_some_and(|payload| !self.probes.is_empty() && payload == self.probe_payload()) {
                    for probe in self.probes.drain(..) {
                        // Who asked may have gone.
                        let _ = probe.send(());
                    }
                }
                Ok(())
            }
        }
    }

    async fn take_frame(&mut self, socket: &mut WebSocket, bytes: &[u8]) -> Result<(), End> {
        match protobuf::decode_client_frame(bytes, MAX_METADATA) {
            Ok(ClientFrame::Event(event)) => self.events.push(event, bytes.len()).map_err(|_| End::Close(close::TOO_MANY_EVENTS)),
            Ok(ClientFrame::AuthRequest { .. } | ClientFrame::JsonEvent(_) | ClientFrame::StatsReport | ClientFrame::Ignored) => Ok(()),
            Err(FrameError::MetadataTooLarge) => {
                tracing::info!(bytes = bytes.len(), "metadata is longer than allowed and has no effect");
                let message = format!("metadata is longer than {MAX_METADATA} bytes of JSON and has no effect");
                self.say(socket, ServerEvent::Refused { code: "metadata_too_large", message, track: String::new() }).await
            }
            Err(error) => {
                tracing::debug!(%error, "a frame is ignored");
                self.bad_frames.count(Instant::now()).map_err(|_| End::Close(close::TOO_MANY_BAD_FRAMES))
            }
        }
    }

    async fn say(&self, socket: &mut WebSocket, event: ServerEvent) -> Result<(), End> {
        send(socket, Message::Binary(protobuf::encode_server_event(event).into())).await
    }

    fn probe_payload(&self) -> Bytes {
        Bytes::copy_from_slice(&self.pings.to_be_bytes())
    }
}
