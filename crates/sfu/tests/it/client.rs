//! A client as the published ones work, over an unmodified WebRTC library: it always offers, when the server says so.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use sfu::{ClientEvent, EndpointInfo, Metadata, Offer, PeerId, ServerEvent, TrackId, TrackInfo, TrackKind, VoiceActivity};
use str0m::bwe::BweKind;
use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::crypto::dtls::SrtpProfile;
use str0m::format::{Codec, PayloadParams};
use str0m::media::{Direction, KeyframeRequestKind, MediaKind, Rid, Simulcast, SimulcastLayer};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{ExtensionValues, RtpPacket, RtpWrite, Ssrc};
use str0m::{Candidate, Event, Input, Output, Rtc, RtcConfig};

use crate::dtls;
use crate::media::{Outgoing, Receiver, Sender};
use crate::network::{InFlight, Weather};
use crate::rules;

/// A browser asks again for a keyframe that does not come.
const KEYFRAME_PATIENCE: Duration = Duration::from_millis(300);

/// What the client publishes or wants to.
pub(crate) struct OwnTrack {
    pub(crate) id: TrackId,
    pub(crate) kind: TrackKind,
    pub(crate) metadata: Metadata,
    pub(crate) mid: Option<str0m::media::Mid>,
    /// The answer has it in its map.
    pub(crate) accepted: bool,
    pub(crate) sender: Sender,
    /// Simulcast encodings in place of the one sender.
    pub(crate) layers: Vec<(Rid, Sender)>,
}

impl OwnTrack {
    fn senders(&mut self) -> impl Iterator<Item = (Option<Rid>, &mut Sender)> {
        let single = self.layers.is_empty().then_some((None, &mut self.sender));
        single.into_iter().chain(self.layers.iter_mut().map(|(rid, sender)| (Some(*rid), sender)))
    }

    /// One encoding of a simulcast track.
    pub(crate) fn layer(&mut self, rid: &str) -> &mut Sender {
        let found = self.layers.iter_mut().find(|(of, _)| *of == Rid::from(rid));
        &mut found.expect("a layer").1
    }

    pub(crate) fn silence(&mut self) {
        for (_, sender) in self.senders() {
            sender.muted = true;
        }
    }
}

/// Another endpoint, as the client was told.
pub(crate) struct Other {
    pub(crate) info: EndpointInfo,
    /// Tracks that a `TracksAdded` announced (not only the list in `Connected`).
    pub(crate) announced: BTreeMap<TrackId, TrackInfo>,
}

pub(crate) struct Client {
    pub(crate) id: PeerId,
    pub(crate) rtc: Rtc,
    /// Its own address, and what the server sees of it.
    pub(crate) inner: SocketAddr,
    pub(crate) outer: SocketAddr,
    pub(crate) weather: Weather,
    pub(crate) timeout: Instant,
    pub(crate) connected: bool,
    pub(crate) others: BTreeMap<PeerId, Other>,
    /// Everything heard, in order.
    pub(crate) heard: Vec<(Instant, ServerEvent)>,
    pub(crate) own: Vec<OwnTrack>,
    pub(crate) mid_to_track: BTreeMap<String, TrackId>,
    pub(crate) totals: (u32, u32),
    /// Receive-only lines made so far, by kind.
    pub(crate) lines: Vec<(str0m::media::Mid, TrackKind)>,
    pub(crate) streams: BTreeMap<u32, Receiver>,
    pub(crate) voice: BTreeMap<TrackId, VoiceActivity>,
    pub(crate) last_offer: String,
    pub(crate) last_answer: String,
    pub(crate) cycles: usize,
    /// Puts something else in place of the next offer.
    pub(crate) mangle: Option<fn(&str) -> String>,
    /// Hears requests to offer but says nothing.
    pub(crate) mute_offers: bool,
    pub(crate) restart_ice: bool,
    /// Sends H.264 in place of VP8.
    pub(crate) h264: bool,
    /// Wants what others send in one stream to come in one stream.
    pub(crate) grouped_streams: bool,
    /// Keeps answers without applying them: the test made the offer.
    pub(crate) only_reads_answers: bool,
    /// Removed tracks take their transceiver with them: the line's port becomes 0, and the line free for a new mid.
    pub(crate) stops_transceivers: bool,
    pub(crate) unmapped: usize,
    /// Keying material of the handshake.
    pub(crate) keys: Option<Vec<u8>>,
    /// Sender reports of the server that were opened and understood.
    pub(crate) sender_reports: usize,
    /// What its network takes, as it believes, in kbit/s.
    pub(crate) estimate: Option<f64>,
    /// What it knows from reports of the server about its video: round trip and loss.
    pub(crate) reported: Vec<(Duration, f32)>,
    /// Lines of tracks that are not published any more.
    retired: Vec<str0m::media::Mid>,
    stopped: Vec<str0m::media::Mid>,
    pub(crate) wants_channel: bool,
    pending: Option<SdpPendingOffer>,
    awaiting_answer: bool,
    busy: bool,
    stray_keyframe_wish: BTreeMap<u32, Instant>,
    said: Vec<ClientEvent>,
    sent: Vec<InFlight>,
    next_track: u32,
    removed_endpoints: BTreeSet<PeerId>,
}

