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
