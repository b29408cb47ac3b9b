#![allow(clippy::unwrap_used, reason = "a test may panic")]

//! Every rule of the life cycle, with a virtual clock.

mod figures;
mod resume;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use protocol::close;
use protocol::notification::Notification;
use protocol::rest::PeerStatus;
use serde_json::json;
use sfu::{ClientEvent, Config, Engine, Metadata, Offer};

use super::*;
use crate::limits::MAX_SDP_BYTES;

/// Rooms of one worker and a clock that only tests move.
struct World {
    rooms: Rooms,
    now: Instant,
    connections: u64,
}

/// What happened, in order, in words.
type Told = Vec<String>;

impl World {
    fn new() -> Self {
        Self::with_limit(100)
    }

    fn with_limit(peers_per_room: usize) -> Self {
        let now = Instant::now();
        let config = Config { worker: 0, seed: 7, max_tracks_per_peer: 16, max_sdp_bytes: MAX_SDP_BYTES };
        Self { rooms: Rooms::new(Engine::new(config), Limits { peers_per_room }), now, connections: 0 }
    }

    fn ask(&mut self, command: RoomCommand) -> Reply {
        self.rooms.handle(self.now, command)
    }

    fn told(&mut self) -> Told {
        std::iter::from_fn(|| self.rooms.poll_output(self.now)).map(words).collect()
    }

    /// Lets time pass, doing what is due when it is due.
    fn pass(&mut self, seconds: u64) -> Told {
        let end = self.now + Duration::from_secs(seconds);
        let mut told = self.told();
        while let Some(at) = self.rooms.poll_timeout().filter(|at| *at <= end) {
            self.now = at.max(self.now);
            self.rooms.handle_timeout(self.now);
            told.extend(self.told());
        }
        self.now = end;
        told
    }

    fn room(&mut self, purge: Option<u32>, removal: Option<u32>) -> Told {
        let settings = RoomSettings { peerless_purge_timeout: purge, peer_disconnected_timeout: removal, ..RoomSettings::default() };
        self.ask(RoomCommand::CreateRoom { room: "r".into(), settings }).unwrap();
        self.told()
    }

    fn peer(&mut self, peer: &str) -> Told {
        self.ask(RoomCommand::AddPeer { room: "r".into(), peer: peer.into(), settings: PeerSettings::default() }).unwrap();
        self.told()
    }

    fn try_connect(&mut self, peer: &str, replaces: Option<ConnectionId>) -> Result<ConnectionId, RoomError> {
        self.connections += 1;
        let connection = ConnectionId(self.connections);
        let command =
            RoomCommand::Connect { room: "r".into(), peer: peer.into(), connection, replaces, candidates: Vec::new(), resume: None };
        self.ask(command).map(|_| connection)
    }

    fn connect(&mut self, peer: &str) -> ConnectionId {
        let connection = self.try_connect(peer, None).unwrap();
        assert_eq!(self.told(), [format!("connected {peer}")]);
        connection
    }

    fn disconnect(&mut self, peer: &str, connection: ConnectionId) -> Told {
        self.ask(RoomCommand::Disconnect { room: "r".into(), peer: peer.into(), connection, end: SocketEnd::Closed }).unwrap();
        self.told()
    }

    fn say(&mut self, peer: &str, connection: ConnectionId, event: ClientEvent) -> Told {
        let message = FromClient::Event(event);
        self.ask(RoomCommand::Client { room: "r".into(), peer: peer.into(), connection, message }).unwrap();
        self.told()
    }

    fn snapshot(&mut self) -> Option<RoomSnapshot> {
        match self.ask(RoomCommand::Room { room: "r".into() }) {
            Ok(Answer::Room(room)) => Some(*room),
            _ => None,
        }
    }

    fn delete_peer(&mut self, peer: &str) -> Reply {
        self.ask(RoomCommand::DeletePeer { room: "r".into(), peer: peer.into(), reason: None })
    }
}