/// How to make the WebRTC side of a client. Without a profile it offers all.
pub(crate) fn config(h264: bool, profile: Option<SrtpProfile>) -> RtcConfig {
    let config = Rtc::builder().set_crypto_provider(dtls::provider(profile)).set_rtp_mode(true);
    config.clear_codecs().enable_opus(true, false).enable_vp8(true).enable_h264(h264)
}

impl Client {
    pub(crate) fn new(id: &str, address: SocketAddr, config: RtcConfig, now: Instant) -> Self {
        let mut rtc = config.build(now);
        rtc.add_local_candidate(Candidate::host(address, "udp").expect("a host candidate"));
        Self {
            id: PeerId::from(id),
            rtc,
            inner: address,
            outer: address,
            weather: Weather::FINE,
            timeout: now,
            connected: false,
            others: BTreeMap::new(),
            heard: Vec::new(),
            own: Vec::new(),
            mid_to_track: BTreeMap::new(),
            totals: (0, 0),
            lines: Vec::new(),
            streams: BTreeMap::new(),
            voice: BTreeMap::new(),
            last_offer: String::new(),
            last_answer: String::new(),
            cycles: 0,
            mangle: None,
            mute_offers: false,
            restart_ice: false,
            h264: false,
            grouped_streams: false,
            only_reads_answers: false,
            unmapped: 0,
            keys: None,
            sender_reports: 0,
            estimate: None,
            reported: Vec::new(),
            stops_transceivers: false,
            retired: Vec::new(),
            stopped: Vec::new(),
            wants_channel: false,
            pending: None,
            awaiting_answer: false,
            busy: false,
            stray_keyframe_wish: BTreeMap::new(),
            said: Vec::new(),
            sent: Vec::new(),
            // Different for each session, as random ids are.
            next_track: u32::from(address.port()) * 100,
            removed_endpoints: BTreeSet::new(),
        }
    }

    // What the application does.

    pub(crate) fn publish(&mut self, kind: TrackKind, metadata: &str) -> TrackId {
        self.next_track += 1;
        let id = TrackId::from(format!("{}:{}", self.id, self.next_track));
        self.publish_as(id.clone(), kind, metadata);
        id
    }

    /// Publishes under any id.
    pub(crate) fn publish_as(&mut self, id: TrackId, kind: TrackKind, metadata: &str) {
        let sender = Sender::new(id.as_str(), kind, self.h264, 65_000_u16.wrapping_add(self.own.len() as u16 * 300));
        let metadata = Metadata::from_json(metadata);
        self.own.push(OwnTrack { id, kind, metadata, mid: None, accepted: false, sender, layers: Vec::new() });
        self.want_cycle();
    }

