//! The newest packets of one video encoding: for clients that miss one, and so that a keyframe whose first packet comes late is
//! not useless.
//!
//! Forwarding begins at the first packet of a keyframe. When the network reordered or lost it (and it came again by RTX), the
//! packets behind it have passed already; nobody could ever repair the hole. They are kept here for that moment.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::packet::Packet;

/// Packets kept, and for how long. Fewer: longer round trips cannot be repaired; more: memory per publisher (about 1.2 kB each,
/// shared by all its subscribers).
const CAPACITY: usize = 512;
const AGE: Duration = Duration::from_secs(1);

/// The newest packets of an encoding, by sequence number.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    source: u32,
    packets: VecDeque<Packet>,
}

impl Recent {
    /// Notes a packet of an RTP stream. A new stream makes the old one's packets worthless.
    pub(crate) fn note(&mut self, source: u32, packet: &Packet, now: Instant) {
        if self.source != source {
            self.packets.clear();
            self.source = source;
        }
        let is_old = |packet: &Packet| now.saturating_duration_since(packet.facts.received_at) > AGE;
        while self.packets.len() >= CAPACITY || self.packets.front().is_some_and(is_old) {
            self.packets.pop_front();
        }
        // Nearly always the end: only what comes late goes before others.
        let at = self.packets.partition_point(|known| known.facts.sequence < packet.facts.sequence);
        self.packets.insert(at, packet.clone());
    }

    /// The packet of this stream with this number.
    pub(crate) fn get(&self, source: u32, sequence: u64) -> Option<&Packet> {
        let at = self.packets.binary_search_by_key(&sequence, |packet| packet.facts.sequence).ok()?;
        self.packets.get(at).filter(|_| self.source == source)
    }

    /// What of this stream follows the given sequence number.
    pub(crate) fn after(&self, source: u32, sequence: u64) -> impl Iterator<Item = &Packet> {
        self.packets.iter().filter(move |packet| self.source == source && packet.facts.sequence > sequence)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::packet::{Codec, PacketFacts};
    use super::*;

    fn packet(sequence: u64) -> Packet {
        let facts = PacketFacts {
            sequence,
            timestamp: 0,
            marker: false,
            codec: Codec::Vp8,
            keyframe_start: false,
            vp8: None,
            audio_level: None,
            received_at: Instant::now(),
            captured_at: None,
        };
        Packet { facts, payload: Arc::from([1].as_slice()) }
    }

    fn after(recent: &Recent, source: u32, sequence: u64) -> Vec<u64> {
        recent.after(source, sequence).map(|packet| packet.facts.sequence).collect()
    }

    #[test]
    fn what_follows_a_late_packet_is_found() {
        let (mut recent, now) = (Recent::default(), Instant::now());
        for sequence in [4, 7, 6, 5] {
            recent.note(9, &packet(sequence), now);
        }
        assert_eq!(after(&recent, 9, 5), [6, 7]);
        assert_eq!(recent.get(9, 6).map(|packet| packet.facts.sequence), Some(6));
        assert!(recent.get(9, 8).is_none() && recent.get(8, 6).is_none());
        assert!(after(&recent, 8, 5).is_empty(), "another stream's numbers mean nothing");
        recent.note(8, &packet(1), now);
        assert!(after(&recent, 9, 0).is_empty());
        assert_eq!(after(&recent, 8, 0), [1]);
    }

    #[test]
    fn memory_is_bounded() {
        let (mut recent, now) = (Recent::default(), Instant::now());
        for sequence in 0..1000 {
            recent.note(9, &packet(sequence), now);
        }
        assert_eq!(recent.packets.len(), CAPACITY);
        recent.note(9, &packet(1_000), now + 2 * AGE);
        assert_eq!(recent.packets.len(), 1);
    }
}
