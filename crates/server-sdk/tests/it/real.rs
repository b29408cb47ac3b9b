//! The SDK against our own server: what needs a client in a room, and every refusal.

use std::time::Duration;

use peer::{Peer, PeerOptions as ClientOptions, TrackKind};
use serde_json::{Value, json};
use server_sdk::ComponentKind::{File, Hls, Recording, Rtsp, Sip};
use server_sdk::{
    AgentOptions, Client, Endpoint, Error, Event, MoqPaths, Notification, Notifier, PeerOptions, PeerStatus, RoomConfig, RoomType,
    StreamConfig, SubscribeMode, Template, Timing, Topic, VapiOptions,
};
use testkit::servers::{API_TOKEN, jellyfish};

/// Longest wait for anything that must happen: generous, because machines are slow.
const PATIENCE: Duration = Duration::from_secs(20);

/// The next notification.
async fn told(notifier: &mut Notifier) -> Notification {
    let next = async {
        loop {
            match notifier.next().await.expect("the notifier never ends") {
                Event::Notification(notification) => return notification,
                Event::MayHaveMissed | Event::Resumed | Event::Metrics(_) => {}
                Event::Disconnected(error) => panic!("{error}"),
            }
        }
    };
    tokio::time::timeout(PATIENCE, next).await.expect("a notification in time")
}

