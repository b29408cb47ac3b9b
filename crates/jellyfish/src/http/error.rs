//! Error answers.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use protocol::rest::{ErrorBody, sentences};
use serde::Serialize;
use serde_json::json;

use crate::rooms::RoomError;

/// An error answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ApiError {
    /// `{"errors": "sentence"}`: the application says no.
    Sentence(StatusCode, String),
    /// `{"errors": {"detail": "phrase"}}`: the request never reached the application, or broke it.
    Phrase(StatusCode),
}

impl ApiError {
    pub(super) fn bad_request(sentence: impl Into<String>) -> Self {
        Self::Sentence(StatusCode::BAD_REQUEST, sentence.into())
    }

    pub(super) fn unauthorized(sentence: &str) -> Self {
        Self::Sentence(StatusCode::UNAUTHORIZED, sentence.to_owned())
    }

    pub(super) fn not_found(sentence: impl Into<String>) -> Self {
        Self::Sentence(StatusCode::NOT_FOUND, sentence.into())
    }

    pub(super) fn unavailable(sentence: impl Into<String>) -> Self {
        Self::Sentence(StatusCode::SERVICE_UNAVAILABLE, sentence.into())
    }

    /// The server ends, and nothing is known about rooms and peers any more.
    pub(super) fn stopping() -> Self {
        Self::unavailable("The server is stopping")
    }

    /// What the rooms answered to a command about this room and peer.
    pub(super) fn from_room(error: RoomError, room: &str, peer: &str) -> Self {
        match error {
            RoomError::RoomNotFound => Self::not_found(sentences::room_not_found(room)),
            RoomError::PeerNotFound => Self::not_found(sentences::peer_not_found(peer)),
            RoomError::PeerLimit => Self::unavailable(sentences::peer_limit(room)),
            RoomError::Stopping => Self::stopping(),
            RoomError::WishNotFound
            | RoomError::RoomExists
            | RoomError::PeerExists
            | RoomError::PeerConnected { .. }
            | RoomError::Crashed => {
                tracing::error!(room, peer, %error, "a request failed");
                Self::Phrase(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            Self::Sentence(status, errors) => json(status, &ErrorBody { errors }),
            Self::Phrase(status) => {
                // Upstream's library still has the older phrase.
                let phrase = match status {
                    StatusCode::PAYLOAD_TOO_LARGE => "Request Entity Too Large",
                    other => other.canonical_reason().unwrap_or("Error"),
                };
                json(status, &json!({"errors": {"detail": phrase}}))
            }
        }
    }
}

/// A JSON answer.
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let Ok(bytes) = serde_json::to_vec(body) else {
        tracing::error!("an answer could not be written as JSON");
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let content_type = HeaderValue::from_static("application/json; charset=utf-8");
    (status, [(header::CONTENT_TYPE, content_type)], bytes).into_response()
}

/// A plain text answer.
pub(super) fn text(status: StatusCode, body: &'static str) -> Response {
    let content_type = HeaderValue::from_static("text/plain; charset=utf-8");
    (status, [(header::CONTENT_TYPE, content_type)], body).into_response()
}
