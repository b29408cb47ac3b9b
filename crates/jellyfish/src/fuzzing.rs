//! Decoders of what strangers send that cannot be reached from outside at speed, for the fuzz targets.

#[path = "../../../fuzz/request.rs"]
mod request;
mod rest;
mod signalling;

use std::time::{Duration, UNIX_EPOCH};

pub use rest::Rest;
pub use signalling::signalling;

use sfu::{PeerId, RoomId};

use crate::token::{Bearer, TokenKey};
use crate::webhooks::{MAX_URL, Targets};

/// A peer token: as it is, and as what remains of a good one whose bytes are changed by it.
pub fn token(bytes: &[u8]) {
    let key = TokenKey::new("secret");
    let now = UNIX_EPOCH + Duration::from_secs(1_000_000);
    let text = String::from_utf8_lossy(bytes);
    assert!(key.verify(now, &text).is_err(), "nobody else makes tokens of this key");
    let bearer = Bearer { room: RoomId::from("room-1"), peer: PeerId::from("3f") };
    let mut good = key.sign(now, &bearer).into_bytes();
    good.iter_mut().zip(bytes).for_each(|(byte, change)| *byte ^= change);
    let changed = String::from_utf8_lossy(&good);
    if let Ok(found) = key.verify(now, &changed) {
        // The last character of a base64 text has unused bits: such a text is another spelling of the same token.
        assert_eq!(found, bearer, "a token stands for its bearer");
    }
}

/// Where a room's notifications are to be posted.
pub fn webhook_url(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let targets = Targets::default();
    let Ok(url) = targets.read(&text) else { return };
    assert!(text.len() <= MAX_URL && matches!(url.scheme(), "http" | "https") && url.has_host(), "{url}");
    let literal = url.host_str().and_then(|host| host.trim_matches(['[', ']']).parse().ok());
    assert!(literal.is_none_or(|ip| targets.allows(ip)), "{url} is an address near the server");
}

#[cfg(test)]
#[path = "../../../fuzz/replay.rs"]
mod replay;

#[cfg(test)]
mod tests {
    use std::time::Instant;

    #[test]
    fn client_frames_and_mutations() {
        let now = Instant::now();
        super::replay::replay("signalling", 1_000, |bytes| super::signalling(now, bytes));
    }

    #[test]
    fn requests_and_mutations() {
        let data_dir = tempfile::tempdir().expect("a directory");
        let mut rest = super::Rest::start(data_dir.path());
        super::replay::replay("rest", 2_000, |bytes| {
            rest.ask(bytes);
        });
        rest.delete_rooms();
    }

    #[test]
    fn webhook_urls_and_mutations() {
        super::replay::replay("webhook_url", 20_000, super::webhook_url);
    }

    #[test]
    fn tokens_and_mutations() {
        super::replay::replay("token", 2_000, super::token);
    }
}
