#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashSet;

use proptest::prelude::*;

use super::super::packet::{Codec, PayloadFacts};
use super::*;

const RATE: u32 = 90_000;

/// A packet's number and timestamp in, at a moment in milliseconds.
fn facts(origin: Instant, sequence: u64, timestamp: u32, at: u64) -> PacketFacts {
    PacketFacts {
        sequence,
        timestamp,
        marker: false,
        codec: Codec::Vp8,
        keyframe_start: false,
        vp8: None,
        audio_level: None,
        received_at: origin + Duration::from_millis(at),
        captured_at: None,
    }
}

struct Story {
    origin: Instant,
    rewriter: Rewriter,
}

impl Story {
    fn new(sequence: u16, timestamp: u32) -> Self {
        Self { origin: Instant::now(), rewriter: Rewriter::new(Start { sequence, timestamp }, RATE) }
    }

    fn packet(&mut self, sequence: u64, timestamp: u32, at: u64) -> Option<(u64, u32)> {
        let facts = facts(self.origin, sequence, timestamp, at);
        self.rewriter.rewrite(&facts).map(|out| (out.sequence, out.timestamp))
    }

    fn vp8(&mut self, sequence: u64, payload: &[u8]) -> Option<Vp8Fields> {
        let read = PayloadFacts::read(Codec::Vp8, payload);
        let facts = PacketFacts { vp8: read.vp8, ..facts(self.origin, sequence, 0, 0) };
        self.rewriter.rewrite(&facts).map(|out| out.vp8)
    }
}

#[test]
fn a_leap_that_no_receiver_could_follow_closes_up() {
    let mut story = Story::new(100, 5000);
    assert_eq!(story.packet(70_000, 1, 0), Some((100, 5000)));
    assert_eq!(story.packet(86_384, 3001, 33), Some((16_484, 8000)), "a gap stays a gap");
    assert_eq!(story.packet(102_769, 6001, 66), Some((16_485, 11_000)));
    assert_eq!(story.packet(90_000, 3001, 67), None, "from within the leap");
    assert_eq!(story.packet(86_383, 3001, 68), Some((16_483, 8000)), "from before it");
    assert_eq!(story.packet(102_771, 9001, 99), Some((16_487, 14_000)));
    story.rewriter.omit(202_771);
    assert_eq!(story.packet(202_772, 12_001, 132), Some((16_488, 17_000)), "also when the newest was left out");
}

#[test]
fn a_source_maps_by_offset_and_shows_loss_and_reordering() {
    let mut story = Story::new(100, 5000);
    assert_eq!(story.packet(70_000, 1, 0), Some((100, 5000)));
    assert_eq!(story.packet(70_001, 1, 0), Some((101, 5000)));
    assert_eq!(story.packet(70_004, 3001, 33), Some((104, 8000)), "a gap stays a gap");
    assert_eq!(story.packet(70_003, 3001, 34), Some((103, 8000)), "a late packet finds its place");
    assert_eq!(story.packet(70_003, 3001, 35), None, "a duplicate is dropped");
    assert_eq!(story.packet(69_999, 1, 36), None, "from before the beginning");
}

#[test]
fn numbers_and_timestamps_wrap_around() {
    let mut story = Story::new(0x7fff, u32::MAX - 10);
    for step in 0..70_000_u64 {
        let expected = (0x7fff + step, (u32::MAX - 10).wrapping_add(step as u32 * 3000));
        assert_eq!(story.packet(65_000 + step, (step as u32).wrapping_mul(3000).wrapping_add(u32::MAX - 5), step * 33), Some(expected));
    }
}

#[test]
fn the_first_number_leaves_room_before_a_rollover() {
    let mut story = Story::new(0xffff, 0);
    assert_eq!(story.packet(1, 0, 0), Some((0x7fff, 0)));
}

#[test]
fn a_switch_continues_the_stream() {
    let mut story = Story::new(1, 0);
    assert_eq!(story.packet(10, 900, 0), Some((1, 0)));
    assert_eq!(story.packet(12, 900, 0), Some((3, 0)));
    story.rewriter.switch_source();
    assert_eq!(story.packet(5, 77, 100), Some((4, 9000)), "100 ms later at 90 kHz");
    assert_eq!(story.packet(4, 77, 101), None, "older than the switch");
    assert_eq!(story.packet(6, 77 + 3000, 133), Some((5, 12_000)));
    story.rewriter.switch_source();
    assert_eq!(story.packet(1_000_000, 1, 133), Some((6, 12_001)), "no time has passed, yet it is later");
}

