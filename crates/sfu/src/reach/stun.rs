//! Just enough STUN (RFC 8489) to route Binding transactions. Integrity is the WebRTC library's business.

use std::str;

const HEADER: usize = 20;
const MAGIC_COOKIE: [u8; 4] = 0x2112_a442_u32.to_be_bytes();

const USERNAME: u16 = 0x0006;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const MESSAGE_INTEGRITY_SHA256: u16 = 0x001c;
const USE_CANDIDATE: u16 = 0x0025;

/// Attributes looked at; ICE needs about eight.
const MAX_ATTRIBUTES: usize = 32;

/// Longest USERNAME (RFC 8489 section 14.3: 509 bytes with padding beyond are refused by everybody).
const MAX_USERNAME: usize = 513;

/// Identifies a transaction (RFC 8489 section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TransactionId(pub(crate) [u8; 12]);

/// Kind of a STUN message, as far as ICE uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Binding request.
    Request,
    /// Binding success response.
    Success,
    /// Binding error response.
    Error,
    /// Binding indication (keep-alive).
    Indication,
    /// Another method.
    Other,
}

/// A STUN message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Message<'a> {
    /// What it is.
    pub(crate) kind: Kind,
    /// Its transaction.
    pub(crate) transaction: TransactionId,
    /// USERNAME, if any.
    pub(crate) username: Option<&'a str>,
    /// USE-CANDIDATE is there (RFC 8445 section 7.1.2).
    pub(crate) use_candidate: bool,
}

impl<'a> Message<'a> {
    /// Parses a whole datagram. `None`: it is not one well-formed STUN message.
    pub(crate) fn parse(datagram: &'a [u8]) -> Option<Self> {
        let (header, attributes) = datagram.split_at_checked(HEADER)?;
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        if header[0] & 0xc0 != 0 || header[4..8] != MAGIC_COOKIE || !length.is_multiple_of(4) || length != attributes.len() {
            return None;
        }
        let kind = match u16::from_be_bytes([header[0], header[1]]) {
            0x0001 => Kind::Request,
            0x0011 => Kind::Indication,
            0x0101 => Kind::Success,
            0x0111 => Kind::Error,
            _ => Kind::Other,
        };
        let transaction = TransactionId(header[8..20].try_into().ok()?);
        let mut message = Self { kind, transaction, username: None, use_candidate: false };
        message.read_attributes(attributes)?;
        Some(message)
    }