    /// Publishes a camera in three sizes.
    pub(crate) fn publish_simulcast(&mut self) -> TrackId {
        let id = self.publish(TrackKind::Video, "null");
        let layer = |(index, rid)| (Rid::from(rid), Sender::new(id.as_str(), TrackKind::Video, false, 1000 + index as u16 * 20_000));
        self.own_mut(&id).layers = ["l", "m", "h"].into_iter().enumerate().map(layer).collect();
        id
    }

    /// Opens a data channel with the next cycle.
    pub(crate) fn open_channel(&mut self) {
        self.wants_channel = true;
        self.say(ClientEvent::RenegotiateTracks);
    }

    pub(crate) fn unpublish(&mut self, id: &TrackId) {
        let track = self.own.iter().position(|track| track.id == *id).map(|index| self.own.remove(index)).expect("an own track");
        if let Some(mid) = track.mid {
            if self.stops_transceivers { &mut self.stopped } else { &mut self.retired }.push(mid);
        }
        self.want_cycle();
    }

    /// `replaceTrack(null)` and back, with the hint that follows it.
    pub(crate) fn mute(&mut self, id: &TrackId, muted: bool) {
        self.own_mut(id).sender.muted = muted;
        if !muted {
            self.own_mut(id).sender.wants_keyframe = false;
            self.say(ClientEvent::UnmuteTrack { track: id.clone() });
        }
    }

    pub(crate) fn own_mut(&mut self, id: &TrackId) -> &mut OwnTrack {
        self.own.iter_mut().find(|track| track.id == *id).expect("an own track")
    }

    pub(crate) fn say(&mut self, event: ClientEvent) {
        self.said.push(event);
    }

    fn want_cycle(&mut self) {
        if !self.busy {
            self.busy = true;
            self.say(ClientEvent::RenegotiateTracks);
        }
    }

    pub(crate) fn take_said(&mut self) -> Vec<ClientEvent> {
        std::mem::take(&mut self.said)
    }

    pub(crate) fn take_sent(&mut self) -> Vec<InFlight> {
        std::mem::take(&mut self.sent)
    }

    // What the client hears.

    pub(crate) fn hear(&mut self, now: Instant, event: ServerEvent) {
        rules::check_event(self, &event);
        self.heard.push((now, event.clone()));
        match event {
            ServerEvent::Connected { own, others } => {
                assert_eq!(own.id, self.id);
                self.connected = true;
                for info in others {
                    self.others.insert(info.id.clone(), Other { info, announced: BTreeMap::new() });
                }
            }
            ServerEvent::EndpointAdded { endpoint } => {
                self.removed_endpoints.remove(&endpoint.id);
                self.others.insert(endpoint.id.clone(), Other { info: endpoint, announced: BTreeMap::new() });
            }
            ServerEvent::EndpointRemoved { endpoint } => {
                self.others.remove(&endpoint);
                self.removed_endpoints.insert(endpoint);
            }
            ServerEvent::EndpointUpdated { endpoint, metadata, .. } => {
                if let Some(other) = self.others.get_mut(&endpoint) {
                    other.info.metadata = metadata;
                }
            }
            ServerEvent::TracksAdded { endpoint, tracks } => {
                self.busy = true;
                let other = self.others.get_mut(&endpoint).expect("a known endpoint");
                other.announced.extend(tracks.into_iter().map(|track| (track.id.clone(), track)));
            }
            ServerEvent::TracksRemoved { endpoint, tracks } => {
                let other = self.others.get_mut(&endpoint).expect("a known endpoint");
                for track in tracks {
                    other.announced.remove(&track);
                    other.info.tracks.retain(|listed| listed.id != track);
                }
            }
            ServerEvent::OfferData { audio, video } => self.offer(audio, video),
            ServerEvent::Answer { sdp, mid_to_track } => {
                self.mid_to_track = mid_to_track.into_iter().map(|(mid, track)| (mid.to_string(), track)).collect();
                self.answered(sdp);
            }
            ServerEvent::VoiceActivity { track, activity, .. } => {
                self.voice.insert(track, activity);
            }
            ServerEvent::Candidate(_)
            | ServerEvent::TrackUpdated { .. }
            | ServerEvent::VariantSwitched { .. }
            | ServerEvent::VariantEnabled { .. } => {}
        }
    }

