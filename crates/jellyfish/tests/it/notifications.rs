use protocol::notification::{Endpoint, Notification, Track, TrackKind};
use protocol::proto::media_events::peer::media_event as client;
use serde_json::json;

use crate::support::{Server, Socket, media_event, publish};

/// A notification in words.
pub(crate) fn words(notification: Notification) -> String {
    match notification {
        Notification::RoomCreated { .. } => "room created".into(),
        Notification::RoomDeleted { .. } => "room deleted".into(),
        Notification::RoomCrashed { .. } => "room crashed".into(),
        Notification::PeerAdded { .. } => "peer added".into(),
        Notification::PeerDeleted { .. } => "peer deleted".into(),
        Notification::PeerConnected { .. } => "peer connected".into(),
        Notification::PeerDisconnected { .. } => "peer disconnected".into(),
        Notification::PeerCrashed { .. } => "peer crashed".into(),
        Notification::PeerMetadataUpdated { metadata, .. } => format!("metadata {metadata}"),
        Notification::TrackAdded { track, .. } => format!("track added {}", track.id),
        Notification::TrackRemoved { track, .. } => format!("track removed {}", track.id),
        other => format!("{other:?}"),
    }
}

async fn expect(subscriber: &mut Socket, expected: &[&str]) {
    for expected in expected {
        assert_eq!(words(subscriber.notification().await), *expected);
    }
    subscriber.is_alive_and_silent().await;
}

#[tokio::test]
async fn notification_151_162_a_whole_life_in_order() {
    let server = Server::start().await;
    let mut subscriber = server.subscriber().await;
    let room = server.room(json!({})).await;
    let (peer, token) = server.peer(&room).await;
    let client = server.client(&token).await;
    client.close().await;
    let before = ["room created", "peer added", "peer connected", "peer disconnected"];
    for expected in before {
        assert_eq!(words(subscriber.notification().await), expected);
    }
    server.delete(&format!("/room/{room}/peer/{peer}")).await;
    server.delete(&format!("/room/{room}")).await;
    expect(&mut subscriber, &["peer deleted", "room deleted"]).await;
}

#[tokio::test]
async fn notification_152_161_timeouts_tell_the_peer_before_the_room() {
    let server = Server::start().await;
    let mut subscriber = server.subscriber().await;
    let room = server.room(json!({"peerDisconnectedTimeout": 1, "peerlessPurgeTimeout": 1})).await;
    let (_, token) = server.peer(&room).await;
    server.client(&token).await.close().await;
    expect(&mut subscriber, &["room created", "peer added", "peer connected", "peer disconnected", "peer deleted", "room deleted"]).await;
    let room = server.room(json!({"peerlessPurgeTimeout": 1})).await;
    let (peer, _) = server.peer(&room).await;
    server.delete(&format!("/room/{room}/peer/{peer}")).await;
    expect(&mut subscriber, &["room created", "peer added", "peer deleted", "room deleted"]).await;
    assert_eq!(server.get("/room").await.1, json!({"data": []}));
}

#[tokio::test]
async fn notification_153_deleting_a_room_with_a_connected_peer() {
    let server = Server::start().await;
    let mut subscriber = server.subscriber().await;
    let room = server.room(json!({})).await;
    let (_, token) = server.peer(&room).await;
    let _client = server.client(&token).await;
    server.delete(&format!("/room/{room}")).await;
    expect(&mut subscriber, &["room created", "peer added", "peer connected", "peer deleted", "room deleted"]).await;
}

#[tokio::test]
async fn notification_155_deleting_a_connected_peer() {
    let server = Server::start().await;
    let mut subscriber = server.subscriber().await;
    let room = server.room(json!({})).await;
    let (peer, token) = server.peer(&room).await;
    let _client = server.client(&token).await;
    server.delete(&format!("/room/{room}/peer/{peer}")).await;
    expect(&mut subscriber, &["room created", "peer added", "peer connected", "peer disconnected", "peer deleted"]).await;
}

