//! Telling protocols apart by the first bytes of a connection.

use std::io;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt};

use super::stream::StreamProtocol;

/// Bytes a protocol may ask for before it decides.
const ENOUGH: usize = 64;

/// What a protocol thinks of the first bytes of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognition {
    /// They are of this protocol.
    Yes,
    /// They are not.
    No,
    /// Too few to tell. After 64 bytes this counts as no.
    NeedMore,
}

/// What a connection turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Tls,
    Http,
    /// The registered protocol with this number.
    Registered(usize),
    Unknown,
}

/// Reads until the kind is known. Returns it with the bytes read, or `None` when the other end closed before.
pub(super) async fn recognise<T: AsyncRead + Unpin>(
    stream: &mut T,
    tls: bool,
    protocols: &[Box<dyn StreamProtocol>],
) -> io::Result<Option<(Kind, Bytes)>> {
    let mut first = BytesMut::with_capacity(2048);
    loop {
        if stream.read_buf(&mut first).await? == 0 {
            return Ok(None);
        }
        if let Some(kind) = kind_of(&first, tls, protocols) {
            return Ok(Some((kind, first.freeze())));
        }
    }
}

/// The kind that `first` (not empty) announces, or `None` while it is too short to tell. `tls` says whether TLS may begin
/// here.
fn kind_of(first: &[u8], tls: bool, protocols: &[Box<dyn StreamProtocol>]) -> Option<Kind> {
    /// Record type "handshake" and the major version that all TLS versions share (RFC 8446 section 5.1).
    const CLIENT_HELLO: [u8; 2] = [0x16, 0x03];

    if tls && first.starts_with(&CLIENT_HELLO) {
        return Some(Kind::Tls);
    }
    let mut undecided = tls && first.len() < CLIENT_HELLO.len() && CLIENT_HELLO.starts_with(first);
    let seen = &first[..first.len().min(ENOUGH)];
    for (number, protocol) in protocols.iter().enumerate() {
        match protocol.recognise(seen) {
            Recognition::Yes => return Some(Kind::Registered(number)),
            Recognition::NeedMore => undecided |= seen.len() < ENOUGH,
            Recognition::No => {}
        }
    }
    if undecided {
        return None;
    }
    // A method is a word in capitals; empty lines before it are allowed (RFC 9112 section 2.2). HTTP answers what only
    // looks like a method itself.
    let http = first[0].is_ascii_uppercase() || matches!(first[0], b'\r' | b'\n');
    Some(if http { Kind::Http } else { Kind::Unknown })
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;

    use proptest::prelude::*;

    use super::super::Connection;
    use super::*;

    /// Recognises `prefix` and refuses anything else as soon as it differs.
    struct Prefix(&'static [u8]);

    impl StreamProtocol for Prefix {
        fn recognise(&self, first: &[u8]) -> Recognition {
            if first.starts_with(self.0) {
                Recognition::Yes
            } else if self.0.starts_with(first) {
                Recognition::NeedMore
            } else {
                Recognition::No
            }
        }

        fn serve(&self, _connection: Connection) -> Pin<Box<dyn Future<Output = ()> + Send>> {
            Box::pin(std::future::ready(()))
        }
    }

    fn check(first: &[u8], tls: bool) -> Option<Kind> {
        let protocols: Vec<Box<dyn StreamProtocol>> = vec![Box::new(Prefix(&[0, 3])), Box::new(Prefix(b"GO!"))];
        kind_of(first, tls, &protocols)
    }

    #[test]
    fn first_bytes_decide() {
        assert_eq!(check(&[0x16, 0x03, 0x01], true), Some(Kind::Tls));
        assert_eq!(check(&[0x16], true), None);
        assert_eq!(check(&[0x16, 0x99], true), Some(Kind::Unknown));
        assert_eq!(check(&[0x16, 0x03], false), Some(Kind::Unknown));
        assert_eq!(check(b"GET / HTTP/1.1\r\n", true), Some(Kind::Http));
        assert_eq!(check(b"\r\nGET", true), Some(Kind::Http));
        assert_eq!(check(b"G", true), None, "may still be the second protocol");
        assert_eq!(check(b"GO!", true), Some(Kind::Registered(1)));
        assert_eq!(check(&[0], true), None);
        assert_eq!(check(&[0, 3], true), Some(Kind::Registered(0)));
        assert_eq!(check(&[0, 4], true), Some(Kind::Unknown));
        assert_eq!(check(b"get /", true), Some(Kind::Unknown));
    }

    #[test]
    fn a_protocol_that_never_decides_loses_after_64_bytes() {
        struct Undecided;
        impl StreamProtocol for Undecided {
            fn recognise(&self, _first: &[u8]) -> Recognition {
                Recognition::NeedMore
            }
            fn serve(&self, _connection: Connection) -> Pin<Box<dyn Future<Output = ()> + Send>> {
                Box::pin(std::future::ready(()))
            }
        }
        let protocols: Vec<Box<dyn StreamProtocol>> = vec![Box::new(Undecided)];
        assert_eq!(kind_of(&[b'G'; 63], false, &protocols), None);
        assert_eq!(kind_of(&[b'G'; 64], false, &protocols), Some(Kind::Http));
    }

    proptest! {
        #[test]
        fn the_kind_is_known_in_time_and_stays(
            beginning in prop_oneof![Just(&b""[..]), Just(&b"GO"[..]), Just(&b"\x16"[..]), Just(&b"\0"[..]), Just(&b"\r\n"[..])],
            rest in proptest::collection::vec(any::<u8>(), 1..80),
            tls: bool,
        ) {
            let first = [beginning, &rest].concat();
            let kinds: Vec<_> = (1..=first.len()).map(|length| check(&first[..length], tls)).collect();
            let known = kinds.iter().position(Option::is_some);
            prop_assert!(known.is_some_and(|known| known < ENOUGH) || first.len() < ENOUGH, "{kinds:?}");
            prop_assert!(kinds[known.unwrap_or(kinds.len())..].iter().all(|kind| Some(kind) == known.map(|known| &kinds[known])), "{kinds:?}");
        }
    }
}
