//! Patience with frames that are no messages.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// So many bad frames ...
pub(super) const MAX_BAD_FRAMES: usize = 20;

/// ... within so long are too many.
const WINDOW: Duration = Duration::from_secs(10);

/// Counts bad frames.
#[derive(Debug, Default)]
pub(super) struct BadFrames {
    times: VecDeque<Instant>,
}

/// There were too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMany;

impl BadFrames {
    pub(super) fn count(&mut self, now: Instant) -> Result<(), TooMany> {
        while self.times.front().is_some_and(|at| now.saturating_duration_since(*at) >= WINDOW) {
            self.times.pop_front();
        }
        self.times.push_back(now);
        if self.times.len() >= MAX_BAD_FRAMES { Err(TooMany) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_within_ten_seconds_are_too_many() {
        let start = Instant::now();
        let mut frames = BadFrames::default();
        for n in 0..100 {
            assert_eq!(frames.count(start + Duration::from_millis(600 * n)), Ok(()));
        }
        let mut frames = BadFrames::default();
        for n in 0..19 {
            assert_eq!(frames.count(start + Duration::from_millis(500 * n)), Ok(()));
        }
        assert_eq!(frames.count(start + Duration::from_millis(9_999)), Err(TooMany));
    }
}
