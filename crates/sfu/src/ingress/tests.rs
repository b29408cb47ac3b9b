#![allow(clippy::unwrap_used, reason = "a test may panic")]

use proptest::prelude::*;

use super::*;
use crate::event::Variant;
use crate::rtcp::Feedback;
use crate::srtp::{Profile, Protector};

const MIC: u32 = 10;
const CAMERA: u32 = 20;
const REPAIR: u32 = 21;
const OPUS: u8 = 111;
const VP8: u8 = 96;
const RTX: u8 = 97;
/// Ids of the header extensions.
const MID: u8 = 1;
const RID: u8 = 2;
const REPAIRED_RID: u8 = 3;
const TRANSPORT: u8 = 4;
const LEVEL: u8 = 5;

/// The same key and salt for both directions.
fn material() -> KeyingMaterial {
    KeyingMaterial::new(Profile::Aes128Gcm, &[[7; 32].as_slice(), &[9; 24]].concat()).unwrap()
}

fn line(index: usize, mid: &str, payload_type: u8, repair: Option<u8>) -> Line {
    let codec = if payload_type == OPUS { Codec::Opus } else { Codec::Vp8 };
    let has_nack = codec == Codec::Vp8;
    Line { index, mid: mid.into(), codec, payload_type, repair, has_nack, encodings: Vec::new(), ssrcs: None }
}

fn negotiated(lines: Vec<Line>) -> Negotiated {
    let mut negotiated = Negotiated { lines, reduced_size: true, transport_feedback: true, ..Negotiated::default() };
    for (id, extension) in [
        (MID, Extension::Mid),
        (RID, Extension::Rid),
        (REPAIRED_RID, Extension::RepairedRid),
        (TRANSPORT, Extension::TransportSequence),
        (LEVEL, Extension::AudioLevel),
    ] {
        negotiated.ids.insert(id, extension);
    }
    negotiated
}

/// A microphone on the first line, a camera on the third, found by payload type.
fn mic_and_camera() -> Vec<Line> {
    vec![line(0, "0", OPUS, None), line(2, "2", VP8, Some(RTX))]
}

/// A packet of the client.
#[derive(Clone)]
struct Sent {
    ssrc: u32,
    payload_type: u8,
    /// Extended.
    sequence: u64,
    extensions: Vec<(u8, Vec<u8>)>,
    payload: Vec<u8>,
    padding: u8,
}

impl Sent {
    fn with(mut self, id: u8, value: &[u8]) -> Self {
        self.extensions.push((id, value.to_vec()));
        self
    }

    /// The datagram.
    fn protected(&self) -> Vec<u8> {
        let padded = u8::from(self.padding > 0) << 5;
        let mut bytes = vec![0x80 | padded | u8::from(!self.extensions.is_empty()) << 4, self.payload_type];
        bytes.extend((self.sequence as u16).to_be_bytes());
        bytes.extend(4_000_u32.to_be_bytes());
        bytes.extend(self.ssrc.to_be_bytes());
        if !self.extensions.is_empty() {
            let mut elements = Vec::new();
            for (id, value) in &self.extensions {
                elements.push(id << 4 | (value.len() as u8 - 1));
                elements.extend(value);
            }
            elements.resize(elements.len().next_multiple_of(4), 0);
            bytes.extend([0xbe, 0xde, 0, (elements.len() / 4) as u8]);
            bytes.extend(elements);
        }
        let header = bytes.len();
        bytes.extend(&self.payload);
        if self.padding > 0 {
            bytes.resize(bytes.len() + usize::from(self.padding), 0);
            *bytes.last_mut().unwrap() = self.padding;
        }
        protected(bytes, header, self.ssrc, self.sequence)
    }
}

fn protected(mut bytes: Vec<u8>, header: usize, ssrc: u32, sequence: u64) -> Vec<u8> {
    Protector::new(&material()).unwrap().rtp(&mut bytes, 0, header, ssrc, sequence).unwrap();
    bytes
}

fn sent(ssrc: u32, payload_type: u8, sequence: u64) -> Sent {
    Sent { ssrc, payload_type, sequence, extensions: Vec::new(), payload: vec![1, 2, 3], padding: 0 }
}

fn camera(sequence: u64) -> Sent {
    sent(CAMERA, VP8, sequence)
}

/// The repair stream repeats a packet of the camera.
fn repeated(sequence: u64, original: u16) -> Sent {
    let payload = [&original.to_be_bytes()[..], &[1, 2, 3]].concat();
    Sent { payload, ..sent(REPAIR, RTX, sequence) }
}

