//! What a client says about what we send it, and about what it sends (RFC 3550 section 6, RFC 4585 section 6, RFC 5104
//! section 4.3.1).

use std::time::{Duration, SystemTime};

use super::{FEEDBACK_HEADER, GENERIC_NACK, PAYLOAD_FEEDBACK, PICTURE_LOSS, SENDER_REPORT, TRANSPORT_FEEDBACK};
use crate::media::clock::SenderReport;

const FULL_INTRA_REQUEST: u8 = 4;
/// The padding bit of a header's first byte.
const PADDED: u8 = 0x20;
/// Seconds from 1900 to 1970.
const NTP_TO_UNIX: u32 = 2_208_988_800;

/// Something in a compound packet that concerns us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Feedback {
    /// A packet of a stream is missing.
    Missing {
        /// Whose.
        ssrc: u32,
        /// The low 16 bits of its sequence number.
        sequence: u16,
    },
    /// A decoder needs a keyframe of a stream.
    Keyframe {
        /// Which.
        ssrc: u32,
    },
    /// A report on a stream that the client sends.
    Report {
        /// Which.
        ssrc: u32,
        /// Its two clocks.
        report: SenderReport,
        /// The middle 32 bits of its NTP timestamp, for the answer (RFC 3550 section 6.4.1, LSR).
        middle: u32,
    },
}

/// Calls `found` for everything that concerns us, in order. What cannot be read ends the reading.
pub(crate) fn read(compound: &[u8], mut found: impl FnMut(Feedback)) {
    let mut rest = compound;
    while let Some((packet, after)) = split_packet(rest) {
        let (format, kind) = (packet[0] & 0x1f, packet[1]);
        match (kind, format) {
            (SENDER_REPORT, _) => {
                if let Some(report) = read_report(packet) {
                    found(report);
                }
            }
            (TRANSPORT_FEEDBACK, GENERIC_NACK) => read_nack(packet, &mut found),
            (PAYLOAD_FEEDBACK, PICTURE_LOSS) => {
                if let Some(ssrc) = word(packet, 8) {
                    found(Feedback::Keyframe { ssrc });
                }
            }
            (PAYLOAD_FEEDBACK, FULL_INTRA_REQUEST) => {
                for entry in packet.get(FEEDBACK_HEADER..).unwrap_or_default().chunks_exact(8) {
                    found(Feedback::Keyframe { ssrc: u32::from_be_bytes([entry[0], entry[1], entry[2], entry[3]]) });
                }
            }
            _ => {}
        }
        rest = after;
    }
}

/// One packet of a compound, without its padding: at least its common header.
fn split_packet(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let header: [u8; 4] = bytes.get(..4)?.try_into().ok()?;
    let length = 4 * (usize::from(u16::from_be_bytes([header[2], header[3]])) + 1);
    (header[0] >> 6 == 2).then_some(())?;
    let (packet, after) = bytes.split_at_checked(length)?;
    // RFC 3550 section 6.4.1: its last byte says how many to leave out.
    let padding = if header[0] & PADDED == 0 { 0 } else { usize::from(packet[length - 1]) };
    let end = length.checked_sub(padding).filter(|end| *end >= header.len())?;
    Some((&packet[..end], after))
}

/// RFC 3550 section 6.4.1.
fn read_report(packet: &[u8]) -> Option<Feedback> {
    let (seconds, fraction) = (word(packet, 8)?, word(packet, 12)?);
    // Only differences matter, so it does not matter which era it is, or whether the client's clock is set.
    let since_epoch = Duration::new(u64::from(seconds.wrapping_sub(NTP_TO_UNIX)), ((u64::from(fraction) * 1_000_000_000) >> 32) as u32);
    let report = SenderReport { ntp: SystemTime::UNIX_EPOCH + since_epoch, timestamp: word(packet, 16)? };
    Some(Feedback::Report { ssrc: word(packet, 4)?, report, middle: seconds << 16 | fraction >> 16 })
}

