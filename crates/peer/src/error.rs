//! What can go wrong for a peer.

/// Why an operation of a peer failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PeerError {
    /// The WebSocket could not be opened, or broke.
    #[error("WebSocket: {0}")]
    WebSocket(#[from] Box<tokio_tungstenite::tungstenite::Error>),
    /// A socket could not be opened or broke.
    #[error("socket: {0}")]
    Socket(#[from] std::io::Error),
    /// The server closed the WebSocket.
    #[error("closed by the server: {code} {reason}")]
    Closed {
        /// Close code (RFC 6455 section 7.4); 1005 when there was none, 1006 when the connection just ended.
        code: u16,
        /// The reason given.
        reason: String,
    },
    /// The server did not answer in time.
    #[error("no answer to {what} in time")]
    Timeout {
        /// What was waited for.
        what: &'static str,
    },
    /// The server answered the track's media line without accepting it.
    #[error("the server refused the track")]
    TrackRefused,
    /// There is no such local track.
    #[error("no local track {0}")]
    UnknownTrack(String),
    /// The REST interface refused a request.
    #[error("REST: {0}")]
    Rest(String),
    /// The WebRTC library refused something, for example an answer.
    #[error("WebRTC: {0}")]
    WebRtc(String),
}

impl From<tokio_tungstenite::tungstenite::Error> for PeerError {
    fn from(error: tokio_tungstenite::tungstenite::Error) -> Self {
        Self::WebSocket(Box::new(error))
    }
}

impl From<str0m::RtcError> for PeerError {
    fn from(error: str0m::RtcError) -> Self {
        Self::WebRtc(error.to_string())
    }
}
