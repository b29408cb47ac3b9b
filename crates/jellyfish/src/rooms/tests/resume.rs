//! Peers that outlive their socket.

use std::net::SocketAddr;

use protocol::signalling::Resumption;
use sfu::{Flow, ServerEvent};

use super::*;
use crate::rooms::resume::Resumptions;
use crate::rooms::room::Presence;
use crate::rooms::session::Session;

#[allow(dead_code, reason = "made for the tests from outside, which need more of it")]
#[path = "../../../tests/it/ice.rs"]
mod ice;

/// Where the server receives media.
const MEDIA: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 50_000);

/// A client that can resume, in room `r`.
struct Client {
    peer: &'static str,
    connection: ConnectionId,
    session: String,
    /// Media events of the server that it has received.
    received: u64,
    answer: Option<ice::Answer>,
    checks: u64,
}

impl Client {
    /// Connects for the first time, and takes part.
    fn join(world: &mut World, peer: &'static str) -> Self {
        let (connection, resumption) = resuming(world, peer, "", 0);
        assert_eq!((resumption.resumed, resumption.received), (false, 0));
        world.told();
        let mut client = Self { peer, connection, session: resumption.session, received: 0, answer: None, checks: 0 };
        client.say(world, ClientEvent::Connect { metadata: Metadata::default(), grouped_streams: false });
        client
    }

    /// The same with media that lives.
    fn meet(world: &mut World, peer: &'static str) -> Self {
        let mut client = Self::join(world, peer);
        client.say(world, ClientEvent::RenegotiateTracks);
        let track: sfu::TrackId = format!("{peer}:v").into();
        let offer = Offer {
            sdp: ice::OFFER.replace('\n', "\r\n"),
            track_metadata: [(track.clone(), Metadata::default())].into(),
            track_bitrates: BTreeMap::new(),
            mid_to_track: [("0".into(), track)].into(),
        };
        client.say(world, ClientEvent::Offer(offer));
        assert!(client.answer.is_some(), "no answer");
        client.check(world);
        client
    }

    /// Says something, and hears everything that its socket is given.
    fn say(&mut self, world: &mut World, event: ClientEvent) {
        self.send(world, FromClient::Event(event));
    }

    fn send(&mut self, world: &mut World, message: FromClient) {
        let (peer, connection) = (self.peer.into(), self.connection);
        world.ask(RoomCommand::Client { room: "r".into(), peer, connection, message }).unwrap();
        self.hear(world);
    }

    /// Returns what it was told now.
    fn hear(&mut self, world: &mut World) -> Vec<ToClient> {
        let mut heard = Vec::new();
        while let Some(output) = world.rooms.poll_output(world.now) {
            let Output::ToClient { connection, message } = output else { continue };
            if connection != self.connection {
                continue;
            }
            self.received += u64::from(message.is_media_event());
            if let ToClient::Event(ServerEvent::Answer { sdp, .. }) = &message {
                self.answer = Some(ice::Answer::read(sdp));
            }
            heard.push(message);
        }
        heard
    }

    /// Its ICE agent shows that it lives.
    fn check(&mut self, world: &mut World) {
        self.checks += 1;
        let check = self.answer.as_ref().unwrap().check(self.checks);
        let flow = Flow::Udp { local: MEDIA, remote: SocketAddr::from(([127, 0, 0, 1], 40_000)) };
        let arrival = world.rooms.handle_datagram(world.now, Datagram { flow, received_at: world.now, payload: &check });
        assert_eq!(arrival, Arrival::Taken);
        world.told();
        let mut answers = Datagrams::new();
        world.rooms.take_datagrams(&mut answers);
        assert!(!answers.is_empty(), "the check is not answered");
    }

    fn lose_socket(&self, world: &mut World) -> Told {
        self.socket_ends(world, SocketEnd::Lost)
    }

