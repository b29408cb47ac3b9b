//! The newest packets of one video encoding, so that a keyframe whose first packet comes late is not useless.
//!
//! Forwarding begins at the first packet of a keyframe. When the network reordered or lost it (and it came again by RTX), the
//! packets behind it have passed already; nobody could ever repair the hole. They are kept here for that moment.

use std::collections::VecDeque;

use super::packet::Packet;

/// Packets kept. Fewer: late starts after a long round trip stay useless; more: memory per publisher (about 1.2 kB each).
const CAPACITY: usize = 64;

/// The newest packets of an encoding, in order of arrival.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    source: u32,
    packets: VecDeque<Packet>,
}

impl Recent {
    /// Notes a packet of an RTP stream. A new stream makes the old one's packets worthless.
    pub(crate) fn note(&mut self, source: u32, packet: &Packet) {
        if self.source != source {
            self.packets.clear();
            self.source = source;
        }
        if self.packets.len() == CAPACITY {
            self.packets.pop_front();
        }
        self.packets.push_back(packet.clone());
    }

    /// What of this stream follows the given sequence number.
    pub(crate) fn after(&self, source: u32, sequence: u64) -> impl Iterator<Item = &Packet> {
        self.packets.iter().filter(move |packet| self.source == source && packet.facts.sequence > sequence)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Instant;

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
        let mut recent = Recent::default();
        for sequence in [4, 7, 6, 5] {
            recent.note(9, &packet(sequence));
        }
        assert_eq!(after(&recent, 9, 5), [7, 6]);
        assert!(after(&recent, 8, 5).is_empty(), "another stream's numbers mean nothing");
        recent.note(8, &packet(1));
        assert!(after(&recent, 9, 0).is_empty());
        assert_eq!(after(&recent, 8, 0), [1]);
    }

    #[test]
    fn memory_is_bounded() {
        let mut recent = Recent::default();
        for sequence in 0..1000 {
            recent.note(9, &packet(sequence));
        }
        assert_eq!(after(&recent, 9, 0).len(), CAPACITY);
    }
}