    fn offer(&mut self, audio: u32, video: u32) {
        self.totals = (audio, video);
        if self.mute_offers {
            return;
        }
        let mut api = self.rtc.sdp_api();
        if std::mem::take(&mut self.wants_channel) {
            api.add_channel("reliable".to_owned());
        }
        if std::mem::take(&mut self.restart_ice) {
            api.ice_restart(true);
        }
        for (kind, total) in [(TrackKind::Video, video), (TrackKind::Audio, audio)] {
            let existing = self.lines.iter().filter(|(_, of)| *of == kind).count();
            for _ in existing..total as usize {
                let mid = api.add_media(media_kind(kind), Direction::RecvOnly, None, None, None);
                self.lines.push((mid, kind));
            }
        }
        for (mid, _) in &self.lines {
            // A transceiver stays receive-only whatever was answered. The detour makes the library offer without changes, too.
            api.set_direction(*mid, Direction::SendRecv);
            api.set_direction(*mid, Direction::RecvOnly);
        }
        for track in self.own.iter_mut().filter(|track| track.mid.is_none()) {
            let mut simulcast = Simulcast::new();
            for (rid, _) in &track.layers {
                simulcast.add_send_layer(SimulcastLayer::new(rid));
            }
            let simulcast = (!track.layers.is_empty()).then_some(simulcast);
            track.mid =
                Some(api.add_media(media_kind(track.kind), Direction::SendOnly, Some(format!("{}-person", self.id)), None, simulcast));
        }
        for mid in self.own.iter().filter_map(|track| track.mid) {
            api.set_direction(mid, Direction::SendRecv);
            api.set_direction(mid, Direction::SendOnly);
        }
        for mid in &self.retired {
            api.set_direction(*mid, Direction::RecvOnly);
            api.set_direction(*mid, Direction::Inactive);
        }
        for mid in self.stopped.drain(..) {
            api.stop_media(mid);
        }
        let Some((offer, pending)) = api.apply() else { panic!("{} was asked for an offer without any line", self.id) };
        self.pending = Some(pending);
        let sdp = offer.to_sdp_string();
        self.last_offer = match self.mangle.take() {
            Some(mangle) => mangle(&sdp),
            None => sdp,
        };
        self.awaiting_answer = true;
        let event = self.offer_event(self.last_offer.clone());
        self.say(event);
    }

    /// An offer event for any SDP, with the maps as they are.
    pub(crate) fn offer_event(&self, sdp: String) -> ClientEvent {
        ClientEvent::Offer(Offer {
            sdp,
            track_metadata: self.own.iter().map(|track| (track.id.clone(), track.metadata.clone())).collect(),
            track_bitrates: BTreeMap::new(),
            mid_to_track: self
                .own
                .iter()
                .filter_map(|track| Some((sfu::Mid::from(track.mid?.to_string().as_str()), track.id.clone())))
                .collect(),
        })
    }

    fn answered(&mut self, sdp: String) {
        if self.only_reads_answers {
            self.last_answer = sdp;
            return;
        }
        assert!(std::mem::take(&mut self.awaiting_answer), "an answer nobody asked for");
        rules::check_answer(self, &sdp);
        self.cycles += 1;
        let answer = SdpAnswer::from_sdp_string(&sdp).expect("a readable answer");
        self.last_answer = sdp;
        let pending = self.pending.take().expect("an offer was made");
        self.rtc.sdp_api().accept_answer(pending, answer).expect("an acceptable answer");
        for track in &mut self.own {
            let mid = track.mid.map(|mid| mid.to_string());
            track.accepted = mid.is_some_and(|mid| self.mid_to_track.get(&mid) == Some(&track.id));
            if !self.last_answer.contains("a=rid:") {
                // Without simulcast a browser sends the first encoding only.
                track.layers.truncate(1);
            }
        }
        self.busy = false;
        if self.own.iter().any(|track| track.mid.is_none()) {
            self.want_cycle();
        }
    }

    pub(crate) fn is_awaiting_answer(&self) -> bool {
        self.awaiting_answer
    }

