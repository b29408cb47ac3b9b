//! Signatures of requests: what proves to a receiver that they come from here.

use std::fmt::Write as _;

use aws_lc_rs::hmac;

/// Of the archived server's successors: `sha256=` and the HMAC-SHA256 of the body, in hexadecimal.
pub(super) const BODY_SIGNATURE: &str = "x-fishjam-signature-256";

/// Ours: `t=<seconds since 1970>,v1=<hex>`, the HMAC-SHA256 of the seconds, a dot and the body.
pub(super) const DATED_SIGNATURE: &str = "x-jellyfish-signature";

/// Ours: number of the first notification in the body, counted from 1 for each room.
pub(super) const SEQUENCE: &str = "x-jellyfish-sequence";

/// The key of both signatures.
pub(super) struct SigningKey(hmac::Key);

impl SigningKey {
    /// The key made of this secret.
    pub(super) fn new(secret: &str) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()))
    }

    /// Value of [`BODY_SIGNATURE`].
    pub(super) fn of_body(&self, body: &[u8]) -> String {
        format!("sha256={}", hex(hmac::sign(&self.0, body).as_ref()))
    }

    /// Value of [`DATED_SIGNATURE`].
    pub(super) fn dated(&self, unix_seconds: u64, body: &[u8]) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(unix_seconds.to_string().as_bytes());
        context.update(b".");
        context.update(body);
        format!("t={unix_seconds},v1={}", hex(context.sign().as_ref()))
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string never fails.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231 section 4.3: test case 2.
    #[test]
    fn signatures_are_as_published() {
        let key = SigningKey::new("Jefe");
        let expected = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(key.of_body(b"what do ya want for nothing?"), expected);
        let dated = key.dated(1_700_000_000, b"body");
        let signed = key.of_body(b"1700000000.body");
        assert_eq!(dated, format!("t=1700000000,v1={}", signed.trim_start_matches("sha256=")));
    }
}
