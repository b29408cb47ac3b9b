//! What clients and their peers say to each other through a socket.

use serde::{Deserialize, Serialize};
use sfu::{ClientEvent, ServerEvent};

/// What a client says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FromClient {
    /// A media event.
    Event(ClientEvent),
    /// A media event that has no effect. It counts all the same.
    Void,
    /// A media event that cannot have the effect it should.
    Refused(Refusal),
    /// A heartbeat.
    Ping {
        /// Media events that the client has received in its session.
        received: u64,
    },
}

/// What a client is told.
#[derive(Clone, Debug, PartialEq)]
pub enum ToClient {
    /// A media event.
    Event(ServerEvent),
    /// A media event: something that the client wanted had no effect.
    Refused(Refusal),
    /// The answer to a heartbeat.
    Pong {
        /// Media events that the server has received in the client's session.
        received: u64,
    },
    /// Why its peer is deleted.
    Removed {
        /// What the application said.
        reason: String,
    },
}

/// Why a client's event has no effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// Its metadata is too long.
    MetadataTooLarge {
        /// Longest metadata, in bytes of JSON.
        limit: usize,
    },
}

impl ToClient {
    /// Media events are counted and kept for clients that resume.
    pub(super) fn is_media_event(&self) -> bool {
        match self {
            Self::Event(_) | Self::Refused(_) => true,
            Self::Pong { .. } | Self::Removed { .. } => false,
        }
    }
}
