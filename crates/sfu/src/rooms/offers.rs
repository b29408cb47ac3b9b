//! An offer of a client: what it publishes, what it gets.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Instant;

use super::Room;
use super::endpoint::Link;
use super::publishing::is_allowed;
use super::track::{Subscription, codec_of};
use crate::command::Offer;
use crate::egress::Stream;
use crate::event::{Closed, ServerEvent, TrackInfo, TrackKind, Variant, VoiceActivity};
use crate::ids::{Metadata, PeerId, TrackId};
use crate::media::forward::Forwarder;
use crate::media::rewrite::Start;
use crate::peer::{Answered, Decide, Line, Outgoing, Published, Refused, Terms};
use crate::permissions::Permissions;
use crate::random::Random;
use crate::worker::{Place, Worker};

impl Room {
    /// Answers an offer. Every offer is answered; one that cannot be ends the endpoint, because its client is stuck.
    pub(super) fn offer(&mut self, worker: &mut Worker, now: Instant, key: usize, offer: Offer) {
        if offer.sdp.len() > worker.config.max_sdp_bytes {
            self.close(worker, now, key, Closed::BadOffer("the offer is too large".to_owned()));
            return;
        }
        let answered = match self.answer(worker, now, key, &offer) {
            Ok(answered) => answered,
            Err(Refused::Crashed) => {
                self.crashed.push(key);
                return;
            }
            Err(Refused::Bad(error)) => {
                self.close(worker, now, key, Closed::BadOffer(error.to_string()));
                return;
            }
        };
        self.unsubscribe(key, &answered.closed);
        for (track, stream) in answered.opened {
            self.subscribe(worker, now, key, &track, stream);
        }
        // The answer first: what it starts for others must not overtake it.
        self.hand_out(worker, key);
        self.reconcile(worker, now, key, &answered.published, offer);
        self.flush(worker, now, key);
        self.flush_others(worker, now, key);
        self.mark_dirty(worker, key);
    }

    fn answer(&mut self, worker: &mut Worker, now: Instant, key: usize, offer: &Offer) -> Result<Answered, Refused> {
        let endpoint = &self.endpoints[key];
        let Link::WebRtc(peer) = &endpoint.link else { return Err(Refused::Crashed) };
        let own = |id: &TrackId| self.by_track.get(id).copied().filter(|track| self.tracks[*track].owner == key);
        let kept: Vec<usize> = offer.mid_to_track.values().filter_map(own).collect();
        let terms =
            Terms { now, library: &worker.library, worker: worker.config.worker, salt: worker.random.next_u64(), video: self.video };
        let (mut next_ssrc, grouped_streams) = (peer.next_ssrc, peer.grouped_streams);
        let mut doorkeeper = Doorkeeper {
            prefix: format!("{}:", endpoint.id),
            permissions: endpoint.permissions,
            owners: &self.by_track,
            is_own: &|track| self.tracks[track].owner == key,
            metadata: &offer.track_metadata,
            known: &|track| self.tracks[track].info.metadata.clone(),
            shared_stream: &|id| self.tracks[*self.by_track.get(id).filter(|_| grouped_streams)?].shared_stream.clone(),
            vacancies: worker.config.max_tracks_per_peer.saturating_sub(kept.len()),
            random: &mut worker.random,
            next_ssrc: &mut next_ssrc,
        };
        // The doorkeeper looks at the tracks only, the peer is an endpoint.
        let Some(peer) = self.endpoints[key].peer() else { return Err(Refused::Crashed) };
        let answered = peer.answer(&offer.sdp, &offer.mid_to_track, &terms, &mut doorkeeper);
        peer.next_ssrc = next_ssrc;
        answered
    }

    /// Makes the tracks of an endpoint what its offer says: first what ended, then what is new.
    fn reconcile(&mut self, worker: &mut Worker, now: Instant, key: usize, published: &[Published], mut offer: Offer) {
        for track in self.endpoints[key].tracks.clone() {
            let info = &self.tracks[track].info;
            // Absent from the map, or on a line that is not accepted any more.
            if !published.iter().any(|p| p.track == info.id && p.kind == info.kind) {
                self.unpublish(worker, track);
            }
        }
        for Published { track: id, line, kind, rids, group } in published {
            let metadata = offer.track_metadata.remove(id);
            let track = if let Some(track) = self.by_track.get(id).copied() {
                self.tracks[track].line = *line;
                if let Some(metadata) = metadata {
                    self.update_track(worker, now, key, id, metadata);
                }
                track
            } else {
                let variants = rids.iter().filter_map(|rid| Variant::of_rid(rid.as_bytes())).collect();
                let metadata = metadata.unwrap_or_default();
                let info = TrackInfo { id: id.clone(), kind: *kind, metadata, variants, disabled_variants: Vec::new() };
                self.publish(worker, key, *line, info)
            };
            if let Some(track) = self.tracks.get_mut(track) {
                track.shared_stream = group.as_ref().map(|group| shared_stream(&self.endpoints[key].id, group));
            }
            if let Some(peer) = self.endpoints[key].peer().filter(|_| self.by_track.contains_key(id)) {
                peer.bind_source(*line, track);
            }
        }
    }

