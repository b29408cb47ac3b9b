//! Each SRTP profile that a client may negotiate carries media, repair and reports, both ways.

use str0m::crypto::dtls::SrtpProfile;

use crate::network::Weather;
use crate::world::World;

/// Ana and bo publish to each other over lossy ways, and can negotiate this profile only.
fn everything_works_with(profile: SrtpProfile) {
    for seed in 0..3 {
        let mut world = World::new(seed);
        world.profile = Some(profile);
        let (_, camera) = world.join_and_publish("ana");
        let (_, other) = world.join_and_publish("bo");
        world.run_until_everyone_gets_everyone(3000);
        for name in ["ana", "bo"] {
            let length = world.client(name).keys.as_ref().map(Vec::len);
            assert_eq!(length, Some(profile.keying_material_len()), "{name} has keys of this profile");
        }
        // Both legs are repaired: what the publisher lost on the way here, and what the viewer lost on the way there.
        for name in ["ana", "bo"] {
            // Without duplicates: a second copy of a report is refused as it should be, and would be counted below.
            world.client_mut(name).weather = Weather { duplication: 0.0, ..Weather::MESSY.with_loss(0.05) };
        }
        world.run(6000);
        for name in ["ana", "bo"] {
            world.client_mut(name).weather = Weather::FINE;
        }
        world.run(500);
        for (viewer, publisher, track) in [("bo", "ana", &camera), ("ana", "bo", &other)] {
            let who = format!("{profile:?}, seed {seed}: {viewer} and {publisher}'s camera");
            let (ssrc, receiver) = world.client(viewer).stream(track).unwrap();
            assert!(receiver.packets > 200, "{who}: {} packets", receiver.packets);
            assert!(receiver.missing() * 200 <= receiver.packets, "{who}: {} of {} missing", receiver.missing(), receiver.packets);
            assert!(world.client(viewer).sender_reports >= 4, "{who}: {} reports", world.client(viewer).sender_reports);
            let before = world.client_mut(publisher).own_mut(track).sender.keyframe_requests;
            world.client_mut(viewer).request_keyframe(ssrc);
            world.run_until("the request reaches the publisher", 1000, |world| {
                world.client_mut(publisher).own_mut(track).sender.keyframe_requests > before
            });
        }
        assert_eq!(world.engine.stats().dropped_forged, 0, "every report of the clients is opened");
    }
}

#[test]
fn aes_128_gcm_carries_media_repair_and_reports() {
    everything_works_with(SrtpProfile::AEAD_AES_128_GCM);
}

#[test]
fn aes_256_gcm_carries_media_repair_and_reports() {
    everything_works_with(SrtpProfile::AEAD_AES_256_GCM);
}

#[test]
fn aes_128_counter_mode_with_sha1_carries_media_repair_and_reports() {
    everything_works_with(SrtpProfile::AES128_CM_SHA1_80);
}
