//! Peer tokens: text that says which peer of which room its bearer is, signed and dated.
//!
//! The token is `base64url(payload).base64url(HMAC-SHA256(payload))`. It carries nothing local to the process, and the
//! secret is kept in the data directory, so that tokens outlive a restart.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sfu::{PeerId, RoomId};
use thiserror::Error;

use crate::random;

/// How long a token can be presented. A longer life costs security, a shorter one clients that come back after a night.
pub const LIFETIME: Duration = Duration::from_hours(24);

/// Longest text looked at: two ids of 128 characters and the rest fit easily.
const MAX_LENGTH: usize = 2048;

/// Tells these tokens from anything else signed with the same secret.
const PURPOSE: &[u8] = b"jellyfish peer token 1\0";

/// The key that signs and verifies tokens.
pub(crate) struct TokenKey(hmac::Key);

/// Whom a token stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bearer {
    /// The room.
    pub(crate) room: RoomId,
    /// The peer.
    pub(crate) peer: PeerId,
}

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum TokenError {
    /// Not made by this key.
    #[error("invalid token")]
    Invalid,
    /// Too old.
    #[error("expired token")]
    Expired,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    room: RoomId,
    peer: PeerId,
    /// Milliseconds since 1970.
    issued: u64,
    /// Makes tokens of one moment different.
    #[serde(default)]
    nonce: u32,
}

impl TokenKey {
    /// The key made of this secret.
    pub(crate) fn new(secret: &str) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()))
    }

    /// A token issued now.
    pub(crate) fn sign(&self, now: SystemTime, bearer: &Bearer) -> String {
        let payload = Payload { room: bearer.room.clone(), peer: bearer.peer.clone(), issued: millis(now), nonce: random::number() as u32 };
        let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&payload).expect("plain text and a number become JSON"));
        let signature = URL_SAFE_NO_PAD.encode(hmac::sign(&self.0, &signed(&payload)));
        format!("{payload}.{signature}")
    }

    /// Whom the token stands for.
    pub(crate) fn verify(&self, now: SystemTime, token: &str) -> Result<Bearer, TokenError> {
        if token.len() > MAX_LENGTH {
            return Err(TokenError::Invalid);
        }
        let (payload, signature) = token.split_once('.').ok_or(TokenError::Invalid)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| TokenError::Invalid)?;
        hmac::verify(&self.0, &signed(payload), &signature).map_err(|_| TokenError::Invalid)?;
        let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| TokenError::Invalid)?;
        let payload: Payload = serde_json::from_slice(&payload).map_err(|_| TokenError::Invalid)?;
        if millis(now).saturating_sub(payload.issued) > LIFETIME.as_millis() as u64 {
            return Err(TokenError::Expired);
        }
        Ok(Bearer { room: payload.room, peer: payload.peer })
    }
}

fn signed(payload: &str) -> Vec<u8> {
    [PURPOSE, payload.as_bytes()].concat()
}

fn millis(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use proptest::prelude::*;

    use super::*;

    fn bearer() -> Bearer {
        Bearer { room: "room-1".into(), peer: "3f".into() }
    }

    #[test]
    fn a_token_stands_for_its_bearer_for_a_day() {
        let key = TokenKey::new("secret");
        let now = SystemTime::now();
        let token = key.sign(now, &bearer());
        assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)), "{token}");
        assert_eq!(TokenKey::new("secret").verify(now, &token), Ok(bearer()));
        assert_eq!(key.verify(now + LIFETIME, &token), Ok(bearer()));
        assert_eq!(key.verify(now + LIFETIME + Duration::from_millis(1), &token), Err(TokenError::Expired));
        assert_eq!(key.verify(now - Duration::from_mins(1), &token), Ok(bearer()));
    }

    #[test]
    fn other_keys_and_other_text_are_invalid() {
        let key = TokenKey::new("secret");
        let now = SystemTime::now();
        let token = key.sign(now, &bearer());
        assert_eq!(TokenKey::new("other").verify(now, &token), Err(TokenError::Invalid));
        let long = "a".repeat(5000);
        for text in ["", ".", "a.b", "..", token.trim_end_matches(|c| c != '.'), &token[1..], long.as_str()] {
            assert_eq!(key.verify(now, text), Err(TokenError::Invalid), "{text}");
        }
        let mut unsigned = URL_SAFE_NO_PAD.encode(r#"{"room":"room-1","peer":"3f","issued":99999999999999}"#);
        unsigned.push('.');
        assert_eq!(key.verify(now, &unsigned), Err(TokenError::Invalid));
    }

    #[test]
    fn limit_length_of_a_token() {
        let key = TokenKey::new("secret");
        let now = SystemTime::now();
        for (room, fits) in [(1_300, true), (1_700, false)] {
            let bearer = Bearer { room: "x".repeat(room).into(), peer: "p".into() };
            let token = key.sign(now, &bearer);
            assert_eq!((token.len() <= MAX_LENGTH, key.verify(now, &token).is_ok()), (fits, fits), "{}", token.len());
        }
    }

    proptest! {
        #[test]
        fn no_changed_token_verifies(position in 0_usize..200, flip in 1_u8..255) {
            let key = TokenKey::new("secret");
            let now = UNIX_EPOCH + Duration::from_secs(1_000_000);
            let token = key.sign(now, &bearer());
            let mut bytes = token.clone().into_bytes();
            let position = position % bytes.len();
            bytes[position] ^= flip;
            let changed = String::from_utf8_lossy(&bytes).into_owned();
            // The last character of a base64 text has unused bits: only tokens that decode differently are different.
            if let Ok(bearer_found) = key.verify(now, &changed) {
                prop_assert_eq!(bearer_found, bearer());
            }
        }
    }
}