    pub(crate) fn has_left(&self, endpoint: &PeerId) -> bool {
        self.removed_endpoints.contains(endpoint)
    }

    /// Whether the handshakes are done.
    pub(crate) fn is_connected(&self) -> bool {
        self.rtc.is_connected()
    }

    // Time and datagrams.

    pub(crate) fn next_due(&self) -> Instant {
        let sends = self.rtc.is_connected();
        let sending = self.own.iter().filter(|track| sends && track.accepted);
        let senders = sending.flat_map(|track| track.layers.iter().map(|(_, layer)| layer).chain([&track.sender]));
        let media = senders.filter_map(|sender| sender.due).min();
        media.map_or(self.timeout, |due| due.min(self.timeout))
    }

    pub(crate) fn receive(&mut self, now: Instant, datagram: &InFlight) {
        let Ok(contents) = datagram.payload.as_slice().try_into() else { return };
        let receive = Receive { proto: Protocol::Udp, source: datagram.source, destination: self.inner, contents };
        self.rtc.handle_input(Input::Receive(now, receive)).expect("a client survives what the server sends");
        self.drain(now);
    }

    pub(crate) fn tick(&mut self, now: Instant) {
        if self.timeout <= now {
            self.rtc.handle_input(Input::Timeout(now)).expect("a client survives time");
        }
        self.send_media(now);
        self.ask_for_keyframes(now);
        self.drain(now);
    }

    /// Lets the library notice what the application changed.
    pub(crate) fn drain(&mut self, now: Instant) {
        loop {
            let output = self.rtc.poll_output().expect("a client works");
            self.keys = dtls::take_keys().or(self.keys.take());
            match output {
                Output::Timeout(at) => {
                    self.timeout = at.max(now + Duration::from_micros(100));
                    return;
                }
                Output::Transmit(transmit) => self.sent.push(InFlight {
                    source: transmit.source,
                    destination: transmit.destination,
                    payload: transmit.contents.to_vec(),
                }),
                Output::Event(Event::RtpPacket(packet)) => self.packet(now, &packet),
                Output::Event(Event::EgressBitrateEstimate(BweKind::Twcc { estimate, .. })) => {
                    self.estimate = Some(estimate.as_f64() / 1000.0);
                }
                Output::Event(Event::MediaEgressStats(stats)) => {
                    let is_video = self.rtc.media(stats.mid).is_some_and(|media| media.kind().is_video());
                    self.reported.extend(stats.rtt.zip(stats.loss).filter(|_| is_video));
                }
                Output::Event(Event::KeyframeRequest(request)) => {
                    if let Some(track) = self.own.iter_mut().find(|track| track.mid == Some(request.mid)) {
                        for (_, sender) in track.senders().filter(|(rid, _)| *rid == request.rid) {
                            sender.wants_keyframe = true;
                            sender.keyframe_requests += 1;
                        }
                    }
                }
                Output::Event(Event::SenderFeedback(_)) => self.sender_reports += 1,
                Output::Event(_) => {}
            }
        }
    }

    fn send_media(&mut self, now: Instant) {
        if !self.rtc.is_connected() {
            return;
        }
        for track in self.own.iter_mut().filter(|track| track.accepted) {
            let Some(mid) = track.mid else { continue };
            let codec = match track.kind {
                TrackKind::Audio => Codec::Opus,
                TrackKind::Video if self.h264 => Codec::H264,
                TrackKind::Video => Codec::Vp8,
            };
            let Some(accepted) = self.rtc.media(mid).map(|media| media.remote_pts().to_vec()) else { continue };
            let is_accepted = |params: &PayloadParams| params.spec().codec == codec && accepted.contains(&params.pt());
            let pt = self.rtc.codec_config().find(is_accepted).map(PayloadParams::pt).expect("the room's codec was accepted");
            let (kind, attenuation) = (track.kind, track.sender.attenuation);
            for (rid, sender) in track.senders() {
                for packet in sender.tick(now) {
                    let write = write_of(packet, pt, kind, attenuation, now);
                    if let Some(stream) = self.rtc.direct_api().stream_tx_by_mid(mid, rid) {
                        stream.write_rtp(write);
                    }
                }
            }
        }
        // The library wants to be told the time before it sends what was written.
        self.rtc.handle_input(Input::Timeout(now)).expect("a client survives time");
    }

