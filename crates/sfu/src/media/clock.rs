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
