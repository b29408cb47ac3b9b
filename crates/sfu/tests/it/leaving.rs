//! People leave: nothing of them stays.

use sfu::{ClientEvent, Command, Event, PeerId, RoomId, ServerEvent};

use crate::world::{ROOM, World};

/// The events that a client heard about an endpoint, as words.
fn story(world: &World, name: &str, of: &str) -> Vec<&'static str> {
    let of = PeerId::from(of);
    world
        .client(name)
        .heard
        .iter()
        .filter_map(|(_, event)| match event {
            ServerEvent::EndpointAdded { endpoint } if endpoint.id == of => Some("added"),
            ServerEvent::TracksAdded { endpoint, .. } if *endpoint == of => Some("tracks"),
            ServerEvent::TracksRemoved { endpoint, .. } if *endpoint == of => Some("tracks removed"),
            ServerEvent::EndpointRemoved { endpoint } if *endpoint == of => Some("removed"),
            _ => None,
        })
        .collect()
}

#[test]
fn leave_38_others_hear_tracks_then_endpoint_removed() {
    let mut world = World::new(1);
    world.join("ana");
    let (_, camera) = world.join_and_publish("bo");
    world.run_until("ana sees bo", 2000, |world| world.gets("ana", &camera));
    world.leave("bo");
    world.run(500);
    let heard = story(&world, "ana", "bo");
    assert_eq!(heard[0], "added");
    assert_eq!(heard[heard.len() - 2..], ["tracks removed", "removed"]);
    let facts: Vec<_> = world.facts.iter().filter(|(_, fact)| matches!(fact, Event::TrackRemoved { .. })).collect();
    assert_eq!(facts.len(), 2, "both tracks ended for the owner of the room, too");
}

#[test]
fn leave_39_a_disconnect_event_has_the_same_effect() {
    let mut world = World::new(2);
    world.join("ana");
    let (_, camera) = world.join_and_publish("bo");
    world.run_until("ana sees bo", 2000, |world| world.gets("ana", &camera));
    world.say("bo", ClientEvent::Disconnect);
    world.run(500);
    let heard = story(&world, "ana", "bo");
    assert_eq!(heard[heard.len() - 2..], ["tracks removed", "removed"]);
    assert!(!world.gets("ana", &camera));
}

#[test]
fn leave_40_nothing_is_said_or_sent_after_the_end() {
    let mut world = World::new(3);
    world.join("ana");
    for round in 0..5 {
        world.join_and_publish("bo");
        // In the middle of anything.
        let pause = world.rng.below(900) as u64;
        world.run(pause);
        world.leave("bo");
        let stray = world.stray;
        world.run(1500);
        assert_eq!(world.stray, stray, "round {round}: no datagram to somebody who left");
        let heard = story(&world, "ana", "bo");
        assert_eq!(heard.last(), Some(&"removed"), "round {round}: {heard:?}");
    }
}

#[test]
fn nothing_leaks_after_everybody_left() {
    for seed in 0..3 {
        let mut world = World::new(seed);
        for name in ["ana", "bo", "cy"] {
            world.join_and_publish(name);
        }
        let pause = 200 + world.rng.below(3000) as u64;
        world.run(pause);
        for name in ["bo", "ana", "cy"] {
            world.leave(name);
            let pause = world.rng.below(300) as u64;
            world.run(pause);
        }
        world.run(2000);
        assert_eq!(world.engine.poll_timeout(), None, "seed {seed}: an empty room needs no timer");
        let sizes = world.engine.table_sizes();
        assert_eq!(sizes, sfu::TableSizes { rooms: 1, ..sfu::TableSizes::default() }, "seed {seed}");
        let sent = world.engine.stats().datagrams_out;
        world.run(30_000);
        assert_eq!(world.engine.stats().datagrams_out, sent);
        world.command(Command::RemoveRoom { room: RoomId::from(ROOM) });
        assert_eq!(world.engine.table_sizes(), sfu::TableSizes::default());
    }
}

#[test]
fn a_removed_room_takes_everybody_with_it() {
    let mut world = World::new(4);
    for name in ["ana", "bo", "cy"] {
        world.join_and_publish(name);
    }
    world.run(2000);
    world.command(Command::RemoveRoom { room: RoomId::from(ROOM) });
    assert_eq!(world.engine.table_sizes(), sfu::TableSizes::default());
    assert_eq!(world.engine.poll_timeout(), None);
    let sent = world.engine.stats().datagrams_out;
    world.run(3000);
    assert_eq!(world.engine.stats().datagrams_out, sent, "late datagrams of the clients are dropped");
}

#[test]
fn rec_119_who_comes_back_has_the_same_id_and_new_tracks() {
    let mut world = World::new(5);
    world.join("ana");
    for round in 0..3 {
        let (_, camera) = world.join_and_publish("bo");
        world.run_until("ana sees bo", 2000, |world| world.gets("ana", &camera));
        let heard = story(&world, "ana", "bo");
        assert_eq!(heard.iter().filter(|word| **word == "added").count(), round + 1);
        world.leave("bo");
        world.run(50);
    }
}

#[test]
fn a_track_withdrawn_in_the_middle_of_its_cycle_leaves_no_trace() {
    for pause in [0, 3, 7, 12, 18, 25, 40, 60] {
        let mut world = World::new(6);
        world.join("ana");
        world.run(50);
        let (_, camera) = world.join_and_publish("bo");
        world.run_until("bo's tracks are accepted", 1000, |world| world.client_mut("bo").own_mut(&camera).accepted);
        world.run(pause);
        world.unpublish("bo", &camera);
        world.run(3000);
        let announced: Vec<_> = world.client("ana").others.values().flat_map(|other| other.announced.keys()).collect();
        assert_eq!(announced.len(), 1, "after {pause} ms: {announced:?}");
        assert!(world.client("ana").mid_to_track.values().all(|track| *track != camera) || world.client("ana").cycles == 1);
    }
}
