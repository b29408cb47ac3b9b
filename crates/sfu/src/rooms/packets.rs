//! Packet-only endpoints: members of a room without a connection.

use std::collections::hash_map::Entry;
use std::time::Instant;

use super::Room;
use super::endpoint::{Endpoint, Link, Packets, Presence};
use crate::command::CommandError;
use crate::event::{TrackInfo, Variant};
use crate::ids::{Metadata, PeerId, TrackId};
use crate::media::packet::Packet;
use crate::permissions::Permissions;
use crate::subscriptions::Subscriptions;
use crate::worker::Worker;

impl Room {
    /// Adds a packet-only endpoint. Clients do not hear of it; its tracks are announced under its id.
    pub(crate) fn add_packet_endpoint(&mut self, now: Instant, id: PeerId) -> Result<usize, CommandError> {
        let Entry::Vacant(entry) = self.by_id.entry(id.clone()) else {
            return Err(CommandError::PeerExists);
        };
        let key = self.endpoints.insert(Endpoint {
            id,
            presence: Presence::Connected,
            permissions: Permissions::default(),
            subscriptions: Subscriptions::All,
            metadata: Metadata::default(),
            server_metadata: Metadata::default(),
            added_at: now,
            media_started: false,
            tracks: Vec::new(),
            link: Link::Packets(Packets::default()),
        });
        entry.insert(key);
        self.packet_endpoints.push(key);
        Ok(key)
    }

    /// A packet-only endpoint publishes a track.
    pub(crate) fn publish_from_packets(&mut self, worker: &mut Worker, now: Instant, key: usize, info: TrackInfo) {
        self.publish(worker, key, 0, info);
        self.flush_others(worker, now, key);
    }

    /// A packet of a track of a packet-only endpoint.
    pub(crate) fn packet_from(&mut self, worker: &mut Worker, now: Instant, key: usize, id: &TrackId, variant: Variant, packet: Packet) {
        if let Some(track) = self.own_track(key, id) {
            // The endpoint has one stream per encoding, so any number names it.
            self.publish_packet(worker, now, track, variant, 1, packet);
        }
    }

    /// What a packet-only endpoint has.
    pub(crate) fn packets(&mut self, key: usize) -> Option<&mut Packets> {
        match &mut self.endpoints.get_mut(key)?.link {
            Link::Packets(packets) => Some(packets),
            Link::WebRtc(_) | Link::Closed => None,
        }
    }
}
