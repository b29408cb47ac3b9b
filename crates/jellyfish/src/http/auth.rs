//! Who may use the REST interface, and in which form.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use protocol::rest::sentences;

use super::error::ApiError;
use crate::app::App;

/// Lets requests pass that accept JSON and carry the API token.
pub(super) async fn check(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if !accepts_json(request.headers()) {
        return ApiError::Phrase(StatusCode::NOT_ACCEPTABLE).into_response();
    }
    match bearer(request.headers()) {
        None => ApiError::unauthorized(sentences::MISSING_TOKEN).into_response(),
        Some(token) if app.is_api_token(token) => next.run(request).await,
        Some(_) => ApiError::unauthorized(sentences::INVALID_TOKEN).into_response(),
    }
}

/// The token, from exactly one header that starts with exactly `Bearer `.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?;
    if values.next().is_some() {
        return None;
    }
    value.to_str().ok()?.strip_prefix("Bearer ")
}

fn accepts_json(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(header::ACCEPT).iter().peekable();
    values.peek().is_none()
        || values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(|range| {
            let kind = range.split(';').next().unwrap_or_default().trim();
            kind.is_empty() || ["*/*", "application/*", "application/json"].iter().any(|json| kind.eq_ignore_ascii_case(json))
        })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn headers(name: &header::HeaderName, values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (name.clone(), value.parse().unwrap())).collect()
    }

    #[test]
    fn only_one_exact_bearer_header_counts() {
        for (values, token) in [
            (&[][..], None),
            (&["Bearer abc"], Some("abc")),
            (&["Bearer  abc"], Some(" abc")),
            (&["bearer abc"], None),
            (&["Bearer"], None),
            (&["Basic abc"], None),
            (&["Bearer abc", "Bearer abc"], None),
        ] {
            assert_eq!(bearer(&headers(&header::AUTHORIZATION, values)), token, "{values:?}");
        }
    }

    #[test]
    fn json_is_accepted_unless_excluded() {
        for (values, accepted) in [
            (&[][..], true),
            (&["*/*"], true),
            (&["text/html, application/json;q=0.5"], true),
            (&["application/*"], true),
            (&["Application/JSON"], true),
            (&["text/html", "application/json"], true),
            (&["text/html"], false),
            (&["image/png, text/*"], false),
        ] {
            assert_eq!(accepts_json(&headers(&header::ACCEPT, values)), accepted, "{values:?}");
        }
    }
}
