//! One room and its peers: who is there, who is connected, what they publish.

use std::collections::BTreeMap;
use std::time::Instant;

use sfu::{Metadata, PeerId, RoomId, Subscriptions, TrackId, TrackInfo};

use super::command::{ConnectionId, PeerSettings, PeerSnapshot, RoomSettings, RoomSnapshot};

/// A room.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) settings: RoomSettings,
    pub(super) peers: BTreeMap<PeerId, Peer>,
    /// When it ends unless somebody connects.
    pub(super) purge_at: Option<Instant>,
}

/// A peer, connected or not.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) settings: PeerSettings,
    pub(super) connection: Option<ConnectionId>,
    /// What the client last said about itself; kept while it is away.
    pub(super) metadata: Metadata,
    /// Published tracks in the order in which they appeared.
    pub(super) tracks: Vec<TrackInfo>,
    /// When it is removed unless it connects.
    pub(super) remove_at: Option<Instant>,
}

impl Room {
    pub(super) fn new(settings: RoomSettings) -> Self {
        Self { settings, peers: BTreeMap::new(), purge_at: None }
    }

    /// Nobody is connected.
    pub(super) fn is_peerless(&self) -> bool {
        self.peers.values().all(|peer| peer.connection.is_none())
    }

    /// Whether somebody publishes the track.
    pub(super) fn has_track(&self, id: &TrackId) -> bool {
        self.peers.values().any(|peer| peer.tracks.iter().any(|track| track.id == *id))
    }

    /// Takes what exists no more out of what a peer is subscribed to, so that the list does not grow for ever.
    pub(super) fn forget_gone_wishes(&mut self, id: &PeerId) {
        let Some(mut peer) = self.peers.remove(id) else { return };
        if let Subscriptions::Only(wishes) = &mut peer.settings.subscriptions {
            wishes.peers.retain(|other| self.peers.contains_key(other));
            wishes.tracks.retain(|track| self.has_track(track));
        }
        self.peers.insert(id.clone(), peer);
    }

    pub(super) fn snapshot(&self, id: &RoomId) -> RoomSnapshot {
        let peers = self.peers.iter().map(|(id, peer)| peer.snapshot(id)).collect();
        RoomSnapshot { id: id.clone(), settings: self.settings.clone(), peers }
    }
}

impl Peer {
    pub(super) fn new(settings: PeerSettings) -> Self {
        Self { settings, connection: None, metadata: Metadata::default(), tracks: Vec::new(), remove_at: None }
    }

    pub(super) fn snapshot(&self, id: &PeerId) -> PeerSnapshot {
        PeerSnapshot {
            id: id.clone(),
            connected: self.connection.is_some(),
            tracks: self.tracks.clone(),
            metadata: self.metadata.clone(),
            server_metadata: self.settings.server_metadata.clone(),
            subscriptions: self.settings.subscriptions.clone(),
        }
    }

    /// Takes the track out; `None` when it was removed before.
    pub(super) fn remove_track(&mut self, id: &TrackId) -> Option<TrackInfo> {
        let index = self.tracks.iter().position(|track| track.id == *id)?;
        Some(self.tracks.remove(index))
    }
}
