//! What a peer tells its user.

/// Audio or video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TrackKind {
    /// Audio.
    Audio,
    /// Video.
    Video,
}

impl From<str0m::media::MediaKind> for TrackKind {
    fn from(kind: str0m::media::MediaKind) -> Self {
        if kind.is_audio() { Self::Audio } else { Self::Video }
    }
}

impl From<TrackKind> for str0m::media::MediaKind {
    fn from(kind: TrackKind) -> Self {
        match kind {
            TrackKind::Audio => Self::Audio,
            TrackKind::Video => Self::Video,
        }
    }
}

/// What a peer tells its user, in the order things happened. Metadata is JSON text as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// Media can flow: ICE and DTLS are up. Comes after the first negotiation.
    MediaConnected,
    /// ICE lost the server.
    MediaDisconnected,
    /// Another endpoint is in the room (also told for those that were there before).
    EndpointAdded {
        /// Its id.
        endpoint_id: String,
        /// Its metadata.
        metadata: String,
    },
    /// An endpoint's metadata changed.
    EndpointUpdated {
        /// Its id.
        endpoint_id: String,
        /// Its metadata.
        metadata: String,
    },
    /// An endpoint left.
    EndpointRemoved {
        /// Its id.
        endpoint_id: String,
    },
    /// A remote track was announced.
    TrackAdded {
        /// Whose it is.
        endpoint_id: String,
        /// Its id.
        track_id: String,
        /// Its metadata.
        metadata: String,
    },
    /// A remote track's metadata changed.
    TrackUpdated {
        /// Its id.
        track_id: String,
        /// Its metadata.
        metadata: String,
    },
    /// A remote track was withdrawn.
    TrackRemoved {
        /// Its id.
        track_id: String,
    },
    /// A remote track has a media line: its packets can arrive.
    TrackReady {
        /// Whose it is.
        endpoint_id: String,
        /// Its id.
        track_id: String,
        /// Its kind.
        kind: TrackKind,
    },
    /// The first packet of a remote track arrived.
    FirstPacket {
        /// Its id.
        track_id: String,
    },
    /// The first keyframe of a remote video track arrived.
    FirstKeyframe {
        /// Its id.
        track_id: String,
    },
    /// Somebody began or stopped to speak.
    VoiceActivity {
        /// The track.
        track_id: String,
        /// Whether there is speech now.
        speech: bool,
    },
    /// The server asked for a keyframe of a local track.
    KeyframeRequested {
        /// The track.
        track_id: String,
    },
    /// The server refused a change.
    Refused {
        /// Stable code.
        code: String,
        /// A sentence.
        message: String,
    },
    /// The server reported an error that ends the session.
    Error {
        /// A sentence.
        message: String,
    },
    /// The server did something that the protocol does not allow.
    Violation {
        /// What it did.
        what: String,
    },
    /// The session is over. The last event.
    Closed {
        /// Close code; 1005 when there was none, 1006 when the connection just ended.
        code: u16,
        /// The reason given.
        reason: String,
    },
}
