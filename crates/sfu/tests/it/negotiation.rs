//! Who may start a negotiation, when, and what it says.

use sfu::{ClientEvent, Closed, Event, Metadata, RoomOptions, ServerEvent, TrackId, TrackKind, VideoCodec};

use crate::rules::sections;
use crate::world::World;

/// How often the client was asked to offer.
fn asked(world: &World, name: &str) -> usize {
    world.client(name).heard.iter().filter(|(_, event)| matches!(event, ServerEvent::OfferData { .. })).count()
}

fn answers(world: &World, name: &str) -> usize {
    world.client(name).heard.iter().filter(|(_, event)| matches!(event, ServerEvent::Answer { .. })).count()
}

#[test]
fn neg_41_a_request_is_always_followed_by_a_cycle() {
    let mut world = World::new(1);
    world.join("ana");
    world.publish("ana", TrackKind::Audio);
    world.run(500);
    assert_eq!((asked(&world, "ana"), answers(&world, "ana")), (1, 1));
    world.say("ana", ClientEvent::RenegotiateTracks);
    world.run(500);
    assert_eq!((asked(&world, "ana"), answers(&world, "ana")), (2, 2), "even when there is nothing new");
}

#[test]
fn neg_43_totals_never_decrease() {
    let mut world = World::new(2);
    world.join("ana");
    for round in 0..3 {
        for name in ["bo", "cy"] {
            world.join_and_publish(name);
        }
        world.run(1500);
        assert_eq!(world.client("ana").totals, (2, 2), "round {round}");
        world.leave("bo");
        world.leave("cy");
        world.run(500);
        world.say("ana", ClientEvent::RenegotiateTracks);
        world.run(500);
        assert_eq!(world.client("ana").totals, (2, 2), "round {round}, with nobody there");
    }
}

#[test]
fn neg_44_one_cycle_is_outstanding() {
    let mut world = World::new(3);
    world.join("ana");
    world.client_mut("ana").mute_offers = true;
    world.join_and_publish("bo");
    world.run(2000);
    world.join_and_publish("cy");
    world.say("ana", ClientEvent::RenegotiateTracks);
    world.run(2000);
    assert_eq!(asked(&world, "ana"), 1, "the first request is not answered yet");
}

#[test]
fn neg_45_a_request_during_a_cycle_yields_one_more() {
    let mut world = World::new(4);
    world.join("ana");
    world.publish("ana", TrackKind::Audio);
    world.run_until("a cycle runs", 500, |world| asked(world, "ana") == 1);
    world.say("ana", ClientEvent::RenegotiateTracks);
    world.run(2000);
    assert_eq!((asked(&world, "ana"), answers(&world, "ana")), (2, 2));
}

#[test]
fn neg_46_several_requests_during_a_cycle_share_further_ones() {
    let mut world = World::new(5);
    world.join("ana");
    world.publish("ana", TrackKind::Audio);
    world.run_until("a cycle runs", 500, |world| asked(world, "ana") == 1);
    for _ in 0..4 {
        world.say("ana", ClientEvent::RenegotiateTracks);
    }
    world.run(2000);
    assert!((2..=5).contains(&asked(&world, "ana")), "{}", asked(&world, "ana"));
    assert_eq!(asked(&world, "ana"), answers(&world, "ana"));
}

#[test]
fn neg_47_an_offer_nobody_asked_for_is_answered() {
    let mut world = World::new(6);
    let (microphone, _) = world.join_and_publish("ana");
    world.run(1000);
    let before = answers(&world, "ana");
    let (audio, video) = world.client("ana").totals;
    let now = world.now;
    // The client acts as if it had been asked.
    world.client_mut("ana").hear(now, ServerEvent::OfferData { audio, video });
    world.run(1000);
    assert_eq!(answers(&world, "ana"), before + 1);
    assert!(world.client_mut("ana").own_mut(&microphone).accepted);
}

