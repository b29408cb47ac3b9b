#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use str0m::change::{SdpAnswer, SdpPendingOffer};
use str0m::format::Codec;
use str0m::media::{Direction, MediaKind, Rid, Simulcast, SimulcastLayer};
use str0m::net::{Protocol, Receive};
use str0m::rtp::RtpWrite;
use str0m::{Candidate, Event as RtcEvent, Input, Output as RtcOutput, Rtc};

use super::*;
use crate::command::{ClientEvent, Offer, PeerOptions, VideoCodec};
use crate::event::{Closed, Event, ServerEvent, TrackInfo, TrackKind, Variant};
use crate::flow::Flow;
use crate::ids::{Metadata, Mid, TrackId};
use crate::permissions::Permissions;
use crate::testing;

const SERVER: &str = "203.0.113.1:50000";
const VP8_KEYFRAME: [u8; 12] = [0x10, 0x50, 0x01, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00, 0x00];

/// An IDR slice (RFC 6184 section 5.6).
const H264_KEYFRAME: [u8; 6] = [0x65, 0x88, 0x84, 0x00, 0x33, 0xff];

/// An engine with one room, and clients next to it; no network in between.
struct World {
    now: Instant,
    step: u32,
    engine: Engine,
    clients: Vec<Client>,
    events: Vec<Event>,
}

struct Client {
    id: PeerId,
    rtc: Rtc,
    address: SocketAddr,
    lines: Vec<(str0m::media::Mid, MediaKind)>,
    tracks: BTreeMap<Mid, TrackId>,
    pending: Option<SdpPendingOffer>,
    heard: Vec<ServerEvent>,
    received: BTreeMap<u32, usize>,
    /// Last byte of the newest packet.
    newest: Option<u8>,
    sent: Vec<Vec<u8>>,
    /// Encodings of its video that it sends now; empty: no simulcast.
    rids: Vec<&'static str>,
    mangle: fn(&str) -> String,
}

impl World {
    fn new(ids: &[&str]) -> Self {
        Self::in_room(ids, RoomOptions::default())
    }

    fn in_room(ids: &[&str], options: RoomOptions) -> Self {
        let now = Instant::now();
        let config = Config { worker: 3, seed: 7, max_tracks_per_peer: 16, max_sdp_bytes: 1 << 20 };
        let mut world = Self { now, step: 0, engine: Engine::new(config), clients: Vec::new(), events: Vec::new() };
        world.command(Command::CreateRoom { room: room(), options });
        for (index, id) in ids.iter().enumerate() {
            world.join(id, index);
        }
        world
    }

    fn join(&mut self, id: &str, index: usize) {
        let address: SocketAddr = format!("198.51.100.{}:4000", index + 1).parse().unwrap();
        let mut rtc =
            Rtc::builder().clear_codecs().enable_opus(true, false).enable_vp8(true).enable_h264(true).set_rtp_mode(true).build(self.now);
        rtc.add_local_candidate(Candidate::host(address, "udp").unwrap());
        let (id, lines, heard) = (PeerId::from(id), Vec::new(), Vec::new());
        let client = Client {
            id: id.clone(),
            rtc,
            address,
            lines,
            tracks: BTreeMap::new(),
            pending: None,
            heard,
            received: BTreeMap::new(),
            newest: None,
            sent: Vec::new(),
            rids: Vec::new(),
            mangle: str::to_owned,
        };
        self.clients.push(client);
        let options = PeerOptions { candidates: vec![SERVER.parse().unwrap()], simulcast: true, ..PeerOptions::default() };
        self.command(Command::AddPeer { room: room(), peer: id.clone(), options });
        self.say(&id, ClientEvent::Connect { metadata: Metadata::default(), grouped_streams: false });
    }

    fn command(&mut self, command: Command) {
        self.engine.handle_command(self.now, command).unwrap();
        self.drain();
    }

    fn say(&mut self, peer: &PeerId, event: ClientEvent) {
        self.command(Command::Client { room: room(), peer: peer.clone(), event });
    }

    fn publish(&mut self, client: usize, kind: MediaKind) {
        self.publish_rids(client, kind, &[]);
    }