/// Line, encoding, SSRC, number and payload of what comes out.
type Media = (usize, Variant, u32, u64, Vec<u8>);

struct Story {
    start: Instant,
    ms: u64,
    ingress: Ingress,
}

impl Story {
    fn new(lines: Vec<Line>) -> Self {
        let start = Instant::now();
        let mut ingress = Ingress::new(5, start);
        ingress.negotiate(negotiated(lines));
        ingress.set_keys(&material()).unwrap();
        Self { start, ms: 0, ingress }
    }

    fn now(&self) -> Instant {
        self.start + Duration::from_millis(self.ms)
    }

    fn raw(&mut self, datagram: &[u8]) -> Result<Option<Arrived>, Dropped> {
        let now = self.now();
        self.ingress.receive(datagram, now, &mut vec![0; 3])
    }

    fn receive(&mut self, packet: &Sent) -> Result<Option<Media>, Dropped> {
        let arrived = self.raw(&packet.protected())?;
        Ok(arrived
            .map(|Arrived { source, ssrc, packet }| (source.line, source.encoding, ssrc, packet.facts.sequence, packet.payload.to_vec())))
    }

    /// Feedback that is due by then, one compound.
    fn feedback_at(&mut self, ms: u64) -> Vec<u8> {
        self.ms = ms;
        let mut compound = Vec::new();
        if self.ingress.has_feedback(self.now()) {
            let now = self.now();
            self.ingress.write_feedback(now, &mut compound);
        }
        compound
    }

    fn asked_at(&mut self, ms: u64) -> Vec<u16> {
        let mut asked = Vec::new();
        rtcp::read(&self.feedback_at(ms), |feedback| {
            if let Feedback::Missing { sequence, .. } = feedback {
                asked.push(sequence);
            }
        });
        asked
    }
}

fn media(line: usize, ssrc: u32, sequence: u64) -> Media {
    (line, Variant::High, ssrc, sequence, vec![1, 2, 3])
}

#[test]
fn packets_come_out_once_and_forgeries_never() {
    let mut story = Story::new(mic_and_camera());
    assert_eq!(story.receive(&camera(5)), Ok(Some(media(2, CAMERA, 5))));
    assert_eq!(story.receive(&sent(MIC, OPUS, 5)), Ok(Some(media(0, MIC, 5))));
    assert_eq!(story.receive(&camera(5)), Err(Dropped::Duplicate));
    let datagram = camera(6).protected();
    for byte in 0..datagram.len() {
        let mut forged = datagram.clone();
        forged[byte] ^= 0x11;
        assert!(story.raw(&forged).is_err(), "byte {byte}");
    }
    for length in 0..datagram.len() {
        assert!(story.raw(&datagram[..length]).is_err(), "{length} bytes");
    }
    assert_eq!(story.receive(&camera(6)), Ok(Some(media(2, CAMERA, 6))), "forgeries use no number up");
    assert_eq!(Ingress::new(5, story.start).receive(&datagram, story.start, &mut Vec::new()).err(), Some(Dropped::Early));
}

#[test]
fn numbers_are_extended_over_rollovers() {
    for first in [65_533, 65_536, 66_000] {
        let mut story = Story::new(mic_and_camera());
        let numbers = [first, first + 3, first + 2, first + 10];
        for number in numbers {
            assert_eq!(story.receive(&camera(number)), Ok(Some(media(2, CAMERA, number))), "begins with {first}");
        }
    }
}

#[test]
fn padding_is_removed_and_a_packet_of_nothing_else_is_empty() {
    let mut story = Story::new(mic_and_camera());
    assert_eq!(story.receive(&Sent { padding: 9, ..camera(1) }), Ok(Some(media(2, CAMERA, 1))));
    let empty = Sent { padding: 200, payload: Vec::new(), ..camera(2) };
    assert_eq!(story.receive(&empty), Ok(Some((2, Variant::High, CAMERA, 2, Vec::new()))));
    for body in [vec![], vec![1, 2, 0], vec![1, 2, 4]] {
        let header = [0xa0, VP8, 0, 3, 0, 0, 0, 0, 0, 0, 0, CAMERA as u8];
        let datagram = protected([&header[..], &body].concat(), header.len(), CAMERA, 3);
        assert_eq!(Story::new(mic_and_camera()).raw(&datagram).err(), Some(Dropped::Malformed), "{body:?}");
    }
}

