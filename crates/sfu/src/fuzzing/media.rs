//! What clients send under the keys of their handshake: to one client's receiving side alone, and through a room with two peers.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::{LOCAL, ROOM, binding};
use crate::ingress::{Extension, Ids, Ingress, Line, Negotiated};
use crate::media::packet::Codec;
use crate::reach::classify::{Class, classify};
use crate::reach::stun::Message;
use crate::rtcp::{self, Feedback};
use crate::srtp::{self, KeyingMaterial, Profile, Protector, RtcpOpener, RtpOpener};
use crate::{
    ClientEvent, Command, Config, Datagram, Datagrams, Engine, Flow, Metadata, Mid, Offer, Output, PeerId, PeerOptions, RoomId,
    RoomOptions, ServerEvent, TableSizes, TrackId, Variant,
};

/// Bytes of an RTP header without contributing sources and extensions.
const FIXED: usize = 12;
/// Time that one byte of an input can let pass.
const TICK: Duration = Duration::from_millis(8);

/// What a client's receiving side makes of RTP. The first byte chooses what was negotiated; then come packets in the clear, each
/// behind a byte with its length and one that lets time pass.
pub fn rtp(now: Instant, bytes: &[u8]) {
    let Some((choice, mut rest)) = bytes.split_first() else { return };
    let mut now = now;
    let mut ingress = Ingress::new(5, now);
    ingress.negotiate(negotiated(*choice));
    ingress.set_keys(&keys(Profile::Aes128Gcm)).expect("the keys have the right length");
    let mut client = Sealer::new(Profile::Aes128Gcm);
    let mut plain = Vec::new();
    while let Some(([length, ticks], after)) = rest.split_first_chunk::<2>() {
        let (packet, after) = after.split_at(after.len().min((*length).into()));
        rest = after;
        now += TICK * u32::from(ticks & 0x7f);
        let sealed = client.rtp(packet, ticks & 0x80 != 0);
        if let Ok(Some(arrived)) = ingress.receive(&sealed, now, &mut plain) {
            let payload = packet.len() - header_length(packet).expect("what arrives has a header");
            assert!(arrived.packet.payload.len() <= payload, "a payload lies within its packet");
        }
        while let Some((at, slack)) = ingress.schedule_feedback() {
            now = now.max(at + slack);
            assert!(ingress.has_feedback(now), "feedback is there when it is due");
            let mut compound = Vec::new();
            ingress.write_feedback(now, &mut compound);
            assert_whole(&compound);
        }
    }
    for some in ingress.receptions(now).chunks(rtcp::MAX_BLOCKS) {
        let mut compound = Vec::new();
        ingress.write_report(some, &mut compound);
        assert_whole(&compound);
    }
}

/// A compound RTCP packet in the clear.
pub fn rtcp(compound: &[u8]) {
    let mut found = 0;
    rtcp::read(compound, |_| found += 1);
    // A mask of the sixteen that follow, beside the number itself, in four bytes.
    assert!(found <= compound.len() / 4 * 17, "{found} facts in {} bytes", compound.len());
    let mut missing: Vec<u64> = compound.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]).into()).collect();
    missing.sort_unstable();
    missing.dedup();
    let mut request = Vec::new();
    let asked = rtcp::nack(1, 2, &missing, rtcp::FULL, &mut request);
    let mut read: Vec<u64> = Vec::new();
    rtcp::read(&request, |feedback| {
        if let Feedback::Missing { ssrc: 2, sequence } = feedback {
            read.push(sequence.into());
        }
    });
    assert_eq!(read, missing[..asked], "what is asked for is what the other side reads");
}

/// Ana sends a microphone and a camera in three sizes, ben gets them. Each step begins with a byte that says what happens and one
/// that says how long the piece is that it happens with.
pub fn media(now: Instant, bytes: &[u8]) {
    let mut call = Call::new(now);
    let mut rest = bytes;
    while let Some(([what, length], after)) = rest.split_first_chunk::<2>() {
        let (piece, after) = after.split_at(after.len().min((*length).into()));
        rest = after;
        call.step(*what, *length, piece);
    }
    call.end();
}