    fn publish_rids(&mut self, client: usize, kind: MediaKind, rids: &[&'static str]) {
        let client = &mut self.clients[client];
        client.rids = rids.to_vec();
        let layers = rids.iter().map(|rid| SimulcastLayer::new(rid)).collect();
        let simulcast = (!rids.is_empty()).then(|| Simulcast { send: layers, recv: Vec::new() });
        let mut api = client.rtc.sdp_api();
        let mid = api.add_media(kind, Direction::SendOnly, None, None, simulcast);
        client.tracks.insert(Mid::from(mid.to_string()), TrackId::from(format!("{}:{mid}", client.id)));
        let (offer, pending) = api.apply().unwrap();
        client.pending = Some(pending);
        self.offer(self.clients.iter().position(|c| c.pending.is_some()).unwrap(), &offer.to_sdp_string());
    }

    fn offer(&mut self, index: usize, sdp: &str) {
        let client = &self.clients[index];
        let offer = Offer {
            sdp: (client.mangle)(sdp),
            track_metadata: BTreeMap::new(),
            track_bitrates: BTreeMap::new(),
            mid_to_track: client.tracks.clone(),
        };
        let id = client.id.clone();
        self.say(&id, ClientEvent::Offer(offer));
    }

    fn drain(&mut self) {
        let now = self.now;
        while let Some(output) = self.engine.poll_output(now) {
            match output {
                Output::Event { event, .. } => self.events.push(event),
                Output::ToClient { peer, event, .. } => self.hear(&peer, event),
            }
        }
        let mut datagrams = Datagrams::new();
        self.engine.take_datagrams(&mut datagrams);
        for (flow, payload) in datagrams.iter() {
            let Flow::Udp { remote, .. } = flow;
            let client = self.clients.iter_mut().find(|client| client.address == remote).unwrap();
            let contents = payload.try_into().unwrap();
            let receive = Receive { proto: Protocol::Udp, source: SERVER.parse().unwrap(), destination: client.address, contents };
            client.rtc.handle_input(Input::Receive(now, receive)).unwrap();
            client.poll();
        }
    }

    fn hear(&mut self, peer: &PeerId, event: ServerEvent) {
        let Some(index) = self.clients.iter().position(|client| client.id == *peer) else { return };
        let client = &mut self.clients[index];
        client.heard.push(event.clone());
        match event {
            ServerEvent::OfferData { audio, video } => {
                let mut api = client.rtc.sdp_api();
                for (kind, total) in [(MediaKind::Audio, audio), (MediaKind::Video, video)] {
                    for _ in client.lines.iter().filter(|(_, of)| *of == kind).count()..total as usize {
                        let mid = api.add_media(kind, Direction::RecvOnly, None, None, None);
                        client.lines.push((mid, kind));
                    }
                }
                // The detour makes the library offer without changes, too.
                for (mid, _) in &client.lines {
                    api.set_direction(*mid, Direction::SendRecv);
                    api.set_direction(*mid, Direction::RecvOnly);
                }
                for mid in client.tracks.keys() {
                    api.set_direction(mid.as_str().into(), Direction::SendRecv);
                    api.set_direction(mid.as_str().into(), Direction::SendOnly);
                }
                let (offer, pending) = api.apply().unwrap();
                client.pending = Some(pending);
                self.offer(index, &offer.to_sdp_string());
            }
            ServerEvent::Answer { sdp, .. } => {
                let answer = SdpAnswer::from_sdp_string(&sdp).unwrap();
                let pending = client.pending.take().unwrap();
                client.rtc.sdp_api().accept_answer(pending, answer).unwrap();
            }
            _ => {}
        }
    }

    /// Lets time pass in steps of a millisecond, with media of everybody who publishes every ten.
    fn run(&mut self, duration: Duration) {
        let end = self.now + duration;
        while self.now < end {
            self.now += Duration::from_millis(1);
            self.step += 1;
            self.engine.handle_timeout(self.now);
            self.drain();
            for index in 0..self.clients.len() {
                let now = self.now;
                let client = &mut self.clients[index];
                if self.step.is_multiple_of(10) {
                    client.send_media(now, self.step);
                }
                client.rtc.handle_input(Input::Timeout(now)).unwrap();
                client.poll();
                for datagram in std::mem::take(&mut client.sent) {
                    let flow = Flow::Udp { local: SERVER.parse().unwrap(), remote: self.clients[index].address };
                    let datagram = Datagram { flow, received_at: now, payload: &datagram };
                    self.engine.handle_datagram(now, datagram);
                }
            }
            self.drain();
        }
    }
}

impl Client {
    fn poll(&mut self) {
        loop {
            match self.rtc.poll_output().unwrap() {
                RtcOutput::Timeout(_) => return,
                RtcOutput::Transmit(transmit) => self.sent.push(transmit.contents.to_vec()),
                RtcOutput::Event(RtcEvent::RtpPacket(packet)) => {
                    *self.received.entry(*packet.header.ssrc).or_default() += 1;
                    self.newest = packet.payload.last().copied();
                }
                RtcOutput::Event(_) => {}
            }
        }
    }

