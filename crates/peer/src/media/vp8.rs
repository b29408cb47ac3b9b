//! Made-up VP8: frames with valid payload descriptors and frame headers (RFC 7741, RFC 6386) around arbitrary content.

use std::time::{Duration, Instant};

use super::Packet;

const CLOCK: u64 = 90_000;
/// Bytes of one packet's payload at most; with headers, SRTP and IP it stays below any usual path's limit.
const MAX_PAYLOAD: usize = 1100;
/// Payload descriptor with a picture id of 15 bits (RFC 7741 section 4.2).
const DESCRIPTOR: usize = 4;
/// Frame tag, and after it in keyframes the start code and the dimensions (RFC 6386 section 9.1).
const FRAME_TAG: usize = 3;
const KEYFRAME_HEADER: usize = 10;
/// How much larger than other frames a keyframe is.
const KEYFRAME_FACTOR: usize = 5;
const START_OF_PARTITION: u8 = 0x10;
const PARTITION_INDEX: u8 = 0x07;
const EXTENDED: u8 = 0x80;
const HAS_PICTURE_ID: u8 = 0x80;
const HAS_TL0: u8 = 0x40;
const HAS_TID_OR_KEYIDX: u8 = 0x30;

/// A sender of VP8-like packets. Keyframes come at the start and on request only, as from a browser.
#[derive(Debug)]
pub(crate) struct Vp8 {
    start: Instant,
    /// Frames since the start.
    frames: u64,
    frame_rate: u32,
    frame_size: usize,
    first_timestamp: u32,
    picture_id: u16,
    keyframe_wanted: bool,
}

impl Vp8 {
    /// `bitrate` in bits per second of RTP payload, keyframes aside.
    pub(crate) fn new(bitrate: u32, frame_rate: u32, timestamp: u32, now: Instant) -> Self {
        let frame_rate = frame_rate.clamp(1, 120);
        let frame_size = (bitrate / 8 / frame_rate) as usize;
        Self {
            start: now,
            frames: 0,
            frame_rate,
            frame_size: frame_size.max(DESCRIPTOR + KEYFRAME_HEADER),
            first_timestamp: timestamp,
            picture_id: timestamp as u16 & 0x7fff,
            keyframe_wanted: true,
        }
    }

    pub(super) fn due(&self) -> Instant {
        self.start
            + Duration::from_secs(1) * (self.frames / u64::from(self.frame_rate)) as u32
            + Duration::from_secs(1) * (self.frames % u64::from(self.frame_rate)) as u32 / self.frame_rate
    }

    pub(super) fn restart(&mut self, now: Instant) {
        // The clock of the timestamps goes on during the pause.
        self.first_timestamp = self.timestamp().wrapping_add((now - self.due().min(now)).as_millis() as u32 * 90);
        self.start = now;
        self.frames = 0;
        self.keyframe_wanted = true;
    }

    pub(crate) fn force_keyframe(&mut self) {
        self.keyframe_wanted = true;
    }

    pub(super) fn produce(&mut self, now: Instant) -> Vec<Packet> {
        let mut packets = Vec::new();
        while self.due() <= now {
            self.frame(&mut packets);
        }
        packets
    }

    fn timestamp(&self) -> u32 {
        self.first_timestamp.wrapping_add((self.frames * CLOCK / u64::from(self.frame_rate)) as u32)
    }

    /// One frame, in packets of about equal size as real senders cut them.
    fn frame(&mut self, packets: &mut Vec<Packet>) {
        let keyframe = std::mem::take(&mut self.keyframe_wanted);
        let size = if keyframe { self.frame_size * KEYFRAME_FACTOR } else { self.frame_size };
        let count = size.div_ceil(MAX_PAYLOAD);
        for index in 0..count {
            let length = size * (index + 1) / count - size * index / count;
            let mut payload = vec![0xa5; length.max(DESCRIPTOR + KEYFRAME_HEADER)];
            payload[0] = EXTENDED | if index == 0 { START_OF_PARTITION } else { 0 };
            payload[1] = HAS_PICTURE_ID;
            payload[2..4].copy_from_slice(&(0x8000 | self.picture_id).to_be_bytes());
            if index == 0 {
                header(&mut payload[DESCRIPTOR..], keyframe, size);
            }
            packets.push(Packet {
                payload: payload.into(),
                timestamp: self.timestamp(),
                marker: index + 1 == count,
                keyframe: keyframe && index == 0,
                level: None,
            });
        }
        self.picture_id = (self.picture_id + 1) & 0x7fff;
        self.frames += 1;
    }
}

