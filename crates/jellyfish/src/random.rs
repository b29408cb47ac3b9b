//! Randomness for ids and secrets.

use uuid::Uuid;

/// Bytes from the system's generator.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).expect("the generator is seeded by the system once and fails no more");
    bytes
}

/// A number.
pub(crate) fn number() -> u64 {
    u64::from_le_bytes(bytes())
}

/// A UUID version 4 (RFC 9562 section 5.4).
pub(crate) fn id() -> String {
    uuid::Builder::from_random_bytes(bytes()).into_uuid().as_hyphenated().encode_lower(&mut Uuid::encode_buffer()).to_owned()
}