#[tokio::test]
async fn what_a_client_does_is_told_in_order() {
    let data = tempfile::tempdir().unwrap();
    let server = jellyfish(data.path(), None).await;
    let url = format!("http://{}", server.api_addr());
    let client = Client::new(&url, API_TOKEN).unwrap();
    let mut notifier = client.notifier();
    assert!(matches!(notifier.next().await, Some(Event::MayHaveMissed)));

    let room = client.create_room(&RoomConfig::default()).await.unwrap().id;
    assert_eq!(told(&mut notifier).await, Notification::RoomCreated { room: room.clone() });
    let new = client.add_peer(&room, PeerOptions { metadata: Some(json!({"role": "host"})), ..PeerOptions::default() }).await.unwrap();
    let peer = new.peer.id.clone();
    assert_eq!(told(&mut notifier).await, Notification::PeerAdded { room: room.clone(), peer: peer.clone() });

    let person = Peer::connect(&url, &new.token, ClientOptions::default().metadata(r#"{"name":"Ana"}"#)).await.unwrap();
    assert_eq!(told(&mut notifier).await, Notification::PeerConnected { room: room.clone(), peer: peer.clone() });
    let updated = Notification::PeerMetadataUpdated { room: room.clone(), peer: peer.clone(), metadata: r#"{"name":"Ana"}"#.into() };
    assert_eq!(told(&mut notifier).await, updated);
    let id = person.publish(TrackKind::Video, 100_000, r#"{"type":"camera"}"#).await.unwrap();
    let Notification::TrackAdded { endpoint, track, .. } = told(&mut notifier).await else { panic!("no track") };
    assert_eq!((endpoint, track.id.as_str(), track.metadata.as_str()), (Endpoint::Peer(peer.clone()), id.as_str(), r#"{"type":"camera"}"#));
    person.update_track_metadata(&id, "null").await.unwrap();
    let Notification::TrackMetadataUpdated { track, .. } = told(&mut notifier).await else { panic!("no change") };
    assert_eq!(track.metadata, "null");

    let seen = client.room(&room).await.unwrap().peers.remove(0);
    assert_eq!((seen.status, seen.tracks.len()), (PeerStatus::Connected, 1));
    assert_eq!(seen.metadata, json!({"peer": {"name": "Ana"}, "server": {"role": "host"}}));

    person.unpublish(&id).await.unwrap();
    assert!(matches!(told(&mut notifier).await, Notification::TrackRemoved { track, .. } if track.id == id));
    person.leave().await;
    assert_eq!(told(&mut notifier).await, Notification::PeerDisconnected { room: room.clone(), peer: peer.clone() });
    client.delete_peer(&room, &peer).await.unwrap();
    assert_eq!(told(&mut notifier).await, Notification::PeerDeleted { room: room.clone(), peer });
    client.delete_room(&room).await.unwrap();
    assert_eq!(told(&mut notifier).await, Notification::RoomDeleted { room });
    server.shutdown().await;
}

#[tokio::test]
async fn each_refusal_of_our_server_is_its_own_error() {
    let data = tempfile::tempdir().unwrap();
    let server = jellyfish(data.path(), None).await;
    let url = format!("http://{}", server.api_addr());
    let client = Client::new(&url, API_TOKEN).unwrap();
    let config = RoomConfig { room_id: Some("r".into()), max_peers: Some(0), ..RoomConfig::default() };
    client.create_room(&config).await.unwrap();

    assert!(matches!(client.create_room(&config).await, Err(Error::RoomExists)));
    let bad = RoomConfig { webhook_url: Some("nan".into()), ..RoomConfig::default() };
    assert!(matches!(client.create_room(&bad).await, Err(Error::BadRequest(sentence)) if sentence.contains("webhookUrl")));
    assert!(matches!(client.room("none").await, Err(Error::RoomNotFound)));
    assert!(matches!(client.delete_room("none").await, Err(Error::RoomNotFound)));
    assert!(matches!(client.add_peer("none", PeerOptions::default()).await, Err(Error::RoomNotFound)));
    assert!(matches!(client.add_peer("r", PeerOptions::default()).await, Err(Error::PeerLimit)));
    assert!(matches!(client.delete_peer("r", "none").await, Err(Error::PeerNotFound)));

    assert!(matches!(client.refresh_token("r", "none").await, Err(Error::PeerNotFound)));
    assert!(matches!(client.subscribe_peer("r", "none", "none").await, Err(Error::PeerNotFound)));
    assert!(matches!(client.subscribe_tracks("none", "none", &[]).await, Err(Error::RoomNotFound)));
    client.validate().await.unwrap();

    let stranger = Client::new(&url, "wrong").unwrap();
    assert!(matches!(stranger.health().await, Err(Error::Unauthorized(_))));
    assert!(matches!(stranger.validate().await, Err(Error::Unauthorized(_))));
    server.shutdown().await;
}

#[tokio::test]
async fn tokens_are_refreshed_and_subscriptions_made_by_hand() {
    let data = tempfile::tempdir().unwrap();
    let server = jellyfish(data.path(), None).await;
    let url = format!("http://{}", server.api_addr());
    let client = Client::new(&url, API_TOKEN).unwrap();
    let room = client.create_room(&RoomConfig::default()).await.unwrap().id;
    let new = client.add_peer(&room, PeerOptions::default()).await.unwrap();
    let token = client.refresh_token(&room, &new.peer.id).await.unwrap();
    assert_ne!(token, new.token);
    let publisher = Peer::connect(&url, &token, ClientOptions::default()).await.unwrap();
    let track = publisher.publish(TrackKind::Video, 100_000, "null").await.unwrap();

    let manual = PeerOptions { subscribe_mode: Some(SubscribeMode::Manual), ..PeerOptions::default() };
    let audience = client.add_peer(&room, manual).await.unwrap();
    client.subscribe_peer(&room, &audience.peer.id, &new.peer.id).await.unwrap();
    client.subscribe_tracks(&room, &audience.peer.id, &[&track]).await.unwrap();
    let unknown = client.subscribe_tracks(&room, &audience.peer.id, &["unknown"]).await;
    assert!(matches!(unknown, Err(Error::TrackNotFound)), "{unknown:?}");
    publisher.leave().await;
    server.shutdown().await;
}

#[tokio::test]
async fn metrics_are_reported_by_room_endpoint_and_track() {
    let data = tempfile::tempdir().unwrap();
    let server = jellyfish(data.path(), None).await;
    let url = format!("http://{}", server.api_addr());
    let client = Client::new(&url, API_TOKEN).unwrap();
    let room = client.create_room(&RoomConfig::default()).await.unwrap().id;
    let new = client.add_peer(&room, PeerOptions::default()).await.unwrap();
    let person = Peer::connect(&url, &new.token, ClientOptions::default()).await.unwrap();
    let track = person.publish(TrackKind::Audio, 30_000, "null").await.unwrap();

    // Both topics over one connection: reports come between notifications.
    let mut notifier = client.notifier_of(&[Topic::Metrics, Topic::Notifications], Timing::default());
    let reported = async {
        loop {
            match notifier.next().await.expect("the notifier never ends") {
                Event::Metrics(metrics) => {
                    let endpoints = &metrics.rooms.get(&room).expect("the room is reported").endpoints;
                    assert!(endpoints.get(&new.peer.id).expect("the peer is reported").tracks.keys().any(|id| id.starts_with(&track)));
                    return;
                }
                Event::MayHaveMissed | Event::Notification(_) => {}
                other => panic!("{other:?}"),
            }
        }
    };
    tokio::time::timeout(PATIENCE, reported).await.expect("a report in time");
    client.delete_room(&room).await.unwrap();
    let told_of_the_end = async { while !matches!(notifier.next().await, Some(Event::Notification(Notification::RoomDeleted { .. }))) {} };
    tokio::time::timeout(PATIENCE, told_of_the_end).await.expect("the end in time");
    server.shutdown().await;
}

#[tokio::test]
async fn what_the_hosted_service_has_beside_meetings_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let server = jellyfish(data.path(), None).await;
    let client = Client::new(&format!("http://{}", server.api_addr()), API_TOKEN).unwrap();
    let config = RoomConfig { room_type: Some(RoomType::Livestream), ..RoomConfig::default() };
    let livestream = client.create_room(&config).await.unwrap().id;
    let meeting = client.create_room(&RoomConfig::default()).await.unwrap().id;

    assert!(matches!(client.streamer_token(&livestream).await, Err(Error::Disabled(_))));
    assert!(matches!(client.viewer_token(&livestream).await, Err(Error::Disabled(_))));
    assert!(matches!(client.viewer_token(&meeting).await, Err(Error::NotFound(sentence)) if sentence.contains("no livestream")));
    assert!(matches!(client.viewer_token("none").await, Err(Error::RoomNotFound)));
    assert!(matches!(client.forward_tracks(&meeting, "https://a.example/").await, Err(Error::Disabled(_))));
    assert_eq!(client.livestreams().await.unwrap(), []);
    assert!(matches!(client.create_livestream(&StreamConfig::default()).await, Err(Error::Disabled(_))));
    assert!(matches!(client.livestream("l").await, Err(Error::NotFound(_))));
    assert!(matches!(client.add_viewer("l").await, Err(Error::NotFound(_))));
    let paths = MoqPaths { publish_path: Some("p".into()), ttl: Some(60), ..MoqPaths::default() };
    assert!(matches!(client.moq_access(&paths).await, Err(Error::Disabled(_))));
    assert!(matches!(client.moq_access(&MoqPaths::default()).await, Err(Error::BadRequest(_))));
    assert!(matches!(client.add_agent(&meeting, AgentOptions::default()).await, Err(Error::Disabled(_))));
    let call = VapiOptions { api_key: "key".into(), call_id: "call".into(), subscribe_mode: None, auto_close: false };
    assert!(matches!(client.add_vapi(&meeting, &call).await, Err(Error::Disabled(_))));
    assert_eq!(client.composition_recordings().await.unwrap(), []);
    let template = Template { url: "https://a.example/".into(), audio: None, resolution: None };
    assert!(matches!(client.record_template(&template, b"bundle", None).await, Err(Error::Disabled(_))));
    assert!(matches!(client.composition_recording("r").await, Err(Error::RecordingNotFound)));
    assert!(matches!(client.stop_composition_recording("r").await, Err(Error::RecordingNotFound)));
    server.shutdown().await;
}

#[tokio::test]
async fn a_server_without_components_says_so() {
    let data = tempfile::tempdir().unwrap();
    let server = jellyfish(data.path(), None).await;
    let client = Client::new(&format!("http://{}", server.api_addr()), API_TOKEN).unwrap();
    let config = RoomConfig { room_id: Some("r".into()), ..RoomConfig::default() };
    client.create_room(&config).await.unwrap();

    for kind in [Hls, Rtsp, File, Sip, Recording] {
        assert!(matches!(client.add_component("r", kind, Value::Null).await, Err(Error::ComponentDisabled)), "{kind:?}");
    }
    assert!(matches!(client.add_component("none", Hls, json!({})).await, Err(Error::RoomNotFound)));
    assert!(matches!(client.delete_component("r", "c").await, Err(Error::ComponentNotFound)));
    assert!(matches!(client.subscribe_component("r", "c", &["p"]).await, Err(Error::ComponentNotFound)));
    assert!(matches!(client.dial("r", "c", "123").await, Err(Error::ComponentNotFound)));
    assert!(matches!(client.end_call("r", "c").await, Err(Error::ComponentNotFound)));
    assert_eq!(client.recordings().await.unwrap(), Vec::<String>::new());
    assert!(matches!(client.delete_recording("x").await, Err(Error::RecordingNotFound)));
    assert!(matches!(client.hls_file("r", "index.m3u8").await, Err(Error::NotFound(sentence)) if sentence == "File not found"));
    assert!(matches!(client.recording_file("x", "index.m3u8").await, Err(Error::NotFound(_))));
    server.shutdown().await;
}

/// A way to a server that can be cut: connections end, new ones are taken.
async fn breakable_way(server: std::net::SocketAddr) -> (String, tokio::sync::broadcast::Sender<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (cut, _) = tokio::sync::broadcast::channel(1);
    let cuts = cut.clone();
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let mut cut = cuts.subscribe();
            tokio::spawn(async move {
                let mut far = tokio::net::TcpStream::connect(server).await.unwrap();
                tokio::select! {
                    // Either end may close it first.
                    _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                    _ = cut.recv() => {}
                }
            });
        }
    });
    (url, cut)
}

#[tokio::test]
async fn nothing_is_missed_over_a_broken_connection() {
    let data = tempfile::tempdir().unwrap();
    let server = jellyfish(data.path(), None).await;
    let (way, cut) = breakable_way(server.api_addr()).await;
    let direct = Client::new(&format!("http://{}", server.api_addr()), API_TOKEN).unwrap();
    let mut notifier = Client::new(&way, API_TOKEN).unwrap().notifier();
    assert!(matches!(notifier.next().await, Some(Event::MayHaveMissed)));
    let create = async |id: &str| {
        direct.create_room(&RoomConfig { room_id: Some(id.into()), ..RoomConfig::default() }).await.unwrap();
        Notification::RoomCreated { room: id.to_owned() }
    };
    let before = create("before").await;
    assert_eq!(told(&mut notifier).await, before);

    cut.send(()).unwrap();
    let meanwhile = [create("meanwhile").await, create("also").await];
    // What is told between the cut and its discovery is asked for again.
    let mut events = Vec::new();
    while events.len() < 4 {
        events.push(tokio::time::timeout(PATIENCE, notifier.next()).await.expect("an event in time").unwrap());
    }
    let [first, second] = meanwhile;
    assert!(matches!(events.remove(0), Event::Disconnected(Error::Transport(_))));
    assert!(matches!(events.remove(0), Event::Resumed));
    assert!(matches!(events.remove(0), Event::Notification(told) if told == first));
    assert!(matches!(events.remove(0), Event::Notification(told) if told == second));
    server.shutdown().await;
}
