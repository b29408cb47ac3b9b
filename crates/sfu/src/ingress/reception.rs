//! What is reported of a stream that we get (RFC 3550 sections 6.4.1 and A.3, A.8).

use std::time::{Duration, Instant};

use crate::rtcp;

/// A stream without packets for this long is not reported on.
const REPORTED_FOR: Duration = Duration::from_secs(3);

/// The statistics of one stream.
#[derive(Debug, Default)]
pub(super) struct Reception {
    received: u64,
    /// First and highest number.
    range: Option<(u64, u64)>,
    /// Expected and received as of the last report.
    reported: (u64, u64),
    /// In 16ths of a tick.
    jitter: u32,
    newest: Option<(u32, Instant)>,
    /// The middle bits of the sender's last report, and when it came.
    sender: Option<(u32, Instant)>,
}

impl Reception {
    /// A packet came for the first time.
    pub(super) fn packet(&mut self, sequence: u64, timestamp: u32, clock_rate: u32, at: Instant) {
        self.received += 1;
        let (first, highest) = self.range.unwrap_or((sequence, sequence));
        self.range = Some((first.min(sequence), highest.max(sequence)));
        if let Some((before, when)) = self.newest.filter(|_| sequence >= highest) {
            let passed = at.saturating_duration_since(when).as_micros() * u128::from(clock_rate) / 1_000_000;
            let transit = (passed as u32).wrapping_sub(timestamp.wrapping_sub(before)).cast_signed();
            // A jump of the timestamp says nothing about the network.
            let distance = transit.unsigned_abs().min(clock_rate);
            self.jitter = self.jitter + distance - (self.jitter + 8) / 16;
        }
        if sequence >= highest {
            self.newest = Some((timestamp, at));
        }
    }

    /// The sender reported.
    pub(super) fn reported(&mut self, middle: u32, at: Instant) {
        self.sender = Some((middle, at));
    }

    /// This stream's part of a report; the next one counts from here. `None`: nothing comes.
    pub(super) fn report(&mut self, ssrc: u32, now: Instant) -> Option<rtcp::Reception> {
        let (first, highest) = self.range?;
        let (_, at) = self.newest?;
        (now.saturating_duration_since(at) < REPORTED_FOR).then_some(())?;
        let expected = highest - first + 1;
        let interval = (expected - self.reported.0, self.received - self.reported.1);
        self.reported = (expected, self.received);
        let lost = interval.0.saturating_sub(interval.1);
        let lost_in_all = i64::try_from(expected).unwrap_or(i64::MAX).saturating_sub_unsigned(self.received);
        let delay = |at| (now.saturating_duration_since(at).as_micros() * 65_536 / 1_000_000) as u32;
        Some(rtcp::Reception {
            ssrc,
            fraction_lost: (lost * 256).checked_div(interval.0).unwrap_or(0).min(255) as u8,
            lost: i32::try_from(lost_in_all).unwrap_or(if lost_in_all < 0 { i32::MIN } else { i32::MAX }),
            highest: highest as u32,
            jitter: self.jitter / 16,
            last_report: self.sender.map_or(0, |(middle, _)| middle),
            delay: self.sender.map_or(0, |(_, at)| delay(at)),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    const RATE: u32 = 90_000;

    #[test]
    fn loss_is_counted_since_the_last_report_and_in_all() {
        let start = Instant::now();
        let mut reception = Reception::default();
        assert_eq!(reception.report(7, start), None);
        let mut packets = |numbers: &[u64]| {
            for number in numbers {
                reception.packet(*number, 0, RATE, start);
            }
            let report = reception.report(7, start).unwrap();
            (report.fraction_lost, report.lost, report.highest)
        };
        assert_eq!(packets(&[65_534, 65_535, 65_537]), (64, 1, 0x1_0001));
        assert_eq!(packets(&[65_536, 65_538]), (0, 0, 0x1_0002), "a late one makes up for it");
        assert_eq!(packets(&[65_539, 65_540]), (0, 0, 0x1_0004));
        assert_eq!(packets(&[65_548]), (224, 7, 0x1_000c));
        assert_eq!(packets(&[]), (0, 7, 0x1_000c));
    }

    #[test]
    fn jitter_is_that_of_the_standard() {
        let start = Instant::now();
        let mut reception = Reception::default();
        // Every other packet is 10 ms late: distances of 900 ticks.
        for number in 0..1_000_u32 {
            let at = start + Duration::from_millis(u64::from(20 * number + 10 * (number % 2)));
            reception.packet(number.into(), number * 1_800, RATE, at);
        }
        let jitter = reception.report(7, start + Duration::from_secs(20)).unwrap().jitter;
        assert!((890..=910).contains(&jitter), "{jitter}");
    }

    #[test]
    fn the_senders_report_is_echoed_with_its_age() {
        let start = Instant::now();
        let mut reception = Reception::default();
        reception.packet(1, 0, RATE, start);
        reception.reported(0x1234_5678, start);
        let report = reception.report(7, start + Duration::from_millis(1_500)).unwrap();
        assert_eq!((report.last_report, report.delay), (0x1234_5678, 98_304));
        assert_eq!(reception.report(7, start + Duration::from_secs(3)), None, "it has stopped");
    }
}
