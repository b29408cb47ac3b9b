//! What strangers and broken clients send costs nobody else a packet.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use sfu::{Arrival, ClientEvent, Closed, TrackId};

use crate::world::World;

/// Ana and bo see each other; mallory is there, too.
fn meeting(seed: u64) -> (World, TrackId) {
    let mut world = World::new(seed);
    let (_, camera) = world.join_and_publish("ana");
    world.join("bo");
    world.run_until("bo sees ana", 2000, |world| world.gets("bo", &camera));
    world.run(500);
    (world, camera)
}

/// Bo has every packet of ana's camera.
fn assert_unharmed(world: &mut World, camera: &TrackId) {
    world.run(500);
    assert!(world.gets("bo", camera));
    let (_, receiver) = world.client("bo").stream(camera).unwrap();
    assert_eq!(receiver.missing(), 0, "nobody else loses a packet");
    assert_eq!((world.closed("ana"), world.closed("bo")), (None, None));
}

/// Uses the payload type of the audio line's codec for the video line's, too.
fn one_payload_type_for_two_codecs(sdp: &str) -> String {
    let number = sdp.lines().find_map(|line| Some(line.strip_prefix("a=rtpmap:")?.split_once(" VP8/90000")?.0.to_owned()));
    let number = number.expect("VP8 is offered");
    sdp.replace(&format!("a=rtpmap:{number} VP8/90000"), "a=rtpmap:111 VP8/90000")
        .replace(&format!("SAVPF {number} "), "SAVPF 111 ")
        .replace(&format!("apt={number}"), "apt=111")
        .replace(&format!("a=rtcp-fb:{number} "), "a=rtcp-fb:111 ")
}

/// How many packets each of the others has sent of each of their tracks, and how many everybody else has got of it.
fn traffic(world: &World) -> BTreeMap<(String, TrackId), (usize, usize)> {
    let mut traffic = BTreeMap::new();
    let innocent = || world.clients.iter().filter(|(name, _)| !name.starts_with("mallory"));
    for (_, publisher) in innocent() {
        for track in &publisher.own {
            for (name, viewer) in innocent().filter(|(_, viewer)| viewer.id != publisher.id) {
                let got = viewer.stream(&track.id).map_or(0, |(_, receiver)| receiver.packets);
                traffic.insert((name.clone(), track.id.clone()), (track.sender.sent(), got));
            }
        }
    }
    traffic
}

/// Lets something happen among people who talk; whatever is sent meanwhile arrives, all of it, at everybody.
fn costs_nobody_a_packet(world: &mut World, happens: impl FnOnce(&mut World)) {
    // Nothing is on its way at the first count, and nothing at the last.
    world.settle();
    let before = traffic(world);
    for client in world.clients.values_mut() {
        client.own.iter_mut().for_each(|track| track.sender.muted = false);
    }
    world.run(500);
    happens(world);
    world.run(500);
    world.settle();
    for ((name, track), (sent, got)) in traffic(world) {
        let (sent_before, got_before) = before[&(name.clone(), track.clone())];
        assert!(sent - sent_before >= 20, "{track} is sent meanwhile: {}", sent - sent_before);
        assert_eq!(got - got_before, sent - sent_before, "{name} gets every packet of {track}");
    }
}

#[test]
fn fail_116_one_payload_type_for_two_codecs_closes_that_peer_only() {
    for seed in 0..3 {
        let mut world = World::new(seed);
        for name in ["ana", "bo", "cy"] {
            world.join_and_publish(name);
        }
        world.run_until_everyone_gets_everyone(3000);
        world.join("mallory");
        world.run(100);
        costs_nobody_a_packet(&mut world, offers_one_payload_type_for_two_codecs);
        assert!(["ana", "bo", "cy"].iter().all(|name| world.closed(name).is_none()), "seed {seed}");
    }
}

/// Mallory's offer uses one payload type twice, and mallory is closed for it.
fn offers_one_payload_type_for_two_codecs(world: &mut World) {
    world.client_mut("mallory").mangle = Some(one_payload_type_for_two_codecs);
    let client = world.client_mut("mallory");
    client.publish(sfu::TrackKind::Audio, "null");
    client.publish(sfu::TrackKind::Video, "null");
    let said = client.take_said();
    for event in said {
        world.say("mallory", event);
    }
    world.run_until("mallory is closed", 2000, |world| world.closed("mallory").is_some());
    assert!(matches!(world.closed("mallory"), Some(Closed::Crashed | Closed::BadOffer(_))));
}

#[test]
fn an_offer_that_is_no_sdp_closes_that_peer_only() {
    for (seed, sdp) in ["", "v=0", "hello", "v=0\r\nm=audio\r\n", "\u{0}\u{0}"].into_iter().enumerate() {
        let (mut world, camera) = meeting(seed as u64);
        world.join("mallory");
        let event = world.client("mallory").offer_event(sdp.to_owned());
        world.say("mallory", event);
        world.run_until("mallory is closed", 2000, |world| world.closed("mallory").is_some());
        assert_unharmed(&mut world, &camera);
    }
}

