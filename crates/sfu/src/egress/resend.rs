//! Packets of one stream that a client may ask for again.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::stream::Planned;

/// Packets kept, and for how long. More: memory; fewer: longer round trips cannot be repaired.
const PACKETS: usize = 512;
const AGE: Duration = Duration::from_secs(1);
/// Time within which a packet is not sent twice: the first copy is still on its way.
const PAUSE: Duration = Duration::from_millis(10);
/// A stream's first packets can be repaired although little has been sent, in bytes.
const INITIAL_BUDGET: usize = 32 * 1024;
/// More than this is not saved up, in bytes: about a second of a 2 Mbit/s video.
const MAX_BUDGET: usize = 256 * 1024;

/// The packets, and what may be spent on them: half of what the stream itself sends, so that a client cannot ask for more copies
/// than there is media.
#[derive(Debug)]
pub(super) struct Resend {
    /// By sequence number.
    kept: VecDeque<Kept>,
    /// Bytes.
    budget: usize,
}

#[derive(Debug)]
struct Kept {
    packet: Planned,
    sent_at: Instant,
    sent_again_at: Option<Instant>,
}

impl Default for Resend {
    fn default() -> Self {
        Self { kept: VecDeque::new(), budget: INITIAL_BUDGET }
    }
}

impl Resend {
    /// Keeps a packet for a while.
    pub(super) fn keep(&mut self, packet: Planned, now: Instant) {
        while self.kept.len() >= PACKETS || self.kept.front().is_some_and(|kept| kept.is_old(now)) {
            self.kept.pop_front();
        }
        self.budget = (self.budget + packet.payload.len() / 2).min(MAX_BUDGET);
        // Nearly always the end: only what came late to us goes before others.
        let at = self.kept.partition_point(|kept| kept.packet.sequence < packet.sequence);
        self.kept.insert(at, Kept { packet, sent_at: now, sent_again_at: None });
    }

    /// The packet with this number, if it may be sent again now.
    pub(super) fn take(&mut self, sequence: u16, now: Instant) -> Option<Planned> {
        let newest = self.kept.back()?.packet.sequence;
        let sequence = newest.checked_sub((newest as u16).wrapping_sub(sequence).into())?;
        let at = self.kept.binary_search_by_key(&sequence, |kept| kept.packet.sequence).ok()?;
        let kept = &mut self.kept[at];
        let size = kept.packet.payload.len();
        let on_its_way = kept.sent_again_at.is_some_and(|at| now.saturating_duration_since(at) < PAUSE);
        if kept.is_old(now) || on_its_way || size > self.budget {
            return None;
        }
        self.budget -= size;
        kept.sent_again_at = Some(now);
        Some(kept.packet.clone())
    }
}

impl Kept {
    fn is_old(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.sent_at) > AGE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(sequence: u64, bytes: usize) -> Planned {
        Planned { sequence, timestamp: 0, marker: false, audio_level: None, vp8: None, payload: vec![0; bytes].into() }
    }

    fn filled(sequences: impl IntoIterator<Item = u64>, now: Instant) -> Resend {
        let mut resend = Resend::default();
        for sequence in sequences {
            resend.keep(planned(sequence, 1_000), now);
        }
        resend
    }

    #[test]
    fn packets_are_found_by_number_over_wraps_holes_and_disorder() {
        let now = Instant::now();
        let mut resend = filled([65_530, 65_534, 65_537, 65_535, 65_540], now);
        let found = [65_530, 65_531, 65_534, 65_535, 0, 1, 4, 5].map(|sequence| resend.take(sequence, now).map(|packet| packet.sequence));
        assert_eq!(found, [Some(65_530), None, Some(65_534), Some(65_535), None, Some(65_537), Some(65_540), None]);
    }

    #[test]
    fn a_copy_is_not_sent_while_another_is_on_its_way() {
        let now = Instant::now();
        let mut resend = filled(0..10, now);
        let ms = |ms| now + Duration::from_millis(ms);
        let sent = [0, 5, 9, 10, 25, 1_000, 1_011].map(|at| resend.take(3, ms(at)).is_some());
        assert_eq!(sent, [true, false, false, true, true, true, false]);
    }

    #[test]
    fn number_and_age_are_bounded() {
        let now = Instant::now();
        let mut resend = filled(0..10_000, now);
        assert_eq!(resend.kept.len(), PACKETS);
        resend.keep(planned(10_000, 1), now + AGE + PAUSE);
        assert_eq!(resend.kept.len(), 1);
    }

    #[test]
    fn copies_cost_at_most_half_of_the_stream() {
        let now = Instant::now();
        let mut resend = filled(0..512, now);
        resend.budget = 0;
        for sequence in 512..612 {
            resend.keep(planned(sequence, 1_000), now);
        }
        let sent = (100..612).filter(|sequence| resend.take(*sequence, now).is_some()).count();
        assert_eq!(sent, 50);
    }
}