#[test]
fn lost_packets_are_asked_for_and_come_back_by_repair() {
    let mut story = Story::new(mic_and_camera());
    story.receive(&camera(65_534)).unwrap();
    story.receive(&camera(65_538)).unwrap();
    let due = story.ingress.schedule_feedback().map(|(at, _)| at - story.start);
    assert_eq!((due, story.ingress.schedule_feedback()), (Some(Duration::from_millis(30)), None), "told once");
    assert_eq!(story.asked_at(30), [65_535, 0, 1]);
    assert_eq!(story.receive(&repeated(900, 0)), Ok(Some(media(2, CAMERA, 65_536))));
    assert_eq!(story.receive(&repeated(901, 0)), Ok(None), "once is enough");
    assert_eq!(story.receive(&camera(65_536)), Err(Dropped::Duplicate));
    assert_eq!(story.receive(&camera(65_537)), Ok(Some(media(2, CAMERA, 65_537))), "late on its own");
    assert_eq!(story.asked_at(500), [65_535]);
}

#[test]
fn audio_is_not_asked_for() {
    let mut story = Story::new(mic_and_camera());
    story.receive(&sent(MIC, OPUS, 1)).unwrap();
    story.receive(&sent(MIC, OPUS, 5)).unwrap();
    assert_eq!((story.ingress.schedule_feedback(), story.asked_at(1_000)), (None, vec![]));
}

#[test]
fn probes_by_the_repair_stream_disturb_nothing() {
    let mut story = Story::new(mic_and_camera());
    assert_eq!(story.receive(&repeated(1, 7)), Ok(None), "nothing to repair yet");
    story.receive(&camera(100)).unwrap();
    let padding = Sent { payload: Vec::new(), padding: 255, ..sent(REPAIR, RTX, 2) };
    for packet in [padding, repeated(3, 100), repeated(4, 30_000), repeated(5, 60_000)] {
        assert_eq!(story.receive(&packet), Ok(None));
    }
    assert_eq!(story.receive(&repeated(6, 101)), Ok(Some(media(2, CAMERA, 101))), "it arrives before the original");
    let mut story = Story::new(mic_and_camera());
    for number in 100..2_000 {
        story.receive(&camera(number)).unwrap();
    }
    for (number, old) in (0..).zip([100, 900, 1_500, 1_999]) {
        assert_eq!(story.receive(&repeated(number, old)), Ok(None), "{old}");
    }
    assert!(story.asked_at(1_000).is_empty());
}

#[test]
fn simulcast_is_told_apart_by_rids_and_repaired_by_theirs() {
    let encodings = vec![Variant::Low, Variant::High];
    let mut story = Story::new(vec![Line { encodings, ..line(2, "2", VP8, Some(RTX)) }]);
    let of = |ssrc, rid: &[u8], sequence| sent(ssrc, VP8, sequence).with(MID, b"2").with(RID, rid);
    assert_eq!(story.receive(&camera(1)), Err(Dropped::Unplaced), "it has not said yet which it is");
    assert_eq!(story.receive(&of(30, b"l", 1)), Ok(Some((2, Variant::Low, 30, 1, vec![1, 2, 3]))));
    assert_eq!(story.receive(&of(40, b"h", 1)), Ok(Some((2, Variant::High, 40, 1, vec![1, 2, 3]))));
    assert_eq!(story.receive(&sent(30, VP8, 3)), Ok(Some((2, Variant::Low, 30, 3, vec![1, 2, 3]))), "remembered");
    let repair = Sent { ssrc: 31, ..repeated(1, 2) }.with(MID, b"2").with(REPAIRED_RID, b"l");
    assert_eq!(story.receive(&repair), Ok(Some((2, Variant::Low, 30, 2, vec![1, 2, 3]))));
}

#[test]
fn a_negotiation_moves_pauses_and_ends_streams() {
    let mut story = Story::new(mic_and_camera());
    let whole_cycle = 40_000..106_000;
    for number in whole_cycle.step_by(1_000) {
        story.receive(&camera(number).with(MID, b"2")).unwrap();
    }
    story.ingress.negotiate(negotiated(vec![line(0, "0", OPUS, None)]));
    assert_eq!(story.receive(&camera(106_000)), Err(Dropped::Unplaced));
    assert!(story.asked_at(1_000).is_empty());
    // Another camera has come meanwhile, with the same payload type: the old one is not taken for it.
    story.ingress.negotiate(negotiated(vec![line(4, "4", VP8, Some(RTX))]));
    assert_eq!(story.receive(&camera(106_001)), Err(Dropped::Unplaced));
    story.ingress.negotiate(negotiated(vec![line(4, "4", VP8, Some(RTX)), line(2, "2", VP8, Some(RTX))]));
    assert_eq!(story.receive(&camera(106_002)), Ok(Some(media(2, CAMERA, 106_002))), "it still knows its line and its rollovers");
    assert_eq!(story.receive(&camera(106_003).with(MID, b"4")), Ok(Some(media(4, CAMERA, 106_003))), "what a packet says counts");
}

