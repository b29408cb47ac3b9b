//! Parameters of a request: query and body, merged.

use http::{HeaderMap, header};
use serde_json::{Map, Value};

/// The merged parameters; the body's win over the query's. What is no object has no keys.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Params(Map<String, Value>);

/// The body is no JSON although it says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

impl Params {
    pub(super) fn read(query: Option<&str>, headers: &HeaderMap, body: &[u8]) -> Result<Self, Malformed> {
        let mut merged = Map::new();
        add_form(&mut merged, query.unwrap_or_default().as_bytes());
        match content_type(headers).as_str() {
            kind if is_json(kind) => add_json(&mut merged, body)?,
            "application/x-www-form-urlencoded" => add_form(&mut merged, body),
            _ => {}
        }
        Ok(Self(merged))
    }

    /// The parameter; `None` when it is missing or null.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }
}

fn content_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn is_json(content_type: &str) -> bool {
    content_type == "application/json" || (content_type.starts_with("application/") && content_type.ends_with("+json"))
}

fn add_json(merged: &mut Map<String, Value>, body: &[u8]) -> Result<(), Malformed> {
    if body.is_empty() {
        return Ok(());
    }
    if let Value::Object(object) = serde_json::from_slice(body).map_err(|_| Malformed)? {
        merged.extend(object);
    }
    Ok(())
}

fn add_form(merged: &mut Map<String, Value>, text: &[u8]) {
    merged.extend(form_urlencoded::parse(text).map(|(key, value)| (key.into_owned(), Value::String(value.into_owned()))));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use serde_json::json;

    use super::*;

    fn read(query: &str, content_type: &str, body: &str) -> Result<Value, Malformed> {
        let mut headers = HeaderMap::new();
        if !content_type.is_empty() {
            headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        }
        Params::read(Some(query), &headers, body.as_bytes()).map(|params| Value::Object(params.0))
    }

    #[test]
    fn query_and_body_are_merged() {
        let json_type = "application/json; charset=utf-8";
        assert_eq!(read("a=1&b=x%20y", json_type, r#"{"a": 2}"#), Ok(json!({"a": 2, "b": "x y"})));
        assert_eq!(read("", "application/x-www-form-urlencoded", "type=webrtc"), Ok(json!({"type": "webrtc"})));
        assert_eq!(read("", "application/vnd.api+json", r#"{"a": 2}"#), Ok(json!({"a": 2})));
        assert_eq!(read("", "text/plain", r#"{"a": 2}"#), Ok(json!({})));
        assert_eq!(read("", json_type, ""), Ok(json!({})));
        assert_eq!(read("", json_type, "[1]"), Ok(json!({})));
        assert_eq!(read("", json_type, "{nope"), Err(Malformed));
        assert_eq!(read("", json_type, &"[".repeat(10_000)), Err(Malformed));
    }
}
