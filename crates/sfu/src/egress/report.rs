//! Sender reports (RFC 3550 section 6.4.1), which tie RTP timestamps to a clock so that receivers play sound and picture in step.

use std::time::{Duration, Instant};

use crate::rtcp;

/// Seconds that our wall clock starts at. Only differences matter to receivers (RFC 3550 section 4), and a value away from zero is
/// never taken for "unknown".
const EPOCH: u64 = 0xe000_0000;

/// One stream's part of a report.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    pub(super) ssrc: u32,
    /// RTP timestamp of the moment of the report.
    pub(super) timestamp: u32,
    pub(super) packets: u32,
    pub(super) bytes: u32,
    pub(super) cname: &'a str,
}

/// NTP timestamp (64 bits, RFC 5905 section 6) of a moment, on a clock that starts at `origin`.
fn ntp(origin: Instant, now: Instant) -> u64 {
    let elapsed = now.saturating_duration_since(origin);
    ((EPOCH + elapsed.as_secs()) << 32) | ((u64::from(elapsed.subsec_nanos()) << 32) / 1_000_000_000)
}

/// RTP timestamp of `now`, given that of another moment.
pub(super) fn timestamp_at(now: Instant, timestamp: u32, at: Instant, clock_rate: u32) -> u32 {
    let ticks = |span: Duration| (span.as_nanos() * u128::from(clock_rate) / 1_000_000_000) as u32;
    timestamp.wrapping_add(ticks(now.saturating_duration_since(at))).wrapping_sub(ticks(at.saturating_duration_since(now)))
}

/// Appends a compound packet: a report of each stream, then their names. At most 31 entries (RFC 3550 section 6.5).
pub(super) fn write(origin: Instant, now: Instant, entries: &[Entry<'_>], packet: &mut Vec<u8>) {
    let ntp = ntp(origin, now).to_be_bytes();
    for entry in entries {
        packet.extend_from_slice(&[0x80, 200, 0, 6]);
        packet.extend_from_slice(&entry.ssrc.to_be_bytes());
        packet.extend_from_slice(&ntp);
        for field in [entry.timestamp, entry.packets, entry.bytes] {
            packet.extend_from_slice(&field.to_be_bytes());
        }
    }
    rtcp::names(entries.iter().map(|entry| (entry.ssrc, entry.cname)), packet);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_as_the_standard_has_it() {
        let origin = Instant::now();
        let entry = Entry { ssrc: 1, timestamp: 2, packets: 3, bytes: 4, cname: "abc" };
        let mut packet = Vec::new();
        write(origin, origin + Duration::from_millis(1_500), &[entry, Entry { ssrc: 5, cname: "abcd", ..entry }], &mut packet);
        let report = |ssrc| [0x80, 200, 0, 6, 0, 0, 0, ssrc, 0xe0, 0, 0, 1, 0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4];
        let names =
            [&[0x82, 202, 0, 6][..], &[0, 0, 0, 1, 1, 3, b'a', b'b', b'c', 0, 0, 0], &[0, 0, 0, 5, 1, 4, b'a', b'b', b'c', b'd', 0, 0]];
        assert_eq!(packet, [&report(1)[..], &report(5), &names.concat()].concat());
    }

    #[test]
    fn timestamps_run_with_the_clock_both_ways() {
        let at = Instant::now() + Duration::from_secs(10);
        let second = Duration::from_secs(1);
        assert_eq!(timestamp_at(at + second, 5, at, 90_000), 90_005);
        assert_eq!(timestamp_at(at, 5, at + second, 90_000), 5_u32.wrapping_sub(90_000));
    }
}
