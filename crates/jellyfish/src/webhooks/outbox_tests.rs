#![allow(clippy::unwrap_used, reason = "a test may panic")]

use proptest::prelude::*;

use super::*;

const FREE: usize = usize::MAX;

fn frame(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}

fn one(sequence: u64, text: &str) -> Step {
    Step::Send(Delivery { sequence, frames: vec![frame(text)] })
}

/// An outbox in which these wait.
fn holding(batching: bool, now: Instant, texts: &[&str]) -> Outbox {
    let mut outbox = Outbox::new(batching);
    for text in texts {
        outbox.push(now, frame(text), FREE);
    }
    outbox
}

#[test]
fn notifications_leave_one_after_the_other() {
    let now = Instant::now();
    let mut outbox = holding(false, now, &["a", "b"]);
    assert_eq!(outbox.next(now), one(1, "a"));
    outbox.push(now, frame("c"), FREE);
    assert_eq!(outbox.delivered(), 1);
    assert_eq!(outbox.next(now), one(2, "b"));
    assert_eq!(outbox.delivered(), 1);
    assert_eq!(outbox.next(now), one(3, "c"));
    assert_eq!(outbox.delivered(), 1);
    assert_eq!(outbox.next(now), Step::Idle);
    assert_eq!((outbox.len(), outbox.bytes(), outbox.take_dropped()), (0, 0, 0));
}

#[test]
fn pauses_double_up_to_the_longest_and_jitter_halves_them_at_most() {
    let mut now = Instant::now();
    let mut outbox = holding(false, now, &["a"]);
    for (jitter, pause) in [(1.0, 1.0), (1.0, 2.0), (0.0, 2.0), (1.0, 8.0), (0.5, 12.0), (1.0, 32.0), (1.0, 60.0), (0.0, 30.0), (7.0, 60.0)]
    {
        assert_eq!(outbox.next(now), one(1, "a"), "the same again");
        outbox.failed(now, jitter);
        assert!(outbox.is_failing());
        let at = now + Duration::from_secs_f64(pause);
        assert_eq!(outbox.next(now), Step::Wait(at), "after a pause of {pause} s");
        now = at;
    }
    assert_eq!(outbox.next(now), one(1, "a"));
    outbox.delivered();
    outbox.push(now, frame("b"), FREE);
    assert_eq!(outbox.next(now), one(2, "b"), "a success ends the pauses");
    outbox.failed(now, 1.0);
    assert_eq!(outbox.next(now), Step::Wait(now + FIRST_PAUSE));
}

#[test]
fn limit_webhook_notifications_waiting_by_number() {
    let now = Instant::now();
    let mut outbox = Outbox::new(false);
    for n in 1..=MAX_WAITING {
        outbox.push(now, frame(&n.to_string()), FREE);
    }
    assert_eq!(outbox.next(now), one(1, "1"));
    assert_eq!(outbox.take_dropped(), 0);
    outbox.push(now, frame("more"), FREE);
    assert_eq!((outbox.len(), outbox.take_dropped()), (MAX_WAITING, 1));
    assert_eq!(outbox.delivered(), 1);
    assert_eq!(outbox.next(now), one(3, "3"), "the oldest that was not under way is gone, and its number is missing");
}

#[test]
fn limit_webhook_notifications_waiting_by_bytes() {
    let now = Instant::now();
    let mut outbox = Outbox::new(false);
    let half = Bytes::from(vec![0; MAX_WAITING_BYTES / 2]);
    for _ in 0..3 {
        outbox.push(now, half.clone(), FREE);
    }
    assert_eq!((outbox.len(), outbox.bytes(), outbox.take_dropped()), (2, MAX_WAITING_BYTES, 1));
    let Step::Send(first) = outbox.next(now) else { panic!("nothing to send") };
    assert_eq!(first.sequence, 2);
    outbox.push(now, Bytes::from(vec![0; MAX_WAITING_BYTES]), FREE);
    assert_eq!((outbox.len(), outbox.take_dropped()), (1, 2), "what cannot fit beside the one under way goes, too");
    assert_eq!(outbox.delivered(), 1);
    assert_eq!(outbox.bytes(), 0);
}

#[test]
fn limit_webhook_bytes_of_all_rooms_counts_against_the_room_that_wants_more() {
    let now = Instant::now();
    let mut outbox = holding(false, now, &["aaaa", "bb"]);
    outbox.push(now, frame("cc"), 0);
    assert_eq!((outbox.next(now), outbox.take_dropped()), (one(2, "bb"), 1));
    let mut empty = Outbox::new(false);
    empty.push(now, frame("x"), 0);
    assert_eq!((empty.next(now), empty.take_dropped()), (Step::Idle, 1));
}

