//! Which index a packet has of which only the low 16 bits are sent (RFC 3711 section 3.3.1 and appendix A).

/// The extended number with these low bits that is nearest to the newest one; that of a new stream is in its first cycle.
pub(crate) fn estimate(newest: Option<u64>, sequence: u16) -> u64 {
    let near = newest.and_then(|newest| newest.checked_add_signed(sequence.wrapping_sub(newest as u16).cast_signed().into()));
    near.unwrap_or_else(|| sequence.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_number_counts() {
        let table = [
            (None, 0, 0),
            (None, 65_535, 65_535),
            (Some(65_535), 0, 65_536),
            (Some(65_536), 65_535, 65_535),
            (Some(65_536), 1, 65_537),
            (Some(0x3_0005), 0xfff0, 0x2_fff0),
            (Some(0x3_fff0), 5, 0x4_0005),
            (Some(0x3_8000), 0x0001, 0x3_0001),
            (Some(5), 65_000, 65_000),
            (Some(u64::MAX), 3, 3),
        ];
        for (newest, sequence, expected) in table {
            assert_eq!(estimate(newest, sequence), expected, "{newest:?} {sequence}");
        }
    }
}