/// Frame tag: frame type, version 0, shown, size of the first partition; 640×360 in keyframes.
fn header(payload: &mut [u8], keyframe: bool, size: usize) {
    let tag = u32::from(!keyframe) | 1 << 4 | ((size as u32) & 0x7_ffff) << 5;
    payload[..FRAME_TAG].copy_from_slice(&tag.to_le_bytes()[..FRAME_TAG]);
    if keyframe {
        payload[FRAME_TAG..KEYFRAME_HEADER].copy_from_slice(&[0x9d, 0x01, 0x2a, 0x80, 0x02, 0x68, 0x01]);
    }
}

/// Whether a payload begins a frame.
fn begins_frame(payload: &[u8]) -> bool {
    payload.first().is_some_and(|first| first & (START_OF_PARTITION | PARTITION_INDEX) == START_OF_PARTITION)
}

/// Whether a payload begins a keyframe.
pub(crate) fn begins_keyframe(payload: &[u8]) -> bool {
    if !begins_frame(payload) {
        return false;
    }
    let mut offset = 1;
    if payload[0] & EXTENDED != 0 {
        let Some(fields) = payload.get(1).copied() else { return false };
        offset += 1;
        if fields & HAS_PICTURE_ID != 0 {
            offset += if payload.get(offset).is_some_and(|byte| byte & 0x80 != 0) { 2 } else { 1 };
        }
        offset += usize::from(fields & HAS_TL0 != 0) + usize::from(fields & HAS_TID_OR_KEYIDX != 0);
    }
    payload.get(offset).is_some_and(|tag| tag & 1 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_has_the_wanted_frames_and_bitrate() {
        let start = Instant::now();
        let mut source = Vp8::new(500_000, 30, 7, start);
        let first = source.produce(start);
        assert!(first[0].keyframe && begins_keyframe(&first[0].payload));
        let packets = source.produce(start + Duration::from_millis(1020));
        let frames = packets.iter().filter(|packet| begins_frame(&packet.payload)).count();
        assert_eq!((frames, packets.iter().filter(|packet| packet.marker).count()), (30, 30));
        let bits = packets.iter().map(|packet| packet.payload.len()).sum::<usize>() * 8;
        assert!((480_000..520_000).contains(&bits), "{bits}");
        assert!(packets.iter().all(|packet| packet.payload.len() <= MAX_PAYLOAD && !packet.keyframe));
        assert_eq!(packets.last().map(|packet| packet.timestamp), Some(90_007));
    }

    #[test]
    fn keyframes_come_on_request_alone() {
        let start = Instant::now();
        let mut source = Vp8::new(100_000, 10, 0, start);
        source.produce(start);
        source.force_keyframe();
        let packets = source.produce(start + Duration::from_secs(1));
        let keyframes: Vec<u32> = packets.iter().filter(|packet| packet.keyframe).map(|packet| packet.timestamp).collect();
        assert_eq!(keyframes, [9000]);
        for packet in &packets {
            assert_eq!(begins_keyframe(&packet.payload), packet.keyframe);
            assert_eq!(str0m::format::detect_vp8_keyframe(&packet.payload), packet.keyframe);
        }
    }

    #[test]
    fn a_pause_moves_the_clock_and_ends_with_a_keyframe() {
        let start = Instant::now();
        let mut source = Vp8::new(100_000, 10, 0, start);
        source.produce(start);
        let later = start + Duration::from_secs(10);
        source.restart(later);
        let packets = source.produce(later);
        assert!(packets[0].keyframe);
        assert_eq!(packets[0].timestamp, 900_000);
    }

    #[test]
    fn other_descriptors_are_read_too() {
        assert!(begins_keyframe(&[0x10, 0x00]));
        assert!(!begins_keyframe(&[0x10, 0x01]));
        assert!(!begins_keyframe(&[0x00, 0x00]));
        assert!(begins_keyframe(&[0x90, 0x80, 0x42, 0x00]));
        assert!(begins_keyframe(&[0x90, 0xe0, 0x80, 0x42, 0x01, 0x20, 0x00]));
        for short in [&[][..], &[0x90], &[0x90, 0x80], &[0x90, 0x80, 0x80]] {
            assert!(!begins_keyframe(short));
        }
    }
}
