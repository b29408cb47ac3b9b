//! Serving everything below a base path.

use axum::Router;
use axum::extract::Request;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;

use super::error::not_found;
use crate::config::BasePath;

/// The same routes, below the base path; nothing outside it.
pub(super) fn below(base_path: &BasePath, routes: Router) -> Router {
    let prefix = base_path.prefix().to_owned();
    if prefix.is_empty() {
        return routes;
    }
    Router::new().fallback(async move |request: Request| match inside(&prefix, request.uri()) {
        Place::Inside(uri) => enter(routes, request, uri).await,
        Place::Door => door(&prefix),
        Place::Outside => not_found(request.headers()),
    })
}

enum Place {
    /// Below the prefix: the address without it.
    Inside(Uri),
    /// The prefix without its last slash.
    Door,
    Outside,
}

fn inside(prefix: &str, uri: &Uri) -> Place {
    match uri.path().strip_prefix(prefix) {
        Some("") => Place::Door,
        Some(path) if path.starts_with('/') => {
            let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
            let mut parts = uri.clone().into_parts();
            match PathAndQuery::try_from(format!("{path}{query}")) {
                Ok(path) => parts.path_and_query = Some(path),
                Err(_) => return Place::Outside,
            }
            Uri::from_parts(parts).map_or(Place::Outside, Place::Inside)
        }
        _ => Place::Outside,
    }
}

async fn enter(routes: Router, mut request: Request, uri: Uri) -> Response {
    *request.uri_mut() = uri;
    match routes.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// Relative links of the page need the last slash.
fn door(prefix: &str) -> Response {
    match HeaderValue::try_from(format!("{prefix}/")) {
        Ok(location) => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, location)]).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn only_what_is_below_the_prefix_is_inside() {
        for (address, expected) in [
            ("/meet/", Some("/")),
            ("/meet/room/a%2Fb?name=Ana&join=1", Some("/room/a%2Fb?name=Ana&join=1")),
            ("/meet//x", Some("//x")),
            ("/meeting", None),
            ("/", None),
            ("/api/rooms/a", None),
        ] {
            let found = match inside("/meet", &address.parse().unwrap()) {
                Place::Inside(uri) => Some(uri.to_string()),
                Place::Door | Place::Outside => None,
            };
            assert_eq!(found.as_deref(), expected, "{address}");
        }
        assert!(matches!(inside("/meet", &"/meet".parse().unwrap()), Place::Door));
    }
}
