//! What figures say about one room's life.

use std::ops::AddAssign;
use std::time::Duration;

use protocol::notification::Notification;

/// What a room's life amounts to so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// Since it was made.
    pub age: Duration,
    /// Time of all its peers together, connected or not.
    pub peer_time: Duration,
    /// How often back ends were told that a peer is connected.
    pub connects: u64,
    /// How often they were told that one is disconnected.
    pub disconnects: u64,
    /// How often they were told that one broke.
    pub crashes: u64,
}

impl Life {
    /// The same after this time with so many peers.
    pub(super) fn after(self, time: Duration, peers: usize) -> Self {
        let peers = u32::try_from(peers).unwrap_or(u32::MAX);
        Self { age: self.age.saturating_add(time), peer_time: self.peer_time.saturating_add(time.saturating_mul(peers)), ..self }
    }

    /// Counts what back ends are told about a peer.
    pub(super) fn count(&mut self, told: &Notification) {
        match told {
            Notification::PeerConnected { .. } => self.connects += 1,
            Notification::PeerDisconnected { .. } => self.disconnects += 1,
            Notification::PeerCrashed { .. } => self.crashes += 1,
            _ => {}
        }
    }
}

/// A room that is made again goes on counting.
impl AddAssign for Life {
    fn add_assign(&mut self, other: Self) {
        self.age = self.age.saturating_add(other.age);
        self.peer_time = self.peer_time.saturating_add(other.peer_time);
        self.connects += other.connects;
        self.disconnects += other.disconnects;
        self.crashes += other.crashes;
    }
}
