//! A received media packet as the rest of the engine sees it, and the message that carries packets to subscribers.

use std::sync::Arc;
use std::time::Instant;

use super::{h264, vp8};
use crate::event::Variant;
use crate::ids::TrackId;

/// The codec of a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Codec {
    /// Opus (RFC 7587), 48 kHz RTP clock.
    Opus,
    /// VP8 (RFC 7741), 90 kHz RTP clock.
    Vp8,
    /// H.264 (RFC 6184), 90 kHz RTP clock.
    H264,
}

impl Codec {
    /// Ticks of the RTP clock per second.
    pub(crate) fn clock_rate(self) -> u32 {
        match self {
            Codec::Opus => 48_000,
            Codec::Vp8 | Codec::H264 => 90_000,
        }
    }
}

/// The audio level header extension (RFC 6464).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AudioLevel {
    /// Attenuation in dBov: 0 is the loudest, 127 is silence.
    pub(crate) attenuation: u8,
    /// The sender's own opinion on whether it is speech (the V bit).
    pub(crate) voice: Option<bool>,
}

/// Everything that forwarding needs to know about a packet, read once at ingress.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct PacketFacts {
    /// Sequence number extended by the rollovers seen so far.
    pub(crate) sequence: u64,
    /// RTP timestamp in the codec's clock.
    pub(crate) timestamp: u32,
    /// RTP marker bit: last packet of a video frame, first packet of a talk spurt.
    pub(crate) marker: bool,
    /// Codec of the payload.
    pub(crate) codec: Codec,
    /// Whether a decoder can start here: first packet of a keyframe; always for audio.
    pub(crate) keyframe_start: bool,
    /// The VP8 payload descriptor.
    pub(crate) vp8: Option<vp8::Descriptor>,
    /// Audio level, when the header extension was there.
    pub(crate) audio_level: Option<AudioLevel>,
    /// When the datagram arrived.
    pub(crate) received_at: Instant,
    /// When the sample was captured, on our clock, from the publisher's sender reports; `None` before the first.
    pub(crate) captured_at: Option<Instant>,
}

/// The facts that the payload itself holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PayloadFacts {
    /// See [`PacketFacts::keyframe_start`].
    pub(crate) keyframe_start: bool,
    /// See [`PacketFacts::vp8`].
    pub(crate) vp8: Option<vp8::Descriptor>,
}

impl PayloadFacts {
    /// Reads a payload. Bytes that make no sense are no keyframe and have no descriptor.
    pub(crate) fn read(codec: Codec, payload: &[u8]) -> Self {
        match codec {
            Codec::Opus => Self { keyframe_start: true, vp8: None },
            Codec::H264 => Self { keyframe_start: h264::starts_keyframe(payload), vp8: None },
            Codec::Vp8 => {
                let descriptor = vp8::Descriptor::parse(payload);
                Self { keyframe_start: descriptor.is_some_and(|descriptor| descriptor.starts_keyframe(payload)), vp8: descriptor }
            }
        }
    }
}

/// A media packet: facts and shared payload.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    /// What is known about it.
    pub(crate) facts: PacketFacts,
    /// RTP payload without header and padding. Empty: a padding-only packet.
    pub(crate) payload: Arc<[u8]>,
}

/// Packets of one encoding of one track, in order of arrival: the one message from a publisher to all its subscribers.
#[derive(Clone, Debug)]
pub(crate) struct Batch {
    /// Which track.
    pub(crate) track: TrackId,
    /// Which of its encodings.
    pub(crate) encoding: Variant,
    /// The RTP stream (SSRC) the packets came in. A publisher that restarts its encoding comes back with another one.
    pub(crate) source: u32,
    /// The packets.
    pub(crate) packets: Vec<Packet>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn garbage_is_no_keyframe_but_audio_starts_anywhere() {
        for codec in [Codec::Vp8, Codec::H264] {
            assert!(!PayloadFacts::read(codec, &[]).keyframe_start);
        }
        assert!(PayloadFacts::read(Codec::Opus, &[]).keyframe_start);
    }

    #[test]
    fn the_payload_decides_about_keyframes() {
        // S bit, partition 0; then an intra frame's tag (P bit clear).
        let key = PayloadFacts::read(Codec::Vp8, &[0x10, 0x50, 0x01, 0x02]);
        assert!(key.keyframe_start && key.vp8.is_some());
        let delta = PayloadFacts::read(Codec::Vp8, &[0x10, 0x51, 0x01, 0x02]);
        assert!(!delta.keyframe_start && delta.vp8.is_some());
        assert!(PayloadFacts::read(Codec::H264, &[0x65, 0x88]).keyframe_start);
    }
}