#[test]
fn neg_48_a_new_track_in_any_offer_is_published() {
    let mut world = World::new(7);
    world.join("ana");
    world.join("bo");
    world.run(100);
    // Ana has a track and does not ask: the next cycle, for bo's track, brings it along.
    let track = world.client_mut("ana").publish(TrackKind::Audio, "null");
    let _ = world.client_mut("ana").take_said();
    world.publish("bo", TrackKind::Audio);
    world.run_until("bo hears ana", 2000, |world| world.gets("bo", &track));
}

#[test]
fn neg_49_a_client_with_nothing_to_negotiate_is_left_alone() {
    let mut world = World::new(8);
    world.join("ana");
    world.join("bo");
    world.run(20_000);
    assert_eq!((asked(&world, "ana"), asked(&world, "bo")), (0, 0));
    assert_eq!(world.closed("ana"), None);
}

#[test]
fn neg_51_tracks_are_announced_once_whatever_else_happens() {
    let mut world = World::new(9);
    world.join_and_publish("ana");
    for name in ["bo", "cy", "dee"] {
        world.join_and_publish(name);
        world.say("ana", ClientEvent::RenegotiateTracks);
        world.run(30);
    }
    world.run(3000);
    let mut announced: Vec<TrackId> = Vec::new();
    for (_, event) in &world.client("ana").heard {
        if let ServerEvent::TracksAdded { tracks, .. } = event {
            announced.extend(tracks.iter().map(|track| track.id.clone()));
        }
    }
    announced.sort();
    let count = announced.len();
    announced.dedup();
    assert_eq!((announced.len(), count), (6, 6));
}

#[test]
fn neg_54_a_withdrawn_track_needs_no_cycle() {
    let mut world = World::new(10);
    world.join("ana");
    let (microphone, camera) = world.join_and_publish("bo");
    world.run_until("ana sees bo", 2000, |world| world.gets("ana", &camera) && world.gets("ana", &microphone));
    world.run(500);
    let cycles = world.client("ana").cycles;
    world.unpublish("bo", &camera);
    world.run(1500);
    let removed = |world: &World| {
        world
            .client("ana")
            .heard
            .iter()
            .any(|(_, event)| matches!(event, ServerEvent::TracksRemoved { tracks, .. } if tracks.contains(&camera)))
    };
    assert!(removed(&world));
    assert_eq!(world.client("ana").cycles, cycles, "no cycle for it");
    world.say("ana", ClientEvent::RenegotiateTracks);
    world.run(500);
    let answer = world.client("ana").last_answer.clone();
    let video: Vec<_> = sections(&answer).1.into_iter().filter(|section| section.kind() == "video").collect();
    assert_eq!(video[0].direction(), "inactive", "the line is inactive in the next answer");
    assert!(world.gets("ana", &microphone));
}

#[test]
fn neg_55_a_missing_offer_is_asked_for_again_and_then_given_up() {
    let mut world = World::new(11);
    world.join("ana");
    world.client_mut("ana").mute_offers = true;
    world.join_and_publish("bo");
    world.run(9000);
    assert_eq!(asked(&world, "ana"), 1);
    world.run(2000);
    assert_eq!(asked(&world, "ana"), 2, "after ten seconds again");
    world.client_mut("ana").mute_offers = false;
    world.run(10_000);
    let bo = world.client("bo").own[0].id.clone();
    assert!(world.gets("ana", &bo), "the repetition recovers");

    let mut world = World::new(12);
    world.join("ana");
    world.client_mut("ana").mute_offers = true;
    world.join_and_publish("bo");
    world.run(45_000);
    assert_eq!(world.closed("ana"), Some(Closed::NoOffer));
    assert_eq!(world.engine.stats().offers_missing, 1);
    assert_eq!(world.closed("bo"), None);
}

#[test]
fn neg_58_credentials_stay_while_the_clients_do() {
    let mut world = World::new(13);
    let (_, camera) = world.join_and_publish("ana");
    world.join("bo");
    world.run_until("bo sees ana", 2000, |world| world.gets("bo", &camera));
    let ufrag = |world: &World| sections(&world.client("bo").last_answer).1[0].value("ice-ufrag").map(str::to_owned);
    let (before, cycles) = (ufrag(&world), world.client("bo").cycles);
    world.say("bo", ClientEvent::RenegotiateTracks);
    world.run(1000);
    assert_eq!((ufrag(&world), world.client("bo").cycles), (before, cycles + 1));
}

