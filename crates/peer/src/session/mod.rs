//! A client's side of a session, without IO: messages, datagrams and time go in; messages, datagrams and events come out.

mod media;
mod signalling;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::Instant;

use protocol::proto::media_events::peer as to_server;
use protocol::proto::{PeerMessage, peer_message};
use to_server::media_event::Content as ToServer;

use crate::connection::Connection;
use crate::media::{Opus, Source, Vp8};
use crate::negotiation::{Change, Negotiation};
use crate::remote::RemoteTrack;
use crate::{Event, PeerError, PeerOptions, PeerStats, SentTrack, TrackKind};

/// A change that is done: the local track it was about, and whether it worked.
pub(crate) struct Done {
    pub(crate) track_id: String,
    pub(crate) result: Result<(), PeerError>,
}

/// What a session wants done.
#[derive(Default)]
pub(crate) struct Outbox {
    pub(crate) messages: VecDeque<PeerMessage>,
    pub(crate) datagrams: Vec<(SocketAddr, Vec<u8>)>,
    pub(crate) events: VecDeque<Event>,
    pub(crate) done: Vec<Done>,
}

struct LocalTrack {
    kind: TrackKind,
    metadata: String,
    source: Source,
    sequence: u64,
    paused: bool,
    published: bool,
    counted: SentTrack,
}

pub(crate) struct Session {
    options: PeerOptions,
    connection: Connection,
    negotiation: Negotiation,
    endpoint_id: String,
    local: BTreeMap<String, LocalTrack>,
    remote: BTreeMap<String, RemoteTrack>,
    welcomed: Option<Instant>,
    media_connected: bool,
    stats: PeerStats,
    tracks_made: u32,
    /// When the WebRTC library wants to be called.
    library_due: Instant,
    /// State of the generator that decides which datagrams to lose.
    chance: u64,
    pub(crate) outbox: Outbox,
}

impl Session {
    /// A session that has authenticated: says hello.
    pub(crate) fn new(options: PeerOptions, local: SocketAddr, now: Instant) -> Result<Self, PeerError> {
        let connection = Connection::new(local, now)?;
        let mut session = Self {
            connection,
            negotiation: Negotiation::default(),
            endpoint_id: String::new(),
            local: BTreeMap::new(),
            remote: BTreeMap::new(),
            welcomed: None,
            media_connected: false,
            stats: PeerStats::default(),
            tracks_made: 0,
            library_due: now,
            chance: 0x9e37_79b9_7f4a_7c15,
            outbox: Outbox::default(),
            options,
        };
        let metadata_json = session.options.metadata.clone();
        session.say(ToServer::Connect(to_server::media_event::Connect { metadata_json, grouped_streams: false }));
        Ok(session)
    }

    /// Empty until the server has welcomed this peer.
    pub(crate) fn endpoint_id(&self) -> &str {
        &self.endpoint_id
    }

    pub(crate) fn say(&mut self, content: ToServer) {
        let event = to_server::MediaEvent { content: Some(content) };
        self.outbox.messages.push_back(PeerMessage { content: Some(peer_message::Content::PeerMediaEvent(event)) });
    }

    fn violation(&mut self, what: impl Into<String>) {
        self.stats.violations += 1;
        self.outbox.events.push_back(Event::Violation { what: what.into() });
    }

    /// Adds a local track; `Done` follows with the answer. Returns its id.
    pub(crate) fn publish(&mut self, kind: TrackKind, bitrate: u32, metadata: String, now: Instant) -> String {
        self.tracks_made += 1;
        let track_id = format!("{}:{kind:?}-{}-{}", self.endpoint_id, self.tracks_made, std::process::id()).to_lowercase();
        let seed = u32::from(self.tracks_made as u16) * 7919;
        let source = match kind {
            TrackKind::Audio => Source::Audio(Opus::new(bitrate, seed, now)),
            TrackKind::Video => Source::Video(Vp8::new(bitrate, self.options.frame_rate, seed, now)),
        };
        let counted = SentTrack { track_id: track_id.clone(), kind, packets: 0, bytes: 0, keyframes: 0, keyframe_requests: 0 };
        let track = LocalTrack { kind, metadata, source, sequence: u64::from(seed & 0x7fff), paused: false, published: false, counted };
        self.local.insert(track_id.clone(), track);
        self.negotiation.enqueue(Change::Add(track_id.clone()));
        self.run_queue();
        track_id
    }

    /// Removes a local track; `Done` follows with the answer.
    pub(crate) fn unpublish(&mut self, track_id: &str) -> Result<(), PeerError> {
        self.own(track_id)?;
        self.negotiation.enqueue(Change::Remove(track_id.to_owned()));
        self.run_queue();
        Ok(())
    }

    /// Stops or goes on sending a track that stays published, as muting does.
    pub(crate) fn set_paused(&mut self, track_id: &str, paused: bool, now: Instant) -> Result<(), PeerError> {
        let track = self.own(track_id)?;
        if track.paused == paused {
            return Ok(());
        }
        track.paused = paused;
        if !paused {
            track.source.restart(now);
            self.say(ToServer::UnmuteTrack(to_server::media_event::UnmuteTrack { track_id: track_id.to_owned() }));
        }
        Ok(())
    }

    pub(crate) fn set_speaking(&mut self, track_id: &str, speaking: bool) -> Result<(), PeerError> {
        if let Source::Audio(source) = &mut self.own(track_id)?.source {
            source.set_speaking(speaking);
        }
        Ok(())
    }

    pub(crate) fn update_track_metadata(&mut self, track_id: &str, metadata: String) -> Result<(), PeerError> {
        self.own(track_id)?.metadata.clone_from(&metadata);
        let update = to_server::media_event::UpdateTrackMetadata { track_id: track_id.to_owned(), metadata_json: metadata };
        self.say(ToServer::UpdateTrackMetadata(update));
        Ok(())
    }

    /// Asks for a keyframe of a remote track.
    pub(crate) fn request_keyframe(&mut self, track_id: &str) -> Result<(), PeerError> {
        let track = self.remote.get_mut(track_id).ok_or_else(|| PeerError::UnknownTrack(track_id.to_owned()))?;
        if let Some(ssrc) = track.stream() {
            self.connection.request_keyframe(ssrc);
        }
        Ok(())
    }

    pub(crate) fn stats(&self) -> PeerStats {
        PeerStats {
            media_connected: self.media_connected,
            sent: self.local.values().map(|track| track.counted.clone()).collect(),
            received: self.remote.values().map(RemoteTrack::counted).collect(),
            media_lines: self.negotiation.lines().len(),
            ..self.stats.clone()
        }
    }

    fn own(&mut self, track_id: &str) -> Result<&mut LocalTrack, PeerError> {
        self.local.get_mut(track_id).ok_or_else(|| PeerError::UnknownTrack(track_id.to_owned()))
    }

    fn run_queue(&mut self) {
        if self.negotiation.start_next().is_some() {
            self.say(ToServer::RenegotiateTracks(to_server::media_event::RenegotiateTracks {}));
        }
    }
}
