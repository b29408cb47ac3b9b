//! Synthetic media: what a track sends, and what a receiver makes of it.
//!
//! Every payload says which track, frame and packet it is, so that a receiver can prove that it got the right thing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use sfu::TrackKind;

/// Packets of a frame; a keyframe has more.
const DELTA_PACKETS: u8 = 2;
const KEY_PACKETS: u8 = 4;
const VIDEO_STEP: Duration = Duration::from_millis(50);
const AUDIO_STEP: Duration = Duration::from_millis(20);

/// What one payload says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Label {
    pub(crate) track: u64,
    pub(crate) frame: u32,
    pub(crate) index: u8,
    pub(crate) count: u8,
    pub(crate) keyframe: bool,
}

/// A number for a track id.
pub(crate) fn tag(track: &str) -> u64 {
    track.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

impl Label {
    fn write(self, kind: TrackKind, h264: bool, size: usize) -> Vec<u8> {
        let mut payload = Vec::with_capacity(size);
        if kind == TrackKind::Video && h264 {
            // A fragment (FU-A) of an IDR or another slice, stretched to the size of the VP8 header below.
            let starts = if self.index == 0 { 0x80 } else { 0 };
            payload.extend([0x7c, starts | if self.keyframe { 5 } else { 1 }, 0, 0, 0, 0, 0]);
        } else if kind == TrackKind::Video {
            let starts = if self.index == 0 { 0x10 } else { 0 };
            let picture = self.frame as u16;
            payload.extend([0x80 | starts, 0xe0, 0x80 | (picture >> 8) as u8, picture as u8, self.frame as u8, 0]);
            payload.push(u8::from(!self.keyframe));
        }
        payload.extend(self.track.to_be_bytes());
        payload.extend(self.frame.to_be_bytes());
        payload.extend([self.index, self.count, u8::from(self.keyframe)]);
        payload.resize(size, 0x5a);
        payload
    }

    /// What comes first in a track, and what later.
    pub(crate) fn order(self) -> (u32, u8) {
        (self.frame, self.index)
    }

    pub(crate) fn read(kind: TrackKind, payload: &[u8]) -> Self {
        let body = if kind == TrackKind::Video { &payload[7..] } else { payload };
        assert!(body[15..].iter().all(|byte| *byte == 0x5a), "the payload arrives untouched");
        Self {
            track: u64::from_be_bytes(body[..8].try_into().expect("eight bytes")),
            frame: u32::from_be_bytes(body[8..12].try_into().expect("four bytes")),
            index: body[12],
            count: body[13],
            keyframe: body[14] == 1,
        }
    }
}

/// A packet that is about to be sent.
pub(crate) struct Outgoing {
    pub(crate) sequence: u64,
    pub(crate) timestamp: u32,
    pub(crate) marker: bool,
    pub(crate) payload: Vec<u8>,
}

/// What a track sends.
pub(crate) struct Sender {
    kind: TrackKind,
    h264: bool,
    tag: u64,
    frame: u32,
    sequence: u64,
    first_sequence: u64,
    first: Option<Instant>,
    pub(crate) due: Option<Instant>,
    pub(crate) wants_keyframe: bool,
    pub(crate) keyframe_requests: usize,
    pub(crate) muted: bool,
    /// Where media time began.
    origin: u32,
    /// Attenuation of the audio that is "spoken".
    pub(crate) attenuation: i8,
}

impl Sender {
    pub(crate) fn new(track: &str, kind: TrackKind, h264: bool, first_sequence: u16) -> Self {
        Self {
            kind,
            h264,
            tag: tag(track),
            frame: 0,
            sequence: u64::from(first_sequence),
            first_sequence: u64::from(first_sequence),
            first: None,
            due: None,
            wants_keyframe: true,
            keyframe_requests: 0,
            muted: false,
            origin: 77,
            attenuation: 60,
        }
    }

    /// Another camera or microphone takes over on the same stream: its clock is another one, and its encoder starts anew.
    pub(crate) fn replace(&mut self, origin: u32) {
        self.origin = origin;
        self.wants_keyframe = true;
    }

    /// Packets sent so far.
    pub(crate) fn sent(&self) -> usize {
        (self.sequence - self.first_sequence) as usize
    }

    /// The packets of this moment.
    pub(crate) fn tick(&mut self, now: Instant) -> Vec<Outgoing> {
        if self.due.is_some_and(|due| due > now) {
            return Vec::new();
        }
        let first = *self.first.get_or_insert(now);
        self.due = Some(now + if self.kind == TrackKind::Audio { AUDIO_STEP } else { VIDEO_STEP });
        // A camera's frames pass while it is off.
        self.frame += 1;
        if self.muted {
            return Vec::new();
        }
        let rate = if self.kind == TrackKind::Audio { 48 } else { 90 };
        let timestamp = self.origin.wrapping_add((now - first).as_millis() as u32 * rate);
        let keyframe = self.kind == TrackKind::Audio || std::mem::take(&mut self.wants_keyframe);
        let count = match (self.kind, keyframe) {
            (TrackKind::Audio, _) => 1,
            (TrackKind::Video, true) => KEY_PACKETS,
            (TrackKind::Video, false) => DELTA_PACKETS,
        };
        (0..count)
            .map(|index| {
                let label = Label { track: self.tag, frame: self.frame, index, count, keyframe };
                let packet = Outgoing {
                    sequence: self.sequence,
                    timestamp,
                    marker: index + 1 == count,
                    payload: label.write(self.kind, self.h264, if self.kind == TrackKind::Audio { 60 } else { 500 }),
                };
                self.sequence += 1;
                packet
            })
            .collect()
    }
}

/// What a receiver has of one RTP stream.
#[derive(Debug)]
pub(crate) struct Receiver {
    pub(crate) kind: TrackKind,
    pub(crate) track: String,
    pub(crate) began: Instant,
    pub(crate) first_frame_decoded: Option<Instant>,
    pub(crate) last_packet: Instant,
    pub(crate) packets: usize,
    pub(crate) late: usize,
    newest: Option<(u64, u64)>,
    labels: BTreeMap<u64, Label>,
    frames: BTreeMap<u32, BTreeSet<u8>>,
    complete: BTreeSet<u32>,
    picture_ids: BTreeMap<u64, u16>,
}

impl Receiver {
    pub(crate) fn new(kind: TrackKind, track: &str, now: Instant) -> Self {
        Self {
            kind,
            track: track.to_owned(),
            began: now,
            first_frame_decoded: None,
            last_packet: now,
            packets: 0,
            late: 0,
            newest: None,
            labels: BTreeMap::new(),
            frames: BTreeMap::new(),
            complete: BTreeSet::new(),
            picture_ids: BTreeMap::new(),
        }
    }

    /// Takes a packet and checks everything that must hold whatever the weather.
    pub(crate) fn packet(&mut self, now: Instant, sequence: u64, timestamp: u64, payload: &[u8]) {
        let label = Label::read(self.kind, payload);
        assert_eq!(label.track, tag(&self.track), "a stream carries its own track and no other");
        if let Some(earlier) = self.labels.get(&sequence) {
            assert_eq!(*earlier, label, "a sequence number stands for one packet only");
            return;
        }
        match self.newest {
            Some((newest, at)) if sequence > newest => {
                assert!(timestamp >= at, "timestamps never run back: {at} then {timestamp}");
                self.newest = Some((sequence, timestamp));
            }
            Some((newest, at)) => {
                self.late += 1;
                assert!(sequence != newest && timestamp <= at, "an older packet is not newer");
            }
            None => self.newest = Some((sequence, timestamp)),
        }
        if let Some((before, earlier)) = self.labels.range(..sequence).next_back() {
            // Another encoding of the same moment begins the frame anew.
            let follows = label.frame > earlier.frame || label.frame == earlier.frame && (label.index == 0 || label.index > earlier.index);
            assert!(follows, "order is kept: {before} and {sequence}");
        }
        if self.kind == TrackKind::Video {
            self.picture_ids.insert(sequence, u16::from(payload[2] & 0x7f) << 8 | u16::from(payload[3]));
        }
        self.labels.insert(sequence, label);
        self.packets += 1;
        self.last_packet = now;
        let parts = self.frames.entry(label.frame).or_default();
        parts.insert(label.index);
        if parts.len() == usize::from(label.count) {
            self.complete.insert(label.frame);
            if label.keyframe && self.first_frame_decoded.is_none() {
                self.first_frame_decoded = Some(now);
            }
        }
    }

    /// The first packet by number starts a keyframe.
    pub(crate) fn began_with_keyframe(&self) -> bool {
        self.labels.values().next().is_some_and(|label| label.keyframe && label.index == 0)
    }

    /// Packets that never came, between the first and the last that did.
    pub(crate) fn missing(&self) -> usize {
        match (self.labels.keys().next(), self.labels.keys().next_back()) {
            (Some(first), Some(last)) => (last - first + 1) as usize - self.labels.len(),
            _ => 0,
        }
    }

    /// Where packets are missing: what came before each hole and after it.
    pub(crate) fn holes(&self) -> Vec<(Label, Label)> {
        let received: Vec<_> = self.labels.iter().collect();
        received.windows(2).filter(|pair| *pair[1].0 > pair[0].0 + 1).map(|pair| (*pair[0].1, *pair[1].1)).collect()
    }

    /// Where picture ids jump: they go up by at most one per packet, modulo their width.
    pub(crate) fn picture_jumps(&self) -> Vec<(u16, u16)> {
        let ids: Vec<_> = self.picture_ids.iter().collect();
        let jumps = |pair: &&[(&u64, &u16)]| *pair[1].0 == pair[0].0 + 1 && (pair[1].1.wrapping_sub(*pair[0].1) & 0x7fff) > 1;
        ids.windows(2).filter(jumps).map(|pair| (*pair[0].1, *pair[1].1)).collect()
    }
}
