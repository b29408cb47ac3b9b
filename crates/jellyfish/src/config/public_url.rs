//! The address under which the world knows the server.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// An `http` or `https` URL without query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    uri: http::Uri,
}

/// The text is no such URL.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("\"{0}\" is no address such as https://media.example.org")]
pub struct PublicUrlError(String);

impl PublicUrl {
    /// `host[:port][/path]`, without scheme and trailing slash.
    pub fn address(&self) -> String {
        let authority = self.uri.authority().map_or("", http::uri::Authority::as_str);
        format!("{authority}{}", self.uri.path().trim_end_matches('/'))
    }

    /// The host, a name or an IP address without brackets.
    pub fn host(&self) -> &str {
        self.uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.uri.scheme_str().unwrap_or("http"), self.address())
    }
}

impl FromStr for PublicUrl {
    type Err = PublicUrlError;

    fn from_str(text: &str) -> Result<Self, PublicUrlError> {
        let wrong = || PublicUrlError(text.to_owned());
        let uri: http::Uri = text.parse().map_err(|_| wrong())?;
        let scheme_fits = matches!(uri.scheme_str(), Some("http" | "https"));
        let host_fits = uri.host().is_some_and(|host| !host.is_empty()) && !uri.authority().is_some_and(|a| a.as_str().contains('@'));
        if scheme_fits && host_fits && uri.query().is_none() { Ok(Self { uri }) } else { Err(wrong()) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn the_address_has_no_scheme() {
        for (url, address, host) in [
            ("https://media.example.org", "media.example.org", "media.example.org"),
            ("http://192.0.2.7:5002/", "192.0.2.7:5002", "192.0.2.7"),
            ("https://[2001:db8::1]:8443/media/", "[2001:db8::1]:8443/media", "2001:db8::1"),
        ] {
            let url: PublicUrl = url.parse().unwrap();
            assert_eq!((url.address().as_str(), url.host()), (address, host));
        }
        for text in ["", "media.example.org", "ftp://a.b", "https://", "https://a.b/?q=1", "https://user@a.b"] {
            assert!(text.parse::<PublicUrl>().is_err(), "{text}");
        }
    }
}
