//! What a peer has counted.

use std::time::Duration;

use crate::TrackKind;

/// What a peer has counted since it connected.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PeerStats {
    /// Whether ICE and DTLS are up.
    pub media_connected: bool,
    /// Time from the welcome to the first time they were up.
    pub media_connected_after: Option<Duration>,
    /// Local tracks, also those no longer published.
    pub sent: Vec<SentTrack>,
    /// Remote tracks, also those withdrawn.
    pub received: Vec<ReceivedTrack>,
    /// Negotiations completed.
    pub negotiations: u32,
    /// Media lines of the session.
    pub media_lines: usize,
    /// Things the server did against the protocol.
    pub violations: u32,
}

impl PeerStats {
    /// The remote track with this id.
    pub fn received_track(&self, track_id: &str) -> Option<&ReceivedTrack> {
        self.received.iter().find(|track| track.track_id == track_id)
    }

    /// Packets received on all remote tracks.
    pub fn packets_received(&self) -> u64 {
        self.received.iter().map(|track| track.packets).sum()
    }

    /// Packets missing on all remote tracks.
    pub fn packets_lost(&self) -> u64 {
        self.received.iter().map(|track| track.lost).sum()
    }
}

/// What was sent on a local track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentTrack {
    /// Its id.
    pub track_id: String,
    /// Its kind.
    pub kind: TrackKind,
    /// RTP packets, resent ones not counted.
    pub packets: u64,
    /// Bytes of RTP payload.
    pub bytes: u64,
    /// Keyframes.
    pub keyframes: u64,
    /// Requests for a keyframe that came.
    pub keyframe_requests: u64,
}

/// What arrived on a remote track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedTrack {
    /// Its id.
    pub track_id: String,
    /// Whose it is.
    pub endpoint_id: String,
    /// Its kind; unknown until it has a media line.
    pub kind: Option<TrackKind>,
    /// RTP packets, each once; repaired ones count.
    pub packets: u64,
    /// Bytes of RTP payload.
    pub bytes: u64,
    /// Keyframes (video).
    pub keyframes: u64,
    /// Packets missing between the first and the newest one, after repair.
    pub lost: u64,
    /// Packets whose sequence number or timestamp ran back by more than reordering explains.
    pub jumps: u64,
    /// Requests for a keyframe that this peer made.
    pub keyframe_requests: u64,
    /// Time from the announcement to the first packet.
    pub first_packet_after: Option<Duration>,
    /// Time from the announcement to the first keyframe.
    pub first_keyframe_after: Option<Duration>,
    /// Whether the first packet of every stream began a keyframe (video).
    pub began_with_keyframe: bool,
}