fn words(output: Output) -> String {
    match output {
        Output::ToClient { connection, message } => {
            let name = match message {
                ToClient::Event(event) => format!("{event:?}"),
                ToClient::Pong { received } => format!("Pong-{received}"),
                ToClient::Removed { reason } => format!("Removed-{reason}"),
                other @ ToClient::Refused(_) => format!("{other:?}"),
            };
            format!("to {}: {}", connection.0, name.split([' ', '{', '(']).next().unwrap())
        }
        Output::Close { connection, close } => format!("close {} {} {}", connection.0, close.code, close.reason),
        Output::RoomEnded(room) => format!("ended {room}"),
        Output::OpenWebhook { room, url, batching } => format!("webhook of {room} to {url}, batches {batching}"),
        Output::Notify(notification) => match notification {
            Notification::RoomCreated { room } => format!("created {room}"),
            Notification::RoomDeleted { room } => format!("deleted {room}"),
            Notification::RoomCrashed { room } => format!("crashed {room}"),
            Notification::PeerAdded { peer, .. } => format!("added {peer}"),
            Notification::PeerDeleted { peer, .. } => format!("removed {peer}"),
            Notification::PeerConnected { peer, .. } => format!("connected {peer}"),
            Notification::PeerDisconnected { peer, .. } => format!("disconnected {peer}"),
            Notification::PeerCrashed { peer, .. } => format!("peer crashed {peer}"),
            Notification::PeerMetadataUpdated { peer, metadata, .. } => format!("metadata {peer} {metadata}"),
            other => format!("{other:?}"),
        },
    }
}

#[test]
fn a_whole_life_is_told_in_order() {
    let mut world = World::new();
    assert_eq!(world.room(None, None), ["created r"]);
    assert_eq!(world.peer("a"), ["added a"]);
    let connection = world.connect("a");
    assert_eq!(world.disconnect("a", connection), ["disconnected a"]);
    world.delete_peer("a").unwrap();
    assert_eq!(world.told(), ["removed a"]);
    world.ask(RoomCommand::DeleteRoom { room: "r".into(), tell_disconnected: false }).unwrap();
    assert_eq!(world.told(), ["deleted r", "ended r"]);
    assert_eq!(world.ask(RoomCommand::Room { room: "r".into() }), Err(RoomError::RoomNotFound));
}

#[test]
fn rest_12_second_creation_of_the_same_room_fails() {
    let mut world = World::new();
    world.room(None, None);
    let again = RoomCommand::CreateRoom { room: "r".into(), settings: RoomSettings::default() };
    assert_eq!(world.ask(again), Err(RoomError::RoomExists));
    assert_eq!(world.told(), Told::new());
}

#[test]
fn notification_153_deleting_a_room_tells_no_disconnection() {
    let mut world = World::new();
    world.room(Some(5), Some(5));
    world.peer("a");
    world.peer("b");
    let connection = world.connect("a");
    world.ask(RoomCommand::DeleteRoom { room: "r".into(), tell_disconnected: false }).unwrap();
    assert_eq!(world.told(), ["removed a", &format!("close {} 1000 Room stopped", connection.0), "removed b", "deleted r", "ended r"]);
    assert_eq!(world.pass(60), Told::new());
    assert_eq!(world.rooms.timers.len(), 0);
}

#[test]
fn notification_155_deleting_a_connected_peer_tells_its_disconnection() {
    let mut world = World::new();
    world.room(None, None);
    world.peer("a");
    let connection = world.connect("a");
    world.delete_peer("a").unwrap();
    assert_eq!(world.told(), ["disconnected a", "removed a", &format!("close {} 1000 Peer removed", connection.0)]);
    assert_eq!(world.delete_peer("a"), Err(RoomError::PeerNotFound));
    assert_eq!(world.try_connect("a", None), Err(RoomError::PeerNotFound));
}

