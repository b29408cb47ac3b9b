//! People meet: everybody gets everybody.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sfu::TrackKind;

use crate::media::Label;
use crate::network::Weather;
use crate::tap::{Sent, Tap};
use crate::world::{ROOM, World};

const SEEDS: [u64; 3] = [1, 2, 3];

#[test]
fn media_93_everyone_gets_everyone_and_nobody_gets_themselves() {
    for (weather, seed) in [Weather::FINE, Weather::MESSY].into_iter().flat_map(|weather| SEEDS.map(|seed| (weather, seed))) {
        let mut world = World::new(seed);
        world.tap = Some(Tap::default());
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
                // In messy weather media may overtake the end of the DTLS handshake: that it began right is judged below.
                let is_messy = weather.jitter > Duration::ZERO;
                assert!(is_messy || receiver.began_with_keyframe(), "{who}: keyframe before anything else");
                assert_eq!(receiver.picture_jumps(), [], "{who}");
                let overtook = if is_messy && receiver.kind == TrackKind::Audio { 2 } else { 0 };
                assert!(receiver.missing() <= overtook, "{who}: nothing is lost on the way through the engine: {:?}", receiver.holes());
                assert!(!is_messy || receiver.kind == TrackKind::Audio || receiver.late > 0, "{who}: the weather reorders");
            }
        }
        for name in world.clients.keys() {
            assert_media_in_order(&world, seed, name, weather.jitter == Duration::ZERO);
        }
        assert_eq!(world.stray, 0);
        assert_eq!(world.engine.stats().peers_crashed, 0);
    }
}

/// Loss, reordering, duplication and delay at once.
const STORM: Weather = Weather { loss: 0.03, duplication: 0.05, delay: Duration::from_millis(30), jitter: Duration::from_millis(30) };

/// Four people in bad weather; each gets all others, then they leave. Returns the world before that.
fn meeting_in_bad_weather(seed: u64, fine_uplinks: bool) -> World {
    let mut world = World::new(seed);
    world.tap = Some(Tap::default());
    world.weather = STORM;
    world.fine_uplinks = fine_uplinks;
    for name in ["ana", "bo", "cy", "dee"] {
        world.join_and_publish(name);
        let pause = world.rng.below(700) as u64;
        world.run(pause);
    }
    // A handshake that loses a flight waits for a second, and longer each time (RFC 6347 section 4.2.4.1).
    world.run_until_everyone_gets_everyone(20_000);
    world.run(4000);
    world.settle();
    world
}

/// The media streams that the engine has sent to a client, and their repair streams.
type Streams = BTreeMap<u32, Vec<Sent>>;

/// What the engine has sent to a client is in order, whatever became of it on the way: judged where it left.
fn assert_media_in_order(world: &World, seed: u64, name: &str, fine_uplinks: bool) -> (Streams, Streams) {
    let client = world.client(name);
    let streams = world.tap.as_ref().unwrap().sent(name, client.keys.as_ref().unwrap());
    let repairs = payload_types(&client.last_answer, "a=fmtp:", "apt=");
    let opus = payload_types(&client.last_answer, "a=rtpmap:", "opus/48000");
    let (repairs, media): (Streams, Streams) = streams.into_iter().partition(|(_, sent)| repairs.contains(&sent[0].payload_type));
    assert_eq!(media.len(), 6, "seed {seed}: {name} is sent two tracks of each of three others");
    let mut tracks = BTreeSet::new();
    for (ssrc, sent) in &media {
        let who = format!("seed {seed}, {name}'s stream {ssrc}");
        let kind = if opus.contains(&sent[0].payload_type) { TrackKind::Audio } else { TrackKind::Video };
        let labels: Vec<Label> = sent.iter().map(|sent| Label::read(kind, &sent.payload)).collect();
        assert!(labels.iter().all(|label| label.track == labels[0].track), "{who}: one track only");
        assert!(kind == TrackKind::Audio || labels[0].keyframe && labels[0].index == 0, "{who} begins at a keyframe: {:?}", labels[0]);
        assert_numbers_never_run_back(sent, &labels, fine_uplinks, &who);
        tracks.insert(labels[0].track);
    }
    assert_eq!(tracks.len(), 6, "seed {seed}: {name}'s streams carry different tracks");
    (media, repairs)
}

/// What a client lost is sent again as it was.
fn assert_copies_are_right(media: &Streams, repairs: &Streams, seed: u64, name: &str) {
    let copies: Vec<&Sent> = repairs.values().flatten().collect();
    assert!(!copies.is_empty(), "seed {seed}: what {name} lost was sent again");
    for (ssrc, sent) in repairs {
        assert!(sent.windows(2).all(|pair| pair[1].sequence == pair[0].sequence + 1), "seed {seed}, {name}'s repair stream {ssrc}");
    }
    for copy in copies {
        let number = u16::from_be_bytes([copy.payload[0], copy.payload[1]]);
        let is_original = |sent: &&Sent| sent.sequence as u16 == number && sent.timestamp == copy.timestamp;
        let originals: Vec<&Sent> = media.values().flatten().filter(is_original).collect();
        assert!(originals.iter().any(|sent| sent.payload == copy.payload[2..]), "seed {seed}: {name} gets a copy of what was sent");
    }
}

