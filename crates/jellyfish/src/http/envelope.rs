//! What is the same for every request: addresses, cross-origin rules, request ids, bodies.
//!
//! Everything here happens before routing and before authentication, in the order of the archived server.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use futures_util::{FutureExt as _, StreamExt as _};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use tower::ServiceExt as _;

use super::error::ApiError;
use super::params::Params;
use crate::figures::HttpTraffic;
use crate::random;

/// Longest body that is used.
pub const MAX_BODY: usize = 64 * 1024;

/// A longer body is read so far, so that the client gets to read the answer.
pub const MAX_DRAINED_BODY: usize = 8_000_000;

/// Time to send a body.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(30);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const ALLOWED_HEADERS: &str = "Authorization,Content-Type,Accept,Origin,User-Agent,DNT,Cache-Control,X-Mx-ReqToken,Keep-Alive,\
                               X-Requested-With,If-Modified-Since,X-CSRF-Token";

/// What is around the routes.
#[derive(Clone)]
struct Envelope {
    routes: Router,
    traffic: Arc<HttpTraffic>,
}

/// A router of all requests around the routes.
pub(super) fn around(routes: Router, traffic: Arc<HttpTraffic>) -> Router {
    Router::new().fallback(serve).with_state(Envelope { routes, traffic })
}

async fn serve(State(envelope): State<Envelope>, request: Request) -> Response {
    envelope.traffic.count_request(request.method(), request.uri(), request.headers());
    let id = request_id(request.headers());
    let is_preflight = request.method() == Method::OPTIONS;
    let mut response = if is_preflight {
        StatusCode::NO_CONTENT.into_response()
    } else {
        AssertUnwindSafe(answer(envelope.routes, request, &envelope.traffic)).catch_unwind().await.unwrap_or_else(|_| {
            tracing::error!("a request handler broke");
            ApiError::Phrase(StatusCode::INTERNAL_SERVER_ERROR).into_response()
        })
    };
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, id);
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(""));
    headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    if is_preflight {
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("1728000"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(ALLOWED_HEADERS));
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET,POST,PUT,PATCH,DELETE,OPTIONS"));
    }
    envelope.traffic.count_response(&response);
    response
}

async fn answer(routes: Router, request: Request, traffic: &HttpTraffic) -> Response {
    let (mut parts, body) = request.into_parts();
    parts.uri = tidy(&parts.uri);
    let body = match read_body(body, traffic).await {
        Ok(body) => body,
        Err(error) => return error.into_response(),
    };
    let Ok((params, method)) = Params::read(&parts.method, parts.uri.query(), &parts.headers, &body) else {
        return ApiError::Phrase(StatusCode::BAD_REQUEST).into_response();
    };
    parts.extensions.insert(params);
    parts.method = method;
    let request = Request::from_parts(parts, Body::empty());
    match routes.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// The id that the client gave, if it is of a sensible length, else a new one.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    let given = headers.get(REQUEST_ID).filter(|id| (20..=200).contains(&id.len()));
    given.cloned().unwrap_or_else(|| HeaderValue::try_from(random::id()).expect("a UUID is a header value"))
}

/// Duplicate and trailing slashes mean nothing.
fn tidy(uri: &Uri) -> Uri {
    let mut path = String::with_capacity(uri.path().len());
    for segment in uri.path().split('/').filter(|segment| !segment.is_empty()) {
        path.push('/');
        path.push_str(segment);
    }
    if path.is_empty() {
        path.push('/');
    }
    if let Some(query) = uri.query() {
        path.push('?');
        path.push_str(query);
    }
    let mut parts = uri.clone().into_parts();
    match PathAndQuery::try_from(path) {
        Ok(tidied) => parts.path_and_query = Some(tidied),
        Err(_) => return uri.clone(),
    }
    Uri::from_parts(parts).unwrap_or_else(|_| uri.clone())
}

async fn read_body(body: Body, traffic: &HttpTraffic) -> Result<Bytes, ApiError> {
    let reading = async {
        let mut stream = body.into_data_stream();
        let mut kept = Vec::new();
        let mut length = 0;
        while let Some(chunk) = stream.next().await {
            // The client went away in the middle; whatever is answered reaches nobody.
            let chunk = chunk.map_err(|_| ApiError::Phrase(StatusCode::BAD_REQUEST))?;
            length += chunk.len();
            traffic.count_received(chunk.len());
            if length <= MAX_BODY {
                kept.extend_from_slice(&chunk);
            } else {
                kept = Vec::new();
            }
            if length > MAX_DRAINED_BODY {
                break;
            }
        }
        if length > MAX_BODY { Err(ApiError::Phrase(StatusCode::PAYLOAD_TOO_LARGE)) } else { Ok(kept.into()) }
    };
    tokio::time::timeout(BODY_TIMEOUT, reading).await.unwrap_or(Err(ApiError::Phrase(StatusCode::REQUEST_TIMEOUT)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn limit_time_to_send_a_body() {
        let started = tokio::time::Instant::now();
        let endless = Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
        let error = read_body(endless, &HttpTraffic::default()).await.unwrap_err();
        assert_eq!((started.elapsed().as_secs(), error.into_response().status()), (30, StatusCode::REQUEST_TIMEOUT));
    }

    #[test]
    fn slashes_are_tidied() {
        for (uri, expected) in [
            ("/room", "/room"),
            ("//room", "/room"),
            ("/room/", "/room"),
            ("//room//a%2Fb///?x=//", "/room/a%2Fb?x=//"),
            ("/", "/"),
            ("///", "/"),
        ] {
            let uri = Uri::builder().path_and_query(uri).build().unwrap();
            assert_eq!(tidy(&uri).to_string(), expected);
        }
    }
}
