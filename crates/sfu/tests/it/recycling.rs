//! Media lines are used again: long meetings do not grow.

use sfu::{TrackId, TrackKind};

use crate::network::Weather;
use crate::world::World;

const CYCLES: usize = 500;
/// Every so often the visitor really sends media.
const WITH_MEDIA: usize = 50;

#[test]
fn five_hundred_visits_leave_few_lines_and_the_last_one_works_like_the_first() {
    let mut world = World::new(1);
    let (_, camera) = world.join_and_publish("ana");
    world.run(500);
    for visit in 0..CYCLES {
        let name = format!("visitor{visit}");
        if visit % WITH_MEDIA == 0 {
            let (microphone, camera) = world.join_and_publish(&name);
            world.run_until("ana sees the visitor", 3000, |world| world.gets("ana", &camera) && world.gets("ana", &microphone));
        } else {
            // This one's media never arrives: only the negotiation counts.
            world.weather = Weather { loss: 1.0, ..Weather::FINE };
            world.join_and_publish(&name);
            world.run(120);
            world.weather = Weather::FINE;
        }
        world.leave(&name);
        world.run(20);
    }
    world.run(1000);
    let ana = world.client("ana");
    for kind in ["audio", "video"] {
        assert!(ana.media_lines(kind) <= 8, "{} {kind} lines after {CYCLES} visits", ana.media_lines(kind));
    }
    assert!(ana.cycles >= CYCLES, "each visit was negotiated: {}", ana.cycles);
    assert_repair_works_on_a_recycled_line(&mut world, &camera);
}

/// A lossy visitor sees ana on lines of its own, and ana sees the visitor on lines that five hundred others had before.
fn assert_repair_works_on_a_recycled_line(world: &mut World, camera_of_ana: &TrackId) {
    let lines = world.client("ana").lines.len();
    let (_, camera) = world.join_and_publish("bo");
    world.run_until("ana sees bo", 3000, |world| world.gets("ana", &camera) && world.gets("bo", camera_of_ana));
    assert_eq!(world.client("ana").lines.len(), lines, "no new line was needed");

    world.client_mut("ana").weather = Weather::FINE.with_loss(0.05);
    world.run(5000);
    world.client_mut("ana").weather = Weather::FINE;
    world.run(1000);
    let (ssrc, receiver) = world.client("ana").stream(&camera).unwrap();
    assert!(receiver.packets > 180, "{} packets", receiver.packets);
    // One of 200 may be lost six times in a row; about ten are lost once.
    assert!(receiver.missing() <= 1, "NACK is served on a recycled line: {} missing", receiver.missing());

    let before = world.client_mut("bo").own_mut(&camera).sender.keyframe_requests;
    world.client_mut("ana").request_keyframe(ssrc);
    world.run_until("a PLI on a recycled line reaches the sender", 1000, |world| {
        world.client_mut("bo").own_mut(&camera).sender.keyframe_requests > before
    });
}

#[test]
fn a_line_changes_hands_between_two_publishers() {
    let mut world = World::new(2);
    world.join("ana");
    for visit in 0..6 {
        let name = format!("visitor{visit}");
        world.join(&name);
        let track = world.publish(&name, TrackKind::Video);
        world.run_until("ana sees the visitor", 3000, |world| world.gets("ana", &track));
        world.run(200);
        let (ssrc, receiver) = world.client("ana").stream(&track).unwrap();
        assert!(receiver.began_with_keyframe(), "visit {visit}");
        assert_eq!(world.client("ana").streams.keys().filter(|other| **other == ssrc).count(), 1, "a new SSRC each time");
        // The next one comes before the line was ever answered inactive.
        world.leave(&name);
    }
    assert!(world.client("ana").lines.len() <= 2, "{} lines", world.client("ana").lines.len());
}
