//! From publishers to subscribers: packets in, batches, packets out; keyframe requests the other way.

use std::time::{Duration, Instant};

use super::endpoint::{Endpoint, Link};
use super::track::Track;
use super::{Room, Subscription};
use crate::event::{Event, ServerEvent, TrackKind, Variant, VoiceActivity};
use crate::flow::{Datagrams, Flow};
use crate::ingress::Source;
use crate::media::forward::Verdict;
use crate::media::packet::{Batch, Packet};
use crate::media::recent::Recent;
use crate::peer::Peer;
use crate::worker::{Due, Place, Worker};

/// How long the first packets of a video frame wait for its last one. Longer: frames that their sender spreads over time are
/// delayed; shorter: what goes to one subscriber leaves one by one, which costs twice as much.
const HOLD: Duration = Duration::from_millis(1);
/// Packets of one encoding that wait at most.
const HELD_PACKETS: usize = 32;
/// How long reports may wait for each other.
pub(super) const REPORT_SLACK: Duration = Duration::from_millis(200);

/// A batch that has to be written to a subscriber.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Write {
    endpoint: usize,
    /// Index of the batch among those that wait.
    batch: usize,
    /// Index of the subscription in the batch's track.
    subscription: usize,
}

/// What became of a batch at one subscriber.
#[derive(Default)]
struct Outcome {
    sent: u64,
    switched: bool,
    needs_keyframe: bool,
}

impl Room {
    /// Adds a packet to the batch of its track and encoding.
    pub(super) fn publish_packet(&mut self, worker: &mut Worker, now: Instant, key: usize, variant: Variant, ssrc: u32, packet: Packet) {
        let track = &mut self.tracks[key];
        let Some(encoding) = track.encoding(variant) else { return };
        let was_active = encoding.is_active(now);
        encoding.packet(now);
        if track.encodings.len() > 1 {
            track.select(now);
        }
        let speech = match track.info.kind {
            TrackKind::Video => {
                note_video(track, variant, was_active, &packet, now);
                if let Some((_, recent)) = track.recent.iter_mut().find(|(of, _)| *of == variant) {
                    recent.note(ssrc, &packet, now);
                }
                None
            }
            TrackKind::Audio => {
                packet.facts.audio_level.and_then(|level| track.voice.packet(ssrc, packet.facts.sequence, level.attenuation, now))
            }
        };
        let id = track.info.id.clone();
        // A decoder can do nothing before the last packet of a frame, which has the marker.
        let is_whole = track.info.kind == TrackKind::Audio || packet.facts.marker;
        let open = self.pending.iter_mut().rev().find(|(of, batch)| *of == key && batch.encoding == variant && batch.source == ssrc);
        let is_full = if let Some((_, batch)) = open {
            batch.packets.push(packet);
            batch.packets.len() >= HELD_PACKETS
        } else {
            self.pending.push((key, Batch { track: id, encoding: variant, source: ssrc, packets: vec![packet] }));
            false
        };
        if is_whole || is_full {
            self.touch(worker);
        } else if !self.is_touched && !std::mem::replace(&mut self.is_holding, true) {
            worker.schedule.by(Due::Forward { room: self.key }, now + HOLD);
        }
        if let Some(activity) = speech {
            self.voice_changed(worker, now, key, activity);
        }
        self.schedule_track(worker, now, key);
    }

    /// What came in is forwarded with the next turn.
    pub(crate) fn touch(&mut self, worker: &mut Worker) {
        if !std::mem::replace(&mut self.is_touched, true) {
            worker.touched.push(self.key);
        }
    }

    /// Forwards everything that came in since the last time, subscriber after subscriber: what goes to one lies side by side.
    pub(crate) fn forward(&mut self, worker: &mut Worker, now: Instant) {
        self.is_touched = false;
        if std::mem::take(&mut self.is_holding) {
            worker.schedule.remove(Due::Forward { room: self.key });
        }
        let pending = std::mem::take(&mut self.pending);
        let mut writes = std::mem::take(&mut worker.writes);
        for (batch, (track, _)) in pending.iter().enumerate() {
            let subscriptions = self.tracks.get(*track).map(|track| track.subscriptions.as_slice()).unwrap_or_default();
            writes.extend(subscriptions.iter().enumerate().map(|(index, s)| Write { endpoint: s.endpoint, batch, subscription: index }));
        }
        // Stable: batches stay in their order.
        writes.sort_by_key(|write| write.endpoint);
        for write in writes.drain(..) {
            let (track, batch) = &pending[write.batch];
            self.write(worker, now, *track, batch, write);
        }
        worker.writes = writes;
        for (track, batch) in pending {
            self.deliver_to_packet_endpoints(track, &batch);
            self.request_keyframes(worker, now, track);
        }
        self.close_crashed(worker, now);
    }

