//! Receiving webhooks: whether a request comes from the server, and what it says.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac;
use protocol::notification::{Notification, decode_webhook};

/// Header with `sha256=<hex>`: the HMAC-SHA256 of the body, as the successors of the archived server send it.
pub const BODY_SIGNATURE: &str = "x-fishjam-signature-256";

/// Header of our server with `t=<seconds since 1970>,v1=<hex>`: the HMAC-SHA256 of the seconds, a dot and the body.
pub const DATED_SIGNATURE: &str = "x-jellyfish-signature";

/// Header of our server with the number of the first notification in the body, counted from 1 for each room.
pub const SEQUENCE: &str = "x-jellyfish-sequence";

/// How far the time of a dated signature may be away from the receiver's clock. Longer accepts replays for longer, shorter
/// refuses requests between machines whose clocks differ.
pub const REPLAY_WINDOW: Duration = Duration::from_mins(5);

/// Why a webhook is not taken. Answer 401 to all but [`WebhookError::Undecodable`], and 400 to that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// The signature is not that of this secret and body.
    #[error("the signature is wrong")]
    WrongSignature,
    /// The signature is right, but made too long ago, or in the future.
    #[error("the signature is from another time")]
    Stale,
    /// The body is no message of a media server.
    #[error("the body is no notification")]
    Undecodable,
}

/// The secret that the server signs webhooks with.
pub struct Webhooks {
    key: hmac::Key,
}

impl Webhooks {
    /// From the server's `--webhook-secret`.
    pub fn new(secret: &str) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()) }
    }

    /// What a request says whose [`DATED_SIGNATURE`] is `signature`; nothing from outside the [`REPLAY_WINDOW`]. `now` is
    /// `SystemTime::now()` but in tests.
    pub fn receive(&self, now: SystemTime, signature: &str, body: &[u8]) -> Result<Vec<Notification>, WebhookError> {
        let (seconds, signature) = fields(signature).ok_or(WebhookError::WrongSignature)?;
        let signed = [format!("{seconds}.").as_bytes(), body].concat();
        self.verify(&signed, signature)?;
        let now = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        if now.abs_diff(seconds) > REPLAY_WINDOW.as_secs() {
            return Err(WebhookError::Stale);
        }
        decode(body)
    }

    /// What a request says whose [`BODY_SIGNATURE`] is `signature`, with or without `sha256=`. It does not tell an old request
    /// from a new one: use [`Webhooks::receive`] where the server sends its header.
    pub fn receive_undated(&self, signature: &str, body: &[u8]) -> Result<Vec<Notification>, WebhookError> {
        let signature = signature.trim();
        self.verify(body, signature.strip_prefix("sha256=").unwrap_or(signature))?;
        decode(body)
    }

    /// In constant time.
    fn verify(&self, signed: &[u8], hex: &str) -> Result<(), WebhookError> {
        let tag = unhex(hex).ok_or(WebhookError::WrongSignature)?;
        hmac::verify(&self.key, signed, &tag).map_err(|_| WebhookError::WrongSignature)
    }
}

impl std::fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Webhooks(..)")
    }
}

/// What an unsigned request says: one notification or a batch, in order. Those that this version does not know are left out.
pub fn decode(body: &[u8]) -> Result<Vec<Notification>, WebhookError> {
    decode_webhook(body).map_err(|_| WebhookError::Undecodable)
}

/// Time and signature of a dated signature.
fn fields(header: &str) -> Option<(u64, &str)> {
    let field = |name: &str| header.split(',').find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='));
    Some((field("t")?.parse().ok()?, field("v1")?))
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn dated(key: &Webhooks, seconds: u64, body: &[u8]) -> String {
        let tag = hmac::sign(&key.key, &[format!("{seconds}.").as_bytes(), body].concat());
        format!("t={seconds},v1={}", hex(tag.as_ref()))
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_dated_request_is_taken_within_its_window() {
        let webhooks = Webhooks::new("secret");
        let created = Notification::RoomCreated { room: "r".into() };
        let body = created.clone().encode();
        let signature = dated(&webhooks, 1_000_000, &body);
        for now in [1_000_000, 1_000_300, 999_700] {
            assert_eq!(webhooks.receive(at(now), &signature, &body), Ok(vec![created.clone()]), "{now}");
        }
        for now in [0, 999_699, 1_000_301, u64::from(u32::MAX)] {
            assert_eq!(webhooks.receive(at(now), &signature, &body), Err(WebhookError::Stale), "{now}");
        }
        let other_time = signature.replace("t=1000000", "t=1000001");
        assert_eq!(webhooks.receive(at(1_000_000), &other_time, &body), Err(WebhookError::WrongSignature));
        assert_eq!(webhooks.receive(at(1_000_000), &signature, b"other"), Err(WebhookError::WrongSignature));
        assert_eq!(Webhooks::new("other").receive(at(1_000_000), &signature, &body), Err(WebhookError::WrongSignature));
    }

    #[test]
    fn an_undated_signature_needs_no_prefix() {
        // RFC 4231 section 4.3: test case 2. Its data is no message, so that only the signature can be right.
        let webhooks = Webhooks::new("Jefe");
        let data = b"what do ya want for nothing?";
        let signature = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        for text in [signature.to_owned(), format!("sha256={signature}"), format!(" sha256={signature} ")] {
            assert_eq!(webhooks.receive_undated(&text, data), Err(WebhookError::Undecodable), "{text}");
        }
        assert_eq!(webhooks.receive_undated(&signature.replace('5', "6"), data), Err(WebhookError::WrongSignature));
    }

    #[test]
    fn signatures_of_other_shapes_are_wrong() {
        let webhooks = Webhooks::new("secret");
        for text in ["", "t=1", "v1=00", "t=x,v1=00", "sha256=", "sha256=zz", "äöü", &"ä".repeat(32), &"0".repeat(64), "t=1,v1=+f"] {
            assert_eq!(webhooks.receive(at(1), text, b""), Err(WebhookError::WrongSignature), "{text}");
            assert_eq!(webhooks.receive_undated(text, b""), Err(WebhookError::WrongSignature), "{text}");
        }
    }
}
