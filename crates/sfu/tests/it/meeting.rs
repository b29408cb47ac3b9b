//! People meet: everybody gets everybody.

use std::time::Duration;

use sfu::TrackKind;

use crate::network::Weather;
use crate::world::{ROOM, World};

const SEEDS: [u64; 3] = [1, 2, 3];

#[test]
fn media_93_everyone_gets_everyone_and_nobody_gets_themselves() {
    for (weather, seed) in [Weather::FINE, Weather::MESSY].into_iter().flat_map(|weather| SEEDS.map(|seed| (weather, seed))) {
        let mut world = World::new(seed);
        world.weather = weather;
        for name in ["ana", "bo", "cy", "dee"] {
            world.join_and_publish(name);
            let pause = world.rng.below(700) as u64;
            world.run(pause);
        }
        world.run_until_everyone_gets_everyone(3000);
        world.run(2000);
        world.settle();
        for (name, client) in &world.clients {
            assert_eq!(client.streams.len(), 6, "seed {seed}: {name} gets two tracks of each of three others");
            for (ssrc, receiver) in &client.streams {
                let who = format!("seed {seed}, {name}'s stream {ssrc} of {}", receiver.track);
                assert!(!receiver.track.starts_with(&format!("{name}:")), "{who}: nobody gets themselves");
                // In messy weather media may overtake the end of the DTLS handshake.
                let is_messy = weather.jitter > Duration::ZERO;
                assert!(is_messy || receiver.began_with_keyframe(), "{who}: keyframe before anything else");
                assert_eq!(receiver.picture_jumps(), [], "{who}");
                let overtook = if is_messy && receiver.kind == TrackKind::Audio { 2 } else { 0 };
                assert!(receiver.missing() <= overtook, "{who}: nothing is lost on the way through the engine: {:?}", receiver.holes());
                assert!(!is_messy || receiver.kind == TrackKind::Audio || receiver.late > 0, "{who}: the weather reorders");
            }
        }
        assert_eq!(world.stray, 0);
        assert_eq!(world.engine.stats().peers_crashed, 0);
    }
}

#[test]
fn media_96_a_late_joiner_sees_a_picture_within_a_second() {
    for seed in SEEDS {
        let mut world = World::new(seed);
        let (_, camera) = world.join_and_publish("ana");
        world.join("bo");
        world.run_until("bo sees ana", 2000, |world| world.gets("bo", &camera));
        world.run(5000);
        let (microphone, _) = world.join_and_publish("cy");
        let took = world.run_until("cy sees ana", 1000, |world| world.gets("cy", &camera));
        assert!(took <= 1000, "seed {seed}: {took} ms");
        world.run_until("ana hears cy", 1000, |world| world.gets("ana", &microphone));
    }
}

#[test]
fn a_late_joiners_picture_costs_one_keyframe() {
    let mut world = World::new(5);
    let (_, camera) = world.join_and_publish("ana");
    world.join("bo");
    world.run(3000);
    let before = world.client_mut("ana").own_mut(&camera).sender.keyframe_requests;
    for name in ["cy", "dee", "eve", "fay"] {
        world.join(name);
    }
    world.run_until("all see ana", 2000, |world| ["cy", "dee", "eve", "fay"].iter().all(|name| world.gets(name, &camera)));
    world.run(2000);
    let asked = world.client_mut("ana").own_mut(&camera).sender.keyframe_requests - before;
    assert!((1..=3).contains(&asked), "four people at once are served by few requests: {asked}");
}

#[test]
fn media_95_a_picture_loss_indication_reaches_the_sender_throttled() {
    let mut world = World::new(6);
    let (_, camera) = world.join_and_publish("ana");
    world.join("bo");
    world.run_until("bo sees ana", 2000, |world| world.gets("bo", &camera));
    world.run(2000);
    let before = world.client_mut("ana").own_mut(&camera).sender.keyframe_requests;
    let (ssrc, _) = world.client("bo").stream(&camera).unwrap();
    for _ in 0..50 {
        world.client_mut("bo").request_keyframe(ssrc);
        world.run(20);
    }
    world.run(600);
    let asked = world.client_mut("ana").own_mut(&camera).sender.keyframe_requests - before;
    assert!((3..=5).contains(&asked), "a second of requests is throttled to one in 300 ms: {asked}");
}

