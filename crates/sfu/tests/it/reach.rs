//! Addresses: clients that move are reached again, strangers are not.

use std::net::SocketAddr;
use std::time::Duration;

use sfu::Arrival;
use str0m::Candidate;

use crate::rules::sections;
use crate::world::World;

/// Bo watches ana.
fn meeting(seed: u64) -> (World, sfu::TrackId) {
    let mut world = World::new(seed);
    let camera = meet(&mut world);
    (world, camera)
}

fn meet(world: &mut World) -> sfu::TrackId {
    let (_, camera) = world.join_and_publish("ana");
    world.join_and_publish("bo");
    world.run_until("bo sees ana", 2000, |world| world.gets("bo", &camera));
    world.run(2000);
    camera
}

/// Bo's first interface dies, and another one takes over. Returns how long it takes from there until media arrives.
fn moves(world: &mut World, camera: &sfu::TrackId, port: u16, second: fn(SocketAddr) -> Candidate) -> u64 {
    let address = SocketAddr::from(([192, 0, 2, 200], port));
    let now = world.now;
    let bo = world.client_mut("bo");
    let first = Candidate::host(bo.inner, "udp").unwrap();
    bo.rtc.add_local_candidate(second(address));
    bo.rtc.direct_api().invalidate_candidate(&first);
    bo.inner = address;
    bo.outer = address;
    bo.drain(now);
    let (ssrc, receiver) = bo.stream(camera).unwrap();
    let before = receiver.packets;
    let (stray, in_flight) = (world.stray, world.weather.delay.as_millis() as u64);
    let took = world.run_until("bo gets packets at the new address", 1000, |world| world.client("bo").streams[&ssrc].packets > before);
    assert!(took > in_flight && world.stray > stray, "the engine could not know at first");
    took
}

/// Behind a NAT that binds anew the client's own candidate stays, and so does the pair's priority. Bo checks the way often, as browsers
/// do that hear nothing.
#[test]
fn a_client_whose_address_changes_at_equal_priority_is_reached_within_a_second() {
    for seed in 0..6 {
        let mut world = World::new(seed);
        world.checks_every = Some(Duration::from_millis(500));
        let camera = meet(&mut world);
        for _ in 0..3 {
            let pause = world.rng.below(500) as u64;
            world.run(pause);
            let before = world.client("bo").stream(&camera).unwrap().1.packets;
            world.rebind("bo");
            // What was on its way to the old address is lost with it.
            let took = world.run_until("bo gets packets at the new address", 1000, |world| {
                world.client("bo").stream(&camera).unwrap().1.packets > before
            });
            assert!(took <= 1000, "seed {seed}: {took} ms");
            world.run_until("bo sees ana", 500, |world| world.gets("bo", &camera));
            world.run(3000);
            assert!(world.gets("bo", &camera), "seed {seed}: and stays reachable");
        }
        assert!(world.stray > 0, "seed {seed}: the engine could not know at first");
    }
}

#[test]
fn a_client_whose_address_changes_to_lower_priority_is_reached_within_a_second() {
    let host = |address| Candidate::host(address, "udp").unwrap();
    let reflexive = |address| Candidate::server_reflexive(address, address, "udp").unwrap();
    for seed in 0..6 {
        // The library prefers the first of a kind, so a second one is lower, too.
        for (what, second) in [("another host", host as fn(SocketAddr) -> Candidate), ("reflexive", reflexive)] {
            let (mut world, camera) = meeting(seed);
            let took = moves(&mut world, &camera, 40_000 + seed as u16, second);
            assert!(took <= 1000, "seed {seed}, {what}: {took} ms");
            world.run(3000);
            assert!(world.gets("bo", &camera), "seed {seed}, {what}: and stays reachable");
        }
    }
}

/// A client that checks seldom and does not know that its address changed is not heard of for a while. How long is its own affair;
/// ours is what follows.
#[test]
fn a_client_behind_a_rebound_nat_is_reached_with_its_first_check() {
    for seed in 0..3 {
        let (mut world, camera) = meeting(seed);
        for _ in 0..3 {
            world.rebind("bo");
            let stray = world.stray;
            let address = world.client("bo").outer;
            world.run_until("a check comes from the new address", 6000, |world| world.first_checks.contains_key(&address));
            let before = world.client("bo").stream(&camera).unwrap().1.packets;
            world.run_until("bo gets packets again", 250, |world| world.client("bo").stream(&camera).unwrap().1.packets > before);
            world.run_until("bo sees ana", 1000, |world| world.gets("bo", &camera));
            assert!(world.stray > stray, "the engine could not know at first");
            world.run(3000);
            assert!(world.gets("bo", &camera), "and stays reachable");
        }
    }
}

