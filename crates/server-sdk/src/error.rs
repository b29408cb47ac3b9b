//! What can go wrong, told apart by what the caller does about it.

use protocol::rest::{ErrorBody, sentences};
use reqwest::StatusCode;

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address given to the client cannot be used; the text says why.
    #[error("the media server's address is not usable: {0}")]
    InvalidAddress(String),
    /// The server does not accept the token.
    #[error("the media server refuses the API token: {0}")]
    Unauthorized(String),
    /// The room does not exist (any more).
    #[error("the room does not exist")]
    RoomNotFound,
    /// The peer does not exist (any more).
    #[error("the peer does not exist")]
    PeerNotFound,
    /// The component does not exist (any more).
    #[error("the component does not exist")]
    ComponentNotFound,
    /// The server does not have components of this kind, or not switched on.
    #[error("the media server has no components of this kind")]
    ComponentDisabled,
    /// The recording does not exist (any more).
    #[error("the recording does not exist")]
    RecordingNotFound,
    /// One of the tracks does not exist (any more).
    #[error("one of the tracks does not exist")]
    TrackNotFound,
    /// Something else does not exist (any more); the server's sentence.
    #[error("the media server does not find it: {0}")]
    NotFound(String),
    /// The server does not do this, or not switched on; its sentence.
    #[error("the media server does not offer this: {0}")]
    Disabled(String),
    /// A room with this id exists already.
    #[error("the room exists already")]
    RoomExists,
    /// The room has as many peers as it may have, connected or not.
    #[error("the room is full")]
    PeerLimit,
    /// The server refuses the request; its sentence.
    #[error("the media server refuses the request: {0}")]
    BadRequest(String),
    /// The server answers that it cannot serve the request now.
    #[error("the media server is not available (status {status}): {sentence}")]
    Unavailable {
        /// The HTTP status.
        status: u16,
        /// What the server says, may be empty.
        sentence: String,
    },
    /// No answer: no connection, a connection that broke, or a time-out.
    #[error("the media server cannot be reached: {0}")]
    Transport(String),
    /// An answer that no media server gives; the text says what is wrong with it.
    #[error("the answer is not that of a media server: {0}")]
    Protocol(String),
}

impl Error {
    /// Whether the same call may succeed later without anybody changing anything.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Transport(_))
    }

    /// The error in an HTTP answer that is no success. Where several errors share a status, the sentence decides.
    pub(crate) fn from_answer(status: StatusCode, body: &[u8]) -> Self {
        let sentence = sentence(body);
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Self::Unauthorized(sentence),
            StatusCode::NOT_FOUND => Self::not_found(sentence),
            StatusCode::BAD_REQUEST => Self::bad_request(sentence),
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::CONFLICT
                if sentence.starts_with("Reached ") && sentence.contains(" limit in room ") =>
            {
                Self::PeerLimit
            }
            StatusCode::TOO_MANY_REQUESTS => Self::Unavailable { status: status.as_u16(), sentence },
            _ if status.is_server_error() => Self::Unavailable { status: status.as_u16(), sentence },
            StatusCode::PAYMENT_REQUIRED | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNPROCESSABLE_ENTITY | StatusCode::CONFLICT => {
                Self::BadRequest(sentence)
            }
            _ => Self::Protocol(format!("status {} ({sentence})", status.as_u16())),
        }
    }

    fn not_found(sentence: String) -> Self {
        let is_gone = sentence.ends_with(" does not exist");
        match sentence.as_str() {
            text if is_gone && text.starts_with("Room ") => Self::RoomNotFound,
            text if is_gone && text.starts_with("Peer ") => Self::PeerNotFound,
            text if is_gone && text.starts_with("Component ") => Self::ComponentNotFound,
            text if is_gone && text.starts_with("One of the tracks") => Self::TrackNotFound,
            text if text.starts_with("Recording ") => Self::RecordingNotFound,
            // Asked for by `GET /validate`: no other status is understood by all SDKs there.
            sentences::INVALID_TOKEN => Self::Unauthorized(sentence),
            // What no route is behind, and what is no media server.
            "" | "Not Found" => Self::Protocol(format!("status 404 ({sentence})")),
            _ => Self::NotFound(sentence),
        }
    }

    fn bad_request(sentence: String) -> Self {
        match sentence.as_str() {
            text if text.starts_with("Component ") && text.ends_with(" does not exist") => Self::ComponentNotFound,
            text if text.starts_with("Components of type ") => Self::ComponentDisabled,
            text if text.ends_with("room already exists") => Self::RoomExists,
            // What servers without agents say of them.
            sentences::INVALID_PEER_TYPE => Self::Disabled(sentence),
            // The name of the product at the end differs between the generations.
            text if text.contains(" disabled on this ") => Self::Disabled(sentence),
            _ => Self::BadRequest(sentence),
        }
    }

    /// A failure of the HTTP library, without the URL.
    pub(crate) fn from_transport(error: reqwest::Error) -> Self {
        use std::error::Error as _;
        let timeout = error.is_timeout();
        let error = error.without_url();
        let mut text = if timeout { "it does not answer in time".to_owned() } else { error.to_string() };
        let mut source = error.source();
        while let Some(cause) = source {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            source = cause.source();
        }
        Self::Transport(text)
    }
}

