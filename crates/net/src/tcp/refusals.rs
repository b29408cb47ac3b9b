//! How often the log says that the system gives no connections.

use std::time::{Duration, Instant};

/// From one line about refusals to the next. While descriptors are scarce the system refuses many times a second.
const PAUSE: Duration = Duration::from_mins(1);

/// Connections that the system refused.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    told: Option<Instant>,
    untold: u64,
}

impl Refusals {
    /// Counts one. Returns how many there were since the last line, when it is time for another.
    pub(super) fn count(&mut self, now: Instant) -> Option<u64> {
        self.untold += 1;
        if self.told.is_some_and(|told| now.saturating_duration_since(told) < PAUSE) {
            return None;
        }
        self.told = Some(now);
        Some(std::mem::take(&mut self.untold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_told_at_once_and_then_once_a_minute() {
        let (start, mut refusals) = (Instant::now(), Refusals::default());
        let told: Vec<(u32, u64)> =
            (0..3 * 1_200).filter_map(|n| Some((n / 20, refusals.count(start + Duration::from_millis(50) * n)?))).collect();
        assert_eq!(told, [(0, 1), (60, 1_200), (120, 1_200)], "20 refusals a second for three minutes");
        assert_eq!(refusals.count(start + Duration::from_hours(1)), Some(1_200), "those before are not forgotten");
    }
}
