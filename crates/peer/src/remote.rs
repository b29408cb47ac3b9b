//! Remote tracks: who they belong to and what arrived of them.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use str0m::rtp::{RtpPacket, Ssrc};

use crate::media::begins_keyframe;
use crate::{ReceivedTrack, TrackKind};

/// Pause between two requests for the same missing keyframe.
const REQUEST_INTERVAL: Duration = Duration::from_millis(500);

/// What a packet was the first of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Firsts {
    pub(crate) packet: bool,
    pub(crate) keyframe: bool,
}

/// A remote track.
#[derive(Debug)]
pub(crate) struct RemoteTrack {
    announced: Instant,
    /// Withdrawn tracks stay for their counters.
    pub(crate) withdrawn: bool,
    streams: BTreeMap<Ssrc, Stream>,
    counted: ReceivedTrack,
}

/// One RTP stream of a track.
#[derive(Debug)]
struct Stream {
    first: u64,
    newest: u64,
    newest_timestamp: u64,
    packets: u64,
    has_keyframe: bool,
    requested: Option<Instant>,
}

impl RemoteTrack {
    pub(crate) fn new(endpoint_id: String, track_id: String, now: Instant) -> Self {
        let counted = ReceivedTrack {
            track_id,
            endpoint_id,
            kind: None,
            packets: 0,
            bytes: 0,
            keyframes: 0,
            lost: 0,
            jumps: 0,
            keyframe_requests: 0,
            first_packet_after: None,
            first_keyframe_after: None,
            began_with_keyframe: true,
        };
        Self { announced: now, withdrawn: false, streams: BTreeMap::new(), counted }
    }

    pub(crate) fn endpoint_id(&self) -> &str {
        &self.counted.endpoint_id
    }

    pub(crate) fn set_kind(&mut self, kind: TrackKind) {
        self.counted.kind = Some(kind);
    }

    pub(crate) fn count(&mut self, packet: &RtpPacket, now: Instant) -> Firsts {
        let video = self.counted.kind == Some(TrackKind::Video);
        let keyframe = video && begins_keyframe(&packet.payload);
        let (sequence, timestamp) = (*packet.seq_no, packet.time.numer());
        let counted = &mut self.counted;
        let stream = self.streams.entry(packet.header.ssrc).or_insert_with(|| {
            counted.began_with_keyframe &= keyframe || !video;
            Stream { first: sequence, newest: sequence, newest_timestamp: timestamp, packets: 0, has_keyframe: false, requested: None }
        });
        stream.packets += 1;
        stream.first = stream.first.min(sequence);
        if sequence > stream.newest {
            counted.jumps += u64::from(timestamp < stream.newest_timestamp);
            stream.newest = sequence;
            stream.newest_timestamp = stream.newest_timestamp.max(timestamp);
        }
        stream.has_keyframe |= keyframe;
        counted.packets += 1;
        counted.bytes += packet.payload.len() as u64;
        counted.keyframes += u64::from(keyframe);
        let since = now.saturating_duration_since(self.announced);
        let firsts = Firsts { packet: counted.first_packet_after.is_none(), keyframe: keyframe && counted.first_keyframe_after.is_none() };
        if firsts.packet {
            counted.first_packet_after = Some(since);
        }
        if firsts.keyframe {
            counted.first_keyframe_after = Some(since);
        }
        firsts
    }

    /// Streams that have packets but no keyframe: a decoder would ask for one now.
    pub(crate) fn keyframes_to_request(&mut self, now: Instant) -> Vec<Ssrc> {
        if self.counted.kind != Some(TrackKind::Video) || self.withdrawn {
            return Vec::new();
        }
        let due = |stream: &Stream| !stream.has_keyframe && stream.requested.is_none_or(|at| now >= at + REQUEST_INTERVAL);
        let mut all = Vec::new();
        for (ssrc, stream) in self.streams.iter_mut().filter(|(_, stream)| due(stream)) {
            stream.requested = Some(now);
            all.push(*ssrc);
        }
        self.counted.keyframe_requests += all.len() as u64;
        all
    }

    /// The newest stream, to ask for a keyframe on demand.
    pub(crate) fn stream(&mut self) -> Option<Ssrc> {
        self.counted.keyframe_requests += 1;
        self.streams.iter().max_by_key(|(_, stream)| stream.newest_timestamp).map(|(ssrc, _)| *ssrc)
    }

    pub(crate) fn counted(&self) -> ReceivedTrack {
        let lost = self.streams.values().map(|stream| (stream.newest - stream.first + 1).saturating_sub(stream.packets)).sum();
        ReceivedTrack { lost, ..self.counted.clone() }
    }
}