fn negotiated(choice: u8) -> Negotiated {
    let bit = |bit: u8| choice >> bit & 1 == 1;
    let line = |index: usize, codec, payload_type, repair| Line {
        index,
        mid: index.to_string().into(),
        codec,
        payload_type,
        repair,
        has_nack: codec != Codec::Opus,
        encodings: Vec::new(),
        ssrcs: None,
    };
    let video = if bit(0) { Codec::H264 } else { Codec::Vp8 };
    let simulcast = if bit(1) { vec![Variant::Low, Variant::Medium, Variant::High] } else { Vec::new() };
    let camera = Line { encodings: simulcast, ..line(1, video, 96, Some(97)) };
    let screen = Line { ssrcs: bit(2).then_some((70, Some(71))), ..line(2, video, 96, Some(97)) };
    let mut ids = Ids::default();
    let known = [Extension::Mid, Extension::Rid, Extension::RepairedRid, Extension::TransportSequence, Extension::AudioLevel];
    for (id, extension) in (1..).zip(known) {
        ids.insert(id, extension);
    }
    Negotiated { lines: vec![line(0, Codec::Opus, 111, None), camera, screen], ids, reduced_size: bit(3), transport_feedback: bit(4) }
}

/// Keys that are the same in both directions.
fn keys(profile: Profile) -> KeyingMaterial {
    let (key, salt) = if profile == Profile::Aes128CmSha1 { (16, 14) } else { (16, 12) };
    let bytes = [vec![7; 2 * key], vec![9; 2 * salt]].concat();
    KeyingMaterial::new(profile, &bytes).expect("the keys have the right length")
}

/// Bytes before the payload; `None`: no RTP header.
fn header_length(packet: &[u8]) -> Option<usize> {
    let first = *packet.first()?;
    let mut length = FIXED + 4 * usize::from(first & 0x0f);
    if first & 0x10 != 0 {
        let words = packet.get(length + 2..length + 4)?;
        length += 4 + 4 * usize::from(u16::from_be_bytes([words[0], words[1]]));
    }
    (length <= packet.len()).then_some(length)
}

/// A compound is one RTCP packet behind the other, to its last byte (RFC 3550 section 6.1).
fn assert_whole(compound: &[u8]) {
    let mut rest = compound;
    while let Some(([first, _, high, low], _)) = rest.split_first_chunk::<4>() {
        assert_eq!(first >> 6, 2, "the version");
        let length = 4 * (usize::from(u16::from_be_bytes([*high, *low])) + 1);
        rest = rest.get(length..).expect("a packet ends within its compound");
    }
    assert!(rest.is_empty(), "{} bytes behind a compound", rest.len());
}

/// Seals what a client sends.
struct Sealer {
    protector: Protector,
    newest: HashMap<u32, u64>,
    compounds: u32,
}

impl Sealer {
    fn new(profile: Profile) -> Self {
        let protector = Protector::new(&keys(profile)).expect("the keys have the right length");
        Self { protector, newest: HashMap::new(), compounds: 0 }
    }

    /// A packet that has no header stays as it is. Its index is the one next to the stream's newest, or a cycle later.
    fn rtp(&mut self, packet: &[u8], later: bool) -> Vec<u8> {
        let mut sealed = packet.to_vec();
        let Some(header) = header_length(packet) else { return sealed };
        sealed[0] = sealed[0] & 0x3f | 0x80;
        let (sequence, ssrc) = (u16::from_be_bytes([packet[2], packet[3]]), word(packet, 8));
        let newest = self.newest.get(&ssrc).copied();
        let index = srtp::estimate(newest, sequence) + if later { 1 << 16 } else { 0 };
        self.newest.insert(ssrc, newest.map_or(index, |newest| newest.max(index)));
        self.protector.rtp(&mut sealed, 0, header, ssrc, index).expect("a short packet can be sealed");
        sealed
    }

    /// What is too short to be RTCP stays as it is.
    fn rtcp(&mut self, compound: &[u8]) -> Vec<u8> {
        let mut sealed = compound.to_vec();
        if sealed.len() < 8 {
            return sealed;
        }
        sealed[0] = sealed[0] & 0x3f | 0x80;
        sealed[1] = 0xc0 | sealed[1] & 0x1f;
        self.compounds += 1;
        let ssrc = word(&sealed, 4);
        self.protector.rtcp(&mut sealed, 0, ssrc, self.compounds).expect("a short compound can be sealed");
        sealed
    }
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// Opens what a client gets, and remembers what may come only once.
struct Reader {
    rtp: RtpOpener,
    rtcp: RtcpOpener,
    newest: HashMap<u32, u64>,
    nonces: HashSet<(u32, u64)>,
}

impl Reader {
    fn new(profile: Profile) -> Self {
        let (rtp, rtcp) = (RtpOpener::new(&keys(profile)), RtcpOpener::new(&keys(profile)));
        let keys = "the keys have the right length";
        Self { rtp: rtp.expect(keys), rtcp: rtcp.expect(keys), newest: HashMap::new(), nonces: HashSet::new() }
    }