/// RFC 4585 section 6.2.1: pairs of a packet id and a bit mask of the sixteen that follow it.
fn read_nack(packet: &[u8], found: &mut impl FnMut(Feedback)) {
    let Some(ssrc) = word(packet, 8) else { return };
    for pair in packet.get(FEEDBACK_HEADER..).unwrap_or_default().chunks_exact(4) {
        let first = u16::from_be_bytes([pair[0], pair[1]]);
        let mask = u16::from_be_bytes([pair[2], pair[3]]);
        found(Feedback::Missing { ssrc, sequence: first });
        for bit in (0..16).filter(|bit| mask >> bit & 1 == 1) {
            found(Feedback::Missing { ssrc, sequence: first.wrapping_add(bit + 1) });
        }
    }
}

fn word(packet: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(packet.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(compound: &[u8]) -> Vec<Feedback> {
        let mut found = Vec::new();
        read(compound, |feedback| found.push(feedback));
        found
    }

    #[test]
    fn nacks_plis_and_firs_of_a_compound_are_found_in_order() {
        let compound = [
            // Receiver report without blocks.
            &[0x80, 201, 0, 1, 0, 0, 0, 9][..],
            // NACK: 65535, and with the mask 0 and 15.
            &[0x81, 205, 0, 3, 0, 0, 0, 9, 0, 0, 0, 7, 0xff, 0xff, 0x80, 0x01],
            // PLI.
            &[0x81, 206, 0, 2, 0, 0, 0, 9, 0, 0, 0, 8],
            // FIR with two entries.
            &[0x84, 206, 0, 6, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 5, 1, 0, 0, 0, 0, 0, 0, 6, 1, 0, 0, 0],
            // REMB, which is no news.
            &[0x8f, 206, 0, 2, 0, 0, 0, 9, 0, 0, 0, 0],
        ]
        .concat();
        let missing = |sequence| Feedback::Missing { ssrc: 7, sequence };
        let keyframe = |ssrc| Feedback::Keyframe { ssrc };
        assert_eq!(all(&compound), [missing(65_535), missing(0), missing(15), keyframe(8), keyframe(5), keyframe(6)]);
    }

    #[test]
    fn a_report_of_a_sender_is_read() {
        let report = [0x80, 200, 0, 6, 0, 0, 0, 9, 0x83, 0xaa, 0x7e, 0x81, 0x80, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 2];
        let bye = [0x81, 203, 0, 1, 0, 0, 0, 9];
        let ntp = SystemTime::UNIX_EPOCH + Duration::from_millis(1_500);
        let read = Feedback::Report { ssrc: 9, report: SenderReport { ntp, timestamp: 7 }, middle: 0x7e81_8000 };
        assert_eq!(all(&[&report[..], &bye].concat()), [read]);
    }

    #[test]
    fn padding_asks_for_nothing() {
        let nack = [0xa1, 205, 0, 4, 0, 0, 0, 9, 0, 0, 0, 7, 0, 5, 0, 0, 0, 0, 0, 4];
        assert_eq!(all(&nack), [Feedback::Missing { ssrc: 7, sequence: 5 }]);
        for padding in [17, 21, 255] {
            let mut nack = nack;
            nack[19] = padding;
            assert_eq!(all(&nack), [], "{padding} bytes of padding leave no header");
        }
    }

    #[test]
    fn what_is_cut_short_ends_the_reading() {
        let nack = [0x81, 205, 0, 3, 0, 0, 0, 9, 0, 0, 0, 7, 0, 1, 0, 0];
        for length in 0..nack.len() {
            assert_eq!(all(&nack[..length]), [], "{length} bytes");
        }
        assert_eq!(all(&[0x41, 205, 0, 0]), [], "another version");
        assert_eq!(all(&[0x81, 206, 0, 0]), [], "no media SSRC");
    }

    proptest! {
        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            read(&bytes, |_| {});
        }
    }
}
