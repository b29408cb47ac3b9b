//! Datagrams, time, and what the WebRTC library reports.

use std::net::SocketAddr;
use std::time::Instant;

use str0m::media::KeyframeRequest;
use str0m::rtp::RtpPacket;
use str0m::{Event as Report, IceConnectionState, Output};

use super::Session;
use crate::{Event, PeerError};

impl Session {
    /// A datagram from the network; [`Session::drain`] must follow.
    pub(crate) fn handle_datagram(&mut self, remote: SocketAddr, datagram: &[u8], now: Instant) -> Result<(), PeerError> {
        if is_media(datagram) && self.lose() {
            return Ok(());
        }
        self.connection.receive(remote, datagram, now)
    }

    /// Time has passed: sends what is due; [`Session::drain`] must follow.
    pub(crate) fn handle_timeout(&mut self, now: Instant) -> Result<(), PeerError> {
        if self.media_connected {
            self.send_media(now);
            let missing: Vec<_> = self.remote.values_mut().flat_map(|track| track.keyframes_to_request(now)).collect();
            for ssrc in missing {
                self.connection.request_keyframe(ssrc);
            }
        }
        self.connection.handle_timeout(now)
    }

    /// When [`Session::handle_timeout`] wants to be called at the latest.
    pub(crate) fn next_timeout(&self) -> Instant {
        let sources = self.local.values().filter(|track| self.media_connected && track.published && !track.paused);
        sources.map(|track| track.source.due()).fold(self.library_due, Instant::min)
    }

    /// Moves all output of the WebRTC library to the outbox.
    pub(crate) fn drain(&mut self, now: Instant) -> Result<(), PeerError> {
        loop {
            match self.connection.poll()? {
                Output::Timeout(at) => {
                    self.library_due = at;
                    return Ok(());
                }
                Output::Transmit(transmit) => self.outbox.datagrams.push((transmit.destination, transmit.contents.to_vec())),
                Output::Event(report) => self.on_report(report, now),
            }
        }
    }

    fn send_media(&mut self, now: Instant) {
        for (track_id, track) in &mut self.local {
            if !track.published || track.paused || track.source.due() > now {
                continue;
            }
            let Some(mid) = self.negotiation.own_mid(track_id) else { continue };
            for packet in track.source.produce(now) {
                track.counted.packets += 1;
                track.counted.bytes += packet.payload.len() as u64;
                track.counted.keyframes += u64::from(packet.keyframe);
                self.connection.send(mid, track.sequence, packet, now);
                track.sequence += 1;
            }
        }
    }

    fn on_report(&mut self, report: Report, now: Instant) {
        match report {
            Report::Connected => {
                self.media_connected = true;
                self.local.values_mut().for_each(|track| track.source.restart(now));
                let since = self.welcomed.map(|welcomed| now.saturating_duration_since(welcomed));
                self.stats.media_connected_after = self.stats.media_connected_after.or(since);
                self.outbox.events.push_back(Event::MediaConnected);
            }
            Report::IceConnectionStateChange(IceConnectionState::Disconnected) => self.outbox.events.push_back(Event::MediaDisconnected),
            Report::RtpPacket(packet) => self.on_packet(&packet, now),
            Report::KeyframeRequest(request) => self.on_keyframe_request(request),
            _ => {}
        }
    }

    fn on_packet(&mut self, packet: &RtpPacket, now: Instant) {
        let Some(mid) = self.connection.line_of(packet.header.ssrc) else { return };
        let Some(track_id) = self.negotiation.track_on(&mid) else { return };
        let Some(track) = self.remote.get_mut(track_id) else { return };
        let firsts = track.count(packet, now);
        if firsts.packet {
            self.outbox.events.push_back(Event::FirstPacket { track_id: track_id.to_owned() });
        }
        if firsts.keyframe {
            self.outbox.events.push_back(Event::FirstKeyframe { track_id: track_id.to_owned() });
        }
    }

    fn on_keyframe_request(&mut self, request: KeyframeRequest) {
        let mid = request.mid.to_string();
        let Some(track_id) = self.negotiation.own_tracks().remove(&mid) else { return };
        if let Some(track) = self.local.get_mut(&track_id) {
            track.source.force_keyframe();
            track.counted.keyframe_requests += 1;
            self.outbox.events.push_back(Event::KeyframeRequested { track_id });
        }
    }

    /// Throws the dice for one datagram (xorshift, Marsaglia 2003).
    fn lose(&mut self) -> bool {
        self.chance ^= self.chance << 13;
        self.chance ^= self.chance >> 7;
        self.chance ^= self.chance << 17;
        ((self.chance >> 11) as f64) < self.options.receive_loss * ((1_u64 << 53) as f64)
    }
}

/// RTP, but not RTCP (RFC 5761 section 4, RFC 7983).
fn is_media(datagram: &[u8]) -> bool {
    matches!(datagram, [128..=191, second, ..] if !(192..=223).contains(second))
}