#[test]
fn capture_times_are_better_than_arrivals_across_a_switch() {
    let mut story = Story::new(1, 0);
    let first = PacketFacts { captured_at: Some(story.origin), ..facts(story.origin, 10, 0, 80) };
    story.rewriter.rewrite(&first);
    story.rewriter.switch_source();
    let second = PacketFacts { captured_at: Some(story.origin + Duration::from_millis(40)), ..facts(story.origin, 10, 5, 90) };
    assert_eq!(story.rewriter.rewrite(&second).map(|out| out.timestamp), Some(3600));
}

#[test]
fn a_mute_gap_keeps_media_time() {
    let mut story = Story::new(1, 0);
    story.packet(10, 0, 0);
    assert_eq!(story.packet(11, 90_000 * 60, 60_000), Some((2, 90_000 * 60)));
}

#[test]
fn a_source_that_jumps_is_joined_smoothly() {
    let mut story = Story::new(1, 0);
    story.packet(10, 1_000_000, 0);
    assert_eq!(story.packet(11, 500_000, 33), Some((2, 2970)), "back");
    assert_eq!(story.packet(10, 1_000_000, 34), None, "a duplicate from before the jump");
    assert_eq!(story.packet(12, 503_000, 66), Some((3, 5970)));
    assert_eq!(story.packet(13, 503_000 + 90_000 * 3600, 99), Some((4, 8940)), "an hour ahead of the clock");
}

#[test]
fn packets_left_out_on_purpose_close_up() {
    let mut story = Story::new(1, 0);
    assert_eq!(story.packet(10, 0, 0), Some((1, 0)));
    story.rewriter.omit(11);
    story.rewriter.omit(12);
    assert_eq!(story.packet(13, 0, 0), Some((2, 0)));
    assert_eq!(story.packet(11, 0, 0), None, "a duplicate of what was left out takes nobody's number");
    story.rewriter.omit(16);
    assert_eq!(story.packet(17, 0, 0), Some((5, 0)));
    assert_eq!(story.packet(15, 0, 0), Some((4, 0)), "late, from before the omission");
    story.rewriter.omit(14);
    assert_eq!(story.packet(18, 0, 0), Some((6, 0)), "too late to close up");
}

#[test]
fn a_late_packet_may_be_the_newest_that_went_out() {
    let mut story = Story::new(1, 0);
    assert_eq!(story.packet(10, 0, 0), Some((1, 0)));
    story.rewriter.omit(13);
    assert_eq!(story.packet(11, 0, 0), Some((2, 0)), "late only after what was left out");
    story.rewriter.switch_source();
    assert_eq!(story.packet(500, 7, 0), Some((3, 1)), "its number is not given out again");
}

#[test]
fn picture_indices_continue_across_a_switch() {
    let payload = |picture: u16, tl0: u8, key: u8| [0x90, 0xf0, 0x80 | (picture >> 8) as u8, picture as u8, tl0, key, 0x00];
    let fields = |picture_id, tl0_picidx, key_idx| Some(Vp8Fields { picture_id, tl0_picidx, key_idx });
    let mut story = Story::new(1, 0);
    assert_eq!(story.vp8(10, &payload(0x7ffe, 254, 30)), fields(Some(0x7ffe), Some(254), Some(30)));
    assert_eq!(story.vp8(11, &payload(0x7fff, 255, 30)), fields(Some(0x7fff), Some(255), Some(30)));
    story.rewriter.switch_source();
    assert_eq!(story.vp8(500, &payload(77, 9, 3)), fields(Some(0), Some(0), Some(31)), "each wraps in its own width");
    assert_eq!(story.vp8(502, &payload(79, 10, 3)), fields(Some(2), Some(1), Some(31)));
    assert_eq!(story.vp8(501, &payload(78, 10, 3)), fields(Some(1), Some(1), Some(31)), "late");
    story.rewriter.switch_source();
    assert_eq!(story.vp8(1, &[0x90, 0x80, 0x05, 0x00]), fields(Some(3), None, None), "a source with short ids and nothing else");
    assert_eq!(story.vp8(2, &[0x10, 0x00]), fields(None, None, None), "no field, no replacement");
}