    fn send_media(&mut self, now: Instant, step: u32) {
        if !self.rtc.is_connected() {
            return;
        }
        for mid in self.tracks.keys() {
            let mid = str0m::media::Mid::from(mid.as_str());
            let Some(media) = self.rtc.media(mid) else { continue };
            let Some(params) = self.rtc.codec_config().find(|params| media.remote_pts().contains(&params.pt())) else { continue };
            let (pt, is_audio) = (params.pt(), media.kind().is_audio());
            let payload = match params.spec().codec {
                Codec::Opus => vec![1; 80],
                Codec::H264 => H264_KEYFRAME.to_vec(),
                _ => VP8_KEYFRAME.to_vec(),
            };
            let rids: Vec<Option<Rid>> =
                if self.rids.is_empty() { vec![None] } else { self.rids.iter().map(|rid| Some((*rid).into())).collect() };
            for rid in rids {
                // Each encoding says in its payload which one it is.
                let payload = payload.iter().copied().chain(rid.iter().map(|rid| rid.as_bytes()[0])).collect::<Vec<_>>();
                let write = RtpWrite::new(pt, u64::from(step / 10).into(), step * 90, now, payload).marker(true).nackable(!is_audio);
                self.rtc.direct_api().stream_tx_by_mid(mid, rid).unwrap().write_rtp(write);
            }
        }
    }
}

fn room() -> RoomId {
    RoomId::from("room")
}

#[test]
fn two_clients_exchange_audio_and_video() {
    let mut world = World::new(&["a", "b"]);
    for client in 0..2 {
        world.publish(client, MediaKind::Audio);
        world.publish(client, MediaKind::Video);
    }
    world.run(Duration::from_secs(3));
    for client in &world.clients {
        assert_eq!(client.received.len(), 2, "{}: {:?}", client.id, client.received);
        assert!(client.received.values().all(|packets| *packets > 150), "{:?}", client.received);
    }
    let started = world.events.iter().filter(|event| matches!(event, Event::MediaStarted { .. })).count();
    assert_eq!(started, 2, "{:?}", world.events);
}

/// Opus on the number of VP8.
fn one_payload_type_for_two_codecs(sdp: &str) -> String {
    sdp.replace(" 111", " 96").replace(":111 ", ":96 ")
}

#[test]
fn an_offer_that_breaks_the_library_costs_nobody_else_a_packet() {
    // On a line on which the client receives, and on one on which it sends.
    for publisher in [0, 2] {
        let mut world = World::new(&["a", "b", "c"]);
        world.publish(0, MediaKind::Video);
        world.run(Duration::from_secs(2));
        let before: usize = world.clients[1].received.values().sum();
        world.clients[2].mangle = one_payload_type_for_two_codecs;
        world.publish(publisher, MediaKind::Audio);
        world.run(Duration::from_secs(1));
        let reason = Closed::BadOffer("the offer is inconsistent: one payload type for two codecs".into());
        let closed = Event::PeerClosed { peer: PeerId::from("c"), reason };
        assert!(world.events.contains(&closed), "{:?}", world.events);
        assert_eq!(world.engine.stats().peers_crashed, 0, "the library does not get to see it");
        let video = world.clients[1].received.values().max();
        assert!(video.is_some_and(|packets| before + 100 == *packets), "{before} {:?}", world.clients[1].received);
    }
}

#[test]
fn an_offer_that_cannot_be_read_closes_its_peer() {
    let mut world = World::new(&["a", "b"]);
    world.offer(0, "v=0\r\nm=audio\r\n");
    let closed = |event: &Event| matches!(event, Event::PeerClosed { peer, reason: Closed::BadOffer(_) } if peer.as_str() == "a");
    assert!(world.events.iter().any(closed), "{:?}", world.events);
    assert!(world.clients[1].heard.contains(&ServerEvent::EndpointRemoved { endpoint: PeerId::from("a") }));
}

#[test]
fn a_packet_only_endpoint_gets_and_gives_tracks() {
    let mut world = World::new(&["a"]);
    world.publish(0, MediaKind::Audio);
    let recorder = PeerId::from("r");
    testing::join(&mut world.engine, world.now, &room(), recorder.clone()).unwrap();
    world.run(Duration::from_secs(2));
    let received = testing::received(&mut world.engine, &room(), &recorder).unwrap();
    assert!(received.len() > 150, "{}", received.len());
    let in_order = |pair: &[testing::MediaPacket]| pair[1].sequence == pair[0].sequence + 1;
    assert!(received.windows(2).all(in_order));

    let track = TrackId::from("r:1");
    let info = TrackInfo {
        id: track.clone(),
        kind: TrackKind::Video,
        metadata: Metadata::default(),
        variants: Vec::new(),
        disabled_variants: Vec::new(),
    };
    testing::publish(&mut world.engine, world.now, &room(), &recorder, info).unwrap();
    world.drain();
    world.run(Duration::from_millis(300));
    let wanted = testing::wanted_keyframes(&mut world.engine, &room(), &recorder).unwrap();
    assert_eq!(wanted, [(track.clone(), Variant::High)]);
    for sequence in 0..100_u32 {
        let payload = VP8_KEYFRAME.to_vec();
        let (sequence, timestamp) = (u64::from(sequence), sequence * 900);
        let packet = testing::MediaPacket { track: track.clone(), variant: Variant::High, sequence, timestamp, marker: true, payload };
        testing::send(&mut world.engine, world.now, &room(), &recorder, TrackKind::Video, packet).unwrap();
        world.run(Duration::from_millis(10));
    }
    assert_eq!(world.clients[0].received.values().copied().collect::<Vec<_>>(), [100]);
}

#[test]
fn the_highest_simulcast_encoding_that_flows_is_forwarded() {
    let mut world = World::new(&["a", "b"]);
    world.publish_rids(0, MediaKind::Video, &["l", "m", "h"]);
    let variants = |event: &Event| match event {
        Event::TrackAdded { track, .. } => Some(track.variants.clone()),
        _ => None,
    };
    assert_eq!(world.events.iter().find_map(variants), Some(vec![Variant::Low, Variant::Medium, Variant::High]));
    world.run(Duration::from_secs(2));
    assert_eq!(world.clients[1].newest, Some(b'h'));

    world.clients[0].rids = vec!["l", "m"];
    world.run(Duration::from_secs(3));
    assert_eq!(world.clients[1].newest, Some(b'm'));

    // Each new cycle repeats the rids, so no browser removes an encoding.
    world.publish(1, MediaKind::Audio);
    world.clients[0].rids = vec!["l", "m", "h"];
    world.run(Duration::from_secs(3));
    assert_eq!(world.clients[1].newest, Some(b'h'));
    let answers = |event: &ServerEvent| matches!(event, ServerEvent::Answer { sdp, .. } if sdp.contains("a=simulcast:recv l;m;h"));
    assert!(world.clients[0].heard.iter().filter(|event| answers(event)).count() >= 2);

    let track = TrackId::from(world.clients[0].tracks.values().next().unwrap().as_str());
    for _ in 0..2 {
        world.say(&PeerId::from("a"), ClientEvent::DisableVariant { track: track.clone(), variant: Variant::High });
    }
    world.run(Duration::from_secs(1));
    assert_eq!(world.clients[1].newest, Some(b'm'), "the owner switched it off");
    let told = |event: &&ServerEvent| matches!(event, ServerEvent::VariantEnabled { enabled: false, variant: Variant::High, .. });
    assert_eq!(world.clients[1].heard.iter().filter(told).count(), 1, "changes only");
    assert_eq!(world.clients[1].received.len(), 1, "one stream all the time");
}

#[test]
fn a_room_with_h264_forwards_h264_only() {
    let mut world = World::in_room(&["a", "b"], RoomOptions { video_codec: Some(VideoCodec::H264) });
    world.publish(0, MediaKind::Video);
    world.run(Duration::from_secs(1));
    let answers = world.clients.iter().flat_map(|client| &client.heard).filter_map(|event| match event {
        ServerEvent::Answer { sdp, .. } => Some(sdp),
        _ => None,
    });
    assert!(answers.clone().count() >= 2);
    assert!(answers.clone().all(|sdp| sdp.contains("profile-level-id=42e01f") && !sdp.contains("VP8")));
    assert_eq!(world.clients[1].newest, Some(0xff));
}

#[test]
fn a_permission_given_back_brings_the_track_back() {
    let mut world = World::new(&["a", "b"]);
    world.publish(0, MediaKind::Video);
    world.run(Duration::from_secs(1));
    let (room, peer) = (room(), PeerId::from("a"));
    for (video, change) in [(false, 0), (true, 1)] {
        let permissions = Permissions { video, ..Permissions::default() };
        let before: usize = world.clients[1].received.values().sum();
        world.command(Command::SetPermissions { room: room.clone(), peer: peer.clone(), permissions });
        world.run(Duration::from_secs(1));
        let after: usize = world.clients[1].received.values().sum();
        assert_eq!(after > before, change == 1, "{before} {after}");
    }
    let removed = |event: &&ServerEvent| matches!(event, ServerEvent::TracksRemoved { .. });
    let added = |event: &&ServerEvent| matches!(event, ServerEvent::TracksAdded { .. });
    let heard = &world.clients[1].heard;
    assert_eq!((heard.iter().filter(removed).count(), heard.iter().filter(added).count()), (1, 2));
}
