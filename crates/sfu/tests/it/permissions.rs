//! What a peer may not do, it cannot.

use sfu::{ClientEvent, Metadata, PeerOptions, Permissions, TrackKind};

use crate::world::World;

#[test]
fn a_peer_without_permission_publishes_nothing() {
    let mut world = World::new(1);
    world.join("ana");
    let permissions = Permissions { video: false, ..Permissions::default() };
    world.join_with("bo", PeerOptions { permissions, ..PeerOptions::default() });
    let microphone = world.publish("bo", TrackKind::Audio);
    let camera = world.publish("bo", TrackKind::Video);
    world.run_until("ana hears bo", 2000, |world| world.gets("ana", &microphone));
    world.run(1000);
    assert!(!world.client_mut("bo").own_mut(&camera).accepted);
    assert!(world.client("ana").stream(&camera).is_none());
    assert_eq!(world.closed("bo"), None);
}

/// What a track claims to be may change while it runs, and is checked again.
#[test]
fn a_camera_that_turns_into_a_screen_needs_the_permission_for_screens() {
    let mut world = World::new(3);
    world.join("ana");
    let permissions = Permissions { screen: false, ..Permissions::default() };
    world.join_with("bo", PeerOptions { permissions, ..PeerOptions::default() });
    let camera = world.publish("bo", TrackKind::Video);
    let screen = world.client_mut("bo").publish(TrackKind::Video, r#"{"type":"screenShareVideo"}"#);
    world.run_until("ana sees bo", 2000, |world| world.gets("ana", &camera));
    world.run(1000);
    assert!(!world.client_mut("bo").own_mut(&screen).accepted && world.client("ana").stream(&screen).is_none());
    let metadata = Metadata::from_json(r#"{"type":"screenShareVideo"}"#);
    world.client_mut("bo").own_mut(&camera).metadata = metadata.clone();
    world.say("bo", ClientEvent::UpdateTrackMetadata { track: camera.clone(), metadata });
    world.run(100);
    let packets = world.client("ana").stream(&camera).unwrap().1.packets;
    world.run(2000);
    assert_eq!(world.client("ana").stream(&camera).unwrap().1.packets, packets, "it is not forwarded any more");
    assert_eq!(world.closed("bo"), None);
}

#[test]
fn a_permission_taken_away_stops_forwarding_at_once() {
    let mut world = World::new(2);
    world.join("ana");
    let (microphone, camera) = world.join_and_publish("bo");
    world.run_until("ana sees bo", 2000, |world| world.gets("ana", &camera) && world.gets("ana", &microphone));
    world.permit("bo", Permissions { audio: false, ..Permissions::default() });
    // What is on the way may still arrive.
    world.run(50);
    let packets = world.client("ana").stream(&microphone).unwrap().1.packets;
    world.run(2000);
    assert_eq!(world.client("ana").stream(&microphone).unwrap().1.packets, packets);
    assert!(world.gets("ana", &camera));
}
