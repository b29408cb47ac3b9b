//! The VP8 payload descriptor (RFC 7741 section 4.2).

use super::rewrite::Vp8Fields;

/// What the payload descriptor of a VP8 packet says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Descriptor {
    /// Start of a partition (S).
    pub(crate) starts_partition: bool,
    /// Partition index (PID).
    pub(crate) partition: u8,
    /// Picture id, if there is one.
    pub(crate) picture_id: Option<PictureId>,
    /// Index of the last base-layer picture (TL0PICIDX), if there is one.
    pub(crate) tl0_picidx: Option<u8>,
    /// Temporal layer index (TID) and layer-sync bit (Y), if there are any.
    pub(crate) temporal: Option<Temporal>,
    /// Temporal key frame index (KEYIDX), 5 bits, if there is one.
    pub(crate) key_idx: Option<u8>,
    /// Where the VP8 payload header begins.
    pub(crate) length: u8,
}

/// A picture id, which comes in two widths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PictureId {
    /// The value.
    pub(crate) value: u16,
    /// 15 bits instead of 7 (M).
    pub(crate) wide: bool,
}

impl PictureId {
    /// Bits that the field can hold.
    pub(crate) fn mask(self) -> u16 {
        if self.wide { 0x7fff } else { 0x7f }
    }
}

/// Place in the temporal scalability structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Temporal {
    /// Temporal layer, 0 is the base.
    pub(crate) layer: u8,
    /// The picture depends on the base layer only.
    pub(crate) sync: bool,
}

impl Descriptor {
    /// Parses the descriptor. `None`: it is cut short, or nothing follows it.
    pub(crate) fn parse(payload: &[u8]) -> Option<Self> {
        let mut bytes = Bytes { payload, at: 0 };
        let first = bytes.next()?;
        let mut descriptor = Self {
            starts_partition: first & 0x10 != 0,
            partition: first & 0x07,
            picture_id: None,
            tl0_picidx: None,
            temporal: None,
            key_idx: None,
            length: 0,
        };
        if first & 0x80 != 0 {
            let present = bytes.next()?;
            descriptor.parse_extension(present, &mut bytes)?;
        }
        descriptor.length = bytes.at;
        // A descriptor alone carries no picture data.
        payload.get(usize::from(bytes.at)).map(|_| descriptor)
    }

    fn parse_extension(&mut self, present: u8, bytes: &mut Bytes<'_>) -> Option<()> {
        const I: u8 = 0x80;
        const L: u8 = 0x40;
        const T: u8 = 0x20;
        const K: u8 = 0x10;
        if present & I != 0 {
            let high = bytes.next()?;
            self.picture_id = Some(if high & 0x80 != 0 {
                PictureId { value: u16::from(high & 0x7f) << 8 | u16::from(bytes.next()?), wide: true }
            } else {
                PictureId { value: u16::from(high), wide: false }
            });
        }
        if present & L != 0 {
            self.tl0_picidx = Some(bytes.next()?);
        }
        if present & (T | K) != 0 {
            let octet = bytes.next()?;
            if present & T != 0 {
                self.temporal = Some(Temporal { layer: octet >> 6, sync: octet & 0x20 != 0 });
            }
            if present & K != 0 {
                self.key_idx = Some(octet & 0x1f);
            }
        }
        Some(())
    }

    /// Whether this packet begins a keyframe: first partition of an intra frame (the P bit of the payload header,
    /// RFC 7741 section 4.3, is clear).
    pub(crate) fn starts_keyframe(self, payload: &[u8]) -> bool {
        self.starts_partition && self.partition == 0 && payload.get(usize::from(self.length)).is_some_and(|tag| tag & 0x01 == 0)
    }
}

/// Replaces fields of a payload's descriptor in place; a field that it does not have, or that is not replaced, stays as it is.
pub(crate) fn replace(payload: &mut [u8], fields: Vp8Fields) {
    let Some(descriptor) = Descriptor::parse(payload) else { return };
    // The extension's fields follow its first byte in this order (RFC 7741 section 4.2).
    let mut at = 2;
    if let Some(id) = descriptor.picture_id {
        let value = fields.picture_id.unwrap_or(id.value) & id.mask();
        if id.wide {
            payload[at..at + 2].copy_from_slice(&(value | 0x8000).to_be_bytes());
        } else {
            payload[at] = value as u8;
        }
        at += if id.wide { 2 } else { 1 };
    }
    if descriptor.tl0_picidx.is_some() {
        payload[at] = fields.tl0_picidx.unwrap_or(payload[at]);
        at += 1;
    }
    if descriptor.key_idx.is_some() {
        payload[at] = payload[at] & 0xe0 | fields.key_idx.unwrap_or(payload[at]) & 0x1f;
    }
}

struct Bytes<'a> {
    payload: &'a [u8],
    at: u8,
}

