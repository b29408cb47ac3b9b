//! Voice activity from audio levels (RFC 6464): a sliding window over the newest packets, with hold time.

use std::time::{Duration, Instant};

use crate::event::VoiceActivity;

/// Newest packets looked at: 7 groups of 10, about 1.4 s of 20 ms packets.
const WINDOW: usize = GROUPS * GROUP;
const GROUPS: usize = 7;
const GROUP: usize = 10;

/// A packet is loud from −32 dBov on. More attenuation allowed: keyboards count as speech; less: quiet voices do not.
const MAX_ATTENUATION: u8 = 32;

/// Loud packets needed among the newest group.
const LOUD_NOW: usize = 2;

/// Loud packets needed in at least one group.
const LOUD_GROUP: usize = 3;

/// Speech lasts this much longer than the rule says, so that pauses between words do not flicker.
const HOLD: Duration = Duration::from_millis(500);

/// So long without packets (DTX, mute) is silence.
const GONE: Duration = Duration::from_secs(1);

/// Voice activity of one audio track. It starts silent.
#[derive(Clone, Debug)]
pub(crate) struct VoiceDetector {
    /// Newest last, as bits: bit 0 is the newest packet.
    loud: u128,
    seen: usize,
    /// RTP stream of the newest packet, and its number there.
    newest: Option<(u32, u64)>,
    last_packet: Option<Instant>,
    /// When the rule last held.
    last_speech: Option<Instant>,
    activity: VoiceActivity,
}

impl Default for VoiceDetector {
    fn default() -> Self {
        Self { loud: 0, seen: 0, newest: None, last_packet: None, last_speech: None, activity: VoiceActivity::Silence }
    }
}

impl VoiceDetector {
    /// The current state, for new subscribers.
    pub(crate) fn activity(&self) -> VoiceActivity {
        self.activity
    }

    /// Takes the level of a packet (`attenuation` 0 is the loudest, 127 silence). Out-of-order packets are ignored; numbers of
    /// another RTP stream (`source`, its SSRC) begin anew. Returns a change.
    pub(crate) fn packet(&mut self, source: u32, sequence: u64, attenuation: u8, now: Instant) -> Option<VoiceActivity> {
        if self.newest.is_some_and(|(of, newest)| of == source && sequence <= newest) {
            return None;
        }
        self.newest = Some((source, sequence));
        self.last_packet = Some(now);
        self.loud = (self.loud << 1 | u128::from(attenuation <= MAX_ATTENUATION)) & ((1 << WINDOW) - 1);
        self.seen = (self.seen + 1).min(WINDOW);
        if self.is_speech() {
            self.last_speech = Some(now);
            return self.change(VoiceActivity::Speech);
        }
        self.handle_timeout(now)
    }

    /// Does what is due; returns a change.
    pub(crate) fn handle_timeout(&mut self, now: Instant) -> Option<VoiceActivity> {
        if self.last_packet.is_some_and(|last| now >= last + GONE) {
            // What was said before the gap says nothing about now.
            self.loud = 0;
        }
        if self.deadline().is_some_and(|deadline| deadline <= now) { self.change(VoiceActivity::Silence) } else { None }
    }

