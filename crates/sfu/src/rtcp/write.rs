//! Packets of a compound. Each function appends one.

use super::{
    FEEDBACK_HEADER, GENERIC_NACK, MAX_BLOCKS, PAYLOAD_FEEDBACK, PICTURE_LOSS, RECEIVER_REPORT, SOURCE_DESCRIPTION, TRANSPORT_FEEDBACK,
};

/// SDES item (RFC 3550 section 6.5.1).
const CNAME: u8 = 1;

/// What is reported of a stream that we get (RFC 3550 section 6.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reception {
    pub(crate) ssrc: u32,
    /// Of the packets since the last report, in 256ths.
    pub(crate) fraction_lost: u8,
    /// Since the beginning; duplicates can make it negative. Of its bits 24 are sent.
    pub(crate) lost: i32,
    /// Highest extended sequence number.
    pub(crate) highest: u32,
    /// In ticks of the stream's clock.
    pub(crate) jitter: u32,
    /// The middle bits of the sender's last report; 0: there was none.
    pub(crate) last_report: u32,
    /// How long ago that was, in 65,536ths of a second.
    pub(crate) delay: u32,
}

/// A report on streams that we get. At most [`MAX_BLOCKS`] fit.
pub(crate) fn receiver_report(reporter: u32, blocks: &[Reception], packet: &mut Vec<u8>) {
    let blocks = &blocks[..blocks.len().min(MAX_BLOCKS)];
    let start = packet.len();
    packet.extend_from_slice(&[0x80 | blocks.len() as u8, RECEIVER_REPORT, 0, 0]);
    packet.extend_from_slice(&reporter.to_be_bytes());
    for block in blocks {
        let lost = block.lost.clamp(-0x80_0000, 0x7f_ffff) & 0xff_ffff;
        let lost = u32::from(block.fraction_lost) << 24 | lost.cast_unsigned();
        for word in [block.ssrc, lost, block.highest, block.jitter, block.last_report, block.delay] {
            packet.extend_from_slice(&word.to_be_bytes());
        }
    }
    close(packet, start);
}

/// The canonical names of streams (RFC 3550 section 6.5). At most 31.
pub(crate) fn names<'a>(streams: impl Iterator<Item = (u32, &'a str)>, packet: &mut Vec<u8>) {
    let start = packet.len();
    packet.extend_from_slice(&[0x80, SOURCE_DESCRIPTION, 0, 0]);
    for (ssrc, name) in streams.take(MAX_BLOCKS) {
        packet[start] += 1;
        packet.extend_from_slice(&ssrc.to_be_bytes());
        let name = &name.as_bytes()[..name.len().min(255)];
        packet.extend_from_slice(&[CNAME, name.len() as u8]);
        packet.extend_from_slice(name);
        // A chunk ends with at least one zero byte, at a multiple of four.
        packet.resize(start + (packet.len() - start) / 4 * 4 + 4, 0);
    }
    close(packet, start);
}

/// Asks for packets again (RFC 4585 section 6.2.1). `missing` goes up; what does not fit into `limit` bytes is left out. Returns how
/// many were asked for.
pub(crate) fn nack(reporter: u32, media: u32, missing: &[u64], limit: usize, packet: &mut Vec<u8>) -> usize {
    let start = packet.len();
    open_feedback(TRANSPORT_FEEDBACK, GENERIC_NACK, reporter, media, packet);
    let mut asked = 0;
    while let Some(&first) = missing.get(asked).filter(|_| packet.len() + 4 <= start + limit) {
        let followers = missing[asked + 1..].iter().take_while(|sequence| **sequence <= first + 16);
        let (mut mask, mut count) = (0_u16, 1);
        for sequence in followers {
            mask |= 1 << (sequence - first - 1);
            count += 1;
        }
        asked += count;
        packet.extend_from_slice(&(first as u16).to_be_bytes());
        packet.extend_from_slice(&mask.to_be_bytes());
    }
    close(packet, start);
    asked
}

/// Asks for a keyframe (RFC 4585 section 6.3.1).
pub(crate) fn picture_loss(reporter: u32, media: u32, packet: &mut Vec<u8>) {
    let start = packet.len();
    open_feedback(PAYLOAD_FEEDBACK, PICTURE_LOSS, reporter, media, packet);
    close(packet, start);
}

