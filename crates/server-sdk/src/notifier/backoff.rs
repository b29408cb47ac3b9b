//! Pauses between attempts to connect.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// Exponential pauses with jitter: each is between half and all of `first * 2^failures`, at most `most`.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// The first pause. Shorter reconnects sooner after a restart; the server sees more attempts.
    pub first: Duration,
    /// The longest pause. Longer leaves notifications off for longer after an outage.
    pub most: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: Duration::from_millis(100), most: Duration::from_secs(5) }
    }
}

impl Backoff {
    /// The pause after so many failures in a row; `random` spreads the clients of one server.
    pub fn pause(&self, failures: u32, random: u32) -> Duration {
        let full = self.first.saturating_mul(2_u32.saturating_pow(failures.min(16))).min(self.most);
        full / 2 + full.mul_f64(f64::from(random) / f64::from(u32::MAX) / 2.0)
    }
}

/// A number good enough to spread clients: the standard library's hash keys are random for each value.
pub(super) fn random() -> u32 {
    RandomState::new().hash_one(0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_limit_and_stay_within_their_half() {
        let backoff = Backoff { first: Duration::from_millis(100), most: Duration::from_secs(1) };
        for (failures, low, high) in [(0, 50, 100), (1, 100, 200), (2, 200, 400), (3, 400, 800), (4, 500, 1000), (u32::MAX, 500, 1000)] {
            assert_eq!(backoff.pause(failures, 0), Duration::from_millis(low));
            assert_eq!(backoff.pause(failures, u32::MAX), Duration::from_millis(high));
        }
    }
}
