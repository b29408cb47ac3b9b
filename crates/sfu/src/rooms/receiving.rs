//! What comes from a peer: transport, media, what it says about media. And what its timers lead to.

use std::time::{Duration, Instant};

use super::Room;
use super::endpoint::Endpoint;
use super::forwarding::REPORT_SLACK;
use crate::flow::Datagram;
use crate::ingress::{Arrived, Dropped, Source};
use crate::media::clock::SenderReport;
use crate::peer::Happening;
use crate::reach::classify::Class;
use crate::worker::{Due, Place, Worker};

impl Room {
    /// Lets a peer take a datagram.
    pub(crate) fn receive(&mut self, worker: &mut Worker, now: Instant, key: usize, class: Class, datagram: &Datagram<'_>) {
        match class {
            Class::Rtp => self.receive_media(worker, now, key, datagram),
            Class::Rtcp => self.receive_feedback(worker, now, key, datagram),
            _ => self.receive_transport(worker, now, key, datagram),
        }
    }

    /// ICE, DTLS and what lies within it.
    fn receive_transport(&mut self, worker: &mut Worker, now: Instant, key: usize, datagram: &Datagram<'_>) {
        let Some(peer) = self.endpoints.get_mut(key).and_then(Endpoint::peer) else { return };
        let mut happenings = std::mem::take(&mut worker.happenings);
        match peer.receive(datagram.flow, now, datagram.payload, &mut happenings) {
            Ok(next) => self.wake(worker, now, key, next),
            Err(_) => self.crashed.push(key),
        }
        self.take(worker, now, key, &mut happenings);
        worker.happenings = happenings;
        self.close_crashed(worker, now);
    }

    /// What the client sends.
    fn receive_media(&mut self, worker: &mut Worker, now: Instant, key: usize, datagram: &Datagram<'_>) {
        let Some(peer) = self.endpoints.get_mut(key).and_then(Endpoint::peer) else { return };
        let received = peer.ingress.receive(datagram.payload, datagram.received_at, &mut worker.scratch);
        if !matches!(received, Err(Dropped::Forged | Dropped::Early | Dropped::Malformed)) {
            let place = Place { room: self.key, endpoint: key };
            while let Some((at, slack)) = peer.ingress.schedule_feedback() {
                worker.schedule.around(Due::Feedback(place), at, slack);
            }
            if let Some(at) = peer.schedule_report(now) {
                worker.schedule.around(Due::Report(place), at, REPORT_SLACK);
            }
        }
        match received {
            Ok(Some(arrived)) => self.ingress(worker, now, key, arrived),
            Ok(None) => {}
            Err(Dropped::Early) => worker.stats.dropped_early += 1,
            Err(Dropped::Malformed | Dropped::Forged) => worker.stats.dropped_forged += 1,
            Err(Dropped::Duplicate) => worker.stats.dropped_duplicate += 1,
            Err(Dropped::Unplaced) => worker.stats.dropped_unplaced += 1,
        }
    }

    /// What the client says about what it gets, and about what it sends.
    fn receive_feedback(&mut self, worker: &mut Worker, now: Instant, key: usize, datagram: &Datagram<'_>) {
        let Some(peer) = self.endpoints.get_mut(key).and_then(Endpoint::peer) else { return };
        let Some(received) = peer.receive_rtcp(datagram.payload, datagram.received_at, &mut worker.scratch) else {
            worker.stats.dropped_forged += 1;
            return;
        };
        for (source, report) in received.reports {
            self.take_report(datagram.received_at, key, source, &report);
        }
        for missing in received.missing.chunk_by(|(one, _), (other, _)| one == other) {
            // What is not there any more stays lost.
            self.repeat(worker, now, key, missing);
        }
        for line in received.keyframes {
            self.keyframe_wanted(worker, now, key, line);
        }
    }

    /// A report on a stream that the client sends.
    fn take_report(&mut self, received_at: Instant, key: usize, source: Source, report: &SenderReport) {
        let Some(peer) = self.endpoints.get_mut(key).and_then(Endpoint::peer) else { return };
        peer.clock.learn(report, received_at);
        if let Some(track) = peer.source(source.line) {
            self.tracks[track].set_report(source.encoding, *report);
        }
    }

    /// Sends packets again that a client misses on a line, as far as they are kept. `None`: nothing is delivered there.
    fn repeat(&mut self, worker: &mut Worker, now: Instant, key: usize, missing: &[(usize, u16)]) -> Option<()> {
        let &(line, _) = missing.first()?;
        let peer = self.endpoints.get_mut(key)?.peer()?;
        let track = self.tracks.get(*self.by_track.get(peer.delivery(line)?)?)?;
        let subscription = track.subscriptions.iter().find(|subscription| subscription.endpoint == key)?;
        let flow = worker.addresses.chosen(peer.key)?;
        for (_, sequence) in missing {
            if let Some((packet, rewritten)) = subscription.sent(track, *sequence) {
                peer.egress.repeat(subscription.stream, packet, &rewritten, now, flow, &mut worker.datagrams);
            }
        }
        Some(())
    }

