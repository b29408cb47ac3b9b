//! Who is there, and what is known about them.

use sfu::{ClientEvent, Event, Metadata, PeerId, PeerOptions, ServerEvent, TrackId, TrackKind};

use crate::world::World;

fn count(world: &World, name: &str, matches: impl Fn(&ServerEvent) -> bool) -> usize {
    world.client(name).heard.iter().filter(|(_, event)| matches(event)).count()
}

#[test]
fn conn_28_others_hear_of_a_join_once_and_after_connect() {
    let mut world = World::new(1);
    world.join("ana");
    world.run(50);
    world.authenticate("bo", PeerOptions::default());
    world.run(500);
    let added = |world: &World| count(world, "ana", |event| matches!(event, ServerEvent::EndpointAdded { .. }));
    assert_eq!(added(&world), 0, "bo has not said connect");
    world.say("bo", ClientEvent::Connect { metadata: Metadata::default(), grouped_streams: false });
    world.run(50);
    assert_eq!(added(&world), 1);
    world.say("bo", ClientEvent::Connect { metadata: Metadata::default(), grouped_streams: false });
    world.run(50);
    assert_eq!(added(&world), 1, "conn 32: a second connect has no effect");
    assert_eq!(count(&world, "bo", |event| matches!(event, ServerEvent::Connected { .. })), 1);
}

#[test]
fn conn_21_events_before_connect_have_no_effect() {
    let mut world = World::new(2);
    world.join_and_publish("ana");
    world.run(500);
    world.authenticate("bo", PeerOptions::default());
    world.say("bo", ClientEvent::RenegotiateTracks);
    world.say("bo", ClientEvent::UpdateMetadata { metadata: Metadata::from_json("1") });
    world.run(1000);
    assert!(world.client("bo").heard.is_empty(), "{:?}", world.client("bo").heard);
}

#[test]
fn metadata_of_both_kinds_is_in_every_entry() {
    let mut world = World::new(3);
    let options = PeerOptions { server_metadata: Metadata::from_json("{\"personId\":1}"), ..PeerOptions::default() };
    world.join_with("ana", options);
    world.run(50);
    world.join("bo");
    world.run(50);
    let Some((_, ServerEvent::Connected { others, .. })) = world.client("bo").heard.first() else { panic!("bo is connected") };
    assert_eq!(others.len(), 1);
    assert_eq!(others[0].metadata.as_json(), "{\"name\":\"ana\"}");
    assert_eq!(others[0].server_metadata.as_json(), "{\"personId\":1}");
    let facts = world.facts.iter().filter(|(_, fact)| matches!(fact, Event::PeerMetadataUpdated { .. })).count();
    assert_eq!(facts, 2, "metadata given at connect is told to the owner of the room");
}

#[test]
fn meta_33_an_update_reaches_others_and_an_equal_one_nobody() {
    let mut world = World::new(4);
    world.join("ana");
    world.join("bo");
    world.run(50);
    for _ in 0..3 {
        world.say("ana", ClientEvent::UpdateMetadata { metadata: Metadata::from_json("{\"hand\":true}") });
    }
    world.run(50);
    let updated = |event: &ServerEvent| matches!(event, ServerEvent::EndpointUpdated { endpoint, metadata, .. } if *endpoint == PeerId::from("ana") && metadata.as_json() == "{\"hand\":true}");
    assert_eq!(count(&world, "bo", updated), 1);
}

#[test]
fn meta_35_track_metadata_reaches_those_who_know_the_track() {
    let mut world = World::new(5);
    let camera = {
        world.join("ana");
        world.publish("ana", TrackKind::Video)
    };
    world.join("bo");
    world.run_until("bo sees ana", 2000, |world| world.gets("bo", &camera));
    for _ in 0..2 {
        world.say("ana", ClientEvent::UpdateTrackMetadata { track: camera.clone(), metadata: Metadata::from_json("{\"paused\":true}") });
    }
    world.run(100);
    assert_eq!(count(&world, "bo", |event| matches!(event, ServerEvent::TrackUpdated { .. })), 1);
    let told = world.facts.iter().filter(|(_, fact)| matches!(fact, Event::TrackUpdated { .. })).count();
    assert_eq!(told, 1);
}

#[test]
fn meta_36_updates_of_unknown_and_foreign_tracks_are_ignored() {
    let mut world = World::new(6);
    let (microphone, camera) = world.join_and_publish("ana");
    world.join("bo");
    world.run_until("bo sees ana", 2000, |world| world.gets("bo", &camera));
    for track in [&microphone, &camera, &TrackId::from("bo:404"), &TrackId::from("")] {
        world.say("bo", ClientEvent::UpdateTrackMetadata { track: track.clone(), metadata: Metadata::from_json("\"mine\"") });
        world.say("bo", ClientEvent::UnmuteTrack { track: track.clone() });
        world.say("bo", ClientEvent::EnableVariant { track: track.clone(), variant: sfu::Variant::High });
        world.say("bo", ClientEvent::DisableVariant { track: track.clone(), variant: sfu::Variant::High });
        world.say("bo", ClientEvent::SetTargetVariant { track: track.clone(), variant: sfu::Variant::Low });
        world.say("bo", ClientEvent::TrackBitrates { track: track.clone(), bitrates: std::collections::BTreeMap::new() });
    }
    world.run(1000);
    assert_eq!(count(&world, "ana", |event| matches!(event, ServerEvent::TrackUpdated { .. })), 0);
    assert_eq!(world.closed("bo"), None);
    assert!(world.gets("bo", &camera) && world.gets("bo", &microphone), "and nothing stops");
}
