//! Why a WebSocket is closed: codes (RFC 6455 section 7.4.1) and reasons, which published clients compare byte for byte.

/// A close code and its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Close {
    /// RFC 6455 code.
    pub code: u16,
    /// At most 123 bytes.
    pub reason: &'static str,
}

const fn normal(reason: &'static str) -> Close {
    Close { code: 1000, reason }
}

/// The token cannot be verified.
pub const INVALID_TOKEN: Close = normal("invalid token");
/// No token was given.
pub const MISSING_TOKEN: Close = normal("missing token");
/// The token is older than its maximum age.
pub const EXPIRED_TOKEN: Close = normal("expired token");
/// The token is good, its room is gone.
pub const ROOM_NOT_FOUND: Close = normal("room not found");
/// The token is good, its peer is gone.
pub const PEER_NOT_FOUND: Close = normal("peer not found");
/// Another, living socket holds this peer.
pub const PEER_ALREADY_CONNECTED: Close = normal("peer already connected");
/// Something else came before authentication, or nothing in time.
pub const UNAUTHENTICATED: Close = normal("unauthenticated");
/// The peer was deleted through the REST interface.
pub const PEER_REMOVED: Close = normal("Peer removed");
/// The room was deleted.
pub const ROOM_STOPPED: Close = normal("Room stopped");
/// The peer's session or its room broke.
pub const INTERNAL_ERROR: Close = Close { code: 1011, reason: "Internal server error" };
/// The server shuts down.
pub const GOING_AWAY: Close = Close { code: 1001, reason: "" };
/// A frame longer than the limit.
pub const FRAME_TOO_LARGE: Close = Close { code: 1009, reason: "frame too large" };
/// More events than the limit allows.
pub const TOO_MANY_EVENTS: Close = Close { code: 1008, reason: "too many events" };
/// Frames that are no messages, again and again.
pub const TOO_MANY_BAD_FRAMES: Close = Close { code: 1011, reason: "too many undecodable frames" };
/// The client does not read what it is sent.
pub const SLOW_READER: Close = Close { code: 1008, reason: "slow reader" };

/// On the server socket: the first message was no authentication.
pub const INVALID_AUTH_REQUEST: Close = normal("invalid auth request");
/// On the server socket: a message that is not allowed now.
pub const OPERATION_NOT_ALLOWED: Close = Close { code: 1003, reason: "operation not allowed" };
