//! H.264 payload structures (RFC 6184 section 5), as far as finding keyframes needs them.

const IDR_SLICE: u8 = 5;
const SPS: u8 = 7;
const STAP_A: u8 = 24;
const FU_A: u8 = 28;

/// Units looked at in one aggregation packet: more than any encoder puts there.
const MAX_AGGREGATED: usize = 32;

/// Whether a decoder can start at this packet: it carries a sequence parameter set, an IDR slice, or the first fragment of one.
///
/// Encoders of browsers put SPS and PPS in front of each IDR picture, alone or aggregated (STAP-A, section 5.7.1).
pub(crate) fn starts_keyframe(payload: &[u8]) -> bool {
    let Some(&header) = payload.first() else { return false };
    match unit_type(header) {
        IDR_SLICE | SPS => payload.len() > 1,
        STAP_A => aggregated(&payload[1..]).any(|header| matches!(unit_type(header), IDR_SLICE | SPS)),
        FU_A => payload.get(1).is_some_and(|fragment| fragment & 0x80 != 0 && matches!(unit_type(*fragment), IDR_SLICE | SPS)),
        _ => false,
    }
}

fn unit_type(header: u8) -> u8 {
    header & 0x1f
}

/// The header octets of the units in a STAP-A; ends at the first one that does not fit.
fn aggregated(mut rest: &[u8]) -> impl Iterator<Item = u8> {
    std::iter::from_fn(move || {
        let (size, after) = rest.split_first_chunk::<2>()?;
        let unit = after.get(..usize::from(u16::from_be_bytes(*size)))?;
        rest = &after[unit.len()..];
        unit.first().copied()
    })
    .take(MAX_AGGREGATED)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn finds_keyframes() {
        let table: &[(&str, &[u8], bool)] = &[
            ("nothing", &[], false),
            ("IDR slice", &[0x65, 0x88, 0x84], true),
            ("IDR header alone", &[0x65], false),
            ("SPS", &[0x67, 0x42, 0xe0], true),
            ("PPS", &[0x68, 0xce], false),
            ("other slice", &[0x41, 0x9a], false),
            ("STAP-A with SPS, PPS", &[0x78, 0, 2, 0x67, 0x42, 0, 2, 0x68, 0xce], true),
            ("STAP-A with PPS, IDR", &[0x78, 0, 2, 0x68, 0xce, 0, 2, 0x65, 0x88], true),
            ("STAP-A with other slices", &[0x78, 0, 2, 0x41, 0x9a, 0, 2, 0x41, 0x9b], false),
            ("STAP-A whose unit is cut off", &[0x78, 0, 9, 0x67, 0x42], false),
            ("STAP-A with an empty unit", &[0x78, 0, 0, 0, 2, 0x67, 0x42], false),
            ("FU-A, first fragment of an IDR", &[0x7c, 0x85, 0x88], true),
            ("FU-A, later fragment of an IDR", &[0x7c, 0x05, 0x88], false),
            ("FU-A, first fragment of another slice", &[0x7c, 0x81, 0x88], false),
            ("FU-A cut short", &[0x7c], false),
        ];
        for (name, payload, expected) in table {
            assert_eq!(starts_keyframe(payload), *expected, "{name}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(payload in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = starts_keyframe(&payload);
        }

        #[test]
        fn never_panics_on_aggregates(rest in proptest::collection::vec(any::<u8>(), 0..80)) {
            let mut payload = vec![0x78];
            payload.extend(rest);
            let _ = starts_keyframe(&payload);
        }
    }
}
