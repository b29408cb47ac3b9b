//! Parameters of a request: query and body, merged.

use http::{HeaderMap, Method, header};
use serde_json::{Map, Value};

use super::multipart;

/// Key by which a form says which method it stands for: forms can only be posted.
const METHOD: &str = "_method";

/// The merged parameters; the body's win over the query's. What is no object has no keys.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Params(Map<String, Value>);

/// The body is not what its type says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

impl Params {
    /// The parameters, and the method that the request really means.
    pub(super) fn read(method: &Method, query: Option<&str>, headers: &HeaderMap, body: &[u8]) -> Result<(Self, Method), Malformed> {
        let given = if has_body(method) { of_body(headers, body)? } else { Map::new() };
        let meant = if method == Method::POST { given.get(METHOD).and_then(Value::as_str).and_then(instead_of_post) } else { None };
        let mut merged = Map::new();
        add_form(&mut merged, query.unwrap_or_default().as_bytes());
        merged.extend(given);
        Ok((Self(merged), meant.unwrap_or_else(|| method.clone())))
    }

    /// The parameter; `None` when it is missing or null.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.given(key).filter(|value| !value.is_null())
    }

    /// The parameter, null included; `None` when it is missing.
    pub(super) fn given(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }
}

/// Bodies of other requests mean nothing and are not looked at.
fn has_body(method: &Method) -> bool {
    [Method::POST, Method::PUT, Method::PATCH, Method::DELETE].contains(method)
}

fn instead_of_post(name: &str) -> Option<Method> {
    [Method::DELETE, Method::PUT, Method::PATCH].into_iter().find(|method| method.as_str().eq_ignore_ascii_case(name))
}

fn of_body(headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>, Malformed> {
    let mut params = Map::new();
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let content_type = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match content_type.as_str() {
        kind if is_json(kind) => add_json(&mut params, body)?,
        "application/x-www-form-urlencoded" => add_form(&mut params, body),
        "multipart/form-data" => {
            let fields = multipart::fields(value, body).ok_or(Malformed)?;
            params.extend(fields.into_iter().map(|(key, value)| (key, Value::String(value))));
        }
        _ => {}
    }
    Ok(params)
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

    fn read_as(method: &Method, query: &str, content_type: &str, body: &str) -> Result<(Value, Method), Malformed> {
        let mut headers = HeaderMap::new();
        if !content_type.is_empty() {
            headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        }
        let read = Params::read(method, Some(query), &headers, body.as_bytes());
        read.map(|(params, method)| (Value::Object(params.0), method))
    }

    fn read(query: &str, content_type: &str, body: &str) -> Result<Value, Malformed> {
        read_as(&Method::POST, query, content_type, body).map(|(params, _)| params)
    }

    const JSON: &str = "application/json; charset=utf-8";

    #[test]
    fn query_and_body_are_merged() {
        assert_eq!(read("a=1&b=x%20y", JSON, r#"{"a": 2}"#), Ok(json!({"a": 2, "b": "x y"})));
        assert_eq!(read("", "application/x-www-form-urlencoded", "type=webrtc"), Ok(json!({"type": "webrtc"})));
        let form = "--B\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\nwebrtc\r\n--B--\r\n";
        assert_eq!(read("", "multipart/form-data; boundary=B", form), Ok(json!({"type": "webrtc"})));
        assert_eq!(read("", "multipart/form-data; boundary=C", form), Err(Malformed));
        assert_eq!(read("", "application/vnd.api+json", r#"{"a": 2}"#), Ok(json!({"a": 2})));
        assert_eq!(read("", "text/plain", r#"{"a": 2}"#), Ok(json!({})));
        assert_eq!(read("", JSON, ""), Ok(json!({})));
        assert_eq!(read("", JSON, "[1]"), Ok(json!({})));
        assert_eq!(read("", JSON, "{nope"), Err(Malformed));
        assert_eq!(read("", JSON, &"[".repeat(10_000)), Err(Malformed));
    }

    #[test]
    fn only_requests_with_a_body_have_it_read() {
        for (method, expected) in [
            (Method::GET, Ok((json!({"a": "1"}), Method::GET))),
            (Method::HEAD, Ok((json!({"a": "1"}), Method::HEAD))),
            (Method::DELETE, Err(Malformed)),
            (Method::POST, Err(Malformed)),
        ] {
            assert_eq!(read_as(&method, "a=1", JSON, "{nope"), expected, "{method}");
        }
    }

    #[test]
    fn a_posted_form_says_which_method_it_stands_for() {
        let form = "application/x-www-form-urlencoded";
        for (method, query, body, meant) in [
            (Method::POST, "", "_method=DELETE", Method::DELETE),
            (Method::POST, "", "_method=patch", Method::PATCH),
            (Method::POST, "", "_method=GET", Method::POST),
            (Method::POST, "_method=DELETE", "", Method::POST),
            (Method::DELETE, "", "_method=PUT", Method::DELETE),
        ] {
            assert_eq!(read_as(&method, query, form, body).unwrap().1, meant, "{method} {query} {body}");
        }
        assert_eq!(read_as(&Method::POST, "", JSON, r#"{"_method": "put"}"#).unwrap().1, Method::PUT);
        assert_eq!(read_as(&Method::POST, "", JSON, r#"{"_method": 5}"#).unwrap().1, Method::POST);
    }
}
