//! Names of rooms and people.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};
use unicode_normalization::UnicodeNormalization;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

/// Longest name, in code points.
pub const MAX_NAME: usize = 64;
/// Prefix of the ids of our rooms.
const PREFIX: &str = "vr-";
/// Bytes of the name's hash in an id: no two names meet by accident.
const HASH_BYTES: usize = 16;
/// Bytes of the check value, which other applications' ids do not have by accident.
const CHECK_BYTES: usize = 4;

/// Why a name is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing is left after trimming.
    #[error("it is empty")]
    Empty,
    /// More than 64 code points.
    #[error("it is longer than {MAX_NAME} characters")]
    TooLong,
    /// A character that room names do not have.
    #[error("it may contain only letters, digits, spaces, hyphens, underscores and dots")]
    Character,
}

/// The name of a room: trimmed, Unicode NFC, 1–64 code points of letters, marks, decimal digits, space, `-`, `_`, `.`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomName(String);

impl RoomName {
    /// Reads a name as a person wrote it.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        // Composing never adds code points beyond this factor, so an endless text is refused before any work on it.
        if text.len() > MAX_NAME * 64 {
            return Err(NameError::TooLong);
        }
        let name: String = text.trim().nfc().collect();
        match name.chars().count() {
            0 => Err(NameError::Empty),
            1..=MAX_NAME if name.chars().all(is_room_character) => Ok(Self(name)),
            1..=MAX_NAME => Err(NameError::Character),
            _ => Err(NameError::TooLong),
        }
    }

    /// The name as people see it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The media server's id of this room. Names equal under default case folding (Unicode chapter 3.13) have the same id.
    pub fn id(&self) -> RoomId {
        let folded: String = caseless::default_case_fold_str(&self.0).nfc().collect();
        let hash = sha256(b"room name", folded.as_bytes());
        RoomId::from_hash(&hash[..HASH_BYTES])
    }
}

fn is_room_character(c: char) -> bool {
    matches!(c, ' ' | '-' | '_' | '.')
        || matches!(c.general_category_group(), GeneralCategoryGroup::Letter | GeneralCategoryGroup::Mark)
        || c.general_category() == GeneralCategory::DecimalNumber
}

/// The media server's id of one of our rooms. It says nothing about the room's name, and is recognised as ours by itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoomId(String);

impl RoomId {
    /// The id, if it is one of ours.
    pub fn recognise(id: &str) -> Option<Self> {
        let digits = id.strip_prefix(PREFIX)?;
        if digits.len() != 2 * (HASH_BYTES + CHECK_BYTES) {
            return None;
        }
        let hash = unhex(digits.get(..2 * HASH_BYTES)?)?;
        (Self::from_hash(&hash).0 == id).then(|| Self(id.to_owned()))
    }

    /// The id as the media server knows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn from_hash(hash: &[u8]) -> Self {
        let check = sha256(b"room id", hash);
        Self(format!("{PREFIX}{}{}", hex(hash), hex(&check[..CHECK_BYTES])))
    }
}

