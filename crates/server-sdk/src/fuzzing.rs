//! Decoders of what strangers send to a back end, for the fuzz targets. Each function panics when an invariant does not hold.
//!
//! The committed corpora are replayed by the tests below, on any toolchain.

use std::time::{Duration, UNIX_EPOCH};

use crate::webhook::{Webhooks, decode};

/// A webhook: a line with its signature, then its body.
pub fn webhook(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (signature, body) = (String::from_utf8_lossy(&bytes[..end]), bytes.get(end + 1..).unwrap_or_default());
    let hooks = Webhooks::new("secret");
    let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    assert!(hooks.receive(now, &signature, body).is_err(), "nobody else signs with this secret");
    assert!(hooks.receive_undated(&signature, body).is_err(), "nobody else signs with this secret");
    for notification in decode(body).unwrap_or_default() {
        let again = decode(&notification.clone().encode());
        assert_eq!(again.as_deref(), Ok([notification].as_slice()), "a notification survives the wire");
    }
}

#[cfg(test)]
#[path = "../../../fuzz/replay.rs"]
mod replay;

#[cfg(test)]
mod tests {
    #[test]
    fn webhooks_and_mutations() {
        super::replay::replay("webhook", 20_000, super::webhook);
    }
}
