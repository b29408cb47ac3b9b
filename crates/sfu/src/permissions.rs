//! What a peer may do.

use serde::{Deserialize, Serialize};

/// The permission set of a peer. Checked at negotiation and for every forwarded track; changeable while the peer runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permissions {
    /// Publish audio tracks.
    pub audio: bool,
    /// Publish video tracks other than the screen.
    pub video: bool,
    /// Publish screen share tracks.
    pub screen: bool,
    /// Send data messages.
    pub data: bool,
    /// Act on others: mute, remove.
    pub moderate: bool,
}

impl Default for Permissions {
    fn default() -> Self {
        Self { audio: true, video: true, screen: true, data: true, moderate: false }
    }
}