    fn read(&mut self, datagram: &[u8]) {
        let mut plain = Vec::new();
        match classify(datagram) {
            Class::Rtp => {
                let header = header_length(datagram).expect("a packet of ours has a header");
                let (sequence, ssrc) = (u16::from_be_bytes([datagram[2], datagram[3]]), word(datagram, 8));
                let newest = self.newest.get(&ssrc).copied();
                let index = srtp::estimate(newest, sequence);
                self.newest.insert(ssrc, newest.map_or(index, |newest| newest.max(index)));
                assert!(self.nonces.insert((ssrc, index)), "no number is given out twice");
                self.rtp.open(datagram, header, ssrc, index, &mut plain).expect("a client can open what it gets");
            }
            Class::Rtcp => assert_whole(self.rtcp.open(datagram, &mut plain).expect("a client can open what it gets, once")),
            Class::Stun | Class::Dtls => {}
            class @ (Class::TurnChannel | Class::Malformed) => panic!("{class:?} is sent"),
        }
    }
}

/// One of the two.
struct Person {
    id: &'static str,
    flow: Flow,
    sealer: Sealer,
    reader: Reader,
    /// The server waits for an offer.
    is_asked: bool,
    answers: usize,
    is_closed: bool,
}

impl Person {
    fn new(id: &'static str, port: u16, profile: Profile) -> Self {
        let flow = Flow::Udp { local: LOCAL.into(), remote: SocketAddr::from(([192, 0, 2, 7], port)) };
        let (sealer, reader) = (Sealer::new(profile), Reader::new(profile));
        Self { id, flow, sealer, reader, is_asked: false, answers: 0, is_closed: false }
    }
}

/// A room with both of them.
struct Call {
    engine: Engine,
    now: Instant,
    people: [Person; 2],
    datagrams: Datagrams,
}

const ANA: usize = 0;
const BEN: usize = 1;

impl Call {
    fn new(now: Instant) -> Self {
        let engine = Engine::new(Config { worker: 0, seed: 1, max_tracks_per_peer: 16, max_sdp_bytes: 1 << 20 });
        let people = [Person::new("ana", 1, Profile::Aes128Gcm), Person::new("ben", 2, Profile::Aes128CmSha1)];
        let mut call = Self { engine, now, people, datagrams: Datagrams::new() };
        call.command(Command::CreateRoom { room: ROOM.into(), options: RoomOptions::default() });
        call.join(ANA, Profile::Aes128Gcm, SENDS);
        call.join(BEN, Profile::Aes128CmSha1, &receives());
        // An answer that somebody has just got counts a little later.
        call.pass(Duration::from_secs(1));
        call
    }

    fn join(&mut self, who: usize, profile: Profile, sdp: &str) {
        let options = PeerOptions { simulcast: true, candidates: vec![SocketAddr::from(LOCAL)], ..PeerOptions::default() };
        let peer = PeerId::from(self.people[who].id);
        self.command(Command::AddPeer { room: ROOM.into(), peer: peer.clone(), options });
        self.say(who, ClientEvent::Connect { metadata: Metadata::default(), grouped_streams: false });
        if who == ANA {
            self.say(who, ClientEvent::RenegotiateTracks);
        }
        assert!(self.people[who].is_asked, "{peer} may offer");
        let track = |mid: &str, name: &str| (Mid::from(mid), TrackId::from(name));
        let mid_to_track = if who == ANA { [track("0", "ana:mic"), track("1", "ana:camera")].into() } else { [].into() };
        let sdp = sdp.replace('\n', "\r\n");
        self.say(who, ClientEvent::Offer(Offer { sdp, track_metadata: [].into(), track_bitrates: [].into(), mid_to_track }));
        assert_eq!(self.people[who].answers, 1, "{peer} is answered");
        self.connect(&peer, self.people[who].flow, &keys(profile));
    }

    /// As if ICE and DTLS were over.
    fn connect(&mut self, peer: &PeerId, flow: Flow, keys: &KeyingMaterial) {
        let (room, endpoint, worker) = self.engine.endpoint(&RoomId::from(ROOM), peer).expect("the peer is there");
        let key = room.peer_key(peer).expect("it is a WebRTC peer");
        let (request, response) = (binding(0x0001, &[]), binding(0x0101, &[]));
        let request = Message::parse(&request).expect("it is a request");
        worker.addresses.note_request(key, flow, &request);
        worker.addresses.note_response(key, &response, self.now).expect("the request is known");
        room.shake_hands(worker, self.now, endpoint, keys.clone());
        self.drain();
    }