    /// When to call [`VoiceDetector::handle_timeout`]; `None` during silence.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        if self.activity == VoiceActivity::Silence {
            return None;
        }
        let gone = self.last_packet? + GONE;
        // While the rule holds only missing packets end it.
        if self.is_speech() { Some(gone) } else { Some(gone.min(self.last_speech? + HOLD)) }
    }

    fn is_speech(&self) -> bool {
        let group = |index: usize| ((self.loud >> (index * GROUP)) & ((1 << GROUP) - 1)).count_ones() as usize;
        self.seen == WINDOW && group(0) >= LOUD_NOW && (0..GROUPS).any(|index| group(index) >= LOUD_GROUP)
    }

    fn change(&mut self, activity: VoiceActivity) -> Option<VoiceActivity> {
        let changed = self.activity != activity;
        self.activity = activity;
        changed.then_some(activity)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LOUD: u8 = 32;
    const QUIET: u8 = 33;

    /// A talker who sends a packet every 20 ms.
    struct Story {
        detector: VoiceDetector,
        source: u32,
        sequence: u64,
        now: Instant,
        changes: Vec<VoiceActivity>,
    }

    impl Story {
        fn new() -> Self {
            Self { detector: VoiceDetector::default(), source: 1, sequence: 0, now: Instant::now(), changes: Vec::new() }
        }

        fn packets(&mut self, count: usize, attenuation: u8) -> &mut Self {
            for _ in 0..count {
                self.now += Duration::from_millis(20);
                self.sequence += 1;
                self.changes.extend(self.detector.packet(self.source, self.sequence, attenuation, self.now));
            }
            self
        }

        fn wait(&mut self, millis: u64) -> &mut Self {
            self.now += Duration::from_millis(millis);
            self.changes.extend(self.detector.handle_timeout(self.now));
            self
        }

        fn changes(&mut self) -> Vec<VoiceActivity> {
            std::mem::take(&mut self.changes)
        }
    }

    use VoiceActivity::{Silence, Speech};

    #[test]
    fn speech_then_silence_after_the_hold_time() {
        let mut story = Story::new();
        assert_eq!(story.packets(69, LOUD).changes(), [], "the window is not full");
        assert_eq!(story.packets(1, LOUD).changes(), [Speech]);
        assert_eq!(story.packets(100, LOUD).changes(), [], "only changes are told");
        // The rule holds while 2 of the newest 10 are loud, for 8 packets; then 25 packets (500 ms) of hold.
        assert_eq!(story.packets(8 + 24, QUIET).changes(), []);
        assert_eq!(story.packets(1, QUIET).changes(), [Silence]);
        assert_eq!(story.detector.activity(), Silence);
    }

    #[test]
    fn short_pauses_do_not_flicker() {
        let mut story = Story::new();
        story.packets(70, LOUD).packets(25, QUIET).packets(20, LOUD);
        assert_eq!(story.changes(), [Speech]);
    }

    #[test]
    fn a_single_click_is_not_speech() {
        let mut story = Story::new();
        story.packets(70, QUIET).packets(2, LOUD).packets(70, QUIET);
        assert_eq!(story.changes(), []);
        story.packets(3, LOUD);
        assert_eq!(story.changes(), [Speech], "three in a group are");
    }

    #[test]
    fn no_packets_for_a_second_is_silence() {
        let mut story = Story::new();
        story.packets(70, LOUD);
        assert_eq!(story.detector.deadline(), Some(story.now + GONE));
        assert_eq!(story.wait(999).changes(), [Speech]);
        assert_eq!(story.wait(1).changes(), [Silence]);
        assert_eq!(story.detector.deadline(), None, "an idle track needs no timer");
        assert_eq!(story.packets(1, QUIET).packets(2, LOUD).changes(), [], "what was said before the gap is forgotten");
        assert_eq!(story.packets(1, LOUD).changes(), [Speech]);
    }

    #[test]
    fn late_packets_are_ignored() {
        let mut story = Story::new();
        story.packets(70, QUIET);
        for late in 1..70 {
            assert_eq!(story.detector.packet(1, late, 0, story.now), None);
        }
        assert_eq!(story.detector.activity(), Silence);
    }

    #[test]
    fn a_voice_that_comes_in_another_stream_is_heard() {
        let mut story = Story::new();
        story.sequence = 60_000;
        story.packets(70, QUIET);
        (story.source, story.sequence) = (2, 100);
        assert_eq!(story.packets(3, LOUD).changes(), [Speech]);
    }

    proptest! {
        #[test]
        fn changes_alternate_and_the_deadline_silences(levels in proptest::collection::vec((0_u8..=127, 0_u64..1500), 0..300)) {
            let mut detector = VoiceDetector::default();
            let (mut now, mut last) = (Instant::now(), Silence);
            for (sequence, (level, after)) in levels.into_iter().enumerate() {
                now += Duration::from_millis(if after < 1400 { 20 } else { after });
                if let Some(change) = detector.packet(1, sequence as u64, level, now) {
                    prop_assert_ne!(change, last);
                    last = change;
                }
                prop_assert_eq!(detector.activity(), last);
                prop_assert_eq!(detector.deadline().is_some(), last == Speech);
            }
            if let Some(deadline) = detector.deadline() {
                prop_assert_eq!(detector.clone().handle_timeout(deadline), Some(Silence));
            }
        }
    }
}
