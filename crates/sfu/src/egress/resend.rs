//! How often a client may have packets again.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Time within which a packet is not sent again twice: the copy is still on its way.
const PAUSE: Duration = Duration::from_millis(10);
/// Copies remembered for that.
const REMEMBERED: usize = 512;
/// A stream's first packets can be repaired although little has been sent, in bytes.
const INITIAL_BUDGET: usize = 32 * 1024;
/// More than this is not saved up, in bytes: about a second of a 2 Mbit/s video.
const MAX_BUDGET: usize = 256 * 1024;

/// What may be spent on copies: half of what the stream itself sends, so that a client cannot ask for more copies than there is
/// media.
#[derive(Debug)]
pub(super) struct Resend {
    /// Bytes.
    budget: usize,
    /// Numbers of the newest copies, and when they left; oldest first.
    copies: VecDeque<(u64, Instant)>,
}

impl Default for Resend {
    fn default() -> Self {
        Self { budget: INITIAL_BUDGET, copies: VecDeque::new() }
    }
}

impl Resend {
    /// The stream sent a packet with this many bytes of payload.
    pub(super) fn earn(&mut self, bytes: usize) {
        self.budget = (self.budget + bytes / 2).min(MAX_BUDGET);
    }

    /// Whether a packet may be sent again now; then it counts as sent.
    pub(super) fn spend(&mut self, sequence: u64, bytes: usize, now: Instant) -> bool {
        let is_old = |at: &Instant| now.saturating_duration_since(*at) >= PAUSE;
        while self.copies.len() >= REMEMBERED || self.copies.front().is_some_and(|(_, at)| is_old(at)) {
            self.copies.pop_front();
        }
        if bytes > self.budget || self.copies.iter().any(|(copied, _)| *copied == sequence) {
            return false;
        }
        self.budget -= bytes;
        self.copies.push_back((sequence, now));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_not_sent_while_another_is_on_its_way() {
        let now = Instant::now();
        let mut resend = Resend::default();
        let sent = [0, 5, 9, 10, 15, 25].map(|ms| resend.spend(3, 100, now + Duration::from_millis(ms)));
        assert_eq!(sent, [true, false, false, true, false, true]);
        assert!(resend.spend(4, 100, now + Duration::from_millis(25)), "another packet");
    }

    #[test]
    fn copies_cost_at_most_half_of_the_stream() {
        let now = Instant::now();
        let mut resend = Resend { budget: 0, ..Resend::default() };
        for _ in 0..100 {
            resend.earn(1_000);
        }
        let sent = (0..512).filter(|sequence| resend.spend(*sequence, 1_000, now)).count();
        assert_eq!(sent, 50);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let now = Instant::now();
        let mut resend = Resend { budget: MAX_BUDGET, ..Resend::default() };
        for sequence in 0..10_000 {
            resend.spend(sequence, 0, now);
        }
        assert_eq!(resend.copies.len(), REMEMBERED);
    }
}
