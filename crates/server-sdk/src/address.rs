//! Where the server is.

use reqwest::Url;

use crate::Error;

/// The server's base address, with or without a path, always ending in a slash.
#[derive(Clone, Debug)]
pub(crate) struct Address(Url);

impl Address {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let invalid = |why: &str| Error::InvalidAddress(format!("{why}: expected something like http://127.0.0.1:5002"));
        let mut url = Url::parse(text.trim()).map_err(|error| invalid(&error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(invalid("the scheme is neither http nor https"));
        }
        if !url.has_host() {
            return Err(invalid("the host is missing"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid("a user name or password has no place in the address"));
        }
        url.set_query(None);
        url.set_fragment(None);
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Ok(Self(url))
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The address below the base; each segment is percent-encoded.
    pub(crate) fn join(&self, segments: &[&str]) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn joins_below_the_base_path() {
        for (base, expected) in [
            ("http://127.0.0.1:5002", "http://127.0.0.1:5002/room/a%2Fb"),
            ("http://127.0.0.1:5002/", "http://127.0.0.1:5002/room/a%2Fb"),
            ("https://media.example/one", "https://media.example/one/room/a%2Fb"),
            ("https://media.example/one/two/?q#f", "https://media.example/one/two/room/a%2Fb"),
            ("http://[::1]:80", "http://[::1]/room/a%2Fb"),
        ] {
            assert_eq!(Address::parse(base).unwrap().join(&["room", "a/b"]).as_str(), expected);
        }
    }

    #[test]
    fn refuses_what_is_no_server_address() {
        for bad in ["", "127.0.0.1:5002", "ftp://example", "ws://example", "http://", "http://user:secret@example", "no address"] {
            assert!(matches!(Address::parse(bad), Err(Error::InvalidAddress(_))), "{bad}");
        }
    }
}
