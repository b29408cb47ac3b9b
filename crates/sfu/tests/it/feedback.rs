//! What a publishing client is told about its packets: when they arrived, how many did not, how long the way is.

use std::time::Duration;

use sfu::TrackKind;
use str0m::bwe::Bitrate;

use crate::network::Weather;
use crate::world::World;

#[test]
fn a_client_that_estimates_bandwidth_finds_out_what_fits_and_its_probes_disturb_nobody() {
    let mut world = World::new(1);
    world.estimates = true;
    let (_, camera) = world.join_and_publish("ana");
    world.join("bo");
    world.run_until("bo sees ana", 2000, |world| world.gets("bo", &camera));
    world.client_mut("ana").rtc.bwe().set_bitrate(Bitrate::ZERO, Bitrate::mbps(3));
    let enough = |world: &mut World| world.client("ana").estimate.is_some_and(|estimate| estimate >= 2_000.0);
    world.run_until("ana knows that two Mbit/s fit", 10_000, enough);
    world.run(5000);
    assert!(enough(&mut world), "it stays so: {:?}", world.client("ana").estimate);
    let (_, receiver) = world.client("bo").stream(&camera).unwrap();
    assert_eq!((receiver.missing(), receiver.picture_jumps()), (0, vec![]), "no probe leaves a hole");
    let stats = world.engine.stats();
    assert_eq!((stats.dropped_forged, stats.dropped_unplaced), (0, 0));
}

#[test]
fn a_client_is_told_its_loss_and_its_round_trip() {
    for (seed, loss) in [(2, 0.0), (3, 0.1)] {
        let mut world = World::new(seed);
        world.estimates = true;
        world.weather = Weather { loss, ..Weather::FINE };
        world.join("ana");
        world.publish("ana", TrackKind::Video);
        world.run(60_000);
        let reported = &world.client("ana").reported;
        let count = reported.len() as u32;
        // One each second, unless the sender report that it answers or the receiver report itself is lost: 81 % come.
        assert!(count > 30, "{count} reports");
        let round_trip = reported.iter().map(|(round_trip, _)| *round_trip).sum::<Duration>() / count;
        assert!((18..=25).contains(&round_trip.as_millis()), "{round_trip:?}");
        let mean = f64::from(reported.iter().map(|(_, loss)| *loss).sum::<f32>()) / f64::from(count);
        assert!((mean - loss).abs() < 0.04, "{mean} instead of {loss}");
    }
}

#[test]
fn a_connected_peer_without_media_sleeps() {
    let mut world = World::new(4);
    world.join("ana");
    world.publish("ana", TrackKind::Audio);
    world.run(5000);
    world.settle();
    world.run(5000);
    let (deadlines, mut wakes) = (world.engine.table_sizes().deadlines, 0);
    assert!(deadlines <= 2, "{deadlines} deadlines");
    let mut last = None;
    for _ in 0..10_000 {
        world.run(1);
        let next = world.engine.poll_timeout();
        wakes += usize::from(next != last);
        last = next;
    }
    // The client checks its connection every second or so, and each check moves the timer.
    assert!(wakes <= 60, "{wakes} wakes in ten seconds");
}
