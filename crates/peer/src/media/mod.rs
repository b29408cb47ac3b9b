//! Made-up media: packets in the shape and at the pace of real ones.

mod opus;
mod vp8;

use std::sync::Arc;
use std::time::Instant;

pub(crate) use opus::Opus;
pub(crate) use vp8::{Vp8, begins_keyframe};

/// The payload of an RTP packet with what its header needs to say.
#[derive(Debug, Clone)]
pub(crate) struct Packet {
    pub(crate) payload: Arc<[u8]>,
    pub(crate) timestamp: u32,
    pub(crate) marker: bool,
    /// It begins a keyframe.
    pub(crate) keyframe: bool,
    /// Level of the sound in -dBov, and whether it is speech (RFC 6464).
    pub(crate) level: Option<(i8, bool)>,
}

/// What a local track sends.
#[derive(Debug)]
pub(crate) enum Source {
    Audio(Opus),
    Video(Vp8),
}

impl Source {
    /// When the next frame is due.
    pub(crate) fn due(&self) -> Instant {
        match self {
            Self::Audio(source) => source.due(),
            Self::Video(source) => source.due(),
        }
    }

    /// Starts anew: nothing of the time before is made up for.
    pub(crate) fn restart(&mut self, now: Instant) {
        match self {
            Self::Audio(source) => source.restart(now),
            Self::Video(source) => source.restart(now),
        }
    }

    /// The packets of all frames due by now.
    pub(crate) fn produce(&mut self, now: Instant) -> Vec<Packet> {
        match self {
            Self::Audio(source) => source.produce(now),
            Self::Video(source) => source.produce(now),
        }
    }

    /// The next video frame is a keyframe.
    pub(crate) fn force_keyframe(&mut self) {
        if let Self::Video(source) = self {
            source.force_keyframe();
        }
    }
}