    fn socket_ends(&self, world: &mut World, end: SocketEnd) -> Told {
        world.ask(RoomCommand::Disconnect { room: "r".into(), peer: self.peer.into(), connection: self.connection, end }).unwrap();
        world.told()
    }

    /// Comes back over another socket.
    fn resume(&mut self, world: &mut World) -> Resumption {
        let (connection, resumption) = resuming(world, self.peer, &self.session, self.received);
        self.connection = connection;
        resumption
    }

    /// Lets time pass, with a check every two seconds.
    fn live(&mut self, world: &mut World, seconds: u64) -> Told {
        let mut told = Told::new();
        for _ in 0..seconds / 2 {
            told.extend(world.pass(2));
            self.check(world);
        }
        told
    }
}

fn try_resuming(world: &mut World, peer: &str, session: &str, received: u64, replaces: Option<ConnectionId>) -> Reply {
    world.connections += 1;
    let fresh = SessionName(format!("session {}", world.connections));
    world.ask(RoomCommand::Connect {
        room: "r".into(),
        peer: peer.into(),
        connection: ConnectionId(world.connections),
        replaces,
        candidates: vec![MEDIA],
        resume: Some(Resuming { session: SessionName(session.to_owned()), received, fresh }),
    })
}

fn resuming(world: &mut World, peer: &str, session: &str, received: u64) -> (ConnectionId, Resumption) {
    let Ok(Answer::Connected(Some(resumption))) = try_resuming(world, peer, session, received, None) else { panic!("not connected") };
    (ConnectionId(world.connections), resumption)
}

/// A room with timeouts, in which `a` lives and `b` watches. It never offers, so it is given up after 30 s.
fn meeting() -> (World, Client, Client) {
    let mut world = World::new();
    world.room(Some(100), Some(10));
    world.peer("a");
    world.peer("b");
    let mut watcher = Client::join(&mut world, "b");
    let client = Client::meet(&mut world, "a");
    watcher.hear(&mut world);
    (world, client, watcher)
}

fn is_connected(world: &mut World, peer: &str) -> bool {
    world.snapshot().unwrap().peers.iter().any(|found| found.id.as_str() == peer && found.connected)
}

const GONE: [&str; 2] = ["disconnected a", "TrackRemoved"];

/// Notifications and closes, without what others are told.
fn facts(told: Told) -> Told {
    told.into_iter().filter(|word| !word.starts_with("to ")).map(|word| word.split(" {").next().unwrap().to_owned()).collect()
}

#[test]
fn a_lost_socket_is_not_noticed_while_media_lives() {
    let (mut world, mut client, mut watcher) = meeting();
    assert_eq!(client.lose_socket(&mut world), Told::new());
    assert_eq!(facts(client.live(&mut world, 14)), Told::new());
    assert!(is_connected(&mut world, "a"));
    let resumption = client.resume(&mut world);
    // `connect`, `renegotiateTracks` and the offer.
    assert_eq!((resumption.resumed, resumption.received, &resumption.session), (true, 3, &client.session));
    assert_eq!(world.told(), Told::new());
    // From now on nothing limits its time.
    assert_eq!(facts(world.pass(15)), Told::new());
    assert_eq!(world.rooms.timers.len(), 0);
    assert_eq!(world.rooms.resumptions(), Resumptions { kept: 1, resumed: 1, expired: 0 });
    watcher.say(&mut world, ClientEvent::UpdateMetadata { metadata: Metadata::from_json("1") });
    assert_eq!(client.socket_ends(&mut world, SocketEnd::Closed)[..1], ["disconnected a"]);
}

