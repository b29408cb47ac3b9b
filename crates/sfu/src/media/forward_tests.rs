use std::sync::Arc;
use std::time::Instant;

use super::super::packet::PacketFacts;
use super::*;
use crate::ids::TrackId;

/// A stream of an encoding; packets are made by number.
struct Publisher {
    codec: Codec,
    now: Instant,
}

impl Publisher {
    fn batch(encoding: Variant, source: u32) -> Batch {
        Batch { track: TrackId::from("p1:v"), encoding, source, packets: Vec::new() }
    }

    fn packet(&self, sequence: u64, keyframe_start: bool, payload: &[u8]) -> Packet {
        let facts = PacketFacts {
            sequence,
            timestamp: sequence as u32 * 3000,
            marker: true,
            codec: self.codec,
            keyframe_start,
            vp8: None,
            audio_level: None,
            received_at: self.now,
            captured_at: None,
        };
        Packet { facts, payload: Arc::from(payload) }
    }

    fn key(&self, sequence: u64) -> Packet {
        self.packet(sequence, true, &[1])
    }

    fn delta(&self, sequence: u64) -> Packet {
        self.packet(sequence, self.codec == Codec::Opus, &[1])
    }

    fn padding(&self, sequence: u64) -> Packet {
        self.packet(sequence, false, &[])
    }
}

fn publisher(codec: Codec) -> Publisher {
    Publisher { codec, now: Instant::now() }
}

fn forwarder(codec: Codec) -> Forwarder {
    Forwarder::new(codec, Start { sequence: 1, timestamp: 0 })
}

fn sequence(verdict: Verdict) -> u64 {
    match verdict {
        Verdict::Send(out) | Verdict::Switch(out) => out.sequence,
        other => panic!("not sent: {other:?}"),
    }
}

#[test]
fn nothing_before_a_keyframe() {
    let video = publisher(Codec::Vp8);
    let high = Publisher::batch(Variant::High, 1);
    let mut forwarder = forwarder(Codec::Vp8);
    assert_eq!(forwarder.forward(&high, &video.key(1)), Verdict::Drop, "nothing is selected");
    forwarder.select(Some(Variant::High));
    assert_eq!(forwarder.forward(&high, &video.padding(2)), Verdict::Drop);
    assert_eq!(forwarder.forward(&high, &video.delta(3)), Verdict::AwaitKeyframe);
    assert!(matches!(forwarder.forward(&high, &video.key(4)), Verdict::Switch(out) if out.sequence == 1));
    assert_eq!(sequence(forwarder.forward(&high, &video.delta(5))), 2);
    assert_eq!(forwarder.forward(&high, &video.delta(3)), Verdict::Drop, "late, from before the keyframe");
}

#[test]
fn audio_starts_anywhere() {
    let audio = publisher(Codec::Opus);
    let mut forwarder = forwarder(Codec::Opus);
    forwarder.select(Some(Variant::High));
    assert!(matches!(forwarder.forward(&Publisher::batch(Variant::High, 1), &audio.delta(9)), Verdict::Switch(_)));
}

#[test]
fn the_old_encoding_goes_on_until_the_new_ones_keyframe() {
    let video = publisher(Codec::Vp8);
    let (high, low) = (Publisher::batch(Variant::High, 1), Publisher::batch(Variant::Low, 2));
    let mut forwarder = forwarder(Codec::Vp8);
    forwarder.select(Some(Variant::High));
    forwarder.forward(&high, &video.key(1));
    assert_eq!(forwarder.forward(&low, &video.key(500)), Verdict::Drop, "not selected");
    forwarder.select(Some(Variant::Low));
    assert_eq!(forwarder.forward(&low, &video.delta(501)), Verdict::AwaitKeyframe);
    assert_eq!(sequence(forwarder.forward(&high, &video.delta(2))), 2);
    assert!(matches!(forwarder.forward(&low, &video.key(502)), Verdict::Switch(out) if out.sequence == 3));
    assert_eq!(forwarder.forward(&high, &video.delta(3)), Verdict::Drop, "the old one is over");
    forwarder.select(Some(Variant::High));
    assert!(matches!(forwarder.forward(&high, &video.key(4)), Verdict::Switch(out) if out.sequence == 4), "and may come back");
}

#[test]
fn a_publishers_new_stream_takes_over_for_good() {
    for codec in [Codec::Vp8, Codec::Opus] {
        let media = publisher(codec);
        let (old, new) = (Publisher::batch(Variant::High, 1), Publisher::batch(Variant::High, 2));
        let mut forwarder = forwarder(codec);
        forwarder.select(Some(Variant::High));
        forwarder.forward(&old, &media.key(1));
        assert_eq!(sequence(forwarder.forward(&new, &media.key(90))), 2);
        assert_eq!(forwarder.forward(&old, &media.key(2)), Verdict::Drop, "{codec:?}: late packets do not win the stream back");
        assert_eq!(sequence(forwarder.forward(&new, &media.delta(91))), 3);
    }
}

#[test]
fn padding_is_left_out_without_a_gap() {
    let video = publisher(Codec::Vp8);
    let high = Publisher::batch(Variant::High, 1);
    let mut forwarder = forwarder(Codec::Vp8);
    forwarder.select(Some(Variant::High));
    forwarder.forward(&high, &video.key(1));
    assert_eq!(forwarder.forward(&high, &video.padding(2)), Verdict::Drop);
    assert_eq!(sequence(forwarder.forward(&high, &video.delta(3))), 2);
}

#[test]
fn a_pause_needs_a_keyframe_and_leaves_no_gap() {
    let video = publisher(Codec::Vp8);
    let high = Publisher::batch(Variant::High, 1);
    let mut forwarder = forwarder(Codec::Vp8);
    forwarder.select(Some(Variant::High));
    forwarder.forward(&high, &video.key(1));
    forwarder.select(None);
    assert_eq!(forwarder.forward(&high, &video.delta(2)), Verdict::Drop);
    forwarder.select(Some(Variant::High));
    assert_eq!(forwarder.forward(&high, &video.delta(3)), Verdict::AwaitKeyframe);
    assert_eq!(sequence(forwarder.forward(&high, &video.key(4))), 2);
    forwarder.restart();
    assert_eq!(forwarder.forward(&high, &video.delta(5)), Verdict::AwaitKeyframe);
    assert_eq!(sequence(forwarder.forward(&high, &video.key(6))), 3);
}