#[test]
fn notification_158_metadata_is_told_and_outlives_the_connection() {
    let mut world = World::new();
    world.room(None, None);
    world.peer("a");
    let connection = world.connect("a");
    let told = world.say("a", connection, ClientEvent::Connect { metadata: Metadata::from_json(r#"{"x":1}"#), grouped_streams: false });
    assert!(told.contains(&r#"metadata a {"x":1}"#.to_owned()), "{told:?}");
    assert!(told.contains(&format!("to {}: Connected", connection.0)), "{told:?}");
    world.disconnect("a", connection);
    let peer = &translate::rest_room(world.snapshot().unwrap()).peers[0];
    assert_eq!((peer.status, &peer.metadata), (PeerStatus::Disconnected, &json!({"x": 1})));
    let connection = world.connect("a");
    let told = world.say("a", connection, ClientEvent::Connect { metadata: Metadata::default(), grouped_streams: false });
    assert!(told.contains(&"metadata a null".to_owned()), "{told:?}");
}

#[test]
fn the_reason_of_a_removal_is_told_before_the_close() {
    let mut world = World::new();
    world.room(None, None);
    for (peer, expected) in [("a", vec!["to 1: Removed-replaced", "close 1 1000 Peer removed"]), ("b", vec![])] {
        world.peer(peer);
        if !expected.is_empty() {
            world.connect(peer);
        }
        world.ask(RoomCommand::DeletePeer { room: "r".into(), peer: peer.into(), reason: Some("replaced".to_owned()) }).unwrap();
        let told: Told = world.told().into_iter().filter(|word| word.starts_with("to ") || word.starts_with("close ")).collect();
        assert_eq!(told, expected);
    }
}

#[test]
fn server_metadata_splits_what_is_shown() {
    let mut world = World::new();
    world.room(None, None);
    let settings = PeerSettings { server_metadata: Some(Metadata::from_json(r#"{"name":"Ana"}"#)), ..PeerSettings::default() };
    world.ask(RoomCommand::AddPeer { room: "r".into(), peer: "a".into(), settings }).unwrap();
    world.told();
    let shown = |world: &mut World| translate::rest_room(world.snapshot().unwrap()).peers[0].metadata.clone();
    assert_eq!(shown(&mut world), json!({"peer": {}, "server": {"name": "Ana"}}));
    let connection = world.connect("a");
    world.say("a", connection, ClientEvent::Connect { metadata: Metadata::from_json("7"), grouped_streams: false });
    assert_eq!(shown(&mut world), json!({"peer": 7, "server": {"name": "Ana"}}));
}

#[test]
fn limit_session_description() {
    let lines = |number: usize| format!("v=0\r\n{}", "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n".repeat(number));
    // Nonsense of an allowed length is looked at, and then refused as nonsense.
    for (sdp, expected) in [
        ("x".repeat(MAX_SDP_BYTES), None),
        ("x".repeat(MAX_SDP_BYTES + 1), Some("the offer is too large")),
        (lines(512), None),
        (lines(513), Some("the offer is too large: too many media lines")),
    ] {
        let mut world = World::new();
        world.room(None, None);
        world.peer("a");
        let connection = world.connect("a");
        world.say("a", connection, ClientEvent::Connect { metadata: Metadata::default(), grouped_streams: false });
        let offer = Offer { sdp, track_metadata: BTreeMap::new(), track_bitrates: BTreeMap::new(), mid_to_track: BTreeMap::new() };
        let message = FromClient::Event(ClientEvent::Offer(offer));
        world.ask(RoomCommand::Client { room: "r".into(), peer: "a".into(), connection, message }).unwrap();
        let outputs: Vec<Output> = std::iter::from_fn(|| world.rooms.poll_output(world.now)).collect();
        let reason = outputs.iter().find_map(|output| match output {
            Output::Notify(Notification::PeerCrashed { reason, .. }) => Some(reason.as_str()),
            _ => None,
        });
        let reason = reason.expect("the peer crashes");
        assert_eq!(Some(reason).filter(|reason| reason.contains("too large")), expected, "{reason}");
        let closed = format!("close {} 1011 {}", connection.0, close::INTERNAL_ERROR.reason);
        assert!(outputs.into_iter().any(|output| words(output) == closed));
    }
}

#[test]
fn socket_139_a_second_socket_is_refused_unless_it_replaces_a_dead_one() {
    let mut world = World::new();
    world.room(None, Some(5));
    world.peer("a");
    let first = world.connect("a");
    assert_eq!(world.try_connect("a", None), Err(RoomError::PeerConnected { connection: first }));
    assert_eq!(world.try_connect("a", Some(ConnectionId(99))), Err(RoomError::PeerConnected { connection: first }));
    assert_eq!(world.told(), Told::new());
    let second = world.try_connect("a", Some(first)).unwrap();
    assert_eq!(world.told(), ["disconnected a", &format!("close {} 1000 peer already connected", first.0), "connected a"]);
    // What the dead socket still says or does means nothing.
    assert_eq!(world.say("a", first, ClientEvent::Connect { metadata: Metadata::default(), grouped_streams: false }), Told::new());
    assert_eq!(world.disconnect("a", first), Told::new());
    assert_eq!(world.pass(60), Told::new());
    assert_eq!(world.disconnect("a", second), ["disconnected a"]);
}

#[test]
fn rest_43_peers_count_connected_or_not() {
    let mut world = World::new();
    let settings = RoomSettings { max_peers: Some(1), ..RoomSettings::default() };
    world.ask(RoomCommand::CreateRoom { room: "r".into(), settings }).unwrap();
    let add = |peer: &str| RoomCommand::AddPeer { room: "r".into(), peer: peer.into(), settings: PeerSettings::default() };
    world.ask(add("a")).unwrap();
    assert_eq!(world.ask(add("b")), Err(RoomError::PeerLimit));
    world.delete_peer("a").unwrap();
    world.ask(add("b")).unwrap();
}

#[test]
fn limit_peers_per_room_holds_without_max_peers() {
    let mut world = World::with_limit(2);
    world.room(None, None);
    world.peer("a");
    world.peer("b");
    let third = RoomCommand::AddPeer { room: "r".into(), peer: "c".into(), settings: PeerSettings::default() };
    assert_eq!(world.ask(third), Err(RoomError::PeerLimit));
}

#[test]
fn purge_28_a_room_that_nobody_joins_ends() {
    let mut world = World::new();
    world.room(Some(10), None);
    world.peer("a");
    assert_eq!(world.pass(9), Told::new());
    assert_eq!(world.pass(1), ["removed a", "deleted r", "ended r"]);
}

#[test]
fn purge_29_a_connected_peer_keeps_the_room_until_it_is_deleted() {
    let mut world = World::new();
    world.room(Some(10), None);
    world.peer("a");
    world.connect("a");
    assert_eq!(world.pass(100), Told::new());
    world.delete_peer("a").unwrap();
    world.told();
    assert_eq!(world.pass(9), Told::new());
    assert_eq!(world.pass(1), ["deleted r", "ended r"]);
}

#[test]
fn purge_30_a_disconnected_peer_does_not_keep_the_room() {
    let mut world = World::new();
    world.room(Some(10), None);
    world.peer("a");
    let connection = world.connect("a");
    world.pass(100);
    world.disconnect("a", connection);
    assert!(!world.snapshot().unwrap().peers[0].connected);
    assert_eq!(world.pass(9), Told::new());
    assert_eq!(world.pass(1), ["removed a", "deleted r", "ended r"]);
}

#[test]
fn purge_31_a_rejoin_keeps_the_room() {
    let mut world = World::new();
    world.room(Some(10), None);
    world.peer("a");
    let connection = world.connect("a");
    world.disconnect("a", connection);
    world.pass(9);
    world.connect("a");
    assert_eq!(world.pass(100), Told::new());
}

#[test]
fn purge_32_adding_or_deleting_a_peer_restarts_the_timeout() {
    let mut world = World::new();
    world.room(Some(10), None);
    world.pass(9);
    world.peer("a");
    assert_eq!(world.pass(9), Told::new());
    world.delete_peer("a").unwrap();
    assert_eq!(world.pass(9), ["removed a"]);
    assert_eq!(world.pass(1), ["deleted r", "ended r"]);
}

#[test]
fn purge_33_37_without_timeouts_nothing_ends() {
    let mut world = World::new();
    world.room(None, None);
    world.peer("a");
    assert_eq!(world.pass(1_000_000), Told::new());
    assert_eq!(world.rooms.timers.len(), 0);
}

#[test]
fn purge_34_a_peer_that_never_joins_is_removed() {
    let mut world = World::new();
    world.room(None, Some(10));
    world.peer("a");
    assert_eq!(world.pass(9), Told::new());
    assert_eq!(world.pass(1), ["removed a"]);
    assert!(world.snapshot().unwrap().peers.is_empty());
}

#[test]
fn purge_35_a_peer_that_left_is_removed() {
    let mut world = World::new();
    world.room(None, Some(10));
    world.peer("a");
    let connection = world.connect("a");
    assert_eq!(world.pass(100), Told::new());
    world.disconnect("a", connection);
    assert_eq!(world.pass(9), Told::new());
    assert_eq!(world.pass(1), ["removed a"]);
}

#[test]
fn purge_36_a_peer_that_rejoins_stays() {
    let mut world = World::new();
    world.room(None, Some(10));
    world.peer("a");
    let connection = world.connect("a");
    world.disconnect("a", connection);
    world.pass(9);
    let connection = world.connect("a");
    assert_eq!(world.pass(100), Told::new());
    world.disconnect("a", connection);
    assert_eq!(world.pass(9), Told::new());
}

#[test]
fn purge_38_notification_161_first_the_peer_goes_and_later_the_room() {
    let mut world = World::new();
    world.room(Some(20), Some(10));
    world.peer("a");
    let connection = world.connect("a");
    assert_eq!(world.disconnect("a", connection), ["disconnected a"]);
    assert_eq!(world.pass(10), ["removed a"]);
    // The removal of the peer restarts the room's timeout.
    assert_eq!(world.pass(19), Told::new());
    assert_eq!(world.pass(1), ["deleted r", "ended r"]);
}

#[test]
fn a_peer_due_with_its_room_is_told_once() {
    let mut world = World::new();
    world.room(Some(10), Some(10));
    world.peer("a");
    assert_eq!(world.pass(10), ["removed a"]);
    assert_eq!(world.pass(10), ["deleted r", "ended r"]);
}

#[test]
fn a_crashed_peer_is_gone_and_nobody_else_notices() {
    let mut world = World::new();
    world.room(None, None);
    world.peer("a");
    world.peer("b");
    let connection = world.connect("a");
    world.connect("b");
    world.ask(RoomCommand::Crash { room: "r".into(), peer: Some("a".into()) }).unwrap();
    assert_eq!(world.told(), ["peer crashed a", &format!("close {} 1011 Internal server error", connection.0)]);
    assert_eq!(world.try_connect("a", None), Err(RoomError::PeerNotFound));
    assert_eq!(world.snapshot().unwrap().peers.len(), 1);
}

#[test]
fn notification_156_a_crashed_room_tells_nothing_of_its_peers() {
    let mut world = World::new();
    world.room(Some(5), Some(5));
    world.peer("a");
    world.peer("b");
    let connection = world.connect("a");
    world.rooms.abandon_room(world.now, &"r".into());
    assert_eq!(world.told(), ["crashed r", &format!("close {} 1011 Internal server error", connection.0), "ended r"]);
    assert_eq!(world.pass(60), Told::new());
    assert_eq!(world.rooms.timers.len(), 0);
    assert_eq!(world.room(None, None), ["created r"]);
}

#[test]
fn a_broken_worker_tells_of_all_its_rooms() {
    let mut world = World::new();
    world.room(None, None);
    world.peer("a");
    let connection = world.connect("a");
    let told: Told = world.rooms.abandon().into_iter().map(words).collect();
    assert_eq!(
        told,
        ["crashed r", &format!("close {} {} {}", connection.0, close::INTERNAL_ERROR.code, close::INTERNAL_ERROR.reason), "ended r"]
    );
}

#[test]
fn rooms_are_read_in_pages() {
    let mut world = World::new();
    for n in 0..7 {
        let room = format!("room-{n}").into();
        world.ask(RoomCommand::CreateRoom { room, settings: RoomSettings::default() }).unwrap();
    }
    let mut seen = Vec::new();
    let mut after: Option<RoomId> = None;
    loop {
        let Ok(Answer::Rooms(page)) = world.ask(RoomCommand::Rooms { after: after.clone(), limit: 3 }) else { panic!("no page") };
        seen.extend(page.iter().map(|room| room.id.to_string()));
        let Some(last) = page.last() else { break };
        after = Some(last.id.clone());
    }
    assert_eq!(seen, (0..7).map(|n| format!("room-{n}")).collect::<Vec<_>>());
}

#[test]
fn commands_survive_serialisation() {
    let commands = [
        RoomCommand::CreateRoom { room: "r".into(), settings: RoomSettings { max_peers: Some(3), ..RoomSettings::default() } },
        RoomCommand::Connect {
            room: "r".into(),
            peer: "p".into(),
            connection: ConnectionId(1),
            replaces: Some(ConnectionId(0)),
            candidates: vec!["192.0.2.1:50000".parse().unwrap()],
            resume: Some(Resuming { session: SessionName("old".into()), received: 7, fresh: SessionName("new".into()) }),
        },
        RoomCommand::Client {
            room: "r".into(),
            peer: "p".into(),
            connection: ConnectionId(1),
            message: FromClient::Event(ClientEvent::UpdateMetadata { metadata: Metadata::from_json("{}") }),
        },
    ];
    for command in commands {
        let text = serde_json::to_string(&command).unwrap();
        assert_eq!(serde_json::from_str::<RoomCommand>(&text).unwrap(), command);
    }
}