#[test]
fn arrivals_are_reported_in_time() {
    let mut story = Story::new(mic_and_camera());
    for number in 0..10_u16 {
        story.ms = u64::from(number) * 10;
        story.receive(&camera(number.into()).with(TRANSPORT, &(500 + number).to_be_bytes())).unwrap();
    }
    let due = story.ingress.schedule_feedback().map(|(at, _)| at - story.start);
    assert_eq!(due, Some(ARRIVALS_WAIT));
    let compound = story.feedback_at(100);
    assert_eq!((compound[0] & 0x1f, compound[1]), (15, 205));
    assert_eq!(compound[8..16], [0, 0, 0, CAMERA as u8, 1, 244, 0, 10]);
    assert!(story.feedback_at(1_000).is_empty(), "nothing has come since");
}

#[test]
fn clients_that_do_not_take_feedback_alone_get_a_report_with_it() {
    let mut story = Story::new(mic_and_camera());
    story.ingress.negotiate(Negotiated { reduced_size: false, ..negotiated(mic_and_camera()) });
    story.receive(&camera(1)).unwrap();
    let mut compound = Vec::new();
    assert!(story.ingress.request_keyframe(Source { line: 2, encoding: Variant::High }, &mut compound));
    assert!(!story.ingress.request_keyframe(Source { line: 0, encoding: Variant::High }, &mut compound));
    let report = [0x80, 201, 0, 1, 0, 0, 0, 5];
    let names = [0x81, 202, 0, 4, 0, 0, 0, 5, 1, 8, b'0', b'0', b'0', b'0', b'0', b'0', b'0', b'5', 0, 0];
    let loss = [0x81, 206, 0, 2, 0, 0, 0, 5, 0, 0, 0, CAMERA as u8];
    assert_eq!(compound, [&report[..], &names, &loss].concat());
}

#[test]
fn reports_cover_all_streams_that_flow() {
    let mut story = Story::new(mic_and_camera());
    story.receive(&camera(1)).unwrap();
    story.receive(&camera(4)).unwrap();
    story.receive(&repeated(9, 2)).unwrap();
    assert_eq!(story.ingress.sender_reported(CAMERA, 77, story.now()), Some(Source { line: 2, encoding: Variant::High }));
    assert_eq!(story.ingress.sender_reported(REPAIR, 78, story.now()), None);
    let receptions = story.ingress.receptions(story.now());
    let told: Vec<_> = receptions.iter().map(|r| (r.ssrc, r.lost, r.fraction_lost, r.highest, r.last_report)).collect();
    assert_eq!(told, [(CAMERA, 2, 128, 4, 77), (REPAIR, 0, 0, 9, 78)]);
}

proptest! {
    #[test]
    fn garbage_is_refused(datagrams in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..100), 0..20)) {
        let mut story = Story::new(mic_and_camera());
        for datagram in datagrams {
            prop_assert!(story.raw(&datagram).is_err());
        }
    }

    /// Whatever an authentic client sends is told apart without a panic.
    #[test]
    fn authentic_nonsense_never_panics(
        packets in proptest::collection::vec(
            (0_u32..3, any::<u8>(), 0_u64..200_000, proptest::collection::vec(any::<u8>(), 0..8), 0_u8..4, any::<[u8; 2]>()),
            0..60,
        ),
    ) {
        let mut story = Story::new(mic_and_camera());
        for (ssrc, payload_type, sequence, payload, padding, value) in packets {
            let packet = Sent { ssrc, payload_type: payload_type & 0x7f, sequence, extensions: Vec::new(), payload, padding };
            story.ms += u64::from(value[0]);
            // Whether it is taken is not asked here: only that nothing panics and feedback stays small.
            let _ = story.receive(&packet.with(1 + value[0] % 5, &value));
            let at = story.ms;
            let compound = story.feedback_at(at);
            prop_assert!(compound.len() < 1_400);
        }
    }
}
