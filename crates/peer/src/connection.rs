//! The WebRTC library as a client uses it.

use std::net::SocketAddr;
use std::time::Instant;

use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{Direction, KeyframeRequestKind, Mid, Pt};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpWrite, Ssrc};
use str0m::{Candidate, Input, Output, Rtc, RtcConfig};

use crate::media::Packet;
use crate::negotiation::{Line, Missing, Negotiation, Use};
use crate::{PeerError, TrackKind};

/// Time the DTLS and ICE parts give up after is the library's; this is one peer connection.
pub(crate) struct Connection {
    rtc: Rtc,
    local: SocketAddr,
    candidate: String,
    pending: Option<SdpPendingOffer>,
}

/// An offer and the candidates to send after it.
pub(crate) struct Offer {
    pub(crate) sdp: String,
    pub(crate) candidate: Option<(String, String)>,
}

impl Connection {
    /// A peer connection whose media leaves from `local`.
    pub(crate) fn new(local: SocketAddr, now: Instant) -> Result<Self, PeerError> {
        let mut rtc = RtcConfig::new().clear_codecs().enable_opus(true, false).enable_vp8(true).set_rtp_mode(true).build(now);
        let candidate = Candidate::host(local, Protocol::Udp).map_err(|error| PeerError::WebRtc(error.to_string()))?;
        let text = candidate.to_sdp_string();
        rtc.add_local_candidate(candidate);
        Ok(Self { rtc, local, candidate: text, pending: None })
    }

    /// Whether an offer waits for its answer.
    pub(crate) fn has_pending_offer(&self) -> bool {
        self.pending.is_some()
    }

    /// Makes an offer: new lines for `new_tracks`, then `missing` receive lines, video before audio as the published client
    /// has them. New lines enter `negotiation`. `None`: there is nothing to offer at all.
    pub(crate) fn offer(&mut self, negotiation: &mut Negotiation, new_tracks: &[(String, TrackKind)], missing: Missing) -> Option<Offer> {
        let first = negotiation.lines().is_empty();
        let mut api = self.rtc.sdp_api();
        // Browsers keep the direction the client wants when an answer says less; this library does not.
        for line in negotiation.lines() {
            api.set_direction(mid_of(line), wanted_direction(line));
        }
        for (track, kind) in new_tracks {
            let mid = api.add_media((*kind).into(), Direction::SendOnly, None, None, None);
            negotiation.add_line(mid.to_string(), *kind, Use::Own(track.clone()));
        }
        for (kind, count) in [(TrackKind::Video, missing.video), (TrackKind::Audio, missing.audio)] {
            for _ in 0..count {
                let mid = api.add_media(kind.into(), Direction::RecvOnly, None, None, None);
                negotiation.add_line(mid.to_string(), kind, Use::Receive);
            }
        }
        if !api.has_changes() {
            // The library makes no offer without a change. This one is none in the end.
            let line = negotiation.lines().first()?;
            api.set_direction(mid_of(line), Direction::SendRecv);
            api.set_direction(mid_of(line), wanted_direction(line));
        }
        let (offer, pending) = api.apply()?;
        self.pending = Some(pending);
        let first_mid = negotiation.lines().first().map(|line| line.mid.clone()).unwrap_or_default();
        Some(Offer { sdp: without_candidates(&offer.to_sdp_string()), candidate: first.then(|| (self.candidate.clone(), first_mid)) })
    }

    pub(crate) fn accept_answer(&mut self, sdp: &str) -> Result<(), PeerError> {
        let pending = self.pending.take().ok_or_else(|| PeerError::WebRtc("an answer came without an offer".to_owned()))?;
        let answer = SdpAnswer::from_sdp_string(sdp).map_err(|error| PeerError::WebRtc(error.to_string()))?;
        Ok(self.rtc.sdp_api().accept_answer(pending, answer)?)
    }

    pub(crate) fn add_remote_candidate(&mut self, text: &str) -> Result<(), PeerError> {
        let candidate = Candidate::from_sdp_string(text).map_err(|error| PeerError::WebRtc(error.to_string()))?;
        self.rtc.add_remote_candidate(candidate);
        Ok(())
    }

    /// A datagram from the network. One that cannot be parsed is an error of the sender and changes nothing.
    pub(crate) fn receive(&mut self, remote: SocketAddr, datagram: &[u8], now: Instant) -> Result<(), PeerError> {
        let Ok(receive) = Receive::new(Protocol::Udp, remote, self.local, datagram) else {
            return Ok(());
        };
        Ok(self.rtc.handle_input(Input::Receive(now, receive))?)
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) -> Result<(), PeerError> {
        Ok(self.rtc.handle_input(Input::Timeout(now))?)
    }

    pub(crate) fn poll(&mut self) -> Result<Output, PeerError> {
        Ok(self.rtc.poll_output()?)
    }

    /// Sends a packet on a local track's line.
    pub(crate) fn send(&mut self, mid: &str, sequence: u64, packet: Packet, now: Instant) {
        let video = packet.level.is_none();
        let Some(pt) = self.payload_type(if video { Codec::Vp8 } else { Codec::Opus }) else { return };
        let mut api = self.rtc.direct_api();
        let Some(stream) = api.stream_tx_by_mid(Mid::from(mid), None) else { return };
        let values = ExtensionValues {
            audio_level: packet.level.map(|(level, _)| level),
            voice_activity: packet.level.map(|(_, speech)| speech),
            ..ExtensionValues::default()
        };
        let write = RtpWrite::new(pt, sequence.into(), packet.timestamp, now, packet.payload);
        stream.write_rtp(write.marker(packet.marker).nackable(video).ext_vals(values));
    }

    fn payload_type(&self, codec: Codec) -> Option<Pt> {
        self.rtc.codec_config().find(|params| params.spec().codec == codec).map(str0m::format::PayloadParams::pt)
    }

    /// The line a received stream belongs to.
    pub(crate) fn line_of(&mut self, ssrc: Ssrc) -> Option<Mid> {
        self.rtc.direct_api().stream_rx(&ssrc).map(|stream| stream.mid())
    }

    /// Asks the sender of a stream for a keyframe (PLI, RFC 4585 section 6.3.1).
    pub(crate) fn request_keyframe(&mut self, ssrc: Ssrc) {
        if let Some(stream) = self.rtc.direct_api().stream_rx(&ssrc) {
            stream.request_keyframe(KeyframeRequestKind::Pli);
        }
    }
}

fn mid_of(line: &Line) -> Mid {
    Mid::from(line.mid.as_str())
}

fn wanted_direction(line: &Line) -> Direction {
    match line.purpose {
        Use::Own(_) => Direction::SendOnly,
        Use::Receive => Direction::RecvOnly,
        Use::Removed => Direction::Inactive,
    }
}

/// The published client sends candidates in events of their own.
fn without_candidates(sdp: &str) -> String {
    sdp.split_inclusive("\r\n").filter(|line| !line.starts_with("a=candidate:") && !line.starts_with("a=end-of-candidates")).collect()
}