#[tokio::test]
async fn notification_156_a_crashed_room_and_a_crashed_peer() {
    let server = Server::start().await;
    let mut subscriber = server.subscriber().await;
    let room = server.room(json!({})).await;
    let (peer, token) = server.peer(&room).await;
    let (_, other) = server.peer(&room).await;
    let (_client, _other) = (server.client(&token).await, server.client(&other).await);
    server.post(&format!("/fault/room/{room}/peer/{peer}"), json!({})).await;
    server.post(&format!("/fault/room/{room}"), json!({})).await;
    let joined = ["room created", "peer added", "peer added", "peer connected", "peer connected"];
    expect(&mut subscriber, &[&joined[..], &["peer crashed", "room crashed"]].concat()).await;
}

#[tokio::test]
async fn notification_157_160_a_broken_socket_leaves_a_disconnected_peer_without_tracks() {
    let server = Server::start().await;
    let mut subscriber = server.subscriber().await;
    let room = server.room(json!({})).await;
    let (peer, token) = server.peer(&room).await;
    let mut client = server.client(&token).await;
    let (track, _) = publish(&mut client, &peer).await;
    for expected in ["room created", "peer added", "peer connected", "metadata {\"name\":\"Ana\"}"] {
        assert_eq!(words(subscriber.notification().await), expected);
    }
    let added = subscriber.notification().await;
    let expected_track = Track { id: track.clone(), kind: Some(TrackKind::Video), metadata: "\"myvideo\"".into() };
    let endpoint = Endpoint::Peer(peer.clone());
    assert_eq!(added, Notification::TrackAdded { room: room.clone(), endpoint: endpoint.clone(), track: expected_track.clone() });
    let shown = server.peer_in(&room, &peer).await.unwrap();
    assert_eq!(shown["tracks"], json!([{"id": track, "type": "video", "metadata": "myvideo"}]));
    assert_eq!(shown["metadata"], json!({"name": "Ana"}));
    drop(client);
    assert_eq!(subscriber.notification().await, Notification::PeerDisconnected { room: room.clone(), peer: peer.clone() });
    assert_eq!(subscriber.notification().await, Notification::TrackRemoved { room: room.clone(), endpoint, track: expected_track });
    let shown = server.peer_in(&room, &peer).await.unwrap();
    assert_eq!((&shown["status"], &shown["tracks"]), (&json!("disconnected"), &json!([])));
    assert_eq!(shown["metadata"], json!({"name": "Ana"}), "what it said last is kept");
}

#[tokio::test]
async fn notification_158_159_metadata_and_tracks_are_told_with_their_json() {
    let server = Server::start().await;
    let mut subscriber = server.subscriber().await;
    let room = server.room(json!({})).await;
    let (peer, token) = server.peer(&room).await;
    let mut socket = server.client(&token).await;
    let (track, _) = publish(&mut socket, &peer).await;
    let update = client::UpdateTrackMetadata { track_id: track.clone(), metadata_json: "{\"paused\":true}".into() };
    socket.send(media_event(client::Content::UpdateTrackMetadata(update))).await;
    for expected in ["room created", "peer added", "peer connected", "metadata {\"name\":\"Ana\"}", &format!("track added {track}")] {
        assert_eq!(words(subscriber.notification().await), expected);
    }
    let updated = subscriber.notification().await;
    let Notification::TrackMetadataUpdated { track: shown, .. } = updated else { panic!("{updated:?}") };
    assert_eq!(shown, Track { id: track, kind: Some(TrackKind::Video), metadata: "{\"paused\":true}".into() });
    server.delete(&format!("/room/{room}/peer/{peer}")).await;
    let after: Vec<String> =
        [subscriber.notification().await, subscriber.notification().await, subscriber.notification().await].map(words).into();
    assert!(after[0].starts_with("track removed ") && after[1..] == ["peer disconnected", "peer deleted"], "{after:?}");
}
