//! What clients say on their sockets, up to what others and back ends are told of it.

use std::time::{Duration, Instant};

use protocol::notification::Notification;
use protocol::proto::media_events::server::media_event::Content as Event;
use protocol::proto::peer_message::Content;
use protocol::proto::{Message as _, PeerMessage, ServerMessage};
use protocol::signalling::protobuf::{ClientFrame, FrameError, decode_client_frame};
use serde_json::value::RawValue;
use sfu::{Config, Engine, PeerId};

use crate::limits::{MAX_METADATA, MAX_SDP_BYTES};
use crate::rooms::{
    Answer, ConnectionId, FromClient, Limits, Output, PeerSettings, Refusal, Resuming, RoomCommand, RoomError, RoomSettings, Rooms,
    SessionName, SocketEnd, ToClient, translate,
};
use crate::sockets;

const ROOM: &str = "room";
const PEOPLE: [&str; 2] = ["ana", "ben"];
/// Time that one unit of a length lets pass.
const TICK: Duration = Duration::from_millis(50);

/// Two clients of a room. Each step begins with a byte that says what happens, and two with the length of the piece that it happens
/// with: a frame of one of them, a new socket that begins with this frame, or time.
pub fn signalling(now: Instant, bytes: &[u8]) {
    let mut place = Place::new(now);
    let mut rest = bytes;
    while let Some(([what, high, low], after)) = rest.split_first_chunk::<3>() {
        let length = u16::from_be_bytes([*high, *low]);
        let (piece, after) = after.split_at(after.len().min(length.into()));
        rest = after;
        let who = usize::from(what >> 2 & 1);
        match what & 3 {
            0 | 1 => place.frame(who, piece),
            2 => place.reconnect(who, piece, if what & 8 == 0 { SocketEnd::Lost } else { SocketEnd::Closed }),
            _ => place.pass(TICK * length.into()),
        }
    }
    place.end();
}

/// A room, and sockets to it.
struct Place {
    rooms: Rooms,
    now: Instant,
    connections: u64,
    sockets: [Option<ConnectionId>; 2],
    sessions: [String; 2],
    /// Back ends have been told that the peer is no more: it broke, or it stayed away for too long.
    gone: [bool; 2],
}

impl Place {
    fn new(now: Instant) -> Self {
        let engine = Engine::new(Config { worker: 0, seed: 1, max_tracks_per_peer: 16, max_sdp_bytes: MAX_SDP_BYTES });
        let rooms = Rooms::new(engine, Limits { peers_per_room: 10 });
        let mut place = Self { rooms, now, connections: 0, sockets: [None; 2], sessions: Default::default(), gone: [false; 2] };
        place.ask(RoomCommand::CreateRoom { room: ROOM.into(), settings: RoomSettings::default() }).expect("the room is free");
        for (who, peer) in PEOPLE.into_iter().enumerate() {
            let settings = PeerSettings { simulcast: true, ..PeerSettings::default() };
            place.ask(RoomCommand::AddPeer { room: ROOM.into(), peer: peer.into(), settings }).expect("the peer is new");
            place.connect(who, String::new(), 0);
        }
        place
    }

    fn ask(&mut self, command: RoomCommand) -> crate::rooms::Reply {
        let reply = self.rooms.handle(self.now, command);
        self.drain();
        reply
    }

    fn connect(&mut self, who: usize, session: String, received: u64) {
        self.connections += 1;
        let connection = ConnectionId(self.connections);
        let fresh = SessionName(format!("session-{}", self.connections));
        let resume = Some(Resuming { session: SessionName(session), received, fresh });
        let candidates = vec![([10, 0, 0, 1], 50_000).into()];
        let peer = PeerId::from(PEOPLE[who]);
        let command = RoomCommand::Connect { room: ROOM.into(), peer, connection, replaces: None, candidates, resume };
        match self.ask(command) {
            Ok(Answer::Connected(Some(resumption))) if !self.gone[who] => {
                (self.sockets[who], self.sessions[who]) = (Some(connection), resumption.session);
            }
            Err(RoomError::PeerNotFound) if self.gone[who] => {}
            other => panic!("a client without a socket can connect, and is told how to resume: {other:?}"),
        }
    }