    fn step(&mut self, what: u8, length: u8, piece: &[u8]) {
        match what % 8 {
            0 => self.media(ANA, piece, false),
            1 => self.media(ANA, piece, true),
            2 => self.media(BEN, piece, false),
            3 => self.feedback(ANA, piece),
            4 => self.feedback(BEN, piece),
            5 => self.receive(ANA, piece),
            6 => self.receive(BEN, piece),
            _ => self.pass(TICK * length.into()),
        }
    }

    fn media(&mut self, who: usize, packet: &[u8], later: bool) {
        let sealed = self.people[who].sealer.rtp(packet, later);
        self.receive(who, &sealed);
    }

    fn feedback(&mut self, who: usize, compound: &[u8]) {
        let sealed = self.people[who].sealer.rtcp(compound);
        self.receive(who, &sealed);
    }

    fn receive(&mut self, who: usize, payload: &[u8]) {
        let flow = self.people[who].flow;
        self.engine.handle_datagram(self.now, Datagram { flow, received_at: self.now, payload });
        self.drain();
    }

    /// Lets time pass, doing what is due when it is due.
    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.engine.poll_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.engine.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
    }

    fn say(&mut self, who: usize, event: ClientEvent) {
        self.command(Command::Client { room: ROOM.into(), peer: self.people[who].id.into(), event });
    }

    fn command(&mut self, command: Command) {
        self.engine.handle_command(self.now, command).expect("the command fits");
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.engine.poll_output(self.now) {
            let person = |peer: &PeerId| usize::from(*peer == PeerId::from("ben"));
            match output {
                Output::ToClient { peer, event: ServerEvent::OfferData { .. }, .. } => self.people[person(&peer)].is_asked = true,
                Output::ToClient { peer, event: ServerEvent::Answer { .. }, .. } => self.people[person(&peer)].answers += 1,
                Output::Event { event: crate::Event::PeerClosed { peer, .. }, .. } => self.people[person(&peer)].is_closed = true,
                _ => {}
            }
        }
        self.engine.take_datagrams(&mut self.datagrams);
        for (flow, datagram) in self.datagrams.iter() {
            let person = self.people.iter_mut().find(|person| person.flow == flow).expect("datagrams go to people");
            person.reader.read(datagram);
        }
    }

    fn end(mut self) {
        self.command(Command::RemoveRoom { room: ROOM.into() });
        assert_eq!(self.engine.table_sizes(), TableSizes::default(), "nothing is left behind");
    }
}

/// What ana offers.
const SENDS: &str = include_str!("../../../../fuzz/corpus/offer/microphone-and-camera.sdp");

/// What ben offers: the same lines, from the other side.
fn receives() -> String {
    let own = |line: &&str| !["a=rid", "a=simulcast", "a=ssrc", "a=msid:"].iter().any(|prefix| line.starts_with(prefix));
    let lines: Vec<&str> = SENDS.lines().filter(own).collect();
    lines.join("\n").replace("a=sendonly", "a=recvonly") + "\n"
}

#[cfg(test)]
mod tests {
    use super::super::replay::replay;
    use super::*;

    #[test]
    fn rtp_and_mutations() {
        let now = Instant::now();
        replay("rtp", 5_000, |bytes| rtp(now, bytes));
    }

    #[test]
    fn rtcp_and_mutations() {
        replay("rtcp", 20_000, rtcp);
    }

    #[test]
    fn media_and_mutations() {
        let now = Instant::now();
        replay("media", 200, |bytes| media(now, bytes));
    }

    #[test]
    fn what_ana_sends_gets_to_ben() {
        let mut call = Call::new(Instant::now());
        let before = call.engine.stats();
        let keyframe = [0x10, 0x50, 0x01, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xf0, 0x00, 0x00];
        // Extensions: mid 1 and rid h.
        let header = [0x90, 0xe0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9, 0xbe, 0xde, 0, 1, 0x40, b'1', 0xa0, b'h'];
        call.media(ANA, &[&header[..], &keyframe].concat(), false);
        let after = call.engine.stats();
        assert_eq!((after.packets_in, after.packets_forwarded), (before.packets_in + 1, before.packets_forwarded + 1));
        let ssrc = call.people[BEN].reader.newest.keys().next().copied().unwrap_or(0).to_be_bytes();
        call.pass(Duration::from_secs(2));
        let picture_loss = [&[0x81, 206, 0, 2, 0, 0, 0, 1][..], &ssrc].concat();
        call.feedback(BEN, &picture_loss);
        assert_eq!(call.engine.stats().keyframe_requests, before.keyframe_requests + 1, "ben is heard");
        call.end();
    }
}
