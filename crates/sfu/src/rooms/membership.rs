//! Coming, going, and what endpoints say about themselves.

use std::collections::hash_map::Entry;
use std::time::Instant;

use super::Room;
use super::endpoint::{Endpoint, Link, Presence};
use crate::command::{CommandError, PeerOptions};
use crate::event::{Closed, EndpointInfo, Event, ServerEvent, TrackInfo};
use crate::ids::{Metadata, PeerId};
use crate::peer::Peer;
use crate::subscriptions::Wishes;
use crate::worker::{Due, Place, Worker};

impl Room {
    /// Adds a WebRTC peer that others do not see yet.
    pub(crate) fn add_peer(&mut self, worker: &mut Worker, now: Instant, id: PeerId, options: PeerOptions) -> Result<(), CommandError> {
        let Entry::Vacant(entry) = self.by_id.entry(id.clone()) else {
            return Err(CommandError::PeerExists);
        };
        let vacant = self.endpoints.vacant_entry();
        let place = Place { room: self.key, endpoint: vacant.key() };
        let session_id = worker.random.next_u64();
        let peer = Peer::new(worker.slots.insert(place), options.simulcast, options.candidates, session_id, now);
        entry.insert(vacant.key());
        vacant.insert(Endpoint {
            id,
            presence: Presence::Added,
            permissions: options.permissions,
            subscriptions: options.subscriptions,
            metadata: Metadata::default(),
            server_metadata: options.server_metadata,
            added_at: now,
            media_started: false,
            tracks: Vec::new(),
            link: Link::WebRtc(Box::new(peer)),
        });
        Ok(())
    }

    /// Removes an endpoint; the others are told.
    pub(crate) fn remove(&mut self, worker: &mut Worker, now: Instant, key: usize) {
        self.leave(worker, now, key);
        if let Some(endpoint) = self.endpoints.try_remove(key) {
            self.by_id.remove(&endpoint.id);
            self.packet_endpoints.retain(|other| *other != key);
        }
        self.close_crashed(worker, now);
    }

    /// Gives an endpoint up.
    pub(super) fn close(&mut self, worker: &mut Worker, now: Instant, key: usize, reason: Closed) {
        let Some(peer) = self.endpoints.get(key).map(|endpoint| endpoint.id.clone()) else { return };
        self.remove(worker, now, key);
        let stats = &mut worker.stats;
        *match reason {
            Closed::Crashed => &mut stats.peers_crashed,
            Closed::BadOffer(_) => &mut stats.offers_refused,
            Closed::NoOffer => &mut stats.offers_missing,
        } += 1;
        worker.report(&self.id, Event::PeerClosed { peer, reason });
    }

    /// Ends the room without telling anybody.
    pub(crate) fn dispose(&mut self, worker: &mut Worker) {
        for (track, _) in &self.tracks {
            worker.schedule.remove(Due::Track { room: self.key, track });
        }
        for (key, endpoint) in &mut self.endpoints {
            if let Some(peer) = endpoint.peer() {
                release(worker, Place { room: self.key, endpoint: key }, peer);
            }
        }
        worker.schedule.remove(Due::Forward { room: self.key });
        worker.touched.retain(|room| *room != self.key);
        worker.dirty.retain(|place| place.room != self.key);
    }

    /// A client takes part from now on.
    pub(super) fn connect(&mut self, worker: &mut Worker, now: Instant, key: usize, metadata: Metadata, grouped_streams: bool) {
        let Some(endpoint) = self.endpoints.get_mut(key).filter(|endpoint| endpoint.presence == Presence::Added) else {
            return;
        };
        endpoint.presence = Presence::Connected;
        endpoint.metadata = metadata.clone();
        let own = endpoint.info(Vec::new());
        let others = self.connected_except(key);
        let tracks = self.wanted(key);

        worker.tell(&self.id, &own.id, ServerEvent::Connected { own: own.clone(), others });
        worker.report(&self.id, Event::PeerMetadataUpdated { peer: own.id.clone(), metadata });
        if let Some(peer) = self.endpoints[key].peer() {
            peer.grouped_streams = grouped_streams;
            for (endpoint, info) in tracks {
                peer.negotiation.add_track(endpoint, info);
            }
        }
        self.flush(worker, now, key);
        for other in self.others(key) {
            if let Some(peer) = self.endpoints[other].peer() {
                peer.negotiation.add_endpoint(own.clone());
            }
            self.flush(worker, now, other);
        }
    }

