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

#[cfg(test)]
mod tests {
    use super::*;

    /// Encodings that have flowed from one moment to another, in milliseconds.
    fn encodings(origin: Instant, flows: &[(Variant, u64, u64)]) -> Vec<Encoding> {
        let at = |millis| origin + Duration::from_millis(millis);
        flows
            .iter()
            .map(|(variant, from, to)| Encoding { active_since: Some(at(*from)), last_packet: Some(at(*to)), ..Encoding::new(*variant) })
            .collect()
    }

    #[test]
    fn the_highest_that_flows() {
        use Variant::{High, Low, Medium};
        type Row<'a> = (&'a str, &'a [(Variant, u64, u64)], Option<Variant>, Option<Variant>);
        let table: &[Row<'_>] = &[
            ("all flow", &[(Low, 0, 5000), (Medium, 0, 5000), (High, 0, 5000)], None, Some(High)),
            ("nothing is known yet: a fresh one will do", &[(Low, 0, 5000), (Medium, 4990, 5000)], None, Some(Medium)),
            ("the best stopped", &[(Low, 0, 5000), (Medium, 0, 5000), (High, 0, 3000)], Some(High), Some(Medium)),
            ("a short pause changes nothing", &[(Low, 0, 5000), (High, 0, 3600)], Some(High), Some(High)),
            ("a better one has just begun", &[(Low, 0, 5000), (High, 4800, 5000)], Some(Low), Some(Low)),
            ("a better one is steady", &[(Low, 0, 5000), (High, 4500, 5000)], Some(Low), Some(High)),
            ("none flows: no change", &[(Low, 0, 100), (High, 0, 100)], Some(Low), Some(Low)),
            ("none flows, nothing forwarded: the highest", &[(Low, 0, 100), (High, 0, 100)], None, Some(High)),
            ("no encodings", &[], None, None),
        ];
        let origin = Instant::now();
        for (name, flows, current, expected) in table {
            assert_eq!(select(&encodings(origin, flows), *current, origin + Duration::from_secs(5)), *expected, "{name}");
        }
    }

    #[test]
    fn disabled_ones_are_out() {
        let origin = Instant::now();
        let mut all = encodings(origin, &[(Variant::Low, 0, 5000), (Variant::High, 0, 5000)]);
        all[1].disabled = true;
        assert_eq!(select(&all, Some(Variant::High), origin + Duration::from_secs(5)), Some(Variant::Low));
        all[0].disabled = true;
        assert_eq!(select(&all, Some(Variant::High), origin + Duration::from_secs(5)), None);
    }

    #[test]
    fn packets_make_an_encoding_active() {
        let origin = Instant::now();
        let mut encoding = Encoding::new(Variant::High);
        assert!(!encoding.is_active(origin));
        encoding.packet(origin);
        encoding.packet(origin + Duration::from_millis(600));
        assert!(encoding.is_steady(origin + Duration::from_millis(600)));
        let later = origin + Duration::from_secs(10);
        assert!(!encoding.is_active(later));
        encoding.packet(later);
        assert!(encoding.is_active(later) && !encoding.is_steady(later), "it starts anew after a pause");
    }
}