    fn packet(&mut self, now: Instant, packet: &RtpPacket) {
        let ssrc = *packet.header.ssrc;
        if packet.payload.is_empty() {
            return;
        }
        if !self.streams.contains_key(&ssrc) {
            let mid = self.rtc.direct_api().stream_rx(&packet.header.ssrc).map(|stream| stream.mid().to_string());
            let Some(track) = mid.and_then(|mid| self.mid_to_track.get(&mid).cloned()) else {
                // Media may overtake the answer that explains it.
                self.unmapped += 1;
                return;
            };
            let kind = if packet.header.payload_type == self.payload_type(Codec::Opus) { TrackKind::Audio } else { TrackKind::Video };
            let receiver = Receiver::new(kind, track.as_str(), now);
            self.streams.insert(ssrc, receiver);
        }
        let receiver = self.streams.get_mut(&ssrc).expect("made above");
        receiver.packet(now, *packet.seq_no, packet.time.numer(), &packet.payload);
    }

    fn payload_type(&mut self, codec: Codec) -> str0m::media::Pt {
        self.rtc.codec_config().find(|params| params.spec().codec == codec).map(PayloadParams::pt).expect("a codec")
    }

    /// As a browser's decoder: while nothing can be shown it asks.
    fn ask_for_keyframes(&mut self, now: Instant) {
        let waiting: Vec<u32> = self
            .streams
            .iter()
            .filter(|(_, receiver)| receiver.kind == TrackKind::Video && receiver.first_frame_decoded.is_none())
            .filter(|(_, receiver)| receiver.last_packet + KEYFRAME_PATIENCE > now && receiver.began + KEYFRAME_PATIENCE < now)
            .map(|(ssrc, _)| *ssrc)
            .collect();
        for ssrc in waiting {
            let last = self.stray_keyframe_wish.get(&ssrc).copied();
            if last.is_none_or(|last| last + KEYFRAME_PATIENCE <= now) {
                self.stray_keyframe_wish.insert(ssrc, now);
                self.request_keyframe(ssrc);
            }
        }
    }

    pub(crate) fn request_keyframe(&mut self, ssrc: u32) {
        if let Some(stream) = self.rtc.direct_api().stream_rx(&Ssrc::from(ssrc)) {
            stream.request_keyframe(KeyframeRequestKind::Pli);
        }
    }

    // What tests ask.

    /// The newest stream that carries this track.
    pub(crate) fn stream(&self, track: &TrackId) -> Option<(u32, &Receiver)> {
        self.streams
            .iter()
            .filter(|(_, receiver)| receiver.track == track.as_str())
            .max_by_key(|(_, receiver)| receiver.began)
            .map(|(ssrc, receiver)| (*ssrc, receiver))
    }

    /// Media lines of a kind in the last answer.
    pub(crate) fn media_lines(&self, kind: &str) -> usize {
        self.last_answer.lines().filter(|line| line.starts_with(&format!("m={kind} "))).count()
    }
}

fn write_of(packet: Outgoing, pt: str0m::media::Pt, kind: TrackKind, attenuation: i8, now: Instant) -> RtpWrite {
    let mut extensions = ExtensionValues::default();
    if kind == TrackKind::Audio {
        extensions.audio_level = Some(-attenuation);
        extensions.voice_activity = Some(attenuation < 40);
    }
    RtpWrite::new(pt, packet.sequence.into(), packet.timestamp, now, packet.payload)
        .marker(packet.marker)
        .ext_vals(extensions)
        .nackable(kind == TrackKind::Video)
}

pub(crate) fn media_kind(kind: TrackKind) -> MediaKind {
    match kind {
        TrackKind::Audio => MediaKind::Audio,
        TrackKind::Video => MediaKind::Video,
    }
}