#[test]
fn unchanged_fields_need_no_patch() {
    let payload = [0x90, 0x80, 0x05, 0x00];
    let descriptor = vp8::Descriptor::parse(&payload).unwrap();
    let mut story = Story::new(1, 0);
    assert!(story.vp8(1, &payload).unwrap().unchanged(&descriptor));
    story.rewriter.switch_source();
    assert!(!story.vp8(1, &payload).unwrap().unchanged(&descriptor));
}

/// One thing that happens to a stream.
#[derive(Clone, Debug)]
enum Step {
    /// A packet whose number differs by this from the newest, after this many milliseconds.
    Packet {
        ahead: i64,
        after: u64,
    },
    Duplicate,
    Omit {
        ahead: i64,
    },
    Switch {
        sequence: u64,
        timestamp: u32,
    },
    Jump {
        timestamp: u32,
    },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (-40_i64..40, 0_u64..200).prop_map(|(ahead, after)| Step::Packet { ahead, after }),
        1 => Just(Step::Duplicate),
        1 => (-5_i64..5).prop_map(|ahead| Step::Omit { ahead }),
        1 => (0_u64..200_000, any::<u32>()).prop_map(|(sequence, timestamp)| Step::Switch { sequence, timestamp }),
        1 => any::<u32>().prop_map(|timestamp| Step::Jump { timestamp }),
        1 => (2_000_i64..70_000, 0_u64..10_000).prop_map(|(ahead, after)| Step::Packet { ahead, after }),
    ]
}

proptest! {
    #[test]
    fn output_numbers_are_unique_and_new_packets_never_run_back(
        start in any::<u16>(),
        first_timestamp in any::<u32>(),
        steps in proptest::collection::vec(step(), 1..200),
    ) {
        let origin = Instant::now();
        let mut rewriter = Rewriter::new(Start { sequence: start, timestamp: first_timestamp }, RATE);
        let (mut sequence, mut timestamp, mut at) = (100_000_u64, 0_u32, 0_u64);
        let mut used = HashSet::new();
        let mut newest: Option<Rewritten> = None;
        for step in steps {
            let number = match step {
                Step::Packet { ahead, after } => {
                    at += after;
                    let number = sequence.saturating_add_signed(ahead);
                    if number > sequence {
                        timestamp = timestamp.wrapping_add(after as u32 * 90);
                        sequence = number;
                    }
                    number
                }
                Step::Duplicate => sequence,
                Step::Omit { ahead } => {
                    let number = sequence.saturating_add_signed(ahead);
                    rewriter.omit(number);
                    sequence = sequence.max(number);
                    continue;
                }
                Step::Switch { sequence: first, timestamp: at } => {
                    rewriter.switch_source();
                    (sequence, timestamp) = (first, at);
                    first
                }
                Step::Jump { timestamp: to } => {
                    timestamp = to;
                    sequence += 1;
                    sequence
                }
            };
            let Some(out) = rewriter.rewrite(&facts(origin, number, timestamp, at)) else { continue };
            prop_assert!(used.insert(out.sequence), "output number {} twice", out.sequence);
            if newest.is_none_or(|newest| out.sequence > newest.sequence) {
                if let Some(newest) = newest {
                    prop_assert!(out.timestamp.wrapping_sub(newest.timestamp) <= u32::MAX / 2, "{newest:?} then {out:?}");
                }
                newest = Some(out);
            }
        }
    }

    #[test]
    fn in_order_packets_stay_dense_whatever_is_left_out(omitted in proptest::collection::vec(any::<bool>(), 1..300)) {
        let origin = Instant::now();
        let mut rewriter = Rewriter::new(Start { sequence: 7, timestamp: 0 }, RATE);
        let mut expected = 7;
        for (number, omit) in omitted.into_iter().enumerate() {
            let number = number as u64;
            if omit {
                rewriter.omit(number);
            } else {
                let out = rewriter.rewrite(&facts(origin, number, 0, 0)).map(|out| out.sequence);
                // What is left out before the first packet was never part of the stream.
                prop_assert_eq!(out, Some(expected));
                expected += 1;
            }
        }
    }
}
