//! The header of an incoming RTP packet (RFC 3550 section 5.1) with its extensions (RFC 8285).

use crate::media::packet::AudioLevel;

/// Bytes without contributing sources and extensions.
const FIXED: usize = 12;
/// `defined by profile` of one-byte and of two-byte extensions (RFC 8285 sections 4.2 and 4.3); the low bits of the latter are free.
const ONE_BYTE: u16 = 0xbede;
const TWO_BYTES: u16 = 0x1000;
const FREE_BITS: u16 = 0x000f;
/// An id that ends the extensions of the one-byte form (RFC 8285 section 4.2).
const END: u8 = 15;
/// Ids that are told apart; negotiation accepts none beyond.
const IDS: usize = 17;

/// A header extension that we read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extension {
    /// MID (RFC 9143 section 15).
    Mid,
    /// RtpStreamId (RFC 8852).
    Rid,
    /// RepairedRtpStreamId (RFC 8852).
    RepairedRid,
    /// Audio level (RFC 6464).
    AudioLevel,
    /// Transport-wide sequence number (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 2).
    TransportSequence,
}

/// Which extension has which id. All lines of a bundle share the ids (RFC 8843 section 9.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ids([Option<Extension>; IDS]);

impl Ids {
    /// Notes an id; the first meaning counts.
    pub(crate) fn insert(&mut self, id: u8, extension: Extension) {
        if let Some(slot) = self.0.get_mut(usize::from(id)) {
            slot.get_or_insert(extension);
        }
    }

    fn get(&self, id: u8) -> Option<Extension> {
        self.0.get(usize::from(id)).copied().flatten()
    }
}

/// The fields of a header. Nothing of it is to be believed before the packet has proved authentic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Header<'a> {
    pub(super) payload_type: u8,
    pub(super) marker: bool,
    pub(super) sequence: u16,
    pub(super) timestamp: u32,
    pub(super) ssrc: u32,
    /// The payload ends with padding.
    pub(super) is_padded: bool,
    /// Bytes before the payload.
    pub(super) length: usize,
    pub(super) mid: Option<&'a [u8]>,
    pub(super) rid: Option<&'a [u8]>,
    pub(super) repaired_rid: Option<&'a [u8]>,
    pub(super) audio_level: Option<AudioLevel>,
    pub(super) transport_sequence: Option<u16>,
}

impl<'a> Header<'a> {
    /// `None`: not RTP.
    pub(super) fn parse(packet: &'a [u8], ids: &Ids) -> Option<Self> {
        let fixed: &[u8; FIXED] = packet.first_chunk()?;
        let [first, second, s0, s1, t0, t1, t2, t3, c0, c1, c2, c3] = *fixed;
        (first >> 6 == 2).then_some(())?;
        let mut header = Self {
            payload_type: second & 0x7f,
            marker: second & 0x80 != 0,
            sequence: u16::from_be_bytes([s0, s1]),
            timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
            ssrc: u32::from_be_bytes([c0, c1, c2, c3]),
            is_padded: first & 0x20 != 0,
            length: FIXED + 4 * usize::from(first & 0x0f),
            ..Self::default()
        };
        if first & 0x10 != 0 {
            let [p0, p1, w0, w1] = *packet.get(header.length..)?.first_chunk()?;
            let begin = header.length + 4;
            header.length = begin + 4 * usize::from(u16::from_be_bytes([w0, w1]));
            let elements = packet.get(begin..header.length)?;
            match u16::from_be_bytes([p0, p1]) {
                ONE_BYTE => header.read_one_byte(elements, ids),
                profile if profile & !FREE_BITS == TWO_BYTES => header.read_two_bytes(elements, ids),
                _ => {}
            }
        }
        (packet.len() >= header.length).then_some(header)
    }

    fn read_one_byte(&mut self, mut elements: &'a [u8], ids: &Ids) {
        while let Some((&head, rest)) = elements.split_first() {
            let (id, length) = (head >> 4, usize::from(head & 0x0f) + 1);
            match id {
                // Padding.
                0 => elements = rest,
                END => return,
                _ => {
                    let Some((value, rest)) = rest.split_at_checked(length) else { return };
                    self.read(ids.get(id), value);
                    elements = rest;
                }
            }
        }
    }

    fn read_two_bytes(&mut self, mut elements: &'a [u8], ids: &Ids) {
        while let Some((&id, rest)) = elements.split_first() {
            if id == 0 {
                elements = rest;
                continue;
            }
            let Some((&length, rest)) = rest.split_first() else { return };
            let Some((value, rest)) = rest.split_at_checked(length.into()) else { return };
            self.read(ids.get(id), value);
            elements = rest;
        }
    }

