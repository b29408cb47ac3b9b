//! Made-up Opus: a frame of 20 ms per packet (RFC 6716, RFC 7587), with a level that alternates between speech and rest.

use std::time::{Duration, Instant};

use super::Packet;

const FRAME: Duration = Duration::from_millis(20);
/// RTP clock ticks of a frame at 48 kHz.
const TICKS: u32 = 960;
/// CELT, full band, 20 ms, stereo, one frame (RFC 6716 section 3.1).
const TOC: u8 = 0xfc;
const LOUD: i8 = -25;

/// A sender of Opus-like packets.
#[derive(Debug)]
pub(crate) struct Opus {
    due: Instant,
    timestamp: u32,
    size: usize,
    speaking: bool,
}

impl Opus {
    /// `bitrate` in bits per second of RTP payload.
    pub(crate) fn new(bitrate: u32, timestamp: u32, now: Instant) -> Self {
        let size = (bitrate as usize / 8 / 50).clamp(3, 1000);
        Self { due: now, timestamp, size, speaking: true }
    }

    pub(super) fn due(&self) -> Instant {
        self.due
    }

    pub(super) fn restart(&mut self, now: Instant) {
        self.due = now;
    }

    /// Sound from now on, or silence.
    pub(crate) fn set_speaking(&mut self, speaking: bool) {
        self.speaking = speaking;
    }

    pub(super) fn produce(&mut self, now: Instant) -> Vec<Packet> {
        let mut packets = Vec::new();
        while self.due <= now {
            let mut payload = vec![0x55; self.size];
            payload[0] = TOC;
            let level = if self.speaking { (LOUD, true) } else { (-127, false) };
            packets.push(Packet { payload: payload.into(), timestamp: self.timestamp, marker: false, keyframe: false, level: Some(level) });
            self.timestamp = self.timestamp.wrapping_add(TICKS);
            self.due += FRAME;
        }
        packets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_fifty_packets_of_the_wanted_bitrate() {
        let start = Instant::now();
        let mut source = Opus::new(32_000, u32::MAX, start);
        let packets = source.produce(start + Duration::from_millis(999));
        assert_eq!(packets.len(), 50);
        assert_eq!(packets.iter().map(|packet| packet.payload.len()).sum::<usize>() * 8, 32_000);
        assert_eq!(packets[1].timestamp, 959, "the timestamp wraps around");
        assert_eq!(source.due(), start + Duration::from_secs(1));
    }

    #[test]
    fn silence_has_no_level() {
        let start = Instant::now();
        let mut source = Opus::new(32_000, 0, start);
        assert_eq!(source.produce(start)[0].level, Some((LOUD, true)));
        source.set_speaking(false);
        assert_eq!(source.produce(start + FRAME)[0].level, Some((-127, false)));
    }
}
