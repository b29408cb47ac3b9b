//! The SDK against our own server: what needs a client in a room, and every refusal.

use std::time::Duration;

use peer::{Peer, PeerOptions as ClientOptions, TrackKind};
use serde_json::{Value, json};
use server_sdk::ComponentKind::{File, Hls, Recording, Rtsp, Sip};
use server_sdk::{Client, Endpoint, Error, Event, Notification, Notifier, PeerOptions, PeerStatus, RoomConfig};
use testkit::servers::{API_TOKEN, jellyfish};

/// Longest wait for anything that must happen: generous, because machines are slow.
const PATIENCE: Duration = Duration::from_secs(20);

/// The next notification.
async fn told(notifier: &mut Notifier) -> Notification {
    let next = async {
        loop {
            match notifier.next().await.expect("the notifier never ends") {
                Event::Notification(notification) => return notification,
                Event::MayHaveMissed => {}
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

    let stranger = Client::new(&url, "wrong").unwrap();
    assert!(matches!(stranger.health().await, Err(Error::Unauthorized(_))));
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
    server.shutdown().await;
}
