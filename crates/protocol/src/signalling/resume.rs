//! Sessions that outlive their socket: what a client and the server tell each other about them. Of this project; `docs/protocol.md`
//! has the rules.

use std::fmt;
use std::time::Duration;

/// A client announces that it can resume, and which session it wants to go on with.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Resume {
    /// Name of the session; empty begins one. A secret.
    pub session: String,
    /// Media events of the server that the client has received in it.
    pub received: u64,
}

/// The server's answer to a client that can resume.
#[derive(Clone, PartialEq, Eq)]
pub struct Resumption {
    /// Name of the session. A secret.
    pub session: String,
    /// The session goes on; otherwise it is a new one.
    pub resumed: bool,
    /// Media events of the client that the server has received in it.
    pub received: u64,
    /// Longest time that the server keeps a session without a socket; on the wire whole milliseconds.
    pub kept: Duration,
}

impl fmt::Debug for Resume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resume").field("received", &self.received).finish_non_exhaustive()
    }
}

impl fmt::Debug for Resumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resumption").field("resumed", &self.resumed).field("received", &self.received).finish_non_exhaustive()
    }
}