    /// The receiver's half of USERNAME, `<receiver's ufrag>:<sender's ufrag>` (RFC 8445 section 7.2.2).
    pub(crate) fn receiver_ufrag(&self) -> Option<&'a str> {
        self.username?.split_once(':').map(|(receiver, _)| receiver)
    }

    fn read_attributes(&mut self, mut rest: &'a [u8]) -> Option<()> {
        for _ in 0..MAX_ATTRIBUTES {
            let Some((header, after)) = rest.split_first_chunk::<4>() else { return Some(()) };
            let kind = u16::from_be_bytes([header[0], header[1]]);
            let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
            let value = after.get(..length)?;
            match kind {
                USERNAME if self.username.is_none() => {
                    self.username = Some(str::from_utf8(value).ok().filter(|name| name.len() <= MAX_USERNAME)?);
                }
                USE_CANDIDATE => self.use_candidate = true,
                // Whatever follows the integrity attribute is not protected by it (RFC 8489 section 14.5).
                MESSAGE_INTEGRITY | MESSAGE_INTEGRITY_SHA256 => return Some(()),
                _ => {}
            }
            rest = after.get(length.next_multiple_of(4)..)?;
        }
        None
    }
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use proptest::prelude::*;

    use super::*;

    /// Makes a STUN message from its type, transaction and attributes.
    pub(crate) fn message(kind: u16, transaction: [u8; 12], attributes: &[(u16, &[u8])]) -> Vec<u8> {
        let mut body = Vec::new();
        for (attribute, value) in attributes {
            body.extend(attribute.to_be_bytes());
            body.extend((value.len() as u16).to_be_bytes());
            body.extend(*value);
            body.resize(body.len().next_multiple_of(4), 0);
        }
        let mut datagram = kind.to_be_bytes().to_vec();
        datagram.extend((body.len() as u16).to_be_bytes());
        datagram.extend(MAGIC_COOKIE);
        datagram.extend(transaction);
        datagram.extend(body);
        datagram
    }

    #[test]
    fn reads_a_binding_request() {
        let datagram = message(1, [7; 12], &[(0x0024, &[1, 2, 3, 4]), (USERNAME, b"ours:theirs"), (USE_CANDIDATE, &[])]);
        let message = Message::parse(&datagram).unwrap();
        assert_eq!((message.kind, message.transaction), (Kind::Request, TransactionId([7; 12])));
        assert_eq!((message.receiver_ufrag(), message.use_candidate), (Some("ours"), true));
    }

    #[test]
    fn tells_kinds_apart() {
        for (kind, expected) in
            [(0x0001, Kind::Request), (0x0011, Kind::Indication), (0x0101, Kind::Success), (0x0111, Kind::Error), (0x0003, Kind::Other)]
        {
            let datagram = message(kind, [0; 12], &[]);
            assert_eq!(Message::parse(&datagram).unwrap().kind, expected, "{kind:#06x}");
        }
    }

    #[test]
    fn unprotected_attributes_do_not_count() {
        let datagram = message(1, [0; 12], &[(MESSAGE_INTEGRITY, &[0; 20]), (USERNAME, b"a:b"), (USE_CANDIDATE, &[])]);
        let message = Message::parse(&datagram).unwrap();
        assert_eq!((message.username, message.use_candidate), (None, false));
    }

    #[test]
    fn refuses_what_is_not_one_whole_message() {
        let whole = message(1, [0; 12], &[(USERNAME, b"ours:theirs")]);
        assert!(Message::parse(&whole).is_some());
        for length in 0..whole.len() {
            assert_eq!(Message::parse(&whole[..length]), None, "cut to {length}");
        }
        let mut longer = whole.clone();
        longer.push(0);
        assert_eq!(Message::parse(&longer), None, "a byte too many");
        let mut other = whole.clone();
        other[4] ^= 1;
        assert_eq!(Message::parse(&other), None, "no magic cookie");
        let long_attribute = message(1, [0; 12], &[]);
        let mut cut = long_attribute.clone();
        cut[3] = 4;
        cut.extend([0, 6, 0, 9]);
        assert_eq!(Message::parse(&cut), None, "an attribute that ends outside");
        let many: Vec<(u16, &[u8])> = vec![(0x8000, &[]); MAX_ATTRIBUTES + 1];
        assert_eq!(Message::parse(&message(1, [0; 12], &many)), None, "too many attributes");
        assert_eq!(Message::parse(&message(1, [0; 12], &[(USERNAME, &[0xff, 0xfe])])), None, "not UTF-8");
        assert_eq!(Message::parse(&message(1, [0; 12], &[(USERNAME, &[b'a'; MAX_USERNAME + 1])])), None, "endless name");
    }

    #[test]
    fn a_user_name_without_colon_names_nobody() {
        let datagram = message(1, [0; 12], &[(USERNAME, b"ours")]);
        assert_eq!(Message::parse(&datagram).unwrap().receiver_ufrag(), None);
    }

    proptest! {
        #[test]
        fn never_panics(datagram in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Message::parse(&datagram);
        }

        #[test]
        fn never_panics_behind_a_good_header(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut datagram = message(1, [0; 12], &[]);
            let length = body.len() / 4 * 4;
            datagram[2..4].copy_from_slice(&(length as u16).to_be_bytes());
            datagram.extend(&body[..length]);
            if let Some(message) = Message::parse(&datagram) {
                let _ = message.receiver_ufrag();
            }
        }
    }
}