/// The sentence of an error body: a string, or for errors of the server's HTTP layer an object with `detail`.
fn sentence(body: &[u8]) -> String {
    if let Ok(body) = serde_json::from_slice::<ErrorBody>(body) {
        return body.errors;
    }
    let detail = serde_json::from_slice::<serde_json::Value>(body).ok();
    let detail = detail.as_ref().and_then(|body| body.pointer("/errors/detail")).and_then(serde_json::Value::as_str);
    detail.map(str::to_owned).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_decides_where_the_status_does_not() {
        let body = |sentence: String| serde_json::to_vec(&ErrorBody { errors: sentence }).unwrap_or_default();
        let answer = |status: u16, sentence: String| {
            let status = StatusCode::from_u16(status).unwrap_or_default();
            format!("{:?}", Error::from_answer(status, &body(sentence)))
        };
        assert_eq!(answer(503, sentences::peer_limit("r")), "PeerLimit");
        assert!(answer(503, "Unable to reach Fishjam instance holding room r".into()).starts_with("Unavailable"));
        assert_eq!(answer(404, sentences::room_not_found("r")), "RoomNotFound");
        assert_eq!(answer(404, sentences::peer_not_found("p")), "PeerNotFound");
        assert_eq!(answer(404, "Component c does not exist".into()), "ComponentNotFound");
        assert_eq!(answer(400, "Component c does not exist".into()), "ComponentNotFound");
        assert!(answer(400, "Component c is not a SIP component".into()).starts_with("BadRequest"));
        assert_eq!(answer(400, "Components of type hls are disabled on this Fishjam".into()), "ComponentDisabled");
        assert_eq!(answer(404, "Recording not found".into()), "RecordingNotFound");
        assert_eq!(answer(404, "One of the tracks does not exist".into()), "TrackNotFound");
        assert_eq!(answer(404, "Livestream not found".into()), "NotFound(\"Livestream not found\")");
        assert_eq!(answer(404, "Room r is no livestream".into()), "NotFound(\"Room r is no livestream\")");
        assert_eq!(answer(404, sentences::INVALID_TOKEN.into()), "Unauthorized(\"Invalid token\")");
        assert!(answer(404, "Not Found".into()).starts_with("Protocol"));
        assert!(answer(400, sentences::peer_type_disabled("agent")).starts_with("Disabled"));
        assert!(answer(400, "MoQ is disabled on this Fishjam".into()).starts_with("Disabled"));
        assert_eq!(answer(400, sentences::room_exists("r")), "RoomExists");
        assert_eq!(answer(400, sentences::bad_room_id("r")), format!("BadRequest({:?})", sentences::bad_room_id("r")));
        assert_eq!(answer(401, sentences::INVALID_TOKEN.into()), "Unauthorized(\"Invalid token\")");
        assert!(answer(302, String::new()).starts_with("Protocol"));
    }

    #[test]
    fn bodies_of_other_shapes_are_no_trouble() {
        for (body, expected) in [("", ""), ("<html>", ""), (r#"{"errors":{"detail":"Bad Request"}}"#, "Bad Request"), ("[1]", "")] {
            assert_eq!(sentence(body.as_bytes()), expected);
        }
    }
}