/// Each fills what an offer may take with what has to be compared with each other; without limits they take seconds to minutes.
#[test]
fn an_offer_that_is_made_to_be_slow_closes_that_peer_only() {
    let head = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";
    let line = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\na=ice-ufrag:Ab3d\r\na=ice-pwd:x0y1z2x0y1z2x0y1z2x0y1z2\r\n\
                a=fingerprint:sha-256 AA:BB\r\na=rtpmap:96 VP8/90000\r\n";
    let group = "a=group:BUNDLE 0\r\n";
    let feedback = format!("{head}{group}{line}{}", "a=rtcp-fb:* nack\r\n".repeat(50_000));
    let encodings = format!("{head}{group}{line}{}a=simulcast:send {}l\r\n", "a=rid:l send\r\n".repeat(30_000), "l;".repeat(200_000));
    let lines = format!("{head}a=group:BUNDLE{}\r\n{line}", " 0".repeat(400_000));
    for (seed, sdp) in [feedback, encodings, lines].into_iter().enumerate() {
        let (mut world, camera) = meeting(seed as u64);
        world.join("mallory");
        let event = world.client("mallory").offer_event(sdp);
        world.say("mallory", event);
        world.run_until("mallory is closed", 2000, |world| world.closed("mallory").is_some());
        assert_unharmed(&mut world, &camera);
    }
}

#[test]
fn an_endless_offer_closes_that_peer_only() {
    let (mut world, camera) = meeting(2);
    world.join("mallory");
    let event = world.client("mallory").offer_event("a=x\r\n".repeat(400_000));
    world.say("mallory", event);
    world.run_until("mallory is closed", 2000, |world| world.closed("mallory").is_some());
    assert_unharmed(&mut world, &camera);
}

#[test]
fn fail_113_ten_thousand_mutated_datagrams_harm_nobody() {
    let (mut world, camera) = meeting(3);
    let stranger = SocketAddr::from(([203, 0, 113, 66], 6666));
    let member = world.client("ana").outer;
    let mut rng = world.rng.clone();
    let before = world.engine.stats();
    let mut malformed = 0;
    for round in 0..10_000 {
        let length = rng.below(300);
        let mut datagram = rng.bytes(length);
        if let Some(first) = datagram.first_mut() {
            // Every protocol, from outside and from an address that is known.
            *first = [0, 1, 22, 64, 128, 144, 200, 255][rng.below(8)];
        }
        if rng.chance(0.3) && datagram.len() >= 20 {
            let length = (datagram.len() - 20) as u16;
            datagram[2..4].copy_from_slice(&length.to_be_bytes());
            datagram[4..8].copy_from_slice(&[0x21, 0x12, 0xa4, 0x42]);
        }
        let from = if rng.chance(0.5) { stranger } else { member };
        malformed += u64::from(world.inject(from, &datagram) == Arrival::Malformed);
        if round % 50 == 0 {
            world.run(2);
        }
    }
    let after = world.engine.stats();
    assert!(malformed > 0);
    assert_eq!(after.dropped_malformed - before.dropped_malformed, malformed, "what is malformed is counted");
    assert_eq!(after.peers_crashed, 0);
    assert_unharmed(&mut world, &camera);
}

#[test]
fn fail_113_ten_thousand_mutated_offers_harm_nobody() {
    let (mut world, camera) = meeting(4);
    // A complete offer as material.
    world.join_and_publish("mallory");
    world.run(1000);
    let material = world.client("mallory").last_offer.clone();
    let mut rng = world.rng.clone();
    for round in 0..10_000 {
        if !world.clients.contains_key("mallory") {
            world.join("mallory");
            world.run(12);
        }
        let sdp = mutate(&mut rng, &material);
        let event = world.client("mallory").offer_event(sdp);
        let room = sfu::RoomId::from(crate::world::ROOM);
        let _ = world.engine.handle_command(world.now, sfu::Command::Client { room, peer: sfu::PeerId::from("mallory"), event });
        world.discard_for("mallory");
        if round % 100 == 0 {
            world.run(2);
        }
    }
    assert_unharmed(&mut world, &camera);
}

/// Drops, repeats, swaps and corrupts lines and bytes.
fn mutate(rng: &mut crate::rng::Rng, sdp: &str) -> String {
    let mut lines: Vec<String> = sdp.lines().map(str::to_owned).collect();
    for _ in 0..=rng.below(4) {
        let (one, other) = (rng.below(lines.len()), rng.below(lines.len()));
        match rng.below(6) {
            0 => drop(lines.remove(one)),
            1 => lines.insert(one, lines[other].clone()),
            2 => lines.swap(one, other),
            3 => lines[one] = lines[one].chars().rev().collect(),
            4 => {
                let digit = char::from(b'0' + rng.below(10) as u8);
                lines[one] = lines[one].chars().map(|c| if c.is_ascii_digit() && rng.chance(0.5) { digit } else { c }).collect();
            }
            _ => {
                let keep = rng.below(lines[one].len() + 1);
                lines[one] = lines[one].chars().take(keep).collect();
            }
        }
    }
    lines.join("\r\n") + "\r\n"
}

#[test]
fn a_crashing_peer_does_not_take_its_neighbours_along() {
    let (mut world, camera) = meeting(5);
    for round in 0..5 {
        let name = format!("mallory{round}");
        world.join(&name);
        world.client_mut(&name).mangle = Some(one_payload_type_for_two_codecs);
        let client = world.client_mut(&name);
        client.publish(sfu::TrackKind::Audio, "null");
        client.publish(sfu::TrackKind::Video, "null");
        for event in world.client_mut(&name).take_said() {
            world.say(&name, event);
        }
        world.run_until("it is closed", 2000, |world| world.closed(&name).is_some());
        world.say("bo", ClientEvent::RenegotiateTracks);
    }
    let stats = world.engine.stats();
    assert_eq!((stats.offers_refused, stats.peers_crashed), (5, 0));
    assert_unharmed(&mut world, &camera);
}