    /// Writes a batch to one subscriber, if it can get anything yet.
    fn write(&mut self, worker: &mut Worker, now: Instant, key: usize, batch: &Batch, write: Write) {
        let Self { endpoints, tracks, .. } = self;
        let Some(track) = tracks.get_mut(key) else { return };
        let recent = track.recent.iter().find(|(of, _)| *of == batch.encoding).map(|(_, recent)| recent);
        let Some(subscription) = track.subscriptions.get_mut(write.subscription) else { return };
        let peer = endpoints.get_mut(write.endpoint).and_then(Endpoint::peer).filter(|peer| peer.connected && subscription.has_started());
        let Some(peer) = peer else { return };
        let Some(flow) = worker.addresses.chosen(peer.key) else { return };
        let outcome = Writer { peer, subscription, batch, flow, now }.write(recent, &mut worker.datagrams);
        if outcome.needs_keyframe {
            track.want_keyframe(now);
        }
        if outcome.sent > 0 {
            if let Some(at) = peer.schedule_report(now) {
                worker.schedule.around(Due::Report(Place { room: self.key, endpoint: write.endpoint }), at, REPORT_SLACK);
            }
            worker.stats.packets_forwarded += outcome.sent;
            self.media_flows(worker, now, write.endpoint);
        }
        if outcome.switched {
            self.tell_switch(worker, now, key, write.endpoint, batch.encoding);
        }
    }

    /// A client of a track with several encodings is told which one it gets.
    fn tell_switch(&mut self, worker: &mut Worker, now: Instant, track: usize, endpoint: usize, variant: Variant) {
        let track = &self.tracks[track];
        if track.info.variants.is_empty() {
            return;
        }
        let owner = self.endpoints[track.owner].id.clone();
        let event = ServerEvent::VariantSwitched { endpoint: owner, track: track.info.id.clone(), variant };
        if let Some(peer) = self.endpoints[endpoint].peer() {
            peer.negotiation.tell(event);
        }
        self.flush(worker, now, endpoint);
    }

    fn deliver_to_packet_endpoints(&mut self, track: usize, batch: &Batch) {
        let owner = self.tracks[track].owner;
        for key in self.packet_endpoints.iter().filter(|key| **key != owner) {
            if let Link::Packets(packets) = &mut self.endpoints[*key].link {
                packets.received.extend(batch.packets.iter().map(|packet| (batch.track.clone(), batch.encoding, packet.clone())));
            }
        }
    }

    /// Sends the keyframe requests that are due.
    pub(super) fn request_keyframes(&mut self, worker: &mut Worker, now: Instant, key: usize) {
        let Some(track) = self.tracks.get_mut(key) else { return };
        let (owner, line) = (track.owner, track.line);
        while let Some((id, encoding)) = self.tracks[key].requests.poll(now) {
            match &mut self.endpoints[owner].link {
                Link::WebRtc(peer) => {
                    let flow = worker.addresses.chosen(peer.key);
                    // Of what has not been received yet the first packet will be a keyframe.
                    if peer.request_keyframe(Source { line, encoding }, flow, &mut worker.datagrams) {
                        worker.stats.keyframe_requests += 1;
                    }
                }
                Link::Packets(packets) => packets.wanted.push((id, encoding)),
                Link::Closed => {}
            }
        }
        self.schedule_track(worker, now, key);
    }

    /// What a track has to do without a packet.
    pub(crate) fn handle_track_timeout(&mut self, worker: &mut Worker, now: Instant, key: usize) {
        let Some(track) = self.tracks.get_mut(key) else { return };
        track.start_subscriptions(now);
        if track.encodings.len() > 1 {
            track.select(now);
        }
        if let Some(activity) = track.voice.handle_timeout(now) {
            self.voice_changed(worker, now, key, activity);
        }
        self.request_keyframes(worker, now, key);
        self.close_crashed(worker, now);
    }

    /// The client's decoder needs a keyframe of the track on this line.
    pub(super) fn keyframe_wanted(&mut self, worker: &mut Worker, now: Instant, key: usize, line: usize) {
        let Some(peer) = self.endpoints.get_mut(key).and_then(Endpoint::peer) else { return };
        let Some(track) = peer.delivery(line).and_then(|id| self.by_track.get(id)).copied() else { return };
        self.tracks[track].want_keyframe(now);
        self.request_keyframes(worker, now, track);
    }