/// Begins transport feedback of another format (RFC 4585 section 6.1). [`close`] ends it.
pub(crate) fn open_transport_feedback(format: u8, reporter: u32, media: u32, packet: &mut Vec<u8>) {
    open_feedback(TRANSPORT_FEEDBACK, format, reporter, media, packet);
}

/// The packet that begins at `start` is complete: it gets its length, and padding if it needs any (RFC 3550 section 6.4.1).
pub(crate) fn close(packet: &mut Vec<u8>, start: usize) {
    let padding = (packet.len() - start).next_multiple_of(4) - (packet.len() - start);
    if padding > 0 {
        packet.resize(packet.len() + padding - 1, 0);
        packet.push(padding as u8);
        packet[start] |= 0x20;
    }
    let words = ((packet.len() - start) / 4 - 1) as u16;
    packet[start + 2..start + 4].copy_from_slice(&words.to_be_bytes());
}

fn open_feedback(kind: u8, format: u8, reporter: u32, media: u32, packet: &mut Vec<u8>) {
    packet.reserve(FEEDBACK_HEADER);
    packet.extend_from_slice(&[0x80 | format, kind, 0, 0]);
    packet.extend_from_slice(&reporter.to_be_bytes());
    packet.extend_from_slice(&media.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::super::{Feedback, read};
    use super::*;

    #[test]
    fn a_report_of_a_receiver_is_as_the_standard_has_it() {
        let block = Reception { ssrc: 7, fraction_lost: 128, lost: -2, highest: 0x1_0005, jitter: 9, last_report: 10, delay: 11 };
        let mut packet = Vec::new();
        receiver_report(5, &[block, Reception { lost: i32::MAX, ..Reception::default() }], &mut packet);
        let expected = [
            &[0x82, 201, 0, 13, 0, 0, 0, 5][..],
            &[0, 0, 0, 7, 128, 0xff, 0xff, 0xfe, 0, 1, 0, 5, 0, 0, 0, 9, 0, 0, 0, 10, 0, 0, 0, 11],
            &[0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        ];
        assert_eq!(packet, expected.concat());
        packet.clear();
        receiver_report(5, &[], &mut packet);
        assert_eq!(packet, [0x80, 201, 0, 1, 0, 0, 0, 5]);
    }

    #[test]
    fn names_end_with_zeros_at_a_multiple_of_four() {
        let mut packet = vec![9; 8];
        names([(1, "abc"), (5, "abcd")].into_iter(), &mut packet);
        let expected = [&[0x82, 202, 0, 6, 0, 0, 0, 1, 1, 3][..], b"abc", &[0, 0, 0, 0, 0, 0, 5, 1, 4], b"abcd", &[0, 0]];
        assert_eq!(packet[8..], expected.concat());
    }

    #[test]
    fn what_is_asked_for_is_what_the_reader_finds() {
        let missing = [65_530, 65_531, 65_546, 65_547, 65_900];
        for (limit, count) in [(100, 5), (24, 5), (20, 4), (16, 3), (12, 0)] {
            let mut packet = Vec::new();
            assert_eq!(nack(5, 7, &missing, limit, &mut packet), count, "{limit} bytes");
            let mut found = Vec::new();
            read(&packet, |feedback| found.push(feedback));
            let expected: Vec<_> =
                missing[..count].iter().map(|sequence| Feedback::Missing { ssrc: 7, sequence: *sequence as u16 }).collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_keyframe_is_asked_for_as_the_standard_has_it() {
        let mut packet = Vec::new();
        picture_loss(5, 7, &mut packet);
        assert_eq!(packet, [0x81, 206, 0, 2, 0, 0, 0, 5, 0, 0, 0, 7]);
    }

    #[test]
    fn what_ends_between_words_is_padded() {
        let mut packet = vec![9];
        open_transport_feedback(15, 1, 2, &mut packet);
        packet.extend_from_slice(&[3, 3]);
        close(&mut packet, 1);
        assert_eq!(packet[1..], [0xaf, 205, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 3, 3, 0, 2]);
    }
}
