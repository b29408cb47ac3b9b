//! A member of a room. Rooms forward between endpoints; a WebRTC peer is one kind.

use std::time::Instant;

use crate::event::{EndpointInfo, EndpointKind, TrackInfo, Variant};
use crate::ids::{Metadata, PeerId, TrackId};
use crate::media::packet::Packet;
use crate::peer::Peer;
use crate::permissions::Permissions;
use crate::subscriptions::Subscriptions;

/// How far an endpoint has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// Others do not know it yet.
    Added,
    /// It takes part.
    Connected,
    /// It left; it cannot come back.
    Left,
}

/// A member of a room.
pub(crate) struct Endpoint {
    pub(crate) id: PeerId,
    pub(crate) presence: Presence,
    pub(crate) permissions: Permissions,
    /// Which of the others' tracks it gets.
    pub(crate) subscriptions: Subscriptions,
    pub(crate) metadata: Metadata,
    pub(crate) server_metadata: Metadata,
    pub(crate) added_at: Instant,
    pub(crate) media_started: bool,
    /// Keys of its published tracks, oldest first.
    pub(crate) tracks: Vec<usize>,
    pub(crate) link: Link,
}

/// What carries an endpoint's media.
pub(crate) enum Link {
    /// A WebRTC connection.
    WebRtc(Box<Peer>),
    /// Nothing but packets in memory.
    Packets(Packets),
    /// It left.
    Closed,
}

/// The packet-only kind: it takes the batches of all tracks of its room and can publish. Recording and relaying to other
/// workers and nodes are of this kind.
#[derive(Debug, Default)]
pub(crate) struct Packets {
    /// What arrived.
    pub(crate) received: Vec<(TrackId, Variant, Packet)>,
    /// Keyframes that subscribers of its tracks want.
    pub(crate) wanted: Vec<(TrackId, Variant)>,
}

impl Endpoint {
    pub(crate) fn peer(&mut self) -> Option<&mut Peer> {
        match &mut self.link {
            Link::WebRtc(peer) => Some(peer),
            Link::Packets(_) | Link::Closed => None,
        }
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.presence == Presence::Connected
    }

    /// The endpoint as others see it.
    pub(crate) fn info(&self, tracks: Vec<TrackInfo>) -> EndpointInfo {
        EndpointInfo {
            id: self.id.clone(),
            kind: EndpointKind::WebRtc,
            metadata: self.metadata.clone(),
            server_metadata: self.server_metadata.clone(),
            tracks,
        }
    }
}