#[test]
fn media_94_mute_and_unmute_recover_with_a_keyframe() {
    let mut world = World::new(7);
    let (microphone, camera) = world.join_and_publish("ana");
    world.join("bo");
    world.run_until("bo sees ana", 2000, |world| world.gets("bo", &camera));
    let cycles = (world.client("ana").cycles, world.client("bo").cycles);
    for track in [&microphone, &camera] {
        world.mute("ana", track, true);
    }
    world.run(6000);
    assert!(!world.gets("bo", &camera) && !world.gets("bo", &microphone));
    let before = world.client_mut("ana").own_mut(&camera).sender.keyframe_requests;
    let streams = world.client("bo").streams.len();
    for track in [&microphone, &camera] {
        world.mute("ana", track, false);
    }
    world.run_until("bo sees and hears ana again", 1000, |world| world.gets("bo", &camera) && world.gets("bo", &microphone));
    world.run(500);
    let ana = world.client_mut("ana");
    assert!(ana.own_mut(&camera).sender.keyframe_requests > before, "a keyframe was asked for");
    assert_eq!((world.client("ana").cycles, world.client("bo").cycles), cycles, "without negotiation");
    assert_eq!(world.client("bo").streams.len(), streams, "on the same streams");
}

#[test]
fn a_room_does_not_hear_another_room() {
    let mut world = World::new(8);
    world.make_room("other", sfu::RoomOptions::default());
    let (_, camera) = world.join_and_publish("ana");
    world.join("bo");
    world.run_until("bo sees ana", 2000, |world| world.gets("bo", &camera));
    world.command(sfu::Command::RemoveRoom { room: sfu::RoomId::from("other") });
    world.run(500);
    assert!(world.gets("bo", &camera));
}

#[test]
fn media_started_is_told_once() {
    let mut world = World::new(9);
    let (_, camera) = world.join_and_publish("ana");
    world.join("bo");
    world.run_until("bo sees ana", 2000, |world| world.gets("bo", &camera));
    world.run(1000);
    for name in ["ana", "bo"] {
        let told: Vec<u64> = world
            .facts
            .iter()
            .filter_map(|(_, fact)| match fact {
                sfu::Event::MediaStarted { peer, after_ms } if peer.as_str() == name => Some(*after_ms),
                _ => None,
            })
            .collect();
        assert!(told.len() == 1 && told[0] < 1000, "{name}: {told:?}");
    }
}

#[test]
fn eight_people_who_come_at_once_all_see_each_other() {
    let mut world = World::new(10);
    for name in ["ana", "bo", "cy", "dee", "eve", "fay", "gil", "hal"] {
        world.join_and_publish(name);
    }
    world.run_until_everyone_gets_everyone(5000);
    world.run(1000);
    world.settle();
    for (name, client) in &world.clients {
        assert_eq!(client.streams.len(), 14, "{name}");
        assert!(client.streams.values().all(|receiver| receiver.missing() == 0), "{name}");
    }
}

#[test]
fn sdp_68_the_rooms_codec_is_used_and_its_keyframes_are_found() {
    let mut world = World::new(11);
    world.h264 = true;
    world.command(sfu::Command::RemoveRoom { room: sfu::RoomId::from(ROOM) });
    world.make_room(ROOM, sfu::RoomOptions { video_codec: Some(sfu::VideoCodec::H264) });
    let (_, camera) = world.join_and_publish("ana");
    world.join("bo");
    world.run_until("bo sees ana", 2000, |world| world.gets("bo", &camera));
    world.run(2000);
    world.join("cy");
    world.run_until("cy sees ana", 1000, |world| world.gets("cy", &camera));
    for name in ["ana", "bo", "cy"] {
        let answer = world.client(name).last_answer.clone();
        assert!(answer.contains("H264/90000") && !answer.contains("VP8/90000"), "{name}");
    }
    world.settle();
    for name in ["bo", "cy"] {
        let (_, receiver) = world.client(name).stream(&camera).unwrap();
        assert!(receiver.began_with_keyframe() && receiver.missing() == 0, "{name}");
    }
}
