//! Transport-wide feedback: which packets arrived when (draft-holmer-rmcat-transport-wide-cc-extensions-01). The bandwidth
//! estimation of the client lives on it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::rtcp;
use crate::srtp;

/// Arrivals remembered after they were reported: what comes late is reported together with its neighbours. Less: late packets count
/// as lost.
const REMEMBERED: Duration = Duration::from_millis(500);
/// Arrivals remembered at most.
const CAPACITY: usize = 2_048;
/// Packets of one report. More go into the next one.
const PACKETS: u64 = 300;
/// A hole of more packets is not reported: nobody waits for them.
const MAX_HOLE: u64 = 1_000;
/// Ticks of arrival times per second (section 3.1.5), and ticks of a step of the reference time.
const TICKS: u128 = 4_000;
const REFERENCE: i64 = 256;
/// Packets that a run-length chunk and a chunk of two-bit symbols can stand for (sections 3.1.3 and 3.1.4).
const RUN: usize = 0x1fff;
const SYMBOLS: usize = 7;

/// Status of a packet (section 3.1.1).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Status {
    Missing = 0,
    /// Its distance fits one byte.
    Near = 1,
    Far = 2,
}

/// The newest arrivals of one client.
#[derive(Debug)]
pub(super) struct Arrivals {
    /// Arrival times count from here.
    origin: Instant,
    /// By extended number.
    arrived: VecDeque<(u64, Instant)>,
    /// First number of the next report.
    next: u64,
    has_news: bool,
    /// Of the next report.
    count: u8,
}

impl Arrivals {
    /// `origin` is any moment in the past.
    pub(super) fn new(origin: Instant) -> Self {
        Self { origin, arrived: VecDeque::new(), next: 0, has_news: false, count: 0 }
    }

    /// Whether something has arrived since the last report.
    pub(super) fn has_news(&self) -> bool {
        self.has_news
    }

    /// Notes a packet.
    pub(super) fn note(&mut self, sequence: u16, at: Instant) {
        let newest = self.arrived.back().map(|(newest, _)| *newest);
        // Numbers of the first cycle begin above zero, so that earlier ones fit below.
        let number = newest.map_or_else(|| 0x1_0000 + u64::from(sequence), |newest| srtp::estimate(Some(newest), sequence));
        let oldest = self.arrived.front().map_or(number, |(oldest, _)| *oldest);
        if number < oldest && self.next > oldest {
            // Its neighbours are forgotten.
            return;
        }
        let index = self.arrived.partition_point(|(known, _)| *known < number);
        if self.arrived.get(index).is_some_and(|(known, _)| *known == number) {
            return;
        }
        self.arrived.insert(index, (number, at));
        self.next = if newest.is_none() { number } else { self.next.min(number) };
        self.has_news = true;
        while self.arrived.len() > CAPACITY {
            self.arrived.pop_front();
        }
    }

    /// Appends a report of what has arrived since the last one, if anything has. There may be more: see [`Arrivals::has_news`].
    pub(super) fn write(&mut self, reporter: u32, media: u32, packet: &mut Vec<u8>) {
        let begin = self.arrived.partition_point(|(number, _)| *number < self.next);
        let Some(&(first, at)) = self.arrived.get(begin) else {
            self.has_news = false;
            return;
        };
        // Everything between the last report and this one is lost, unless it is too much.
        let base = if first - self.next > MAX_HOLE { first } else { self.next };
        let reference = self.ticks(at).div_euclid(REFERENCE);
        let mut statuses = Vec::new();
        let mut deltas = Vec::new();
        let mut ticks = reference * REFERENCE;
        let mut end = base;
        for &(number, at) in self.arrived.range(begin..) {
            let Ok(delta) = i16::try_from(self.ticks(at) - ticks) else { break };
            if number - base >= MAX_HOLE + PACKETS || number - end > MAX_HOLE || deltas.len() as u64 >= 2 * PACKETS {
                break;
            }
            ticks += i64::from(delta);
            statuses.resize((number - base) as usize, Status::Missing);
            end = number + 1;
            if let Ok(near) = u8::try_from(delta) {
                statuses.push(Status::Near);
                deltas.push(near);
            } else {
                statuses.push(Status::Far);
                deltas.extend_from_slice(&delta.to_be_bytes());
            }
        }
        let start = packet.len();
        rtcp::open_transport_feedback(rtcp::ARRIVAL_TIMES, reporter, media, packet);
        packet.extend_from_slice(&(base as u16).to_be_bytes());
        packet.extend_from_slice(&(statuses.len() as u16).to_be_bytes());
        packet.extend_from_slice(&(reference as u32).to_be_bytes()[1..]);
        packet.push(self.count);
        write_chunks(&statuses, packet);
        packet.extend_from_slice(&deltas);
        rtcp::close(packet, start);
        self.count = self.count.wrapping_add(1);
        self.reported(end, at);
    }

