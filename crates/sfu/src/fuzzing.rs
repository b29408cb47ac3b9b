//! What strangers' bytes go through first, for the fuzz targets. Each function panics when an invariant does not hold.
//!
//! The committed corpora are replayed by the tests below, on any toolchain.

mod media;

use std::net::SocketAddr;
use std::time::Instant;

pub use media::{media, rtcp, rtp};

use crate::media::packet::{Codec, PayloadFacts};
use crate::reach::classify::{Class, classify};
use crate::reach::stun::Message;
use crate::reach::ufrag::Ufrag;
use crate::{ClientEvent, Command, Config, Datagram, Engine, Flow, Metadata, Mid, Offer, Output, PeerId, PeerOptions, RoomId, TrackId};
use crate::{RoomOptions, ServerEvent, TableSizes};

const ROOM: &str = "room";
const PEER: &str = "peer";
const MAX_SDP: usize = 1 << 20;
/// Where the engine's candidate is, and where its clients are.
const LOCAL: ([u8; 4], u16) = ([10, 0, 0, 1], 50_000);
const REMOTE: ([u8; 4], u16) = ([192, 0, 2, 7], 10_000);

/// One datagram: which protocol it is, and what it says if it is STUN.
pub fn stun(datagram: &[u8]) {
    if classify(datagram) != Class::Stun {
        return;
    }
    let Some(message) = Message::parse(datagram) else { return };
    if let Some(ufrag) = message.receiver_ufrag().and_then(|text| Some((text, Ufrag::decode(text)?))) {
        assert_eq!(ufrag.1.encode(), ufrag.0, "a ufrag has one spelling");
    }
}

/// An RTP payload, after a byte that chooses the codec.
pub fn payload(bytes: &[u8]) {
    let Some((choice, payload)) = bytes.split_first() else { return };
    let codec = [Codec::Opus, Codec::Vp8, Codec::H264][usize::from(choice % 3)];
    let facts = PayloadFacts::read(codec, payload);
    if let Some(descriptor) = facts.vp8 {
        assert!(usize::from(descriptor.length) < payload.len(), "a descriptor lies within its packet");
        assert!(descriptor.picture_id.is_none_or(|id| id.value & !id.mask() == 0), "a picture id fits its width");
    }
}

/// Datagrams from a peer that has negotiated, each behind a byte with its length (in units of four, at most 255) and one that
/// says how it is made: as it is, from another address, or as a Binding request for the peer with these attributes.
pub fn datagrams(now: Instant, bytes: &[u8]) {
    let mut engine = Joined::new(now);
    let ufrag = engine.negotiate(OFFER.replace('\n', "\r\n")).expect("a good offer is answered");
    let mut rest = bytes;
    while let Some(([length, how], after)) = rest.split_first_chunk::<2>() {
        let (piece, after) = after.split_at(after.len().min(usize::from(*length) * 4));
        rest = after;
        match how % 3 {
            0 => engine.receive(REMOTE.1, piece),
            1 => engine.receive(REMOTE.1 + 1, piece),
            _ => engine.receive(REMOTE.1, &binding_request(&ufrag, piece)),
        }
    }
    engine.end();
}

/// An SDP offer. Whatever it is, the client is answered or given up, and nothing is left behind.
pub fn offer(now: Instant, sdp: &[u8]) {
    let Ok(sdp) = str::from_utf8(sdp) else { return };
    let mut engine = Joined::new(now);
    engine.negotiate(sdp.to_owned());
    engine.end();
}

/// An engine with a peer that has connected and may offer.
struct Joined {
    engine: Engine,
    now: Instant,
    answered: Option<String>,
    is_closed: bool,
}

impl Joined {
    fn new(now: Instant) -> Self {
        let engine = Engine::new(Config { worker: 0, seed: 1, max_tracks_per_peer: 16, max_sdp_bytes: MAX_SDP });
        let mut joined = Self { engine, now, answered: None, is_closed: false };
        joined.command(Command::CreateRoom { room: ROOM.into(), options: RoomOptions::default() });
        let options = PeerOptions { simulcast: true, candidates: vec![SocketAddr::from(LOCAL)], ..PeerOptions::default() };
        joined.command(Command::AddPeer { room: ROOM.into(), peer: PEER.into(), options });
        joined.say(ClientEvent::Connect { metadata: Metadata::default(), grouped_streams: false });
        joined.say(ClientEvent::RenegotiateTracks);
        joined
    }

