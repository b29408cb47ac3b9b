//! What waits for one receiver, in order, and when to try again: a value without IO.
//!
//! One delivery is under way at a time, so that order is kept. What is under way is forgotten only after it was taken, so that
//! everything is delivered at least once, unless it is dropped for one of two reasons: the queue is full, then the oldest goes,
//! or it has waited too long.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;

/// Notifications that may wait for a receiver. More rides out longer outages of a busy room and costs memory.
pub const MAX_WAITING: usize = 1024;

/// Bytes that may wait for a receiver.
pub const MAX_WAITING_BYTES: usize = 4 * 1024 * 1024;

/// How long a notification is kept. A receiver that comes back later learns nothing useful from it.
pub const MAX_AGE: Duration = Duration::from_hours(1);

/// Pause after the first failure; each further one doubles it.
pub const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// Longest pause. A longer one finds receivers later that have come back, a shorter one costs both sides more attempts.
pub const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Most notifications of one request.
const MAX_BATCH: usize = 100;

/// Bytes after which nothing more is added to a request.
const MAX_BATCH_BYTES: usize = 256 * 1024;

/// The queue of one receiver.
#[derive(Debug)]
pub(super) struct Outbox {
    waiting: VecDeque<Waiting>,
    bytes: usize,
    /// How many at the front are under way.
    under_way: usize,
    /// Failures in a row.
    failures: u32,
    not_before: Option<Instant>,
    next_sequence: u64,
    batching: bool,
    dropped: u64,
}

#[derive(Debug)]
struct Waiting {
    sequence: u64,
    frame: Bytes,
    since: Instant,
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Delivery {
    /// Number of the first notification in this room, from 1. The same in every attempt.
    pub(super) sequence: u64,
    /// Encoded messages: one, or several for receivers that take batches.
    pub(super) frames: Vec<Bytes>,
}

/// What to do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Post this, then say how it went.
    Send(Delivery),
    /// Ask again then.
    Wait(Instant),
    /// Nothing until something is pushed.
    Idle,
}

impl Outbox {
    /// An empty one. `batching`: the receiver takes several notifications in one request.
    pub(super) fn new(batching: bool) -> Self {
        Self { waiting: VecDeque::new(), bytes: 0, under_way: 0, failures: 0, not_before: None, next_sequence: 1, batching, dropped: 0 }
    }

    /// Adds a notification. `free` are the bytes that all outboxes together may still take: what does not fit pushes the oldest
    /// out.
    pub(super) fn push(&mut self, now: Instant, frame: Bytes, free: usize) {
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        let most_bytes = MAX_WAITING_BYTES.min(self.bytes.saturating_add(free));
        while self.waiting.len() >= MAX_WAITING || self.bytes + frame.len() > most_bytes {
            // What is under way may have arrived already: dropping it would help nobody.
            let Some(oldest) = self.waiting.remove(self.under_way) else {
                self.dropped += 1;
                return;
            };
            self.bytes -= oldest.frame.len();
            self.dropped += 1;
        }
        self.bytes += frame.len();
        self.waiting.push_back(Waiting { sequence, frame, since: now });
    }

    /// What to do next. After [`Step::Send`] nothing else is sent until it is known how it went.
    pub(super) fn next(&mut self, now: Instant) -> Step {
        debug_assert_eq!(self.under_way, 0, "one delivery at a time");
        while let Some(oldest) = self.waiting.pop_front_if(|oldest| now.saturating_duration_since(oldest.since) >= MAX_AGE) {
            self.bytes -= oldest.frame.len();
            self.dropped += 1;
        }
        let Some(first) = self.waiting.front() else {
            self.failures = 0;
            return Step::Idle;
        };
        if let Some(at) = self.not_before.filter(|at| *at > now) {
            return Step::Wait(at);
        }
        let sequence = first.sequence;
        let mut frames = Vec::new();
        let mut bytes = 0;
        for (index, waiting) in self.waiting.iter().enumerate() {
            // A gap ends a batch: the numbers within one are consecutive.
            let fits = self.batching && index < MAX_BATCH && bytes + waiting.frame.len() <= MAX_BATCH_BYTES;
            if index > 0 && (!fits || waiting.sequence != sequence + index as u64) {
                break;
            }
            bytes += waiting.frame.len();
            frames.push(waiting.frame.clone());
        }
        self.under_way = frames.len();
        Step::Send(Delivery { sequence, frames })
    }

    /// What was under way arrived. Returns how many notifications that were.
    pub(super) fn delivered(&mut self) -> u64 {
        self.failures = 0;
        self.not_before = None;
        self.forget_under_way()
    }

    /// What was under way did not arrive: it is tried again after a pause. `jitter` is random from 0 to 1: many rooms of one
    /// receiver that comes back must not fall upon it in one moment.
    pub(super) fn failed(&mut self, now: Instant, jitter: f64) {
        let doubled = FIRST_PAUSE.saturating_mul(1 << self.failures.min(16));
        self.failures = self.failures.saturating_add(1);
        self.not_before = Some(now + doubled.min(LONGEST_PAUSE).mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0));
        self.under_way = 0;
    }

    /// What was under way will never be taken. Returns how many notifications that were.
    pub(super) fn refused(&mut self) -> u64 {
        self.forget_under_way()
    }

    /// Gives everything up.
    pub(super) fn clear(&mut self) {
        self.dropped += self.waiting.len() as u64;
        self.waiting.clear();
        (self.bytes, self.under_way, self.failures) = (0, 0, 0);
    }

    /// Whether the receiver takes several notifications in one request.
    pub(super) fn set_batching(&mut self, batching: bool) {
        self.batching = batching;
    }

    /// How many notifications wait.
    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// How many bytes wait.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The last attempt failed, and something waits for the next one.
    pub(super) fn is_failing(&self) -> bool {
        self.failures > 0
    }

    /// How many notifications were dropped since this was asked last.
    pub(super) fn take_dropped(&mut self) -> u64 {
        std::mem::take(&mut self.dropped)
    }

    fn forget_under_way(&mut self) -> u64 {
        let done = self.waiting.drain(..self.under_way);
        self.bytes -= done.map(|done| done.frame.len()).sum::<usize>();
        std::mem::take(&mut self.under_way) as u64
    }
}

#[cfg(test)]
#[path = "outbox_tests.rs"]
mod tests;
