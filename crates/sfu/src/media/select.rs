//! Which encoding of a track is forwarded.

use std::time::{Duration, Instant};

use crate::event::Variant;

/// An encoding that sent nothing for this long is inactive. Lower: jitter makes receivers switch; higher: they freeze for longer.
pub(crate) const INACTIVE_AFTER: Duration = Duration::from_millis(1500);

/// An encoding that came back must flow for this long before it is preferred again.
const STEADY_AFTER: Duration = Duration::from_millis(500);

/// What is known about one encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Encoding {
    /// Which one.
    pub(crate) variant: Variant,
    /// Switched off by its owner.
    pub(crate) disabled: bool,
    /// First packet since it was last inactive.
    pub(crate) active_since: Option<Instant>,
    /// Newest packet.
    pub(crate) last_packet: Option<Instant>,
}

impl Encoding {
    /// An encoding that has sent nothing yet.
    pub(crate) fn new(variant: Variant) -> Self {
        Self { variant, disabled: false, active_since: None, last_packet: None }
    }

    /// A packet arrived.
    pub(crate) fn packet(&mut self, now: Instant) {
        if !self.is_active(now) {
            self.active_since = Some(now);
        }
        self.last_packet = Some(now);
    }

    /// Whether packets have arrived lately.
    pub(crate) fn is_active(&self, now: Instant) -> bool {
        self.last_packet.is_some_and(|last| now.saturating_duration_since(last) < INACTIVE_AFTER)
    }

    fn is_steady(&self, now: Instant) -> bool {
        self.is_active(now) && self.active_since.is_some_and(|since| now.saturating_duration_since(since) >= STEADY_AFTER)
    }
}

/// The encoding to forward: the highest that is on and flows. A better one than `current` must have been flowing steadily. When
/// none flows, `current` stays, else the highest that is on.
pub(crate) fn select(encodings: &[Encoding], current: Option<Variant>, now: Instant) -> Option<Variant> {
    let on = || encodings.iter().filter(|encoding| !encoding.disabled);
    let flowing = current.filter(|current| on().any(|encoding| encoding.variant == *current && encoding.is_active(now)));
    let best = on()
        .filter(|encoding| match flowing {
            Some(flowing) => encoding.variant == flowing || encoding.is_steady(now),
            None => encoding.is_active(now),
        })
        .map(|encoding| encoding.variant)
        .max();
    best.or_else(|| current.filter(|current| on().any(|encoding| encoding.variant == *current)))
        .or_else(|| on().map(|encoding| encoding.variant).max())
}