    /// An endpoint leaves the view of the others. It stays known to the room's owner until it is removed.
    pub(super) fn leave(&mut self, worker: &mut Worker, now: Instant, key: usize) {
        let Some(endpoint) = self.endpoints.get_mut(key) else { return };
        let was_connected = endpoint.is_connected();
        endpoint.presence = Presence::Left;
        let id = endpoint.id.clone();
        if let Some(peer) = endpoint.peer() {
            release(worker, Place { room: self.key, endpoint: key }, peer);
        }
        for track in std::mem::take(&mut self.endpoints[key].tracks) {
            self.unpublish(worker, track);
        }
        self.endpoints[key].link = Link::Closed;
        for (_, track) in &mut self.tracks {
            track.unsubscribe(key);
        }
        if !was_connected {
            return;
        }
        for other in self.others(key) {
            if let Some(peer) = self.endpoints[other].peer() {
                peer.negotiation.remove_endpoint(&id);
            }
            self.flush(worker, now, other);
        }
    }

    pub(super) fn update_metadata(&mut self, worker: &mut Worker, now: Instant, key: usize, metadata: &Metadata) {
        let endpoint = &mut self.endpoints[key];
        if endpoint.metadata == *metadata {
            return;
        }
        endpoint.metadata = metadata.clone();
        let (id, server_metadata) = (endpoint.id.clone(), endpoint.server_metadata.clone());
        worker.report(&self.id, Event::PeerMetadataUpdated { peer: id.clone(), metadata: metadata.clone() });
        for other in self.others(key) {
            if let Some(peer) = self.endpoints[other].peer() {
                peer.negotiation.update_endpoint(&id, metadata.clone(), server_metadata.clone());
            }
            self.flush(worker, now, other);
        }
    }

    /// Adds to what an endpoint gets; what exists of it comes with the next cycle.
    pub(crate) fn add_wishes(&mut self, worker: &mut Worker, now: Instant, key: usize, wishes: Wishes) {
        self.endpoints[key].subscriptions.add(wishes);
        if !self.endpoints[key].is_connected() {
            return;
        }
        let tracks = self.wanted(key);
        if let Some(peer) = self.endpoints[key].peer() {
            for (endpoint, info) in tracks {
                peer.negotiation.add_track(endpoint, info);
            }
        }
        self.flush(worker, now, key);
    }

    /// The others' tracks that an endpoint is to get, with their owners.
    fn wanted(&self, key: usize) -> Vec<(PeerId, TrackInfo)> {
        let subscriptions = &self.endpoints[key].subscriptions;
        let others = self.tracks.iter().filter(|(_, track)| track.owner != key);
        let owned = others.map(|(_, track)| (&self.endpoints[track.owner].id, &track.info));
        owned.filter(|(owner, info)| subscriptions.include(owner, &info.id)).map(|(owner, info)| (owner.clone(), info.clone())).collect()
    }

    /// Everybody else who takes part, as a newcomer sees them.
    fn connected_except(&self, key: usize) -> Vec<EndpointInfo> {
        let is_other = |(other, endpoint): &(usize, &Endpoint)| {
            let is_visible = matches!(endpoint.link, Link::WebRtc(_)) || !endpoint.tracks.is_empty();
            *other != key && endpoint.is_connected() && is_visible
        };
        let subscriptions = &self.endpoints[key].subscriptions;
        let info = |(_, endpoint): (usize, &Endpoint)| {
            let tracks = endpoint.tracks.iter().map(|track| &self.tracks[*track].info);
            endpoint.info(tracks.filter(|track| subscriptions.include(&endpoint.id, &track.id)).cloned().collect())
        };
        self.endpoints.iter().filter(is_other).map(info).collect()
    }
}

/// Frees what a peer holds in the worker.
fn release(worker: &mut Worker, place: Place, peer: &Peer) {
    worker.slots.remove(peer.key);
    worker.addresses.remove(peer.key);
    worker.schedule.remove(Due::Session(place));
    worker.schedule.remove(Due::Report(place));
    worker.schedule.remove(Due::Feedback(place));
    worker.schedule.remove(Due::Negotiation(place));
}
