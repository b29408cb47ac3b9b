//! Kinds of values that only this program has.

use std::str::FromStr;

/// A path that everything is below; it begins and ends with a slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BasePath(String);

impl BasePath {
    /// With a slash at both ends.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Without the slash at the end: empty for the root.
    pub fn prefix(&self) -> &str {
        self.0.trim_end_matches('/')
    }
}

impl Default for BasePath {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

impl FromStr for BasePath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let segments: Vec<&str> = text.split('/').filter(|segment| !segment.is_empty()).collect();
        let fits = |segment: &&str| {
            !matches!(*segment, "." | "..") && segment.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~'))
        };
        if !text.starts_with('/') || !segments.iter().all(fits) {
            return Err(format!("\"{text}\" is no path such as /meet"));
        }
        Ok(Self(segments.iter().fold("/".to_owned(), |path, segment| path + segment + "/")))
    }
}

/// A source of the `frame-ancestors` directive.
pub(super) fn frame_ancestor(text: &str) -> Result<String, String> {
    match text.trim_matches('\'') {
        "none" => Ok("'none'".to_owned()),
        "self" => Ok("'self'".to_owned()),
        origin => {
            let rest = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
            let fits = |rest: &str| {
                !rest.is_empty()
                    && rest.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'*' | b'[' | b']' | b'_'))
            };
            match rest {
                Some(rest) if fits(rest) => Ok(origin.to_owned()),
                _ => Err(format!("\"{text}\" is neither none, self, nor an origin such as https://intranet.example.org")),
            }
        }
    }
}
