//! `/socket/peer/websocket`: clients.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use axum::extract::ws::{Message, WebSocket};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use protocol::close::{self, Close};
use protocol::signalling::protobuf::{self, ClientFrame, FrameError};
use protocol::signalling::{Resume, Resumption};
use tokio::sync::oneshot;
use tokio::time::{sleep_until, timeout};
use tracing::Instrument as _;

use super::bad_frames::BadFrames;
use super::event_queue::EventQueue;
use super::{AUTH_TIMEOUT, End, Incoming, Life, finish, last_word, receive, send};
use crate::app::App;
use crate::candidates::Approach;
use crate::random;
use crate::rooms::{
    Answer, ConnectionId, Farewell, FromClient, Refusal, Resuming, RoomCommand, RoomError, SessionName, SocketEnd, ToClient, translate,
};
use crate::token::{Bearer, TokenError};
use crate::workers::{self, Inlet, Outlet, ToSocket};

/// Longest metadata of a peer or track, in bytes of JSON.
pub const MAX_METADATA: usize = 64_000;

/// Time that an older socket gets to prove that it lives when a second one comes with its token.
pub const PROBE_TIMEOUT: Duration = Duration::from_secs(1);

/// How often a socket tries to take the place of a dead one: others may do the same.
const TAKE_OVERS: usize = 3;

/// Random bytes in the name of a session (128 bits cannot be guessed).
const SESSION_NAME_BYTES: usize = 16;

/// Serves a client until its socket ends.
pub(crate) async fn serve(mut socket: WebSocket, app: Arc<App>, approach: Approach) {
    let admitted = admit(&mut socket, &app, approach).await;
    app.connections.count(match &admitted {
        Ok(_) => Ok(()),
        Err(End::Close(close)) => Err(Some(*close)),
        Err(_) => Err(None),
    });
    let end = match admitted {
        Ok((hold, inlet)) => {
            let end = hold.run(&mut socket, inlet).await;
            // The peer is disconnected before the closing handshake, which may take its time.
            hold.end(&mut socket, end).await
        }
        Err(end) => end,
    };
    finish(socket, end, &app.closing).await;
}

async fn admit(socket: &mut WebSocket, app: &Arc<App>, approach: Approach) -> Result<(Hold, Inlet), End> {
    let Request { token, resume } = tokio::select! {
        request = timeout(AUTH_TIMEOUT, read_request(socket)) => request.unwrap_or(Err(End::Close(close::UNAUTHENTICATED)))?,
        () = app.closing.cancelled() => return Err(End::Close(close::GOING_AWAY)),
    };
    let bearer = app.token_key.verify(SystemTime::now(), &token).map_err(|error| match error {
        TokenError::Invalid => End::Close(close::INVALID_TOKEN),
        TokenError::Expired => End::Close(close::EXPIRED_TOKEN),
    })?;
    let may_have_missed = resume.is_some();
    let Opened { hold, inlet, resumption } = match Hold::open(app, &bearer, approach, resume).await {
        Ok(opened) => opened,
        Err(close @ (close::ROOM_NOT_FOUND | close::PEER_NOT_FOUND)) if may_have_missed => {
            return Err(say_farewell(socket, app, &bearer).await.unwrap_or(End::Close(close)));
        }
        Err(close) => return Err(End::Close(close)),
    };
    match send(socket, Message::Binary(protobuf::encode_authenticated(resumption).into())).await {
        Ok(()) => Ok((hold, inlet)),
        Err(end) => Err(hold.end(socket, end).await),
    }
}

/// Says again what the client of a peer that is gone may not have heard. `None`: nothing was said to it.
async fn say_farewell(socket: &mut WebSocket, app: &Arc<App>, bearer: &Bearer) -> Option<End> {
    let Farewell { close, reason } = app.workers.farewell(&bearer.room, &bearer.peer).await?;
    if let Some(reason) = reason
        && let Err(end) = send(socket, Message::Binary(protobuf::encode_removed(reason).into())).await
    {
        return Some(end);
    }
    Some(End::Close(close))
}

/// What a client asks for when it authenticates.
struct Request {
    token: String,
    resume: Option<Resume>,
}

/// Frames that are no messages are ignored for a while; messages other than authentication are not.
async fn read_request(socket: &mut WebSocket) -> Result<Request, End> {
    let mut bad_frames = BadFrames::default();
    loop {
        let frame = match receive(socket).await? {
            Incoming::Binary(bytes) => protobuf::decode_client_frame(&bytes, MAX_METADATA),
            Incoming::Text => Err(FrameError::Undecodable),
            Incoming::Life(_) => continue,
        };
        match frame {
            Ok(ClientFrame::AuthRequest { token, resume, .. }) => return Ok(Request { token, resume }),
            Err(FrameError::Undecodable) => {
                bad_frames.count(Instant::now()).map_err(|_| End::Close(close::TOO_MANY_BAD_FRAMES))?;
            }
            _ => return Err(End::Close(close::UNAUTHENTICATED)),
        }
    }
}

/// A client whose socket holds its peer. Dropping it lets the peer go.
struct Hold {
    app: Arc<App>,
    bearer: Bearer,
    connection: ConnectionId,
    /// How the socket ends.
    end: SocketEnd,
}

/// A socket that holds its peer from now on.
struct Opened {
    hold: Hold,
    inlet: Inlet,
    resumption: Option<Resumption>,
}

