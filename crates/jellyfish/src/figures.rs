//! What is counted for operators beside the workers' own counters.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use protocol::close::{self, Close};

/// Upper ends of the histogram's buckets, in milliseconds: a quarter of a second is what people call at once, and after eight
/// seconds the page says that no media flows.
const BUCKETS: [u64; 9] = [100, 250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000];

/// How long it took until something happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Durations {
    /// Those up to each bucket's end and beyond the end of the one before; the last are longer than all.
    counts: [u64; BUCKETS.len() + 1],
    total_ms: u64,
}

impl Durations {
    /// Takes one in, in milliseconds.
    pub fn record(&mut self, milliseconds: u64) {
        let bucket = BUCKETS.iter().position(|end| milliseconds <= *end).unwrap_or(BUCKETS.len());
        self.counts[bucket] += 1;
        self.total_ms += milliseconds;
    }

    /// Adds those of another.
    pub fn add(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(other.counts) {
            *count += more;
        }
        self.total_ms += other.total_ms;
    }

    /// As a histogram in the text format of Prometheus, in seconds.
    pub(crate) fn histogram(&self, name: &str, help: &str) -> String {
        let mut text = format!("# HELP {name} {help}\n# TYPE {name} histogram\n");
        let ends = BUCKETS.iter().map(|end| (*end as f64 / 1_000.0).to_string()).chain(["+Inf".to_owned()]);
        let mut sum = 0;
        // Writing to a string cannot fail.
        for (end, count) in ends.zip(self.counts) {
            sum += count;
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{name}_bucket{{le=\"{end}\"}} {sum}");
        }
        let _ = writeln!(text, "{name}_sum {}\n{name}_count {sum}", self.total_ms as f64 / 1_000.0);
        text
    }
}

/// How sockets of clients began. The names of the results are labels.
#[derive(Debug, Default)]
pub(crate) struct Connections([AtomicU64; RESULTS.len()]);

const RESULTS: [&str; 7] = ["ok", "invalid_token", "expired_token", "not_found", "already_connected", "unauthenticated", "other"];

impl Connections {
    /// Counts one that was let in, or closed for this reason; `None` stands for one that went away by itself.
    pub(crate) fn count(&self, result: Result<(), Option<Close>>) {
        let place = match result {
            Ok(()) => 0,
            Err(Some(close)) if close == close::INVALID_TOKEN => 1,
            Err(Some(close)) if close == close::EXPIRED_TOKEN => 2,
            Err(Some(close)) if close == close::ROOM_NOT_FOUND || close == close::PEER_NOT_FOUND => 3,
            Err(Some(close)) if close == close::PEER_ALREADY_CONNECTED => 4,
            Err(Some(close)) if close == close::UNAUTHENTICATED => 5,
            Err(_) => 6,
        };
        self.0[place].fetch_add(1, Ordering::Relaxed);
    }

    /// The counters with the names of their results.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&'static str, u64)> {
        RESULTS.into_iter().zip(self.0.iter().map(|count| count.load(Ordering::Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_is_cumulative_and_in_seconds() {
        let mut durations = Durations::default();
        for milliseconds in [80, 100, 101, 2_000, 60_000] {
            durations.record(milliseconds);
        }
        let mut both = Durations::default();
        both.add(&durations);
        both.add(&durations);
        let text = both.histogram("x_seconds", "What.");
        for line in [
            "# TYPE x_seconds histogram",
            "x_seconds_bucket{le=\"0.1\"} 4",
            "x_seconds_bucket{le=\"0.25\"} 6",
            "x_seconds_bucket{le=\"1\"} 6",
            "x_seconds_bucket{le=\"2\"} 8",
            "x_seconds_bucket{le=\"30\"} 8",
            "x_seconds_bucket{le=\"+Inf\"} 10",
            "x_seconds_sum 124.562",
            "x_seconds_count 10",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
    }

    #[test]
    fn each_result_has_its_counter() {
        let connections = Connections::default();
        for result in [
            Ok(()),
            Err(Some(close::INVALID_TOKEN)),
            Err(Some(close::EXPIRED_TOKEN)),
            Err(Some(close::PEER_NOT_FOUND)),
            Err(Some(close::PEER_ALREADY_CONNECTED)),
            Err(Some(close::UNAUTHENTICATED)),
            Err(None),
        ] {
            connections.count(result);
        }
        assert!(connections.all().all(|(_, count)| count == 1), "{:?}", connections.all().collect::<Vec<_>>());
    }
}