impl Bytes<'_> {
    fn next(&mut self) -> Option<u8> {
        let byte = *self.payload.get(usize::from(self.at))?;
        self.at += 1;
        Some(byte)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn picture(value: u16, wide: bool) -> PictureId {
        PictureId { value, wide }
    }

    #[test]
    fn reads_every_field() {
        // payload, picture id, tl0, temporal layer, key index, length, starts a keyframe
        type Row<'a> = (&'a [u8], Option<PictureId>, Option<u8>, Option<u8>, Option<u8>, u8, bool);
        let table: &[Row<'_>] = &[
            (&[0x10, 0x00], None, None, None, None, 1, true),
            (&[0x10, 0x01], None, None, None, None, 1, false),
            (&[0x00, 0x00], None, None, None, None, 1, false),
            (&[0x11, 0x00], None, None, None, None, 1, false),
            (&[0x90, 0x00, 0x00], None, None, None, None, 2, true),
            (&[0x90, 0x80, 0x7f, 0x00], Some(picture(0x7f, false)), None, None, None, 3, true),
            (&[0x90, 0x80, 0x80, 0x01, 0x00], Some(picture(1, true)), None, None, None, 4, true),
            (&[0x90, 0x80, 0xff, 0xff, 0x00], Some(picture(0x7fff, true)), None, None, None, 4, true),
            (&[0x90, 0xf0, 0x81, 0x02, 0x33, 0xbf, 0x00], Some(picture(0x0102, true)), Some(0x33), Some(2), Some(0x1f), 6, true),
            (&[0x80, 0x20, 0x40, 0x00], None, None, Some(1), None, 3, false),
            (&[0x80, 0x10, 0xe5, 0x00], None, None, None, Some(5), 3, false),
        ];
        for (payload, picture_id, tl0, layer, key_idx, length, keyframe) in table {
            let read = Descriptor::parse(payload).unwrap_or_else(|| panic!("{payload:02x?} is whole"));
            assert_eq!(read.picture_id, *picture_id, "{payload:02x?}");
            assert_eq!(read.tl0_picidx, *tl0, "{payload:02x?}");
            assert_eq!(read.temporal.map(|temporal| temporal.layer), *layer, "{payload:02x?}");
            assert_eq!(read.key_idx, *key_idx, "{payload:02x?}");
            assert_eq!(read.length, *length, "{payload:02x?}");
            assert_eq!(read.starts_keyframe(payload), *keyframe, "{payload:02x?}");
        }
    }

    #[test]
    fn refuses_what_is_cut_short() {
        let whole = [0x90, 0xf0, 0x81, 0x02, 0x33, 0xbf, 0x00];
        for length in 0..whole.len() {
            assert_eq!(Descriptor::parse(&whole[..length]), None, "{length} bytes");
        }
    }

    #[test]
    fn replaces_what_is_there_and_nothing_else() {
        let fields = Vp8Fields { picture_id: Some(0x0155), tl0_picidx: Some(0x44), key_idx: Some(3) };
        let none = Vp8Fields::default();
        let table: [(&[u8], Vp8Fields, &[u8]); 7] = [
            (&[0x10, 0x00], fields, &[0x10, 0x00]),
            (&[0x90, 0x80, 0x7f, 0x00], fields, &[0x90, 0x80, 0x55, 0x00]),
            (&[0x90, 0x80, 0x80, 0x01, 0x00], fields, &[0x90, 0x80, 0x81, 0x55, 0x00]),
            (&[0x90, 0xf0, 0x81, 0x02, 0x33, 0xbf, 0x00], fields, &[0x90, 0xf0, 0x81, 0x55, 0x44, 0xa3, 0x00]),
            (&[0x90, 0xf0, 0x81, 0x02, 0x33, 0xbf, 0x00], none, &[0x90, 0xf0, 0x81, 0x02, 0x33, 0xbf, 0x00]),
            (&[0x80, 0x10, 0xe5, 0x00], fields, &[0x80, 0x10, 0xe3, 0x00]),
            (&[0x80, 0x20, 0x40, 0x00], fields, &[0x80, 0x20, 0x40, 0x00]),
        ];
        for (before, fields, after) in table {
            let mut payload = before.to_vec();
            replace(&mut payload, fields);
            assert_eq!(payload, after, "{before:02x?}");
        }
    }

    proptest! {
        #[test]
        fn replaced_fields_read_back(payload in proptest::collection::vec(any::<u8>(), 0..40), id: u16, tl0: u8, key in 0_u8..32) {
            let mut replaced = payload.clone();
            replace(&mut replaced, Vp8Fields { picture_id: Some(id), tl0_picidx: Some(tl0), key_idx: Some(key) });
            let (before, after) = (Descriptor::parse(&payload), Descriptor::parse(&replaced));
            let expected = before.map(|read| Descriptor {
                picture_id: read.picture_id.map(|read| PictureId { value: id & read.mask(), ..read }),
                tl0_picidx: read.tl0_picidx.map(|_| tl0),
                key_idx: read.key_idx.map(|_| key),
                ..read
            });
            prop_assert_eq!(after, expected);
        }

        #[test]
        fn never_panics_and_stays_inside(payload in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Some(descriptor) = Descriptor::parse(&payload) {
                prop_assert!(usize::from(descriptor.length) < payload.len());
                let _ = descriptor.starts_keyframe(&payload);
                if let Some(id) = descriptor.picture_id {
                    prop_assert_eq!(id.value & !id.mask(), 0);
                }
            }
        }
    }
}