    /// A track is on its way to this peer from now on.
    fn subscribe(&mut self, worker: &mut Worker, now: Instant, key: usize, id: &TrackId, stream: Stream) {
        let video = self.video_codec();
        let Some(track_key) = self.by_track.get(id).copied() else { return };
        let track = &mut self.tracks[track_key];
        let start = Start { sequence: worker.random.next_u16(), timestamp: worker.random.next_u32() };
        let mut forwarder = Forwarder::new(codec_of(track.info.kind, video), start);
        forwarder.select(track.selected);
        let owner = self.endpoints[track.owner].id.clone();
        let Some(peer) = self.endpoints[key].peer() else { return };
        let answered_at = peer.connected.then_some(now);
        track.subscribe(Subscription::new(key, stream, forwarder, answered_at));
        if track.is_speaking() {
            let activity = VoiceActivity::Speech;
            peer.negotiation.tell(ServerEvent::VoiceActivity { endpoint: owner, track: id.clone(), activity });
        }
        self.schedule_track(worker, now, track_key);
    }

    fn unsubscribe(&mut self, key: usize, tracks: &[TrackId]) {
        for track in tracks.iter().filter_map(|id| self.by_track.get(id)) {
            self.tracks[*track].unsubscribe(key);
        }
    }

    /// Tells a client what waits, without starting a cycle.
    fn hand_out(&mut self, worker: &mut Worker, key: usize) {
        let endpoint = &mut self.endpoints[key];
        let id = endpoint.id.clone();
        for event in endpoint.peer().map(|peer| peer.negotiation.take()).unwrap_or_default() {
            worker.tell(&self.id, &id, event);
        }
    }

    /// The peer's session has something to say.
    pub(crate) fn mark_dirty(&mut self, worker: &mut Worker, key: usize) {
        let place = Place { room: self.key, endpoint: key };
        if let Some(peer) = self.endpoints.get_mut(key).and_then(super::Endpoint::peer)
            && !std::mem::replace(&mut peer.is_dirty, true)
        {
            worker.dirty.push(place);
        }
    }
}

/// The stream that carries all tracks of a group of one endpoint.
fn shared_stream(owner: &PeerId, group: &str) -> String {
    let mut hasher = DefaultHasher::new();
    (owner, group).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// Decides which tracks a client may publish.
struct Doorkeeper<'a> {
    /// `<peer id>:`
    prefix: String,
    permissions: Permissions,
    owners: &'a HashMap<TrackId, usize>,
    is_own: &'a dyn Fn(usize) -> bool,
    /// As the offer says.
    metadata: &'a BTreeMap<TrackId, Metadata>,
    /// As known before.
    known: &'a dyn Fn(usize) -> Metadata,
    /// New tracks that still fit.
    vacancies: usize,
    random: &'a mut Random,
    /// Where the SSRCs of the next stream begin.
    next_ssrc: &'a mut u32,
    /// The stream that a track shares with others on its way to this client.
    shared_stream: &'a dyn Fn(&TrackId) -> Option<String>,
}

impl Decide for Doorkeeper<'_> {
    fn accepts(&mut self, line: &Line, track: &TrackId) -> bool {
        let known = self.owners.get(track).copied();
        if !track.as_str().starts_with(&self.prefix) || known.is_some_and(|track| !(self.is_own)(track)) {
            return false;
        }
        let metadata = self.metadata.get(track).cloned().or_else(|| known.map(self.known)).unwrap_or_default();
        let kind = line.track_kind().unwrap_or(TrackKind::Video);
        if !is_allowed(self.permissions, kind, &metadata) {
            return false;
        }
        if known.is_none() {
            if self.vacancies == 0 {
                return false;
            }
            self.vacancies -= 1;
        }
        true
    }

    fn outgoing(&mut self, track: &TrackId) -> Outgoing {
        // Never twice under the same keys (RFC 3711 section 9.1), and never 0, the probing SSRC of libwebrtc.
        let base = *self.next_ssrc & !3;
        *self.next_ssrc = base.wrapping_add(4);
        Outgoing {
            ssrc: base | 1,
            repair_ssrc: base | 2,
            // In the lower half: the client must not take a lost first packet for a rollover (RFC 3711 section 3.3.1).
            repair_sequence: self.random.next_u16() & 0x7fff,
            stream: (self.shared_stream)(track).unwrap_or_else(|| format!("{:016x}", self.random.next_u64())),
        }
    }
}
