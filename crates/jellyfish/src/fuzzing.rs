//! Decoders of what strangers send that cannot be reached from outside at speed, for the fuzz targets.

use std::time::{Duration, UNIX_EPOCH};

use sfu::{PeerId, RoomId};

use crate::token::{Bearer, TokenKey};

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

#[cfg(test)]
#[path = "../../../fuzz/replay.rs"]
mod replay;

#[cfg(test)]
mod tests {
    #[test]
    fn tokens_and_mutations() {
        super::replay::replay("token", 2_000, super::token);
    }
}