    /// The peer's connection is up: what it is subscribed to begins with a keyframe.
    pub(super) fn media_can_flow(&mut self, worker: &mut Worker, now: Instant, key: usize) {
        let Some(peer) = self.endpoints.get_mut(key).and_then(Endpoint::peer) else { return };
        peer.connected = true;
        self.refresh(worker, now, |track| track.is_sent_to(key));
    }

    /// The peer is reached by another way, and what was on the old one is lost in both directions: pictures go on with keyframes,
    /// before decoders have given up what they miss.
    pub(super) fn way_changed(&mut self, worker: &mut Worker, now: Instant, key: usize) {
        if self.endpoints.get_mut(key).and_then(Endpoint::peer).is_some_and(|peer| peer.connected) {
            self.refresh(worker, now, |track| track.owner == key || track.is_sent_to(key));
        }
    }

    fn refresh(&mut self, worker: &mut Worker, now: Instant, is_concerned: impl Fn(&Track) -> bool) {
        let concerned: Vec<usize> = self.tracks.iter().filter(|(_, track)| is_concerned(track)).map(|(key, _)| key).collect();
        for track in concerned {
            self.tracks[track].want_keyframe(now);
            self.request_keyframes(worker, now, track);
        }
    }

    fn voice_changed(&mut self, worker: &mut Worker, now: Instant, key: usize, activity: VoiceActivity) {
        let track = &self.tracks[key];
        let owner = self.endpoints[track.owner].id.clone();
        let id = track.info.id.clone();
        let receivers: Vec<usize> = track.subscriptions.iter().map(|subscription| subscription.endpoint).collect();
        for receiver in receivers {
            if let Some(peer) = self.endpoints[receiver].peer()
                && peer.negotiation.is_active(&id)
            {
                peer.negotiation.tell(ServerEvent::VoiceActivity { endpoint: owner.clone(), track: id.clone(), activity });
                self.flush(worker, now, receiver);
            }
        }
    }

    pub(super) fn schedule_track(&self, worker: &mut Worker, now: Instant, key: usize) {
        if let Some(at) = self.tracks.get(key).and_then(|track| track.deadline(now)) {
            worker.schedule.by(Due::Track { room: self.key, track: key }, at);
        }
    }

    /// Notes the first media packet of an endpoint, in whichever direction.
    pub(super) fn media_flows(&mut self, worker: &mut Worker, now: Instant, key: usize) {
        let endpoint = &mut self.endpoints[key];
        if !std::mem::replace(&mut endpoint.media_started, true) && matches!(endpoint.link, Link::WebRtc(_)) {
            let after_ms = now.saturating_duration_since(endpoint.added_at).as_millis() as u64;
            let event = Event::MediaStarted { peer: endpoint.id.clone(), after_ms };
            worker.report(&self.id, event);
        }
    }
}

/// Follows a video packet's meaning for keyframe requests: after silence decoders may have lost their reference.
fn note_video(track: &mut Track, variant: Variant, was_active: bool, packet: &Packet, now: Instant) {
    if packet.facts.keyframe_start {
        track.requests.arrived(&(track.info.id.clone(), variant));
    } else if !was_active && track.selected == Some(variant) && !track.subscriptions.is_empty() {
        track.want_keyframe(now);
    }
}

/// Everything that writing to one subscriber needs.
struct Writer<'a> {
    peer: &'a mut Peer,
    subscription: &'a mut Subscription,
    batch: &'a Batch,
    flow: Flow,
    now: Instant,
}

impl Writer<'_> {
    fn write(mut self, recent: Option<&Recent>, out: &mut Datagrams) -> Outcome {
        let mut outcome = Outcome::default();
        let batch = self.batch;
        for packet in &batch.packets {
            let switched = outcome.switched;
            self.write_packet(packet, &mut outcome, out);
            if outcome.switched && !switched {
                // The keyframe may have begun late: what follows it has passed already.
                for packet in recent.into_iter().flat_map(|recent| recent.after(batch.source, packet.facts.sequence)) {
                    self.write_packet(packet, &mut outcome, out);
                }
            }
        }
        outcome
    }

    fn write_packet(&mut self, packet: &Packet, outcome: &mut Outcome, out: &mut Datagrams) {
        let rewritten = match self.subscription.forwarder.forward(self.batch, packet) {
            Verdict::Send(rewritten) => rewritten,
            Verdict::Switch(rewritten) => {
                outcome.switched = true;
                rewritten
            }
            Verdict::Drop => return,
            Verdict::AwaitKeyframe => {
                outcome.needs_keyframe = true;
                return;
            }
        };
        self.peer.egress.write(self.subscription.stream, packet, &rewritten, self.now, self.flow, out);
        outcome.sent += 1;
    }
}
