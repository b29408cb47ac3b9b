//! A camera in three sizes: one of them is forwarded, the best that flows.

use sfu::{PeerOptions, ServerEvent, TrackId, TrackKind, Variant};

use crate::rules::sections;
use crate::world::World;

/// Ana sends simulcast, bo watches.
fn meeting(seed: u64, simulcast: bool) -> (World, TrackId) {
    let mut world = World::new(seed);
    world.join_with("ana", PeerOptions { simulcast, ..PeerOptions::default() });
    let camera = world.client_mut("ana").publish_simulcast();
    world.join("bo");
    world.run_until("bo sees ana", 3000, |world| world.gets("bo", &camera));
    world.run(2000);
    (world, camera)
}

/// Variants that bo was told about.
fn switches(world: &World) -> Vec<Variant> {
    let heard = &world.client("bo").heard;
    heard
        .iter()
        .filter_map(|(_, event)| match event {
            ServerEvent::VariantSwitched { variant, .. } => Some(*variant),
            _ => None,
        })
        .collect()
}

fn rids(sdp: &str) -> usize {
    sections(sdp).1.iter().flat_map(|section| &section.attributes).filter(|line| line.starts_with("rid:")).count()
}

#[test]
fn sdp_72_all_rids_are_in_every_answer_and_the_best_encoding_is_forwarded() {
    let (mut world, camera) = meeting(1, true);
    assert_eq!(rids(&world.client("ana").last_answer), 3);
    world.publish("ana", TrackKind::Audio);
    world.run(1000);
    assert_eq!(rids(&world.client("ana").last_answer), 3, "in a later answer, too");
    assert_eq!(switches(&world).last(), Some(&Variant::High));
    assert!(world.gets("bo", &camera));
}

#[test]
fn sim_101_when_the_forwarded_encoding_stops_another_goes_on_without_a_seam() {
    let (mut world, camera) = meeting(2, true);
    let (ssrc, _) = world.client("bo").stream(&camera).unwrap();
    for (rid, next) in [("h", Variant::Medium), ("m", Variant::Low)] {
        world.client_mut("ana").own_mut(&camera).layer(rid).muted = true;
        world.run(4000);
        assert_eq!(switches(&world).last(), Some(&next));
        assert!(world.gets("bo", &camera));
    }
    world.client_mut("ana").own_mut(&camera).layer("h").muted = false;
    world.run(4000);
    assert_eq!(switches(&world).last(), Some(&Variant::High), "the best one is back");
    world.settle();
    let (same, receiver) = world.client("bo").stream(&camera).unwrap();
    assert_eq!((same, receiver.missing()), (ssrc, 0), "one stream, no hole");
    assert_eq!(receiver.picture_jumps(), []);
}

#[test]
fn sim_101_a_disabled_encoding_is_left_at_once() {
    let (mut world, camera) = meeting(3, true);
    for _ in 0..30 {
        world.say("ana", sfu::ClientEvent::DisableVariant { track: camera.clone(), variant: Variant::High });
    }
    world.run(1000);
    assert_eq!(switches(&world).last(), Some(&Variant::Medium));
    let told = world.client("bo").heard.iter().filter(|(_, event)| matches!(event, ServerEvent::VariantEnabled { .. })).count();
    assert_eq!(told, 1, "sim 103: a burst is one change");
    assert!(world.gets("bo", &camera));
}

#[test]
fn sdp_74_without_simulcast_the_line_is_single_and_media_flows() {
    let (world, camera) = meeting(4, false);
    assert_eq!(rids(&world.client("ana").last_answer), 0);
    assert!(world.gets("bo", &camera));
}