    fn read(&mut self, extension: Option<Extension>, value: &'a [u8]) {
        match (extension, value) {
            (Some(Extension::Mid), [_, ..]) => self.mid = Some(value),
            (Some(Extension::Rid), [_, ..]) => self.rid = Some(value),
            (Some(Extension::RepairedRid), [_, ..]) => self.repaired_rid = Some(value),
            (Some(Extension::AudioLevel), [level, ..]) => {
                self.audio_level = Some(AudioLevel { attenuation: level & 0x7f, voice: Some(level & 0x80 != 0) });
            }
            (Some(Extension::TransportSequence), [high, low, ..]) => self.transport_sequence = Some(u16::from_be_bytes([*high, *low])),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ids() -> Ids {
        let mut ids = Ids::default();
        let all = [Extension::AudioLevel, Extension::TransportSequence, Extension::Mid, Extension::Rid, Extension::RepairedRid];
        for (id, extension) in (1..).zip(all) {
            ids.insert(id, extension);
        }
        ids.insert(16, Extension::Mid);
        ids.insert(1, Extension::Mid);
        ids.insert(200, Extension::Mid);
        ids
    }

    fn packet(first: u8, rest: &[u8]) -> Vec<u8> {
        let mut packet = vec![first, 0xe0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
        packet.extend_from_slice(rest);
        packet
    }

    fn fields() -> Header<'static> {
        let (sequence, timestamp, ssrc) = (0x0102, 0x0304_0506, 0x0708_090a);
        Header { payload_type: 96, marker: true, sequence, timestamp, ssrc, length: FIXED, ..Header::default() }
    }

    #[test]
    fn every_form_is_read() {
        let audio_level = Some(AudioLevel { attenuation: 30, voice: Some(true) });
        let (mid, rid) = (Some(b"12".as_slice()), Some(b"h".as_slice()));
        let table: [(&str, u8, &[u8], Header<'_>); 8] = [
            ("bare", 0x80, &[1, 2], fields()),
            ("padded, two contributors", 0xa2, &[0; 8], Header { is_padded: true, length: 20, ..fields() }),
            (
                "one byte, with padding between",
                0x90,
                &[0xbe, 0xde, 0, 3, 0x10, 0x9e, 0, 0x21, 1, 2, 0x31, b'1', b'2', 0x40, b'h', 0],
                Header { audio_level, transport_sequence: Some(0x102), mid, rid, length: 28, ..fields() },
            ),
            ("repaired", 0x90, &[0xbe, 0xde, 0, 1, 0x50, b'h', 0, 0], Header { repaired_rid: rid, length: 20, ..fields() }),
            ("the end mark", 0x90, &[0xbe, 0xde, 0, 1, 0xf0, 0x30, b'1', 0], Header { length: 20, ..fields() }),
            (
                "two bytes, an empty value, an id beyond 14",
                0x90,
                &[0x10, 0x03, 0, 4, 0, 1, 1, 0x9e, 4, 0, 9, 1, 7, 16, 2, b'1', b'2', 0],
                Header { audio_level, mid, length: 32, ..fields() },
            ),
            ("an element that is cut short", 0x90, &[0xbe, 0xde, 0, 1, 0, 0, 0x31, b'1'], Header { length: 20, ..fields() }),
            ("another profile", 0x90, &[0x12, 0x34, 0, 1, 0x31, b'1', b'2', 0], Header { length: 20, ..fields() }),
        ];
        for (what, first, rest, expected) in table {
            let mut packet = packet(first, rest);
            // What a table row leaves out of its words.
            packet.resize(packet.len().max(expected.length), 0);
            assert_eq!(Header::parse(&packet, &ids()), Some(expected), "{what}");
        }
    }

    #[test]
    fn what_is_not_rtp_or_cut_short_is_refused() {
        assert_eq!(Header::parse(&packet(0x40, &[]), &ids()), None, "another version");
        let whole = packet(0x91, &[0, 0, 0, 0, 0xbe, 0xde, 0, 1, 0, 0, 0, 0]);
        assert!(Header::parse(&whole, &ids()).is_some());
        for length in 0..whole.len() {
            assert_eq!(Header::parse(&whole[..length], &ids()), None, "{length} bytes");
        }
    }

    proptest! {
        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            if let Some(header) = Header::parse(&bytes, &ids()) {
                prop_assert!(header.length <= bytes.len());
            }
        }
    }
}
