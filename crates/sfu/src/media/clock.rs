//! When a sample was captured, on our clock: the publisher's sender reports (RFC 3550 section 6.4.1) tie its RTP timestamps to
//! its wall clock, and one mapping per publisher ties that wall clock to ours, so that its audio and video stay in step.

use std::time::{Duration, Instant, SystemTime};

/// How fast the mapping follows reports that seem to arrive later and later (clock drift), per report.
const LEAK: Duration = Duration::from_micros(500);

/// A report further off than this means that the publisher's clock was set: start again.
const MAX_ERROR: Duration = Duration::from_secs(5);

/// A capture time further from the arrival than this is not believed.
const MAX_DISTANCE: Duration = Duration::from_secs(10);

/// The newest sender report of one RTP stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SenderReport {
    /// The publisher's wall clock.
    pub(crate) ntp: SystemTime,
    /// The RTP timestamp of the same moment.
    pub(crate) timestamp: u32,
}

/// A publisher's wall clock on ours.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PublisherClock {
    anchor: Option<(SystemTime, Instant)>,
}

impl PublisherClock {
    /// Learns from a report at its arrival. The least delayed reports say it best.
    pub(crate) fn learn(&mut self, report: &SenderReport, received_at: Instant) {
        let Some(expected) = self.local(report.ntp) else {
            self.anchor = Some((report.ntp, received_at));
            return;
        };
        let early = expected.saturating_duration_since(received_at);
        let late = received_at.saturating_duration_since(expected);
        if early.max(late) > MAX_ERROR {
            self.anchor = Some((report.ntp, received_at));
        } else if early > Duration::ZERO {
            self.shift(|local| local.checked_sub(early));
        } else {
            self.shift(|local| local.checked_add(late.min(LEAK)));
        }
    }

    /// When the sample with this RTP timestamp was captured. `None`: unknown, or not believable.
    pub(crate) fn captured_at(&self, report: &SenderReport, clock_rate: u32, timestamp: u32, received_at: Instant) -> Option<Instant> {
        let reported = self.local(report.ntp)?;
        let ticks = timestamp.wrapping_sub(report.timestamp) as i32;
        let distance = Duration::from_secs_f64(f64::from(ticks.unsigned_abs()) / f64::from(clock_rate.max(1)));
        let captured = if ticks < 0 { reported.checked_sub(distance)? } else { reported.checked_add(distance)? };
        let off = captured.saturating_duration_since(received_at).max(received_at.saturating_duration_since(captured));
        (off <= MAX_DISTANCE).then_some(captured)
    }

    fn local(&self, ntp: SystemTime) -> Option<Instant> {
        let (wall, local) = self.anchor?;
        match ntp.duration_since(wall) {
            Ok(later) => local.checked_add(later),
            Err(earlier) => local.checked_sub(earlier.duration()),
        }
    }

    fn shift(&mut self, by: impl FnOnce(Instant) -> Option<Instant>) {
        self.anchor = self.anchor.and_then(|(wall, local)| Some((wall, by(local)?)));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RATE: u32 = 90_000;

    fn millis(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    struct Story {
        wall: SystemTime,
        local: Instant,
        clock: PublisherClock,
    }

    impl Story {
        fn new() -> Self {
            // Away from the edges of what an instant can hold.
            let local = Instant::now() + Duration::from_hours(1);
            Self { wall: SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000), local, clock: PublisherClock::default() }
        }

        /// A report made at one moment that arrives at another.
        fn report(&mut self, made: u64, arrives: u64, timestamp: u32) -> SenderReport {
            let report = SenderReport { ntp: self.wall + millis(made), timestamp };
            self.clock.learn(&report, self.local + millis(arrives));
            report
        }

        fn captured(&self, report: &SenderReport, timestamp: u32, received: u64) -> Option<i64> {
            let captured = self.clock.captured_at(report, RATE, timestamp, self.local + millis(received))?;
            Some(captured.checked_duration_since(self.local).map_or(-1, |after| after.as_millis() as i64))
        }
    }

    #[test]
    fn unknown_before_the_first_report() {
        let story = Story::new();
        assert_eq!(story.captured(&SenderReport { ntp: story.wall, timestamp: 0 }, 0, 0), None);
    }

    #[test]
    fn audio_and_video_of_a_publisher_share_a_clock() {
        let mut story = Story::new();
        let video = story.report(1000, 1080, 90_000);
        let audio = story.report(1000, 1080, u32::MAX);
        assert_eq!(story.captured(&video, 90_000 + 900, 1090), Some(1090), "10 ms after the report's moment");
        assert_eq!(story.captured(&video, 90_000 - 900, 1090), Some(1070));
        assert_eq!(story.captured(&audio, 899, 1090), Some(1090), "timestamps wrap around");
    }

    #[test]
    fn the_least_delayed_report_counts() {
        let mut story = Story::new();
        story.report(0, 200, 0);
        let report = story.report(1000, 1050, 0);
        assert_eq!(story.captured(&report, 0, 1050), Some(1050));
        let delayed = story.report(2000, 2300, 0);
        assert_eq!(story.captured(&delayed, 0, 2300), Some(2050), "a delayed one moves it by less than a millisecond");
    }

    #[test]
    fn a_clock_that_is_set_starts_again() {
        let mut story = Story::new();
        story.report(0, 0, 0);
        let report = story.report(3_600_000, 1000, 0);
        assert_eq!(story.captured(&report, 0, 1000), Some(1000));
    }

    #[test]
    fn what_cannot_be_is_not_believed() {
        let mut story = Story::new();
        let report = story.report(0, 0, 0);
        assert_eq!(story.captured(&report, 90_000 * 11, 0), None, "11 s in the future");
        assert_eq!(story.captured(&report, 0, 11_000), None, "11 s old");
    }

    proptest! {
        #[test]
        fn never_panics(
            reports in proptest::collection::vec((any::<u64>(), any::<u32>(), 0_u64..1_000_000), 1..20),
            timestamp in any::<u32>(),
        ) {
            let mut clock = PublisherClock::default();
            let origin = Instant::now();
            for (ntp, at, received) in reports {
                let ntp = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(ntp >> 1)).unwrap_or(SystemTime::UNIX_EPOCH);
                let report = SenderReport { ntp, timestamp: at };
                let received_at = origin + millis(received);
                clock.learn(&report, received_at);
                let _ = clock.captured_at(&report, 48_000, timestamp, received_at);
            }
        }
    }
}
