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
    newest: Option<u64>,
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

    /// Takes the level of a packet (`attenuation` 0 is the loudest, 127 silence). Out-of-order packets are ignored. Returns a
    /// change.
    pub(crate) fn packet(&mut self, sequence: u64, attenuation: u8, now: Instant) -> Option<VoiceActivity> {
        if self.newest.is_some_and(|newest| sequence <= newest) {
            return None;
        }
        self.newest = Some(sequence);
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