/// What was on the old way is lost. Decoders would ask only when they have given it up.
#[test]
fn a_client_that_moved_is_sent_keyframes_and_asked_for_them_at_once() {
    for seed in 0..6 {
        let mut world = World::new(seed);
        let (_, of_ana) = world.join_and_publish("ana");
        let (_, of_bo) = world.join_and_publish("bo");
        world.run_until("both see each other", 2000, |world| world.gets("bo", &of_ana) && world.gets("ana", &of_bo));
        world.run(2000);
        let asked = |world: &mut World| {
            [("ana", &of_ana), ("bo", &of_bo)].map(|(name, track)| world.client_mut(name).own_mut(track).sender.keyframe_requests)
        };
        let before = asked(&mut world);
        world.rebind("bo");
        let address = world.client("bo").outer;
        world.run_until("a check comes from the new address", 6000, |world| world.first_checks.contains_key(&address));
        assert_eq!(asked(&mut world), before, "seed {seed}: nobody can know yet");
        world.run(150);
        let after = asked(&mut world);
        assert!(after[0] > before[0] && after[1] > before[1], "seed {seed}: {before:?} {after:?}");
    }
}

#[test]
fn ice_restart_keeps_the_peer_in_its_ufrag_and_media_going() {
    let (mut world, camera) = meeting(4);
    let credentials = |world: &World| {
        let answer = &world.client("bo").last_answer;
        let (_, lines) = sections(answer);
        (lines[0].value("ice-ufrag").unwrap().to_owned(), lines[0].value("ice-pwd").unwrap().to_owned())
    };
    for round in 0..3 {
        let (before, _) = credentials(&world);
        world.client_mut("bo").restart_ice = true;
        world.say("bo", sfu::ClientEvent::RenegotiateTracks);
        let cycles = world.client("bo").cycles;
        world.run_until("a cycle", 1000, |world| world.client("bo").cycles > cycles);
        let (after, _) = credentials(&world);
        // Worker, slot and generation are the first ten of eighteen bytes in base64.
        assert_eq!(before[..13], after[..13], "round {round}: the label stays");
        world.run(2000);
        assert!(world.gets("bo", &camera), "round {round}");
        world.rebind("bo");
        world.run(6000);
        assert!(world.gets("bo", &camera), "round {round}: checks with the new credentials are found");
    }
}

#[test]
fn datagrams_of_unverified_sources_are_dropped_and_counted() {
    let (mut world, camera) = meeting(5);
    let stranger = SocketAddr::from(([203, 0, 113, 66], 6666));
    let before = world.engine.stats();
    let mut dtls = vec![22, 0xfe, 0xfd];
    dtls.extend([0; 40]);
    let mut rtp = vec![0x80, 96];
    rtp.extend([0; 40]);
    for payload in [&dtls, &rtp] {
        for _ in 0..10 {
            assert_ne!(world.inject(stranger, payload), Arrival::Taken);
        }
    }
    let after = world.engine.stats();
    let dropped = |stats: sfu::Stats| stats.dropped_unknown + stats.dropped_unverified;
    assert_eq!(dropped(after) - dropped(before), 20);
    assert_eq!(after.datagrams_in, before.datagrams_in);
    world.run(1000);
    assert!(world.gets("bo", &camera));
}

#[test]
fn a_forged_check_changes_nothing() {
    let (mut world, camera) = meeting(6);
    let answer = world.client("bo").last_answer.clone();
    let ufrag = sections(&answer).1[0].value("ice-ufrag").unwrap().to_owned();
    let stranger = SocketAddr::from(([203, 0, 113, 66], 6666));
    // The right name with a wrong password: an integrity attribute that does not verify.
    let forged = stun_request(&format!("{ufrag}:xxxx"));
    for _ in 0..20 {
        world.inject(stranger, &forged);
        world.run(100);
    }
    assert!(world.gets("bo", &camera));
    let (_, receiver) = world.client("bo").stream(&camera).unwrap();
    assert_eq!(receiver.missing(), 0);
}

#[test]
fn a_check_for_another_worker_is_handed_over() {
    let (mut world, _) = meeting(7);
    let answer = world.client("bo").last_answer.clone();
    let ufrag = sections(&answer).1[0].value("ice-ufrag").unwrap().to_owned();
    // This engine is worker 3: the first two bytes of eighteen are 0 and 3, "AAM…".
    assert!(ufrag.starts_with("AAM"), "{ufrag}");
    let stranger = SocketAddr::from(([203, 0, 113, 66], 6666));
    let foreign = ufrag.replacen("AAM", "AAU", 1);
    assert_eq!(world.inject(stranger, &stun_request(&format!("{foreign}:xxxx"))), Arrival::Foreign { worker: 5 });
    assert_eq!(world.inject(stranger, &stun_request("Ab3d:xxxx")), Arrival::Unknown);
}

/// A Binding request whose integrity does not verify.
fn stun_request(username: &str) -> Vec<u8> {
    let mut body = Vec::new();
    let mut attribute = |kind: u16, value: &[u8]| {
        body.extend(kind.to_be_bytes());
        body.extend((value.len() as u16).to_be_bytes());
        body.extend(value);
        body.resize(body.len().next_multiple_of(4), 0);
    };
    attribute(0x0006, username.as_bytes());
    attribute(0x0024, &[0x6e, 0, 0, 1]);
    attribute(0x0025, &[]);
    attribute(0x0008, &[9; 20]);
    let mut datagram = vec![0, 1];
    datagram.extend((body.len() as u16).to_be_bytes());
    datagram.extend([0x21, 0x12, 0xa4, 0x42]);
    datagram.extend([7; 12]);
    datagram.extend(body);
    datagram
}