    /// Everything before `end` is reported. `now`: about.
    fn reported(&mut self, end: u64, now: Instant) {
        self.next = end;
        self.has_news = self.arrived.back().is_some_and(|(newest, _)| *newest >= end);
        let is_old = |(number, at): &(u64, Instant)| *number < end && now.saturating_duration_since(*at) > REMEMBERED;
        // The newest stays: the next number is extended from it.
        while self.arrived.len() > 1 && self.arrived.front().is_some_and(is_old) {
            self.arrived.pop_front();
        }
    }

    fn ticks(&self, at: Instant) -> i64 {
        let since = at.saturating_duration_since(self.origin);
        (since.as_micros() * TICKS / 1_000_000) as i64
    }
}

/// Chunks of statuses: of runs where they are long, else of symbols.
fn write_chunks(mut statuses: &[Status], packet: &mut Vec<u8>) {
    while let Some(first) = statuses.first() {
        let run = statuses.iter().take(RUN).take_while(|status| *status == first).count();
        let (chunk, count) = if run >= SYMBOLS || run == statuses.len() {
            ((*first as u16) << 13 | run as u16, run)
        } else {
            let symbols = &statuses[..statuses.len().min(SYMBOLS)];
            let bits = (0..SYMBOLS).fold(0, |bits, index| bits << 2 | symbols.get(index).map_or(0, |status| *status as u16));
            (0b11 << 14 | bits, symbols.len())
        };
        packet.extend_from_slice(&chunk.to_be_bytes());
        statuses = &statuses[count..];
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use proptest::prelude::*;

    use super::*;

    /// What a report says: its first number, and when each packet arrived, in ticks of a quarter of a millisecond.
    #[derive(Debug, PartialEq, Eq)]
    struct Report {
        base: u16,
        count: u8,
        arrivals: Vec<Option<i64>>,
    }

    fn read(packet: &[u8]) -> Report {
        assert_eq!((packet[0] & 0x1f, packet[1]), (15, 205));
        assert_eq!(packet.len(), 4 * (usize::from(u16::from_be_bytes([packet[2], packet[3]])) + 1));
        let padding = if packet[0] & 0x20 == 0 { 0 } else { usize::from(*packet.last().unwrap()) };
        let words = |at: usize| u16::from_be_bytes([packet[at], packet[at + 1]]);
        let (base, count) = (words(12), usize::from(words(14)));
        let reference = i64::from(u32::from_be_bytes([0, packet[16], packet[17], packet[18]]));
        let (mut at, mut statuses) = (20, Vec::new());
        while statuses.len() < count {
            let chunk = words(at);
            at += 2;
            if chunk >> 15 == 0 {
                statuses.resize(statuses.len() + usize::from(chunk & 0x1fff), chunk >> 13);
            } else {
                assert_eq!(chunk >> 14, 3, "symbols of two bits");
                statuses.extend((0..7).rev().map(|index| chunk >> (2 * index) & 3));
            }
        }
        statuses.truncate(count);
        let mut ticks = reference * 256;
        let mut arrivals = Vec::new();
        for status in statuses {
            let (delta, size) = match status {
                0 => (None, 0),
                1 => (Some(i64::from(packet[at])), 1),
                2 => (Some(i64::from(words(at).cast_signed())), 2),
                _ => panic!("a reserved status"),
            };
            at += size;
            ticks += delta.unwrap_or(0);
            arrivals.push(delta.map(|_| ticks));
        }
        assert_eq!(at + padding, packet.len(), "nothing is left over");
        Report { base, count: packet[19], arrivals }
    }

    struct Story {
        origin: Instant,
        arrivals: Arrivals,
    }

    impl Story {
        fn new() -> Self {
            let origin = Instant::now();
            Self { origin, arrivals: Arrivals::new(origin) }
        }

        fn note(&mut self, sequence: u16, ms: u64) {
            self.arrivals.note(sequence, self.origin + Duration::from_millis(ms));
        }

        fn report(&mut self) -> Option<Report> {
            let mut packet = Vec::new();
            self.arrivals.write(1, 2, &mut packet);
            (!packet.is_empty()).then(|| read(&packet))
        }
    }

    #[test]
    fn a_report_is_as_the_draft_has_it() {
        let mut story = Story::new();
        story.note(0xfffe, 70);
        story.note(0xffff, 71);
        story.note(1, 200);
        let mut packet = Vec::new();
        story.arrivals.write(1, 2, &mut packet);
        // Reference 1 (64 ms), then 6, 1 and 129 ms later; one is missing.
        let expected = [
            &[0xaf, 205, 0, 7, 0, 0, 0, 1, 0, 0, 0, 2][..],
            &[0xff, 0xfe, 0, 4, 0, 0, 1, 0],
            &[0b1101_0100, 0b1000_0000],
            &[24, 4, 2, 4],
            &[0, 0, 0, 4][2..],
        ]
        .concat();
        // Twenty bytes before the chunks, two of chunks, four of distances: two of padding.
        let mut expected = expected;
        expected[3] = 6;
        let length = expected.len();
        expected[length - 1] = 2;
        assert_eq!(packet, expected);
    }

    #[test]
    fn reports_follow_each_other_and_what_comes_late_is_told_again() {
        let mut story = Story::new();
        assert_eq!(story.report(), None);
        story.note(10, 0);
        story.note(12, 1);
        assert_eq!(story.report(), Some(Report { base: 10, count: 0, arrivals: vec![Some(0), None, Some(4)] }));
        assert_eq!(story.report(), None);
        story.note(13, 100);
        story.note(11, 101);
        story.note(13, 102);
        let arrivals = vec![Some(404), Some(4), Some(400)];
        assert_eq!(story.report(), Some(Report { base: 11, count: 1, arrivals }));
        story.note(16, 150);
        let arrivals = vec![None, None, Some(600)];
        assert_eq!(story.report(), Some(Report { base: 14, count: 2, arrivals }), "the hole before it belongs to it");
    }

    #[test]
    fn holes_bursts_and_pauses_are_bounded() {
        let mut story = Story::new();
        story.note(0, 0);
        story.note(5_000, 1);
        story.note(5_001, 20_000);
        for sequence in 5_002..8_000 {
            story.note(sequence, 20_000);
        }
        let mut reports = 0;
        let mut told = 0;
        while let Some(report) = story.report() {
            reports += 1;
            told += report.arrivals.iter().flatten().count();
            assert!(report.arrivals.len() <= 1_300);
        }
        assert_eq!(told, CAPACITY);
        assert!(reports < 20, "{reports}");
        assert!(story.arrivals.arrived.len() <= CAPACITY);
    }

    proptest! {
        /// Whatever arrives is reported exactly as it arrived, once or more often.
        #[test]
        fn everything_is_reported(steps in proptest::collection::vec((-20_i32..60, 0_u64..300, any::<bool>()), 1..200)) {
            let mut story = Story::new();
            let (mut number, mut ms) = (60_000_i32, 0);
            let mut arrived = std::collections::BTreeMap::new();
            let mut told = std::collections::BTreeMap::new();
            for (step, pause, reports) in steps {
                number += step;
                ms += pause;
                story.note(number as u16, ms);
                arrived.entry(number as u16).or_insert((ms * 4) as i64);
                while let Some(report) = reports.then(|| story.report()).flatten() {
                    for (sequence, at) in (report.base..=u16::MAX).chain(0..).zip(report.arrivals) {
                        if let Some(at) = at {
                            let at: i64 = at;
                            prop_assert_eq!(*told.entry(sequence).or_insert(at), at);
                            prop_assert_eq!(arrived.get(&sequence), Some(&at));
                        }
                    }
                }
            }
        }
    }
}