    /// Lets a peer's session say what it has to say.
    pub(crate) fn drain(&mut self, worker: &mut Worker, now: Instant, key: usize) {
        let Some(peer) = self.endpoints.get_mut(key).and_then(Endpoint::peer) else { return };
        peer.is_dirty = false;
        let mut happenings = std::mem::take(&mut worker.happenings);
        match peer.drain(now, &mut happenings) {
            Ok(next) => {
                if let Some(next) = next {
                    worker.schedule.around(Due::Session(Place { room: self.key, endpoint: key }), next, peer.slack());
                }
            }
            Err(_) => self.crashed.push(key),
        }
        self.take(worker, now, key, &mut happenings);
        worker.happenings = happenings;
        self.close_crashed(worker, now);
    }

    /// Reports on what a peer sends and is sent are due.
    pub(crate) fn handle_report_timeout(&mut self, worker: &mut Worker, now: Instant, key: usize) {
        let Some(peer) = self.endpoints.get_mut(key).and_then(Endpoint::peer) else { return };
        let flow = worker.addresses.chosen(peer.key);
        if let Some(next) = peer.report(now, flow, &mut worker.datagrams) {
            worker.schedule.around(Due::Report(Place { room: self.key, endpoint: key }), next, REPORT_SLACK);
        }
    }

    /// Feedback on what a peer sends is due.
    pub(crate) fn handle_feedback_timeout(&mut self, worker: &mut Worker, now: Instant, key: usize) {
        let Some(peer) = self.endpoints.get_mut(key).and_then(Endpoint::peer) else { return };
        peer.feedback(now, worker.addresses.chosen(peer.key), &mut worker.datagrams);
        while let Some((at, slack)) = peer.ingress.schedule_feedback() {
            worker.schedule.around(Due::Feedback(Place { room: self.key, endpoint: key }), at, slack);
        }
    }

    /// The session wants to be drained at this time.
    fn wake(&mut self, worker: &mut Worker, now: Instant, key: usize, next: Option<Instant>) {
        match next {
            Some(next) if next <= now => self.mark_dirty(worker, key),
            Some(next) => {
                let slack = self.endpoints.get_mut(key).and_then(Endpoint::peer).map_or(Duration::ZERO, |peer| peer.slack());
                worker.schedule.around(Due::Session(Place { room: self.key, endpoint: key }), next, slack);
            }
            None => {}
        }
    }

    /// The handshake of a peer is over, as far as all can tell that is not the library.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn shake_hands(&mut self, worker: &mut Worker, now: Instant, key: usize, keys: crate::srtp::KeyingMaterial) {
        self.take(worker, now, key, &mut vec![Happening::Keys(keys), Happening::Connected]);
    }

    fn take(&mut self, worker: &mut Worker, now: Instant, key: usize, happenings: &mut Vec<Happening>) {
        for happening in happenings.drain(..) {
            match happening {
                Happening::Transmit { is_stun, payload } => self.transmit(worker, now, key, is_stun, &payload),
                Happening::Unprotected => self.crashed.push(key),
                Happening::Keys(material) => {
                    if let Some(peer) = self.endpoints.get_mut(key).and_then(Endpoint::peer)
                        && peer.set_keys(&material).is_err()
                    {
                        self.crashed.push(key);
                    }
                }
                Happening::Connected => self.media_can_flow(worker, now, key),
            }
        }
    }

    /// Where media goes is ours: whatever the library thinks, the address table chooses the flow.
    fn transmit(&mut self, worker: &mut Worker, now: Instant, key: usize, is_stun: bool, payload: &[u8]) {
        let Some(peer) = self.endpoints.get_mut(key).and_then(Endpoint::peer) else { return };
        let peer = peer.key;
        let chosen = worker.addresses.chosen(peer);
        if !is_stun {
            worker.transmit(chosen, payload);
            return;
        }
        let flow = worker.addresses.note_response(peer, payload, now);
        worker.transmit(flow, payload);
        if chosen.is_some() && worker.addresses.chosen(peer) != chosen {
            self.way_changed(worker, now, key);
        }
    }

    /// A media packet came in.
    fn ingress(&mut self, worker: &mut Worker, now: Instant, key: usize, arrived: Arrived) {
        let Arrived { source, ssrc, mut packet } = arrived;
        worker.stats.packets_in += 1;
        let Some(peer) = self.endpoints.get_mut(key).and_then(Endpoint::peer) else { return };
        let Some(track_key) = peer.source(source.line) else { return };
        let track = &mut self.tracks[track_key];
        if let Some(report) = track.report(source.encoding) {
            let facts = &packet.facts;
            packet.facts.captured_at = peer.clock.captured_at(report, facts.codec.clock_rate(), facts.timestamp, facts.received_at);
        }
        self.media_flows(worker, now, key);
        self.publish_packet(worker, now, track_key, source.encoding, ssrc, packet);
    }
}