/// Numbers stand for one packet each and count in the order of the track, and so do timestamps. In the order in which packets left,
/// no new number and no timestamp runs back; what comes late from a publisher takes the place that was left for it.
fn assert_numbers_never_run_back(sent: &[Sent], labels: &[Label], fine_uplinks: bool, who: &str) {
    let numbers: BTreeSet<u64> = sent.iter().map(|sent| sent.sequence).collect();
    assert_eq!(numbers.len(), sent.len(), "{who}: no number is used twice");
    let is_later = |one: u32, other: u32| other.wrapping_sub(one) <= u32::MAX / 2;
    let mut newest = &sent[0];
    for packet in &sent[1..] {
        if packet.sequence > newest.sequence {
            assert!(is_later(newest.timestamp, packet.timestamp), "{who}: timestamps never run back");
            newest = packet;
        } else {
            assert!(!fine_uplinks, "{who}: {} leaves after {}", packet.sequence, newest.sequence);
            assert!(is_later(packet.timestamp, newest.timestamp), "{who}: a late packet is not from the future");
        }
    }
    let mut order: Vec<(&Sent, Label)> = sent.iter().zip(labels.iter().copied()).collect();
    order.sort_by_key(|(sent, _)| sent.sequence);
    for pair in order.windows(2) {
        let ((one, before), (other, after)) = (pair[0], pair[1]);
        assert!(before.order() < after.order(), "{who}: {before:?} is {}, {after:?} is {}", one.sequence, other.sequence);
        assert!(is_later(one.timestamp, other.timestamp), "{who}: timestamps follow the numbers");
        assert!(!fine_uplinks || other.sequence == one.sequence + 1, "{who}: nothing is lost in the engine");
    }
}

/// Payload types of the lines of an answer that begin and go on like this.
fn payload_types(answer: &str, prefix: &str, rest: &str) -> BTreeSet<u8> {
    let matching = answer.lines().filter_map(|line| line.strip_prefix(prefix)?.split_once(' '));
    matching.filter(|(_, value)| value.starts_with(rest)).map(|(number, _)| number.parse().unwrap()).collect()
}

#[test]
fn everyone_gets_everyone_through_loss_reordering_duplication_and_delay() {
    for (seed, fine_uplinks) in (20..25).flat_map(|seed| [(seed, true), (seed, false)]) {
        let mut world = meeting_in_bad_weather(seed, fine_uplinks);
        for name in ["ana", "bo", "cy", "dee"] {
            let (media, repairs) = assert_media_in_order(&world, seed, name, fine_uplinks);
            assert_copies_are_right(&media, &repairs, seed, name);
            for (ssrc, receiver) in &world.client(name).streams {
                let who = format!("seed {seed}, {name}'s stream {ssrc} of {}", receiver.track);
                assert!(!receiver.track.starts_with(&format!("{name}:")), "{who}: nobody gets themselves");
                let is_repaired = receiver.missing() * 100 <= receiver.packets;
                assert!(receiver.kind == TrackKind::Audio || is_repaired, "{who}: {} of {}", receiver.missing(), receiver.packets);
            }
        }
        assert_eq!((world.stray, world.engine.stats().peers_crashed), (0, 0));
        for name in ["bo", "dee", "ana", "cy"] {
            world.leave(name);
            let pause = world.rng.below(300) as u64;
            world.run(pause);
        }
        world.run(3000);
        let sizes = sfu::TableSizes { rooms: 1, ..sfu::TableSizes::default() };
        assert_eq!((world.engine.table_sizes(), world.engine.poll_timeout()), (sizes, None), "seed {seed}: nothing leaks");
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

/// `replaceTrack` with another device: the same stream goes on, and its clock jumps, forwards or back.
#[test]
fn a_replaced_track_goes_on_without_negotiation_and_without_a_seam() {
    for (seed, origin) in [(12, 3_000_000_000), (13, 0), (14, u32::MAX - 1000)] {
        let mut world = World::new(seed);
        world.tap = Some(Tap::default());
        let (microphone, camera) = world.join_and_publish("ana");
        world.join("bo");
        world.run_until("bo sees ana", 2000, |world| world.gets("bo", &camera));
        world.run(1000);
        let (cycles, streams) = (world.client("bo").cycles, world.client("bo").streams.len());
        for track in [&microphone, &camera] {
            world.client_mut("ana").own_mut(track).sender.replace(origin);
        }
        world.run(2000);
        assert!(world.gets("bo", &camera) && world.gets("bo", &microphone), "seed {seed}");
        let bo = world.client("bo");
        assert_eq!((bo.cycles, bo.streams.len()), (cycles, streams), "seed {seed}: nothing is negotiated");
        for (ssrc, sent) in world.tap.as_ref().unwrap().sent("bo", bo.keys.as_ref().unwrap()) {
            // A second of silence would be 90,000: time goes on as it passes.
            let steps = sent.windows(2).map(|pair| pair[1].timestamp.wrapping_sub(pair[0].timestamp));
            assert!(steps.max().unwrap_or(0) < 20_000, "seed {seed}, stream {ssrc}: timestamps follow the time that passes");
            assert!(
                sent.windows(2).all(|pair| pair[1].sequence == pair[0].sequence + 1),
                "seed {seed}, stream {ssrc}: no number is left out"
            );
        }
    }
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