impl Hold {
    async fn open(app: &Arc<App>, bearer: &Bearer, approach: Approach, resume: Option<Resume>) -> Result<Opened, Close> {
        let resume = resume.map(|Resume { session, received }| {
            let fresh = SessionName(URL_SAFE_NO_PAD.encode(random::bytes::<SESSION_NAME_BYTES>()));
            Resuming { session: SessionName(session), received, fresh }
        });
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
                resume: resume.clone(),
            };
            // Made before the answer is known: a connection that never came to be is disconnected without effect.
            let hold = Self { app: Arc::clone(app), bearer: bearer.clone(), connection, end: SocketEnd::Closed };
            match app.workers.connect(command, outlet).await {
                Ok(Answer::Connected(resumption)) => return Ok(Opened { hold, inlet, resumption }),
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
                other => {
                    tracing::error!(room = %bearer.room, peer = %bearer.peer, ?other, "a client could not be connected");
                    return Err(close::INTERNAL_ERROR);
                }
            }
        }
        Err(close::PEER_ALREADY_CONNECTED)
    }

    async fn run(&self, socket: &mut WebSocket, mut inlet: Inlet) -> End {
        let overrun = inlet.overrun.clone();
        let share = self.app.told.of(&self.bearer.room);
        let mut client = Client::new(EventQueue::new(Arc::clone(&share.told)));
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
        while let Some(message) = client.events.pop(Instant::now()) {
            self.tell(message).await;
        }
        let event_due = client.events.next_at(Instant::now());
        tokio::select! {
            message = inlet.recv() => client.deliver(socket, message).await,
            incoming = receive(socket) => {
                if let Some(message) = client.take(incoming?)? {
                    self.tell(message).await;
                }
                Ok(())
            }
            () = sleep_until(event_due.unwrap_or_else(Instant::now).into()), if event_due.is_some() => Ok(()),
            due = client.life.due() => client.life.keep(socket, due).await,
        }
    }

    async fn tell(&self, message: FromClient) {
        let Bearer { room, peer } = self.bearer.clone();
        self.app.workers.tell(RoomCommand::Client { room, peer, connection: self.connection, message }).await;
    }

    /// Lets the peer go, and says how the socket ended in the end.
    async fn end(mut self, socket: &mut WebSocket, end: End) -> End {
        let end = if end == End::Lost { last_word(socket).await } else { end };
        tracing::info!(room = %self.bearer.room, peer = %self.bearer.peer, ?end, "client's socket ended");
        self.end = match end {
            End::Lost | End::Silent => SocketEnd::Lost,
            End::Left | End::Close(_) => SocketEnd::Closed,
        };
        end
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let app = Arc::clone(&self.app);
        let Bearer { room, peer } = self.bearer.clone();
        let command = RoomCommand::Disconnect { room, peer, connection: self.connection, end: self.end };
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
    fn new(events: EventQueue) -> Self {
        let bad_frames = BadFrames::default();
        Self { events, bad_frames, life: Life::new(), probes: Vec::new(), pings: 0 }
    }

    async fn deliver(&mut self, socket: &mut WebSocket, message: Option<ToSocket>) -> Result<(), End> {
        match message {
            Some(ToSocket::Tell(message)) => send(socket, Message::Binary(encode(message).into())).await,
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

    /// Returns what the peer has to be told at once.
    fn take(&mut self, incoming: Incoming) -> Result<Option<FromClient>, End> {
        self.life.seen();
        match incoming {
            Incoming::Binary(bytes) => return self.take_frame(&bytes),
            Incoming::Text => {}
            Incoming::Life(payload) => {
                if payload.is_some_and(|payload| !self.probes.is_empty() && payload == self.probe_payload()) {
                    for probe in self.probes.drain(..) {
                        // Who asked may have gone.
                        let _ = probe.send(());
                    }
                }
            }
        }
        Ok(None)
    }

    fn take_frame(&mut self, bytes: &[u8]) -> Result<Option<FromClient>, End> {
        let message = match protobuf::decode_client_frame(bytes, MAX_METADATA) {
            Ok(ClientFrame::Event(event)) => FromClient::Event(translate::client_event(event)),
            Ok(ClientFrame::VoidEvent) => FromClient::Void,
            Ok(ClientFrame::Ping { received }) => {
                let ping = FromClient::Ping { received };
                if self.events.pass(Instant::now()) {
                    return Ok(Some(ping));
                }
                ping
            }
            Ok(ClientFrame::AuthRequest { .. } | ClientFrame::JsonEvent(_) | ClientFrame::StatsReport | ClientFrame::Ignored) => {
                return Ok(None);
            }
            Err(FrameError::MetadataTooLarge) => {
                tracing::debug!(bytes = bytes.len(), "metadata is longer than allowed and has no effect");
                FromClient::Refused(Refusal::MetadataTooLarge { limit: MAX_METADATA })
            }
            Err(error) => {
                tracing::debug!(%error, "a frame is ignored");
                self.bad_frames.count(Instant::now()).map_err(|_| End::Close(close::TOO_MANY_BAD_FRAMES))?;
                if error == FrameError::Undecodable {
                    return Ok(None);
                }
                FromClient::Void
            }
        };
        self.events.push(message, bytes.len()).map_err(|_| End::Close(close::TOO_MANY_EVENTS))?;
        Ok(None)
    }

    fn probe_payload(&self) -> Bytes {
        Bytes::copy_from_slice(&self.pings.to_be_bytes())
    }
}

/// The frame that says it.
pub(crate) fn encode(message: ToClient) -> Vec<u8> {
    match message {
        ToClient::Event(event) => protobuf::encode_server_event(translate::server_event(event)),
        ToClient::Refused(refusal) => protobuf::encode_server_event(translate::refusal(refusal)),
        ToClient::Pong { received } => protobuf::encode_pong(received),
        ToClient::Removed { reason } => protobuf::encode_removed(reason),
    }
}
