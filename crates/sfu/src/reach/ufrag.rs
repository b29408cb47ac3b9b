//! The ICE username fragment that says which worker and peer a Binding request is for, so that nobody has to search.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;

/// What our ufrags encode. It is a label, not a secret: whoever looks a peer up compares the whole value with the peer's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Ufrag {
    /// Index of the media worker.
    pub(crate) worker: u16,
    /// Index of the peer within the worker.
    pub(crate) slot: u32,
    /// Counts the users of that slot, so that late requests do not reach a successor.
    pub(crate) generation: u32,
    /// Random: at least 24 bits of an ufrag must be (RFC 8445 section 5.3).
    pub(crate) salt: u64,
}

impl Ufrag {
    /// Length of the text: 18 bytes in base64, whose alphabet is exactly that of `ice-char` (RFC 8839 section 5.4).
    pub(crate) const LENGTH: usize = 24;

    /// As text: 24 ice-chars.
    pub(crate) fn encode(self) -> String {
        let mut bytes = [0; 18];
        bytes[..2].copy_from_slice(&self.worker.to_be_bytes());
        bytes[2..6].copy_from_slice(&self.slot.to_be_bytes());
        bytes[6..10].copy_from_slice(&self.generation.to_be_bytes());
        bytes[10..].copy_from_slice(&self.salt.to_be_bytes());
        STANDARD_NO_PAD.encode(bytes)
    }

    /// Reads a text made by [`Ufrag::encode`]. `None`: it is not one of ours.
    pub(crate) fn decode(text: &str) -> Option<Self> {
        if text.len() != Self::LENGTH {
            return None;
        }
        let mut bytes = [0; 18];
        let length = STANDARD_NO_PAD.decode_slice(text, &mut bytes).ok()?;
        if length != bytes.len() {
            return None;
        }
        let (worker, rest) = bytes.split_first_chunk()?;
        let (slot, rest) = rest.split_first_chunk()?;
        let (generation, rest) = rest.split_first_chunk()?;
        Some(Self {
            worker: u16::from_be_bytes(*worker),
            slot: u32::from_be_bytes(*slot),
            generation: u32::from_be_bytes(*generation),
            salt: u64::from_be_bytes(rest.try_into().ok()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_value() {
        let ufrag = Ufrag { worker: 1, slot: 2, generation: 3, salt: u64::MAX };
        assert_eq!(ufrag.encode(), "AAEAAAACAAAAA///////////");
    }

    #[test]
    fn refuses_foreign_ones() {
        for text in
            ["", "Ab3d", "AAEAAAACAAAAA//////////", "AAEAAAACAAAAA////////////", "AAEAAAACAAAAA//////////=", "äAEAAAACAAAAA/////////"]
        {
            assert_eq!(Ufrag::decode(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn encodes_and_decodes(worker: u16, slot: u32, generation: u32, salt: u64) {
            let ufrag = Ufrag { worker, slot, generation, salt };
            let text = ufrag.encode();
            prop_assert!((4..=256).contains(&text.len()));
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')));
            prop_assert_eq!(Ufrag::decode(&text), Some(ufrag));
        }

        #[test]
        fn never_panics(text in ".{0,40}") {
            let _ = Ufrag::decode(&text);
        }
    }
}
