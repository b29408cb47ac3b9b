//! Errors as the public API shows them: a status, a stable code, a sentence.

use std::time::Duration;

use axum::Json;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::rooms::{JoinError, NameError};

/// Why a request is refused.
#[derive(Debug)]
pub(super) enum ApiError {
    InvalidRoomName(NameError),
    InvalidName(NameError),
    InvalidRequest(String),
    BodyTooLarge,
    BodyTooSlow,
    RoomFull,
    TooManyRequests(Duration),
    MediaServerUnavailable,
    NotFound,
    MethodNotAllowed,
    Internal(String),
}

/// Body of an error.
#[derive(Serialize, ToSchema)]
pub(super) struct ErrorBody {
    error: ErrorDetail,
}

/// What went wrong.
#[derive(Serialize, ToSchema)]
struct ErrorDetail {
    /// For programs: `invalid_room_name`, `invalid_name`, `invalid_request`, `room_full`, `too_many_requests`,
    /// `media_server_unavailable`, `not_found`, `method_not_allowed` or `internal`.
    #[schema(example = "room_full")]
    code: &'static str,
    /// For people.
    message: String,
}

/// Body of an error in the shape that users of the original Videoroom know.
#[derive(Serialize, ToSchema)]
pub(super) struct LegacyErrorBody {
    /// What went wrong, for people.
    errors: String,
}

impl ApiError {
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::InvalidRoomName(_) | Self::InvalidName(_) | Self::InvalidRequest(_) => StatusCode::BAD_REQUEST,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::RoomFull => StatusCode::CONFLICT,
            Self::TooManyRequests(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::MediaServerUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::InvalidRoomName(_) => "invalid_room_name",
            Self::InvalidName(_) => "invalid_name",
            Self::InvalidRequest(_) | Self::BodyTooLarge | Self::BodyTooSlow => "invalid_request",
            Self::RoomFull => "room_full",
            Self::TooManyRequests(_) => "too_many_requests",
            Self::MediaServerUnavailable => "media_server_unavailable",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::Internal(_) => "internal",
        }
    }

    pub(super) fn message(&self) -> String {
        match self {
            Self::InvalidRoomName(why) => format!("This is no room name: {why}."),
            Self::InvalidName(why) => format!("This is no name: {why}."),
            Self::InvalidRequest(why) => format!("{why}."),
            Self::BodyTooLarge => format!("The body is longer than {} bytes.", super::body::MAX_BODY),
            Self::BodyTooSlow => "The body did not arrive in time.".to_owned(),
            Self::RoomFull => "The room is full.".to_owned(),
            Self::TooManyRequests(_) => "Too many requests from your network. Wait a moment and try again.".to_owned(),
            Self::MediaServerUnavailable => "The media server is not available. Try again in a moment.".to_owned(),
            Self::NotFound => "There is nothing here.".to_owned(),
            Self::MethodNotAllowed => "This method is not allowed here.".to_owned(),
            Self::Internal(_) => "Something went wrong on the server.".to_owned(),
        }
    }

    /// Headers and log lines that come with the error in every shape.
    fn dress(&self, mut response: Response) -> Response {
        *response.status_mut() = self.status();
        match self {
            Self::TooManyRequests(wait) => {
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            Self::Internal(why) => tracing::error!(%why, "a request failed"),
            _ => {}
        }
        response
    }

    /// The error in the shape that users of the original Videoroom know: `{"errors": "sentence"}`.
    pub(super) fn into_legacy_response(self) -> Response {
        let body = LegacyErrorBody { errors: self.message() };
        self.dress(Json(body).into_response())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = ErrorBody { error: ErrorDetail { code: self.code(), message: self.message() } };
        self.dress(Json(body).into_response())
    }
}

impl From<JoinError> for ApiError {
    fn from(error: JoinError) -> Self {
        match error {
            JoinError::RoomFull => Self::RoomFull,
            JoinError::Unavailable(error) => {
                tracing::warn!(%error, "the media server cannot serve a request");
                Self::MediaServerUnavailable
            }
            JoinError::Misunderstood(_) | JoinError::Randomness => Self::Internal(error.to_string()),
        }
    }
}

/// 404, as a page for browsers that ask for one.
pub(super) fn not_found(headers: &HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accept.contains("text/html") {
        return (StatusCode::NOT_FOUND, Html(NOT_FOUND_PAGE)).into_response();
    }
    ApiError::NotFound.into_response()
}

/// 405.
pub(super) async fn method_not_allowed() -> ApiError {
    ApiError::MethodNotAllowed
}

const NOT_FOUND_PAGE: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Not found</title>\
<main><h1>There is nothing here</h1><p>The address may be mistyped.</p></main></html>\n";

/// The page for a browser that was sent to HTTPS and came back without it, because a proxy in between does not tell.
pub(super) fn silent_proxy() -> Response {
    (StatusCode::LOOP_DETECTED, Html(SILENT_PROXY_PAGE)).into_response()
}

const SILENT_PROXY_PAGE: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>The proxy hides HTTPS</title>\
<main><h1>The proxy in front of this server hides HTTPS</h1><p>Its operator has to let it send the header <code>X-Forwarded-Proto</code> \
with the value <code>https</code> and, when it runs on another machine, to name its address with <code>--trusted-proxy</code>.</p></main></html>\n";