impl fmt::Display for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn sha256(purpose: &[u8], data: &[u8]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    context.update(b"videoroom ");
    context.update(purpose);
    context.update(b"\0");
    context.update(data);
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks_exact(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// The name of a person: 1–64 code points, without control characters and those that turn the writing direction around.
#[derive(Clone, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    /// Reads a name as a person wrote it.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let clean: String = text.chars().filter(|&c| !is_removed(c)).collect();
        let name = clean.trim();
        if !name.chars().any(is_visible) {
            return Err(NameError::Empty);
        }
        if name.chars().count() > MAX_NAME {
            return Err(NameError::TooLong);
        }
        Ok(Self(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DisplayName(..)")
    }
}

/// Control characters, and the explicit directional embeddings, overrides and isolates of UAX #9 section 2.
fn is_removed(c: char) -> bool {
    c.general_category() == GeneralCategory::Control || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn is_visible(c: char) -> bool {
    !c.is_whitespace() && c.general_category() != GeneralCategory::Format
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn room_names() {
        let long = "a".repeat(64);
        let endless = "a".repeat(1 << 20);
        for (text, expected) in [
            ("Stand-up", Ok("Stand-up")),
            ("  two words\t", Ok("two words")),
            ("a_b.c 7", Ok("a_b.c 7")),
            ("Ünïcödé", Ok("Ünïcödé")),
            ("U\u{308}", Ok("Ü")),
            ("会議室", Ok("会議室")),
            ("कमरा", Ok("कमरा")),
            ("٣", Ok("٣")),
            (long.as_str(), Ok(long.as_str())),
            ("", Err(NameError::Empty)),
            (" \u{a0}\n", Err(NameError::Empty)),
            ("a/b", Err(NameError::Character)),
            ("a\nb", Err(NameError::Character)),
            ("a\u{a0}b", Err(NameError::Character)),
            ("<script>", Err(NameError::Character)),
            ("½", Err(NameError::Character)),
            ("🚀", Err(NameError::Character)),
            ("a\u{202e}b", Err(NameError::Character)),
            ("\0", Err(NameError::Character)),
            (&"a".repeat(65), Err(NameError::TooLong)),
            (endless.as_str(), Err(NameError::TooLong)),
        ] {
            assert_eq!(RoomName::parse(text).as_ref().map(RoomName::as_str).map_err(|error| *error), expected, "{text:.80}");
        }
        let combined = "u\u{308}".repeat(64);
        assert!(RoomName::parse(&combined).is_ok(), "counted after composing");
    }

    #[test]
    fn the_same_name_is_the_same_room() {
        let id = |name: &str| RoomName::parse(name).unwrap().id();
        for (one, other) in [
            ("Standup", "standup"),
            ("STANDUP", " standup "),
            ("Straße", "STRASSE"),
            ("Ünder", "u\u{308}NDER"),
            ("ΣΑΣ", "σας"),
            ("Team 1", "team 1"),
        ] {
            assert_eq!(id(one), id(other), "{one} {other}");
        }
        for (one, other) in [("a", "b"), ("a b", "a-b"), ("a  b", "a b"), ("a.", "a"), ("é", "e")] {
            assert_ne!(id(one), id(other), "{one} {other}");
        }
    }

    #[test]
    fn ids_fit_the_media_server_and_stay_the_same_for_ever() {
        let id = RoomName::parse("standup").unwrap().id();
        assert_eq!(id.as_str().len(), 43);
        assert!(id.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
        assert_eq!(id.as_str(), STANDUP, "another id splits a room over two versions of the server");
    }

    const STANDUP: &str = "vr-cc7e5afa5be01ea1c1c75a154ba1997c0e937574";

    #[test]
    fn only_our_ids_are_recognised() {
        let ours = RoomName::parse("standup").unwrap().id();
        assert_eq!(RoomId::recognise(ours.as_str()), Some(ours.clone()));
        let broken = ours.as_str().replace(|c: char| c.is_ascii_digit(), "a");
        for foreign in [
            "",
            "vr-",
            "vr-standup",
            "standup",
            "vr-0123456789abcdef0123456789abcdef01234567",
            "vr-0123456789abcdef0123456789abcdef",
            "vr-é123456789abcdef0123456789abcdef0123456",
            &ours.as_str().to_uppercase(),
            &ours.as_str()[3..],
            &broken,
        ] {
            assert_eq!(RoomId::recognise(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn display_names() {
        let long = "é".repeat(64);
        for (text, expected) in [
            ("Ana", Ok("Ana")),
            ("  Ana María  ", Ok("Ana María")),
            ("A\u{202e}na\u{2066}", Ok("Ana")),
            ("\u{0}A\nn\ta\u{7f}", Ok("Ana")),
            ("🚀 <b>", Ok("🚀 <b>")),
            (long.as_str(), Ok(long.as_str())),
            ("", Err(NameError::Empty)),
            (" \n ", Err(NameError::Empty)),
            ("\u{202e}\u{200b}", Err(NameError::Empty)),
            (&"a".repeat(65), Err(NameError::TooLong)),
        ] {
            assert_eq!(DisplayName::parse(text).as_ref().map(DisplayName::as_str).map_err(|error| *error), expected, "{text:.80}");
        }
    }

    #[test]
    fn logs_do_not_show_who_it_is() {
        assert!(!format!("{:?}", DisplayName::parse("Ana").unwrap()).contains("Ana"));
    }
}