#[test]
fn limit_age_of_webhook_notifications() {
    let start = Instant::now();
    let mut outbox = holding(false, start, &["a"]);
    let later = start + MAX_AGE.checked_sub(FIRST_PAUSE).unwrap();
    outbox.push(later, frame("b"), FREE);
    assert_eq!(outbox.next(later), one(1, "a"));
    outbox.failed(later, 0.0);
    assert_eq!(outbox.next(start + MAX_AGE + FIRST_PAUSE), one(2, "b"));
    assert_eq!((outbox.take_dropped(), outbox.bytes()), (1, 1));
}

#[test]
fn a_batch_holds_what_waits_and_ends_at_a_gap() {
    let now = Instant::now();
    let mut outbox = holding(true, now, &["a", "b", "c"]);
    let all = Step::Send(Delivery { sequence: 1, frames: vec![frame("a"), frame("b"), frame("c")] });
    assert_eq!(outbox.next(now), all);
    for n in 4..=MAX_WAITING + 1 {
        outbox.push(now, frame(&n.to_string()), FREE);
    }
    outbox.failed(now, 0.0);
    assert_eq!(outbox.take_dropped(), 1, "number 4, the oldest that was not under way");
    assert_eq!(outbox.next(now + FIRST_PAUSE), all, "it is missing, so the batch ends before it");
    assert_eq!(outbox.delivered(), 3);
    let Step::Send(next) = outbox.next(now) else { panic!("nothing to send") };
    assert_eq!((next.sequence, next.frames.len()), (5, MAX_BATCH));
}

#[test]
fn a_batch_is_bounded_by_bytes_and_takes_at_least_one() {
    let now = Instant::now();
    let mut outbox = Outbox::new(true);
    for bytes in [MAX_BATCH_BYTES + 1, MAX_BATCH_BYTES, 1] {
        outbox.push(now, Bytes::from(vec![0; bytes]), FREE);
    }
    for (sequence, count) in [(1, 1), (2, 1), (3, 1)] {
        let Step::Send(delivery) = outbox.next(now) else { panic!("nothing to send") };
        assert_eq!((delivery.sequence, delivery.frames.len()), (sequence, count));
        assert_eq!(outbox.delivered(), count as u64);
    }
}

#[test]
fn what_is_refused_is_not_tried_again() {
    let now = Instant::now();
    let mut outbox = holding(false, now, &["a", "b"]);
    assert_eq!(outbox.next(now), one(1, "a"));
    assert_eq!(outbox.refused(), 1);
    assert_eq!(outbox.next(now), one(2, "b"));
    outbox.clear();
    assert_eq!((outbox.take_dropped(), outbox.bytes(), outbox.next(now)), (1, 0, Step::Idle));
}

#[derive(Clone, Debug)]
enum Op {
    Push(usize),
    Deliver,
    Fail,
    Refuse,
    Pass(u64),
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => (0_usize..600_000).prop_map(Op::Push),
        3 => Just(Op::Deliver),
        2 => Just(Op::Fail),
        1 => Just(Op::Refuse),
        2 => (0_u64..2_000).prop_map(Op::Pass),
    ]
}

proptest! {
    /// Whatever happens: order is kept, nothing is lost without being counted, and the bounds hold.
    #[test]
    fn everything_is_delivered_in_order_or_counted(batching: bool, ops in proptest::collection::vec(op(), 0..120)) {
        let mut outbox = Outbox::new(batching);
        let mut now = Instant::now();
        let (mut pushed, mut taken, mut dropped, mut last) = (0_u64, 0_u64, 0_u64, 0_u64);
        for op in ops {
            match op {
                Op::Push(bytes) => {
                    outbox.push(now, Bytes::from(vec![0; bytes]), 3_000_000);
                    pushed += 1;
                }
                Op::Pass(seconds) => now += Duration::from_secs(seconds),
                _ => if let Step::Send(delivery) = outbox.next(now) {
                    match op {
                        Op::Deliver => {
                            prop_assert!(delivery.sequence > last);
                            last = delivery.sequence + delivery.frames.len() as u64 - 1;
                            taken += outbox.delivered();
                        }
                        Op::Fail => outbox.failed(now, 0.3),
                        _ => taken += outbox.refused(),
                    }
                },
            }
            dropped += outbox.take_dropped();
            prop_assert!(outbox.len() <= MAX_WAITING && outbox.bytes() <= MAX_WAITING_BYTES);
            prop_assert_eq!(pushed, taken + dropped + outbox.len() as u64);
        }
    }
}
