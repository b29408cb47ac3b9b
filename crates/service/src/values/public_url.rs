//! The address under which the world knows a server.

use std::fmt;
use std::str::FromStr;

use http::Uri;
use http::uri::Authority;

/// An `http` or `https` address with host, and perhaps port and path; no query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    https: bool,
    authority: Authority,
    path: String,
}

/// The text is no such address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no address such as https://meet.example.org")]
pub struct PublicUrlError(String);

impl PublicUrl {
    /// Whether its scheme is `https`.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// `host[:port]`.
    pub fn authority(&self) -> &str {
        self.authority.as_str()
    }

    /// The host, a name or an IP address without brackets.
    pub fn host(&self) -> &str {
        self.authority.host().trim_start_matches('[').trim_end_matches(']')
    }

    /// The path without trailing slash, empty for the root.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// `host[:port][/path]`, without scheme and trailing slash.
    pub fn address(&self) -> String {
        format!("{}{}", self.authority, self.path)
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", if self.https { "https" } else { "http" }, self.authority, self.path)
    }
}

impl FromStr for PublicUrl {
    type Err = PublicUrlError;

    fn from_str(text: &str) -> Result<Self, PublicUrlError> {
        let wrong = || PublicUrlError(text.to_owned());
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(wrong()),
        };
        let authority = uri.authority().filter(|authority| !authority.host().is_empty() && !authority.as_str().contains('@'));
        let authority = authority.ok_or_else(wrong)?.clone();
        if uri.query().is_some() {
            return Err(wrong());
        }
        Ok(Self { https, authority, path: uri.path().trim_end_matches('/').to_owned() })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn addresses_are_normalised() {
        for (text, shown, address, host) in [
            ("https://meet.example.org", "https://meet.example.org", "meet.example.org", "meet.example.org"),
            ("http://192.0.2.7:5002/", "http://192.0.2.7:5002", "192.0.2.7:5002", "192.0.2.7"),
            ("https://[2001:db8::1]:8443/m/", "https://[2001:db8::1]:8443/m", "[2001:db8::1]:8443/m", "2001:db8::1"),
        ] {
            let url: PublicUrl = text.parse().unwrap();
            assert_eq!((url.to_string().as_str(), url.address().as_str(), url.host()), (shown, address, host));
        }
        for text in ["", "meet.example.org", "ftp://a.b", "wss://a.b", "https://", "https://a.b/?q=1", "https://user@a.b"] {
            assert!(text.parse::<PublicUrl>().is_err(), "{text}");
        }
    }
}