#[test]
fn what_was_missed_comes_again_in_order_and_once() {
    let (mut world, mut client, mut watcher) = meeting();
    let update = |text: &str| ClientEvent::UpdateMetadata { metadata: Metadata::from_json(text) };
    // Sent, and lost with the socket.
    watcher.say(&mut world, update("1"));
    client.lose_socket(&mut world);
    watcher.say(&mut world, update("2"));
    watcher.say(&mut world, update("3"));
    for _ in 0..2 {
        // The second time the first new socket died before it was read.
        let before = client.received;
        assert!(client.resume(&mut world).resumed);
        let heard = client.hear(&mut world);
        let told: Vec<&str> = heard
            .iter()
            .map(|message| match message {
                ToClient::Event(ServerEvent::EndpointUpdated { metadata, .. }) => metadata.as_json(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(told, ["1", "2", "3"]);
        client.received = before;
    }
    client.received += 2;
    assert!(client.resume(&mut world).resumed);
    assert_eq!(client.hear(&mut world).len(), 1);
    assert!(client.resume(&mut world).resumed);
    assert_eq!(client.hear(&mut world), []);
}

#[test]
fn after_fifteen_seconds_the_client_is_gone() {
    let (mut world, mut client, _watcher) = meeting();
    client.lose_socket(&mut world);
    assert_eq!(facts(client.live(&mut world, 14)), Told::new());
    assert_eq!(facts(world.pass(1)), GONE);
    assert!(!is_connected(&mut world, "a"));
    assert_eq!(world.rooms.resumptions(), Resumptions { kept: 1, resumed: 0, expired: 1 });
    // Its timers begin now.
    assert_eq!(facts(world.pass(9)), Told::new());
    assert_eq!(facts(world.pass(1)), ["removed a"]);
}

#[test]
fn without_media_the_client_is_gone_at_once_or_soon() {
    let (mut world, client, _watcher) = meeting();
    world.pass(MEDIA_SILENCE.as_secs() - 1);
    assert_eq!(client.lose_socket(&mut world), Told::new());
    assert_eq!(facts(world.pass(1)), GONE);

    let (mut world, client, _watcher) = meeting();
    world.pass(MEDIA_SILENCE.as_secs());
    assert_eq!(facts(client.lose_socket(&mut world)), GONE);

    // Never had any.
    let mut world = World::new();
    world.room(None, None);
    world.peer("a");
    let client = Client::join(&mut world, "a");
    assert_eq!(client.lose_socket(&mut world), ["disconnected a"]);
    assert_eq!(world.rooms.timers.len(), 0);
}

#[test]
fn a_close_ends_the_peer_at_once() {
    let (mut world, client, _watcher) = meeting();
    assert_eq!(facts(client.socket_ends(&mut world, SocketEnd::Closed)), GONE);
}

#[test]
fn a_client_that_does_not_resume_is_gone_with_its_socket() {
    let (mut world, mut client, _watcher) = meeting();
    // Only the announcement is missing.
    let Some(room) = world.rooms.by_id.get_mut(&RoomId::from("r")) else { panic!("no room") };
    let peer = room.peers.get_mut(&PeerId::from("a")).unwrap();
    peer.presence = Presence::Connected { connection: client.connection, session: None };
    client.check(&mut world);
    assert_eq!(facts(client.lose_socket(&mut world)), GONE);
}

#[test]
fn another_session_takes_the_place_of_a_kept_peer_at_once() {
    for (session, received) in [("", 0), ("session", 0), ("session 2", 1_000), ("session 1", 0)] {
        let (mut world, mut client, _watcher) = meeting();
        assert_eq!(client.session, "session 2");
        client.lose_socket(&mut world);
        let (connection, resumption) = resuming(&mut world, "a", session, received);
        assert_eq!((resumption.resumed, resumption.received), (false, 0), "{session}");
        assert_eq!(facts(world.told()), ["disconnected a", "TrackRemoved", "connected a"], "{session}");
        // The old session is over, and its time does not matter any more.
        (client.connection, client.session) = (connection, resumption.session);
        assert_eq!(facts(world.pass(20)), Told::new());
        client.received = 0;
        client.say(&mut world, ClientEvent::Connect { metadata: Metadata::default(), grouped_streams: false });
        assert!(client.received > 0, "the new session begins with connect");
    }
}

#[test]
fn a_client_without_sessions_takes_the_place_of_a_kept_peer_at_once() {
    let (mut world, client, _watcher) = meeting();
    client.lose_socket(&mut world);
    let connection = world.try_connect("a", None).unwrap();
    assert_eq!(facts(world.told()), ["disconnected a", "TrackRemoved", "connected a"]);
    assert_eq!(world.disconnect("a", connection), ["disconnected a"]);
}

#[test]
fn the_name_of_the_session_takes_it_from_a_living_socket() {
    let (mut world, mut client, _watcher) = meeting();
    let former = client.connection;
    assert_eq!(try_resuming(&mut world, "a", "another", 0, None), Err(RoomError::PeerConnected { connection: former }));
    assert!(client.resume(&mut world).resumed);
    assert_eq!(world.told(), [format!("close {} 1000 peer already connected", former.0)]);
    // The end of the old socket, and what it still says, mean nothing.
    let (peer, late) = (PeerId::from("a"), FromClient::Event(ClientEvent::Disconnect));
    world.ask(RoomCommand::Client { room: "r".into(), peer: peer.clone(), connection: former, message: late }).unwrap();
    world.ask(RoomCommand::Disconnect { room: "r".into(), peer, connection: former, end: SocketEnd::Closed }).unwrap();
    assert_eq!(world.told(), Told::new());
    assert_eq!(client.resume(&mut world).received, 3);
}

#[test]
fn the_name_of_a_session_that_lost_its_history_takes_the_place_too() {
    let (mut world, client, _watcher) = meeting();
    let (_, resumption) = resuming(&mut world, "a", &client.session, 1_000);
    assert!(!resumption.resumed);
    let close = format!("close {} 1000 peer already connected", client.connection.0);
    assert_eq!(facts(world.told()), ["disconnected a", "TrackRemoved", &close, "connected a"]);
}

#[test]
fn a_dead_socket_is_replaced_with_its_session_or_without() {
    let (mut world, client, _watcher) = meeting();
    let replaces = Some(client.connection);
    let Ok(Answer::Connected(Some(resumption))) = try_resuming(&mut world, "a", "another", 0, replaces) else { panic!("refused") };
    assert!(!resumption.resumed);
    assert_eq!(facts(world.told())[..2], GONE);

    let (mut world, client, _watcher) = meeting();
    let Ok(Answer::Connected(Some(resumption))) = try_resuming(&mut world, "a", &client.session, client.received, Some(client.connection))
    else {
        panic!("refused")
    };
    assert!(resumption.resumed);
    assert_eq!(facts(world.told()), [format!("close {} 1000 peer already connected", client.connection.0)]);
}

#[test]
fn deletion_and_crashes_end_a_kept_peer_like_a_connected_one() {
    let (mut world, client, _watcher) = meeting();
    client.lose_socket(&mut world);
    world.ask(RoomCommand::DeletePeer { room: "r".into(), peer: "a".into(), reason: Some("replaced".to_owned()) }).unwrap();
    assert_eq!(facts(world.told()), ["TrackRemoved", "disconnected a", "removed a"]);
    assert_eq!(try_resuming(&mut world, "a", &client.session, client.received, None), Err(RoomError::PeerNotFound));
    assert_eq!(world.rooms.timers.len(), 0);

    let (mut world, client, _watcher) = meeting();
    client.lose_socket(&mut world);
    world.ask(RoomCommand::Crash { room: "r".into(), peer: Some("a".into()) }).unwrap();
    assert_eq!(facts(world.told()), ["TrackRemoved", "peer crashed a"]);

    let (mut world, client, watcher) = meeting();
    client.lose_socket(&mut world);
    world.ask(RoomCommand::DeleteRoom { room: "r".into(), tell_disconnected: false }).unwrap();
    let close = format!("close {} 1000 Room stopped", watcher.connection.0);
    assert_eq!(facts(world.told()), ["TrackRemoved", "removed a", "removed b", &close, "deleted r", "ended r"]);
    assert_eq!(world.rooms.timers.len(), 0);

    let (mut world, client, watcher) = meeting();
    client.lose_socket(&mut world);
    world.rooms.abandon_room(world.now, &"r".into());
    let close = format!("close {} 1011 Internal server error", watcher.connection.0);
    assert_eq!(facts(world.told()), ["crashed r", &close, "ended r"]);
    assert_eq!(world.rooms.timers.len(), 0);
}

#[test]
fn a_kept_peer_keeps_its_room() {
    let mut world = World::new();
    world.room(Some(5), None);
    world.peer("a");
    let mut client = Client::meet(&mut world, "a");
    client.lose_socket(&mut world);
    assert_eq!(facts(client.live(&mut world, 14)), Told::new());
    assert_eq!(facts(world.pass(1)), GONE);
    assert_eq!(facts(world.pass(5)), ["removed a", "deleted r", "ended r"]);
}

#[test]
fn everything_a_client_says_counts_and_heartbeats_forget() {
    let (mut world, mut client, mut watcher) = meeting();
    client.send(&mut world, FromClient::Void);
    client.send(&mut world, FromClient::Refused(Refusal::MetadataTooLarge { limit: 1 }));
    for number in 0..5 {
        watcher.say(&mut world, ClientEvent::UpdateMetadata { metadata: Metadata::from_json(&number.to_string()) });
    }
    // It has read all but three of the events that it was sent meanwhile.
    client.received += 2;
    let ping = |received| RoomCommand::Client {
        room: "r".into(),
        peer: "a".into(),
        connection: client.connection,
        message: FromClient::Ping { received },
    };
    for received in [0, client.received, client.received - 1, 1_000] {
        world.ask(ping(received)).unwrap();
        assert_eq!(world.told(), [format!("to {}: Pong-5", client.connection.0)]);
    }
    assert_eq!(session(&mut world, "a").kept().count(), 3);
    client.lose_socket(&mut world);
    assert_eq!(client.resume(&mut world).received, 5);
    assert_eq!(client.hear(&mut world).len(), 3);
}

#[test]
fn a_heartbeat_without_a_session_is_answered() {
    let mut world = World::new();
    world.room(None, None);
    world.peer("a");
    let connection = world.connect("a");
    let message = FromClient::Ping { received: 3 };
    world.ask(RoomCommand::Client { room: "r".into(), peer: "a".into(), connection, message }).unwrap();
    assert_eq!(world.told(), [format!("to {}: Pong-0", connection.0)]);
}

#[test]
fn limit_media_events_kept_for_a_client_while_it_is_away() {
    let (mut world, mut client, mut watcher) = meeting();
    let kept = session(&mut world, "a").kept().count();
    client.lose_socket(&mut world);
    for number in 0..=MAX_EVENTS - kept {
        watcher.say(&mut world, ClientEvent::UpdateMetadata { metadata: Metadata::from_json(&number.to_string()) });
    }
    assert_eq!(session(&mut world, "a").kept().count(), MAX_EVENTS);
    let (_, resumption) = resuming(&mut world, "a", &client.session, 0);
    assert!(!resumption.resumed, "the first event is forgotten");

    let (mut world, mut other, mut watcher) = meeting();
    other.send(&mut world, FromClient::Ping { received: other.received });
    client = other;
    client.lose_socket(&mut world);
    for number in 0..MAX_EVENTS {
        watcher.say(&mut world, ClientEvent::UpdateMetadata { metadata: Metadata::from_json(&number.to_string()) });
    }
    assert!(client.resume(&mut world).resumed);
    assert_eq!(client.hear(&mut world).len(), MAX_EVENTS);
}

fn session<'a>(world: &'a mut World, peer: &str) -> &'a mut Session {
    world.rooms.by_id.get_mut(&RoomId::from("r")).unwrap().peers.get_mut(&PeerId::from(peer)).unwrap().session_mut().unwrap()
}