    /// The ufrag of the answer; `None` when the peer was given up instead.
    fn negotiate(&mut self, sdp: String) -> Option<String> {
        let mid_to_track = [(Mid::from("0"), TrackId::from("peer:video"))].into();
        self.say(ClientEvent::Offer(Offer { sdp, track_metadata: [].into(), track_bitrates: [].into(), mid_to_track }));
        assert!(self.answered.is_some() || self.is_closed, "an offer is answered, or its peer is closed");
        let answer = self.answered.as_deref()?;
        answer.lines().find_map(|line| line.strip_prefix("a=ice-ufrag:")).map(str::to_owned)
    }

    fn receive(&mut self, port: u16, payload: &[u8]) {
        let flow = Flow::Udp { local: SocketAddr::from(LOCAL), remote: SocketAddr::from((REMOTE.0, port)) };
        self.engine.handle_datagram(self.now, Datagram { flow, received_at: self.now, payload });
        self.drain();
    }

    fn say(&mut self, event: ClientEvent) {
        if !self.is_closed {
            self.command(Command::Client { room: RoomId::from(ROOM), peer: PeerId::from(PEER), event });
        }
    }

    fn command(&mut self, command: Command) {
        self.engine.handle_command(self.now, command).expect("the command fits");
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.engine.poll_output(self.now) {
            match output {
                Output::ToClient { event: ServerEvent::Answer { sdp, .. }, .. } => self.answered = Some(sdp),
                Output::Event { event: crate::Event::PeerClosed { .. }, .. } => self.is_closed = true,
                _ => {}
            }
        }
    }

    fn end(mut self) {
        self.command(Command::RemoveRoom { room: ROOM.into() });
        assert_eq!(self.engine.table_sizes(), TableSizes::default(), "nothing is left behind");
    }
}

/// A STUN Binding request for that ufrag, with further attributes that may be anything.
fn binding_request(ufrag: &str, attributes: &[u8]) -> Vec<u8> {
    let name = format!("{ufrag}:EsAw");
    let mut body = vec![0, 6];
    body.extend((name.len() as u16).to_be_bytes());
    body.extend(name.as_bytes());
    body.resize(body.len().next_multiple_of(4), 0);
    body.extend(attributes);
    binding(0x0001, &body)
}

/// A STUN message (RFC 8489 section 5), always of the same transaction.
fn binding(kind: u16, attributes: &[u8]) -> Vec<u8> {
    let mut datagram = kind.to_be_bytes().to_vec();
    datagram.extend((attributes.len() as u16).to_be_bytes());
    datagram.extend([0x21, 0x12, 0xa4, 0x42]);
    datagram.extend([7; 12]);
    datagram.extend(attributes);
    datagram
}

/// What a browser offers for one camera.
const OFFER: &str = include_str!("../../../fuzz/corpus/offer/camera.sdp");

#[cfg(test)]
#[path = "../../../fuzz/replay.rs"]
mod replay;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::replay::replay;
    use super::*;

    #[test]
    fn stun_and_mutations() {
        replay("stun", 20_000, stun);
    }

    #[test]
    fn payloads_and_mutations() {
        replay("payload", 20_000, payload);
    }

    #[test]
    fn datagrams_and_mutations() {
        let now = Instant::now();
        replay("datagrams", 200, |bytes| datagrams(now, bytes));
    }

    #[test]
    fn offers_and_mutations() {
        let now = Instant::now();
        replay("offer", 200, |bytes| offer(now, bytes));
    }

    #[test]
    fn a_whole_offer_is_answered() {
        let mut engine = Joined::new(Instant::now());
        assert!(engine.negotiate(OFFER.replace('\n', "\r\n")).is_some());
        engine.end();
    }
}