    /// A socket ends, and another one begins with this frame. It resumes when the frame wants to; a session without a name is the
    /// client's own.
    fn reconnect(&mut self, who: usize, frame: &[u8], end: SocketEnd) {
        self.disconnect(who, end);
        if let Ok(ClientFrame::AuthRequest { resume, .. }) = decode_client_frame(frame, MAX_METADATA) {
            let (session, received) = resume.map_or((String::new(), 0), |resume| (resume.session, resume.received));
            let session = if session.is_empty() { self.sessions[who].clone() } else { session };
            self.connect(who, session, received);
        }
    }

    fn disconnect(&mut self, who: usize, end: SocketEnd) {
        if let Some(connection) = self.sockets[who].take() {
            let command = RoomCommand::Disconnect { room: ROOM.into(), peer: PEOPLE[who].into(), connection, end };
            self.ask(command).expect("a socket can always end");
        }
    }

    fn frame(&mut self, who: usize, frame: &[u8]) {
        let Some(connection) = self.sockets[who] else { return };
        let message = match decode_client_frame(frame, MAX_METADATA) {
            Ok(ClientFrame::Event(event)) => FromClient::Event(translate::client_event(event)),
            Ok(ClientFrame::VoidEvent) | Err(FrameError::BadMetadata) => FromClient::Void,
            Ok(ClientFrame::Ping { received }) => FromClient::Ping { received },
            Err(FrameError::MetadataTooLarge) => FromClient::Refused(Refusal::MetadataTooLarge { limit: MAX_METADATA }),
            Ok(_) | Err(_) => return,
        };
        let command = RoomCommand::Client { room: ROOM.into(), peer: PEOPLE[who].into(), connection, message };
        self.ask(command).expect("a connected client can speak");
    }

    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.rooms.poll_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.rooms.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
    }

    fn drain(&mut self) {
        let mut closed = Vec::new();
        while let Some(output) = self.rooms.poll_output(self.now) {
            match output {
                Output::ToClient { message, .. } => assert_readable(message),
                Output::Close { connection, .. } => closed.push(connection),
                Output::Notify(notification) => self.hear(notification),
                Output::OpenWebhook { .. } | Output::RoomEnded(_) => {}
            }
        }
        for connection in closed {
            for who in 0..PEOPLE.len() {
                if self.sockets[who] == Some(connection) {
                    self.disconnect(who, SocketEnd::Closed);
                }
            }
        }
    }

    /// Back ends read what is meant.
    fn hear(&mut self, notification: Notification) {
        let message = ServerMessage::decode(notification.clone().encode().as_slice()).expect("a message");
        if let Notification::PeerDeleted { peer, .. } | Notification::PeerCrashed { peer, .. } = &notification {
            let who = PEOPLE.iter().position(|name| name == peer).expect("it is one of them");
            self.gone[who] = true;
        }
        assert_eq!(message.content.and_then(Notification::from_content), Some(notification));
    }

    fn end(mut self) {
        let command = RoomCommand::DeleteRoom { room: ROOM.into(), tell_disconnected: false };
        self.ask(command).expect("the room is there");
        assert!(self.rooms.is_empty());
        self.pass(Duration::from_hours(1));
        assert_eq!(self.rooms.poll_timeout(), None, "nothing is left behind");
    }
}

/// Clients can read what they are told: a message, with metadata that is JSON.
fn assert_readable(message: ToClient) {
    let bytes = sockets::peer::encode(message);
    let Some(Content::ServerMediaEvent(event)) = PeerMessage::decode(bytes.as_slice()).expect("a message").content else { return };
    let metadata: Vec<String> = match event.content {
        Some(Event::EndpointAdded(event)) => vec![event.metadata_json],
        Some(Event::EndpointUpdated(event)) => vec![event.metadata_json],
        Some(Event::TrackUpdated(event)) => vec![event.metadata_json],
        Some(Event::TracksAdded(event)) => event.track_id_to_track.into_values().map(|track| track.metadata_json).collect(),
        Some(Event::Connected(event)) => {
            let endpoints = event.endpoint_id_to_endpoint.into_values();
            let all = endpoints.flat_map(|endpoint| {
                let tracks = endpoint.track_id_to_track.into_values().map(|track| track.metadata_json);
                std::iter::once(endpoint.metadata_json).chain(tracks).collect::<Vec<_>>()
            });
            all.collect()
        }
        _ => vec![],
    };
    for text in metadata {
        assert!(serde_json::from_str::<&RawValue>(&text).is_ok(), "{text}");
    }
}
