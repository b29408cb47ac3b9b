//! Kinds of values, each read with a sentence for those that are wrong.

mod network;
mod public_url;

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use crate::settings::{SettingError, Sources};

pub use network::{Network, NetworkError};
pub use public_url::{PublicUrl, PublicUrlError};

/// A secret: it does not show itself in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// The text is no secret that an HTTP header can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// There is none.
    #[error("the token is empty")]
    Empty,
    /// It has other characters.
    #[error("a token consists of visible ASCII characters without spaces")]
    Characters,
}

impl Secret {
    /// A secret that the program itself made or knows.
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The secret itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for Secret {
    type Err = SecretError;

    fn from_str(text: &str) -> Result<Self, SecretError> {
        if text.is_empty() {
            return Err(SecretError::Empty);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(SecretError::Characters);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// A secret that is given by the setting `value`, or in a file by the setting `file`.
pub fn secret(sources: &Sources, value: &'static str, file: &'static str) -> Result<Option<Secret>, SettingError> {
    let given = sources.read(value, str::parse)?;
    let filed = sources.read(file, |name| {
        let text = std::fs::read_to_string(name).map_err(|error| format!("cannot read {name}: {error}"))?;
        text.trim().parse::<Secret>().map_err(|error| format!("{name}: {error}"))
    })?;
    match (given, filed) {
        (Some(_), Some(_)) => Err(sources.problem(file, &format!("--{value} is given too; leave one of them out"))),
        (given, filed) => Ok(given.or(filed)),
    }
}

/// A whole number within bounds.
pub fn number<N: Copy + FromStr + PartialOrd + fmt::Display>(text: &str, least: N, most: N) -> Result<N, String> {
    let number = text.parse().ok().filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| format!("\"{text}\" is no number from {least} to {most}"))
}

/// A port.
pub fn port(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| format!("\"{text}\" is no port from 0 to 65535"))
}

/// A file or directory.
pub fn path(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() { Err("it is empty".to_owned()) } else { Ok(text.into()) }
}

/// One of some words.
pub fn choice<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, String> {
    let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    found.ok_or_else(|| {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        format!("\"{text}\" is not one of: {}", words.join(", "))
    })
}

/// A host name (RFC 1123 section 2.1), underscores allowed.
pub(crate) fn is_host_name(text: &str) -> bool {
    let label =
        |label: &str| !label.is_empty() && label.len() <= 63 && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    text.len() <= 253 && text.split('.').all(label) && text.bytes().any(|b| b.is_ascii_alphabetic())
}

/// An IP address, or a host name (RFC 1123 section 2.1).
pub fn host(text: &str) -> Result<String, String> {
    if is_host_name(text) || text.parse::<IpAddr>().is_ok() {
        Ok(text.to_owned())
    } else {
        Err(format!("\"{text}\" is neither an IP address nor a host name"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn secrets_do_not_show() {
        let secret: Secret = "sesame".parse().unwrap();
        assert_eq!((format!("{secret:?}").as_str(), secret.reveal()), ("Secret(..)", "sesame"));
        assert_eq!(("".parse::<Secret>(), "a b".parse::<Secret>()), (Err(SecretError::Empty), Err(SecretError::Characters)));
    }

    #[test]
    fn hosts_are_addresses_or_names() {
        for good in ["203.0.113.7", "2001:db8::1", "media.example.org", "my_host", "a-1"] {
            assert_eq!(host(good).unwrap(), good);
        }
        for bad in ["", "a b", "a;b", "a..b", "1.2.3", "https://a.example", &"a".repeat(64)] {
            assert!(host(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn numbers_have_bounds() {
        assert_eq!(number("7", 1_u32, 9), Ok(7));
        assert_eq!(number("10", 1_usize, 9).unwrap_err(), "\"10\" is no number from 1 to 9");
        assert!(number("-1", 0_u32, 9).is_err() && number("x", 0_u32, 9).is_err());
    }
}
