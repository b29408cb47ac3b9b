//! Rooms: who is in them, what is published, who gets it.

mod endpoint;
mod forwarding;
mod membership;
mod offers;
mod packets;
mod publishing;
mod receiving;
mod track;

use std::collections::HashMap;
use std::time::Instant;

use slab::Slab;

use crate::command::{ClientEvent, RoomOptions, VideoCodec};
use crate::engine::TableSizes;
use crate::ids::{PeerId, RoomId, TrackId};
use crate::media::packet::{Batch, Codec};
use crate::worker::{Due, PeerKey, Place, Worker};
use endpoint::{Endpoint, Link};
pub(crate) use forwarding::Write;
use track::{Subscription, Track};

/// A room. Everything in it is addressed by small keys; ids are for the outside.
pub(crate) struct Room {
    key: usize,
    id: RoomId,
    video: VideoCodec,
    endpoints: Slab<Endpoint>,
    by_id: HashMap<PeerId, usize>,
    tracks: Slab<Track>,
    by_track: HashMap<TrackId, usize>,
    /// Keys of packet-only endpoints.
    packet_endpoints: Vec<usize>,
    /// Batches that have not been forwarded, with the key of their track.
    pending: Vec<(usize, Batch)>,
    /// They are forwarded with the next turn.
    is_touched: bool,
    /// They wait for the rest of a frame.
    is_holding: bool,
    /// Endpoints whose session broke in the middle of something else.
    crashed: Vec<usize>,
}

impl Room {
    pub(crate) fn new(key: usize, id: RoomId, options: RoomOptions) -> Self {
        Self {
            key,
            id,
            video: options.video_codec.unwrap_or(VideoCodec::Vp8),
            endpoints: Slab::new(),
            by_id: HashMap::new(),
            tracks: Slab::new(),
            by_track: HashMap::new(),
            packet_endpoints: Vec::new(),
            pending: Vec::new(),
            is_touched: false,
            is_holding: false,
            crashed: Vec::new(),
        }
    }

    /// Adds what this room keeps.
    pub(crate) fn count(&self, sizes: &mut TableSizes) {
        sizes.endpoints += self.endpoints.len();
        sizes.tracks += self.tracks.len();
        sizes.subscriptions += self.tracks.iter().map(|(_, track)| track.subscriptions.len()).sum::<usize>();
    }

    /// Key of an endpoint.
    pub(crate) fn endpoint(&self, peer: &PeerId) -> Option<usize> {
        self.by_id.get(peer).copied()
    }

    /// Key in the worker of an endpoint that is a WebRTC peer.
    pub(crate) fn peer_key(&self, peer: &PeerId) -> Option<PeerKey> {
        match &self.endpoints.get(self.endpoint(peer)?)?.link {
            Link::WebRtc(peer) => Some(peer.key),
            Link::Packets(_) | Link::Closed => None,
        }
    }

    /// Whether this is the current ICE ufrag of an endpoint.
    pub(crate) fn has_ufrag(&mut self, key: usize, ufrag: &str) -> bool {
        self.endpoints.get_mut(key).and_then(Endpoint::peer).is_some_and(|peer| peer.has_ufrag(ufrag))
    }

    /// Carries out what a client says. Events that make no sense, because they come too early, too late or name somebody
    /// else's things, are normal races and change nothing.
    pub(crate) fn client(&mut self, worker: &mut Worker, now: Instant, key: usize, event: ClientEvent) {
        if let ClientEvent::Connect { metadata, grouped_streams } = event {
            self.connect(worker, now, key, metadata, grouped_streams);
            return;
        }
        if !self.endpoints.get(key).is_some_and(Endpoint::is_connected) {
            return;
        }
        match event {
            // We are ICE-lite: the client's checks tell its addresses. Bitrates and wishes matter from the day on that an
            // encoding is chosen per receiver.
            ClientEvent::Connect { .. }
            | ClientEvent::Candidate { .. }
            | ClientEvent::TrackBitrates { .. }
            | ClientEvent::SetTargetVariant { .. } => {}
            ClientEvent::Disconnect => self.leave(worker, now, key),
            ClientEvent::UpdateMetadata { metadata } => self.update_metadata(worker, now, key, &metadata),
            ClientEvent::UpdateTrackMetadata { track, metadata } => self.update_track(worker, now, key, &track, metadata),
            ClientEvent::RenegotiateTracks => {
                if let Some(peer) = self.endpoints[key].peer() {
                    peer.negotiation.request();
                }
                self.flush(worker, now, key);
            }
            ClientEvent::Offer(offer) => self.offer(worker, now, key, offer),
            ClientEvent::EnableVariant { track, variant } => self.set_variant(worker, now, key, &track, variant, true),
            ClientEvent::DisableVariant { track, variant } => self.set_variant(worker, now, key, &track, variant, false),
            ClientEvent::UnmuteTrack { track } => {
                if let Some(track) = self.own_track(key, &track) {
                    self.tracks[track].want_keyframe(now);
                    self.request_keyframes(worker, now, track);
                }
            }
        }
        self.close_crashed(worker, now);
    }

    /// A negotiation deadline of an endpoint has come.
    pub(crate) fn handle_negotiation_timeout(&mut self, worker: &mut Worker, now: Instant, key: usize) {
        let Some(peer) = self.endpoints.get_mut(key).and_then(Endpoint::peer) else { return };
        match peer.negotiation.handle_timeout(now) {
            Ok(()) => self.flush(worker, now, key),
            Err(crate::peer::NoOffer) => self.close(worker, now, key, crate::event::Closed::NoOffer),
        }
    }

    /// Starts a negotiation cycle when one is needed, and tells the client what there is to tell.
    fn flush(&mut self, worker: &mut Worker, now: Instant, key: usize) {
        let Some(endpoint) = self.endpoints.get_mut(key) else { return };
        let id = endpoint.id.clone();
        let Link::WebRtc(peer) = &mut endpoint.link else { return };
        peer.negotiation.proceed(now);
        for event in peer.negotiation.take() {
            worker.tell(&self.id, &id, event);
        }
        if let Some(deadline) = peer.negotiation.deadline() {
            worker.schedule.by(Due::Negotiation(Place { room: self.key, endpoint: key }), deadline);
        }
    }

    /// Connected WebRTC peers, without one.
    fn others(&self, key: usize) -> Vec<usize> {
        let is_other =
            |(other, endpoint): &(usize, &Endpoint)| *other != key && endpoint.is_connected() && matches!(endpoint.link, Link::WebRtc(_));
        self.endpoints.iter().filter(is_other).map(|(other, _)| other).collect()
    }

    /// Key of a track that this endpoint publishes.
    fn own_track(&self, key: usize, track: &TrackId) -> Option<usize> {
        self.by_track.get(track).copied().filter(|track| self.tracks[*track].owner == key)
    }

    fn video_codec(&self) -> Codec {
        match self.video {
            VideoCodec::Vp8 => Codec::Vp8,
            VideoCodec::H264 => Codec::H264,
        }
    }

    /// Closes the endpoints whose session broke.
    fn close_crashed(&mut self, worker: &mut Worker, now: Instant) {
        while let Some(key) = self.crashed.pop() {
            if self.endpoints.get(key).is_some_and(|endpoint| !matches!(endpoint.link, Link::Closed)) {
                self.close(worker, now, key, crate::event::Closed::Crashed);
            }
        }
    }
}
