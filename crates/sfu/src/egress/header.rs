//! The header of an outgoing RTP packet (RFC 3550 section 5.1) with its extensions (RFC 8285).

use crate::media::packet::AudioLevel;

/// `defined by profile` of one-byte and of two-byte extensions (RFC 8285 sections 4.2 and 4.3).
const ONE_BYTE: u16 = 0xbede;
const TWO_BYTES: u16 = 0x1000;
/// Highest id, and longest value, of the one-byte form.
const ONE_BYTE_ID: u8 = 14;
const ONE_BYTE_VALUE: usize = 16;

/// Ids of the header extensions that we send, as negotiated for a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ExtensionIds {
    /// MID (RFC 9143 section 15).
    pub(crate) mid: Option<u8>,
    /// Audio level (RFC 6464).
    pub(crate) audio_level: Option<u8>,
}

/// The fields of a header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header<'a> {
    pub(super) payload_type: u8,
    pub(super) marker: bool,
    pub(super) sequence: u16,
    pub(super) timestamp: u32,
    pub(super) ssrc: u32,
    pub(super) ids: ExtensionIds,
    pub(super) mid: &'a [u8],
    pub(super) audio_level: Option<AudioLevel>,
}

impl Header<'_> {
    /// Appends the header.
    pub(super) fn write(&self, packet: &mut Vec<u8>) {
        let level = self.ids.audio_level.zip(self.audio_level);
        let extended = self.ids.mid.is_some() || level.is_some();
        packet.extend_from_slice(&[0x80 | u8::from(extended) << 4, u8::from(self.marker) << 7 | self.payload_type & 0x7f]);
        packet.extend_from_slice(&self.sequence.to_be_bytes());
        packet.extend_from_slice(&self.timestamp.to_be_bytes());
        packet.extend_from_slice(&self.ssrc.to_be_bytes());
        if extended {
            self.write_extensions(packet, level);
        }
    }

    fn write_extensions(&self, packet: &mut Vec<u8>, level: Option<(u8, AudioLevel)>) {
        let ids = [self.ids.mid, level.map(|(id, _)| id)];
        let short = ids.into_iter().flatten().all(|id| id <= ONE_BYTE_ID) && self.mid.len() <= ONE_BYTE_VALUE;
        packet.extend_from_slice(&if short { ONE_BYTE } else { TWO_BYTES }.to_be_bytes());
        let length = packet.len();
        packet.extend_from_slice(&[0, 0]);
        if let Some(id) = self.ids.mid {
            write_element(packet, short, id, self.mid);
        }
        if let Some((id, level)) = level {
            let voice = u8::from(level.voice.unwrap_or(false)) << 7;
            write_element(packet, short, id, &[voice | level.attenuation.min(127)]);
        }
        let bytes = packet.len() - length - 2;
        let words = bytes.div_ceil(4);
        packet.resize(length + 2 + 4 * words, 0);
        packet[length..length + 2].copy_from_slice(&(words as u16).to_be_bytes());
    }
}

/// A value is 1 to 16 bytes long, as negotiation has made sure.
fn write_element(packet: &mut Vec<u8>, short: bool, id: u8, value: &[u8]) {
    let length = value.len() as u8;
    if short {
        packet.push(id << 4 | length.saturating_sub(1) & 0x0f);
    } else {
        packet.extend_from_slice(&[id, length]);
    }
    packet.extend_from_slice(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(mid: Option<u8>, audio_level: Option<u8>) -> Header<'static> {
        let level = AudioLevel { attenuation: 30, voice: Some(true) };
        Header {
            payload_type: 96,
            marker: true,
            sequence: 0x0102,
            timestamp: 0x0304_0506,
            ssrc: 0x0708_090a,
            ids: ExtensionIds { mid, audio_level },
            mid: b"12",
            audio_level: Some(level),
        }
    }

    #[test]
    fn every_form_is_as_the_standards_have_it() {
        let fixed = [0x80, 0xe0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
        let table: [(Option<u8>, Option<u8>, &[u8]); 4] = [
            (None, None, &[]),
            (Some(4), None, &[0xbe, 0xde, 0, 1, 0x41, b'1', b'2', 0]),
            (Some(4), Some(1), &[0xbe, 0xde, 0, 2, 0x41, b'1', b'2', 0x10, 0x9e, 0, 0, 0]),
            (Some(15), Some(1), &[0x10, 0x00, 0, 2, 15, 2, b'1', b'2', 1, 1, 0x9e, 0]),
        ];
        for (mid, level, extension) in table {
            let mut packet = Vec::new();
            header(mid, level).write(&mut packet);
            let mut expected = fixed.to_vec();
            expected[0] |= u8::from(!extension.is_empty()) << 4;
            expected.extend_from_slice(extension);
            assert_eq!(packet, expected);
        }
    }
}
