//! One room and its peers: who is there, who is connected, what they publish.

use std::collections::BTreeMap;
use std::time::Instant;

use sfu::{Metadata, PeerId, RoomId, Subscriptions, TrackId, TrackInfo};

use super::command::{ConnectionId, PeerSettings, PeerSnapshot, RoomSettings, RoomSnapshot};
use super::life::Life;
use super::session::Session;

/// A room.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) settings: RoomSettings,
    pub(super) peers: BTreeMap<PeerId, Peer>,
    /// When it ends unless somebody connects.
    pub(super) purge_at: Option<Instant>,
    /// For figures, until `counted_at`.
    pub(super) life: Life,
    counted_at: Instant,
}

/// A peer, connected or not.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) settings: PeerSettings,
    pub(super) presence: Presence,
    /// What the client last said about itself; kept while it is away.
    pub(super) metadata: Metadata,
    /// Published tracks in the order in which they appeared.
    pub(super) tracks: Vec<TrackInfo>,
    /// When it is removed unless it connects.
    pub(super) remove_at: Option<Instant>,
}

/// Whether a client holds its peer. The engine has an endpoint for it unless it is away.
#[derive(Debug)]
pub(super) enum Presence {
    /// No.
    Away,
    /// By a socket.
    Connected {
        connection: ConnectionId,
        /// Only of a client that can resume.
        session: Option<Session>,
    },
    /// By its media alone.
    Kept(Kept),
}

/// A peer without a socket waits for a new one.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) session: Session,
    /// How long at most.
    pub(super) until: Instant,
    /// When its timer is due.
    pub(super) check_at: Instant,
}

impl Room {
    pub(super) fn new(now: Instant, settings: RoomSettings) -> Self {
        Self { settings, peers: BTreeMap::new(), purge_at: None, life: Life::default(), counted_at: now }
    }

    /// Its life until now.
    pub(super) fn life(&self, now: Instant) -> Life {
        self.life.after(now.saturating_duration_since(self.counted_at), self.peers.len())
    }

    /// To be called before a peer comes or goes.
    pub(super) fn count_time(&mut self, now: Instant) {
        self.life = self.life(now);
        self.counted_at = now;
    }

    /// Nobody is connected.
    pub(super) fn is_peerless(&self) -> bool {
        !self.peers.values().any(Peer::is_connected)
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

    pub(super) fn snapshot(&self, now: Instant, id: &RoomId) -> RoomSnapshot {
        let peers = self.peers.iter().map(|(id, peer)| peer.snapshot(id)).collect();
        RoomSnapshot { id: id.clone(), settings: self.settings.clone(), peers, life: self.life(now) }
    }
}

impl Peer {
    pub(super) fn new(settings: PeerSettings) -> Self {
        Self { settings, presence: Presence::Away, metadata: Metadata::default(), tracks: Vec::new(), remove_at: None }
    }

    /// For everybody but its client: whether it takes part.
    pub(super) fn is_connected(&self) -> bool {
        !matches!(self.presence, Presence::Away)
    }

    /// The socket that holds it.
    pub(super) fn connection(&self) -> Option<ConnectionId> {
        match self.presence {
            Presence::Connected { connection, .. } => Some(connection),
            Presence::Away | Presence::Kept(_) => None,
        }
    }

    pub(super) fn session_mut(&mut self) -> Option<&mut Session> {
        match &mut self.presence {
            Presence::Away => None,
            Presence::Connected { session, .. } => session.as_mut(),
            Presence::Kept(kept) => Some(&mut kept.session),
        }
    }

    pub(super) fn snapshot(&self, id: &PeerId) -> PeerSnapshot {
        PeerSnapshot {
            id: id.clone(),
            connected: self.is_connected(),
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
