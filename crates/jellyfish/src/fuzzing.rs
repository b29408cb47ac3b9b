//! Decoders of what strangers send that cannot be reached from outside at speed, for the fuzz targets.

#[path = "../../../fuzz/request.rs"]
mod request;
mod rest;
mod signalling;

use std::time::{Duration, UNIX_EPOCH};

pub use rest::Rest;
pub use signalling::signalling;

use sfu::{PeerId, RoomId};

use crate::http::multipart;
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

/// A form in `multipart/form-data`: the first line is its content type. What was read is written down and read again.
pub fn form(bytes: &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (content_type, body) = (String::from_utf8_lossy(&bytes[..end]), bytes.get(end + 1..).unwrap_or_default());
    let Some(fields) = multipart::fields(&content_type, body) else { return };
    let length: usize = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
    assert!(length < body.len(), "{fields:?} came from {} bytes", body.len());
    let unused =
        (0..u32::MAX).map(|number| format!("b{number}")).find(|boundary| fields.iter().all(|(_, value)| !value.contains(boundary)));
    let boundary = unused.expect("no form has so many numbers");
    let written: String = fields
        .iter()
        .map(|(name, value)| format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"))
        .chain([format!("--{boundary}--")])
        .collect();
    let read = multipart::fields(&format!("multipart/form-data; boundary={boundary}"), written.as_bytes());
    assert_eq!(read.as_ref(), Some(&fields), "a form is read as it was written");
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
    fn forms_and_mutations() {
        super::replay::replay("form", 20_000, super::form);
    }

    #[test]
    fn tokens_and_mutations() {
        super::replay::replay("token", 2_000, super::token);
    }
}
