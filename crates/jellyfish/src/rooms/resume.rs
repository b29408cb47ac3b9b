//! Peers whose socket died while their media lives: kept for a while, so that their client goes on over another socket and nobody
//! else notices.
//!
//! ```text
//!          connect                    socket lost, media lives
//!   Away ──────────▶ Connected ─────────────────────────────────▶ Kept
//!    ▲                 │  ▲                                         │ │
//!    └─ socket ended ──┘  └─ resume ────────────────────────────────┘ │
//!    ▲                                                                │
//!    └─ 15 s are over, no media was heard for 6 s, somebody else ─────┘
//! ```

use std::time::{Duration, Instant};

use protocol::close;
use protocol::signalling::Resumption;
use sfu::{Command, PeerId, RoomId};

use super::command::{Answer, ConnectionId, Reply, SocketEnd};
use super::lifecycle::Socket;
use super::message::{FromClient, ToClient};
use super::room::{Kept, Peer, Presence};
use super::session::{KEPT, Session};
use super::timers::Timer;
use super::{Output, Rooms};

/// A client whose media was not heard for so long is gone. The checks of consent alone come every 4 to 6 s (RFC 7675 section 5.1):
/// less ends clients that send nothing else. More shows others a frozen picture of somebody whose browser crashed.
pub const MEDIA_SILENCE: Duration = Duration::from_secs(6);

/// What became of clients that lost their socket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resumptions {
    /// Kept without a socket while their media lived.
    pub kept: u64,
    /// Gone on over another socket, also before the loss of the former one was seen.
    pub resumed: u64,
    /// Kept, and ended without having come back.
    pub expired: u64,
}

impl Rooms {
    /// A socket has ended. The end of one that holds its peer no longer means nothing.
    pub(super) fn disconnect(&mut self, now: Instant, room: &RoomId, peer: &PeerId, connection: ConnectionId, end: SocketEnd) {
        if self.holds(room, peer, connection) && !(end == SocketEnd::Lost && self.keep(now, room, peer)) {
            self.detach(now, room, peer);
        }
    }

    /// What a socket says that holds its peer no longer means nothing.
    pub(super) fn client(&mut self, now: Instant, room: RoomId, peer: PeerId, connection: ConnectionId, message: FromClient) -> Reply {
        if !self.holds(&room, &peer, connection) {
            return Ok(Answer::Done);
        }
        if let FromClient::Ping { received } = message {
            let session = self.peer_mut(&room, &peer).and_then(Peer::session_mut);
            let received = session.map_or(0, |session| {
                session.forget(received);
                session.received()
            });
            self.tell(&room, &peer, ToClient::Pong { received });
            return Ok(Answer::Done);
        }
        if let Some(session) = self.peer_mut(&room, &peer).and_then(Peer::session_mut) {
            session.receive();
        }
        match message {
            FromClient::Event(event) => self.engine.handle_command(now, Command::Client { room, peer, event })?,
            FromClient::Refused(refusal) => self.tell(&room, &peer, ToClient::Refused(refusal)),
            FromClient::Void | FromClient::Ping { .. } => {}
        }
        Ok(Answer::Done)
    }

    /// Tells a client, now or when it comes back.
    pub(super) fn tell(&mut self, room: &RoomId, peer: &PeerId, message: ToClient) {
        let Some(peer) = self.peer_mut(room, peer) else { return };
        if message.is_media_event()
            && let Some(session) = peer.session_mut()
        {
            session.send(&message);
        }
        if let Some(connection) = peer.connection() {
            self.outputs.push_back(Output::ToClient { connection, message });
        }
    }

    /// Goes on with a peer's session over another socket. `None`: it cannot go on, and nothing has changed.
    pub(super) fn resume(&mut self, room_id: &RoomId, peer_id: &PeerId, socket: &Socket) -> Option<Resumption> {
        let request = socket.resume.as_ref()?;
        let session = self.peer_mut(room_id, peer_id)?.session_mut()?;
        if !session.is_named(&request.session) || !session.reaches_back_to(request.received) {
            return None;
        }
        session.forget(request.received);
        let resumption = session.resumption(true);
        let missed: Vec<ToClient> = session.kept().cloned().collect();
        self.stop_keeping(room_id, peer_id);
        let peer = self.peer_mut(room_id, peer_id)?;
        let former = peer.connection();
        let session = std::mem::replace(&mut peer.presence, Presence::Away).into_session();
        peer.presence = Presence::Connected { connection: socket.connection, session };
        self.resumptions.resumed += 1;
        tracing::info!(room = %room_id, peer = %peer_id, missed = missed.len(), "a client goes on over another socket");
        self.close(former, close::PEER_ALREADY_CONNECTED);
        let connection = socket.connection;
        self.outputs.extend(missed.into_iter().map(|message| Output::ToClient { connection, message }));
        Some(resumption)
    }

    /// Looks after a kept peer: ends it in time.
    pub(super) fn check_kept(&mut self, now: Instant, room_id: &RoomId, peer_id: &PeerId) {
        let silent_at = self.silent_at(room_id, peer_id);
        let Some(Peer { presence: Presence::Kept(kept), .. }) = self.peer_mut(room_id, peer_id) else { return };
        if let Some(check_at) = silent_at.map(|at| at.min(kept.until)).filter(|at| *at > now) {
            kept.check_at = check_at;
            self.timers.reset(Timer::Kept(room_id.clone(), peer_id.clone()), None, Some(check_at));
        } else {
            self.resumptions.expired += 1;
            self.detach(now, room_id, peer_id);
        }
    }

    /// The peer is not kept any more, or not without a socket.
    pub(super) fn stop_keeping(&mut self, room_id: &RoomId, peer_id: &PeerId) {
        if let Some(Peer { presence: Presence::Kept(kept), .. }) = self.peer_mut(room_id, peer_id) {
            let old = Some(kept.check_at);
            self.timers.reset(Timer::Kept(room_id.clone(), peer_id.clone()), old, None);
        }
    }

    /// Keeps a peer without its socket, if its client can resume and its media lives.
    fn keep(&mut self, now: Instant, room_id: &RoomId, peer_id: &PeerId) -> bool {
        let until = now + KEPT;
        let Some(check_at) = self.silent_at(room_id, peer_id).filter(|at| *at > now) else { return false };
        let check_at = check_at.min(until);
        let Some(peer) = self.peer_mut(room_id, peer_id) else { return false };
        match std::mem::replace(&mut peer.presence, Presence::Away) {
            Presence::Connected { session: Some(session), .. } => peer.presence = Presence::Kept(Kept { session, until, check_at }),
            other => {
                peer.presence = other;
                return false;
            }
        }
        self.resumptions.kept += 1;
        tracing::info!(room = %room_id, peer = %peer_id, "a client lost its socket and is kept for a while");
        self.timers.reset(Timer::Kept(room_id.clone(), peer_id.clone()), None, Some(check_at));
        true
    }

    /// When a peer's media counts as dead unless it is heard before.
    fn silent_at(&self, room: &RoomId, peer: &PeerId) -> Option<Instant> {
        self.engine.heard_at(room, peer).map(|at| at + MEDIA_SILENCE)
    }
}

impl Presence {
    fn into_session(self) -> Option<Session> {
        match self {
            Self::Away => None,
            Self::Connected { session, .. } => session,
            Self::Kept(Kept { session, .. }) => Some(session),
        }
    }
}