#[test]
fn neg_59_a_request_before_ice_is_connected_is_served() {
    let mut world = World::new(14);
    world.weather.loss = 1.0;
    world.join("ana");
    for cycle in 1..4 {
        world.publish("ana", TrackKind::Audio);
        world.run(1000);
        assert_eq!(answers(&world, "ana"), cycle);
    }
}

#[test]
fn map_62_foreign_track_ids_are_refused_and_the_client_stays() {
    let mut world = World::new(15);
    world.join("ana");
    let (microphone, _) = world.join_and_publish("bo");
    world.run_until("ana hears bo", 2000, |world| world.gets("ana", &microphone));
    for id in ["bo:9", microphone.as_str(), "nobody", ""] {
        world.client_mut("ana").publish_as(TrackId::from(id), TrackKind::Audio, "null");
    }
    let good = world.publish("ana", TrackKind::Audio);
    world.run_until("bo hears ana's own track", 2000, |world| world.gets("bo", &good));
    world.run(500);
    let ana = world.client("ana");
    assert!(ana.own.iter().all(|track| track.accepted == (track.id == good)));
    assert_eq!(world.closed("ana"), None);
    assert!(world.gets("ana", &microphone));
    let published: Vec<_> = world
        .facts
        .iter()
        .filter_map(|(_, fact)| match fact {
            Event::TrackAdded { peer, track } if peer.as_str() == "ana" => Some(track.id.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(published, [good]);
}

#[test]
fn tracks_beyond_the_limit_are_refused_and_the_client_stays() {
    let mut world = World::new(16);
    world.join("ana");
    for _ in 0..20 {
        world.publish("ana", TrackKind::Audio);
    }
    world.run(3000);
    let accepted = world.client("ana").own.iter().filter(|track| track.accepted).count();
    assert_eq!(accepted, 16);
    assert_eq!(world.closed("ana"), None);
}

#[test]
fn sdp_69_a_line_without_a_usable_codec_is_inactive_and_the_client_stays() {
    let mut world = World::new(17);
    world.command(sfu::Command::RemoveRoom { room: sfu::RoomId::from(crate::world::ROOM) });
    world.make_room(crate::world::ROOM, RoomOptions { video_codec: Some(VideoCodec::H264) });
    // These clients speak VP8 only.
    let (microphone, camera) = world.join_and_publish("ana");
    world.join("bo");
    world.run_until("bo hears ana", 2000, |world| world.gets("bo", &microphone));
    world.run(1000);
    assert!(!world.client_mut("ana").own_mut(&camera).accepted);
    assert_eq!((world.closed("ana"), world.closed("bo")), (None, None));
}

#[test]
fn ice_81_candidates_of_any_kind_and_time_are_tolerated() {
    let mut world = World::new(18);
    world.authenticate("ana", sfu::PeerOptions::default());
    let junk = [
        "",
        "candidate:1 1 udp 2113937151 5c8d.local 50001 typ host",
        "candidate:2 1 tcp 1518280447 192.0.2.7 9 typ host tcptype active",
        "candidate:x",
        "candidate:1 1 udp 1 ::1 0 typ host",
        "\u{0}\u{ffff}",
    ];
    for candidate in junk {
        world.say("ana", ClientEvent::Candidate { candidate: candidate.to_owned() });
    }
    world.say("ana", ClientEvent::Connect { metadata: Metadata::default(), grouped_streams: false });
    let track = world.publish("ana", TrackKind::Audio);
    for candidate in junk.iter().cycle().take(500) {
        world.say("ana", ClientEvent::Candidate { candidate: (*candidate).to_owned() });
    }
    world.join("bo");
    world.run_until("bo hears ana", 2000, |world| world.gets("bo", &track));
}

#[test]
fn sdp_78_a_data_channel_line_breaks_nothing_wherever_it_is() {
    for first in [true, false] {
        let mut world = World::new(19);
        world.join("ana");
        if first {
            world.client_mut("ana").open_channel();
            for event in world.client_mut("ana").take_said() {
                world.say("ana", event);
            }
            world.run(500);
            assert_eq!(world.client("ana").media_lines("application"), 1);
        }
        let (microphone, camera) = (world.publish("ana", TrackKind::Audio), world.publish("ana", TrackKind::Video));
        world.run(500);
        let (_, theirs) = world.join_and_publish("bo");
        world.run_until("bo sees ana", 2000, |world| world.gets("bo", &camera) && world.gets("bo", &microphone));
        if !first {
            world.client_mut("ana").open_channel();
            for event in world.client_mut("ana").take_said() {
                world.say("ana", event);
            }
            world.run(500);
            assert_eq!(world.client("ana").media_lines("application"), 1);
        }
        world.run_until("ana sees bo", 2000, |world| world.gets("ana", &theirs) && world.gets("bo", &camera));
        assert_eq!((world.closed("ana"), world.closed("bo")), (None, None));
    }
}

#[test]
fn a_stopped_line_breaks_nothing() {
    let mut world = World::new(20);
    world.join("ana");
    world.client_mut("ana").stops_transceivers = true;
    let mut camera = world.publish("ana", TrackKind::Video);
    world.publish("ana", TrackKind::Audio);
    world.join("bo");
    for _ in 0..3 {
        world.run_until("bo sees ana", 2000, |world| world.gets("bo", &camera));
        world.unpublish("ana", &camera);
        world.run(500);
        camera = world.publish("ana", TrackKind::Video);
        world.run_until("bo sees ana's new camera", 2000, |world| world.gets("bo", &camera));
    }
}

#[test]
fn fail_114_events_for_removed_tracks_are_ignored() {
    let mut world = World::new(21);
    let (microphone, camera) = world.join_and_publish("ana");
    world.join("bo");
    world.run_until("bo sees ana", 2000, |world| world.gets("bo", &camera));
    world.unpublish("ana", &camera);
    world.run(500);
    world.say("ana", ClientEvent::UpdateTrackMetadata { track: camera.clone(), metadata: Metadata::from_json("1") });
    world.say("ana", ClientEvent::UnmuteTrack { track: camera.clone() });
    world.say("bo", ClientEvent::SetTargetVariant { track: camera, variant: sfu::Variant::High });
    world.run(500);
    assert!(world.gets("bo", &microphone));
    assert_eq!((world.closed("ana"), world.closed("bo")), (None, None));
}

#[test]
fn sdp_77_a_recycled_line_with_a_new_mid_carries_a_new_track() {
    let mut world = World::new(22);
    world.join("ana");
    let camera = world.publish("ana", TrackKind::Video);
    world.publish("ana", TrackKind::Audio);
    world.join("bo");
    world.run_until("bo sees ana", 2000, |world| world.gets("bo", &camera));
    let before = world.client("ana").last_offer.clone();
    let mid = sections(&before).1[0].value("mid").unwrap().to_owned();
    world.client_mut("ana").stops_transceivers = true;
    world.unpublish("ana", &camera);
    world.run(500);
    assert!(world.client("ana").last_offer.contains("m=video 0 "), "the line is stopped");
    // What a browser offers next: the slot of the stopped line with another mid.
    let renewed = before.replacen(&format!("a=group:BUNDLE {mid}"), "a=group:BUNDLE new", 1).replacen(
        &format!("a=mid:{mid}\r\n"),
        "a=mid:new\r\n",
        1,
    );
    let ClientEvent::Offer(mut offer) = world.client("ana").offer_event(renewed) else { panic!("an offer") };
    offer.mid_to_track.insert(sfu::Mid::from("new"), TrackId::from("ana:again"));
    world.client_mut("ana").only_reads_answers = true;
    world.say("ana", ClientEvent::Offer(offer));
    world.run(500);
    let ana = world.client("ana");
    assert_eq!(ana.mid_to_track.get("new"), Some(&TrackId::from("ana:again")));
    assert_eq!(sections(&ana.last_answer).1[0].direction(), "recvonly");
    assert_eq!(world.closed("ana"), None);
    let bo = world.client("bo");
    assert!(bo.mid_to_track.values().any(|track| track.as_str() == "ana:again"), "others get it");
}
