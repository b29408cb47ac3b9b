//! A WebRTC peer: its session, its negotiation, its media lines.
//!
//! ```text
//! offer ─ offer::Offer ─▶ lines::Lines (plan) ─┬▶ answer (text) ─▶ client
//!                              ▲               ├▶ incoming ─▶ Ingress
//!                              │               └▶ transport (text) ─▶ rtc::Session
//! tracks of others ─ negotiation::Negotiation (who is told what, when) ─▶ client
//! ```

mod answer;
mod consistency;
mod incoming;
mod lines;
mod media;
mod negotiation;
mod offer;
mod rtc;
mod signalling;
mod transport;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

pub(crate) use answer::Outgoing;
pub(crate) use lines::{Decide, Published};
pub(crate) use negotiation::{Negotiation, NoOffer};
pub(crate) use offer::Line;
pub(crate) use rtc::{Crash, Happening, Library};
pub(crate) use signalling::{Answered, Refused, Terms};

use crate::egress::Egress;
use crate::flow::Flow;
use crate::ids::TrackId;
use crate::ingress::Ingress;
use crate::media::clock::PublisherClock;
use crate::worker::PeerKey;
use lines::{Delivery, Lines};
use offer::IceCredentials;
use rtc::Session;

/// How long the timers of connected sessions may wait for each other.
const CALM_SLACK: Duration = Duration::from_millis(100);

/// A WebRTC peer.
pub(crate) struct Peer {
    pub(crate) key: PeerKey,
    pub(crate) negotiation: Negotiation,
    /// Media can flow.
    pub(crate) connected: bool,
    /// Tracks that their publisher sends in one stream come in one stream.
    pub(crate) grouped_streams: bool,
    /// Waits in the worker's list of dirty peers.
    pub(crate) is_dirty: bool,
    pub(crate) egress: Egress,
    /// Where the SSRCs of the next stream to the client begin.
    pub(crate) next_ssrc: u32,
    pub(crate) ingress: Ingress,
    /// When reports are due.
    report_at: Option<Instant>,
    pub(crate) clock: PublisherClock,
    /// From the first offer on.
    session: Option<Session>,
    lines: Lines,
    /// By line: key of the own track that it carries.
    sources: Vec<Option<usize>>,
    /// Credentials of the last offer; others in the next one mean an ICE restart.
    remote_ice: Option<IceCredentials>,
    /// Lines of the last offer.
    answered: Vec<consistency::Answered>,
    simulcast: bool,
    candidates: Vec<SocketAddr>,
    ufrag: String,
    session_id: u64,
    version: u64,
}

impl Peer {
    pub(crate) fn new(key: PeerKey, simulcast: bool, candidates: Vec<SocketAddr>, session_id: u64, now: Instant) -> Self {
        Self {
            key,
            negotiation: Negotiation::default(),
            connected: false,
            grouped_streams: false,
            is_dirty: false,
            egress: Egress::new(now),
            // Its own bits of a random number are enough: what matters is that no stream of this client has them twice.
            next_ssrc: session_id as u32,
            // No stream of ours ends with these bits.
            ingress: Ingress::new(session_id as u32 | 3, now),
            report_at: None,
            clock: PublisherClock::default(),
            session: None,
            lines: Lines::default(),
            sources: Vec::new(),
            remote_ice: None,
            answered: Vec::new(),
            simulcast,
            candidates,
            ufrag: String::new(),
            // RFC 8866 section 5.2 with the limit that browsers share: below 2^62.
            session_id: session_id >> 2,
            version: 0,
        }
    }

    /// Whether this is the ufrag of the last answer.
    pub(crate) fn has_ufrag(&self, ufrag: &str) -> bool {
        self.session.is_some() && self.ufrag == ufrag
    }

    /// Whether an offer has been answered.
    pub(crate) fn has_negotiated(&self) -> bool {
        self.version > 0
    }

    /// Takes a datagram of the transport; returns when the session wants to be drained.
    pub(crate) fn receive(&mut self, flow: Flow, now: Instant, payload: &[u8], out: &mut Vec<Happening>) -> Result<Option<Instant>, Crash> {
        let Flow::Udp { local, remote } = flow;
        match &mut self.session {
            Some(session) => session.receive((local, remote), now, payload, out),
            None => Ok(None),
        }
    }

    /// Lets time pass; returns when to do it again.
    pub(crate) fn drain(&mut self, now: Instant, out: &mut Vec<Happening>) -> Result<Option<Instant>, Crash> {
        match &mut self.session {
            Some(session) => session.drain(now, out),
            None => Ok(None),
        }
    }

    /// How long the session's timers may wait. Handshakes are in a hurry, all else is not.
    pub(crate) fn slack(&self) -> Duration {
        if self.connected { CALM_SLACK } else { Duration::ZERO }
    }

    /// Own track on a line.
    pub(crate) fn source(&self, line: usize) -> Option<usize> {
        self.sources.get(line).copied().flatten()
    }

    /// Notes which own track a line carries from now on.
    pub(crate) fn bind_source(&mut self, line: usize, track: usize) {
        if let Some(source) = self.sources.get_mut(line) {
            *source = Some(track);
        }
    }

    /// An own track ended.
    pub(crate) fn release_source(&mut self, track: usize) {
        for source in &mut self.sources {
            source.take_if(|known| *known == track);
        }
    }

    /// The track of somebody else on a line.
    pub(crate) fn delivery(&self, line: usize) -> Option<&TrackId> {
        self.lines.on(line).map(|delivery| &delivery.track)
    }

    /// Somebody else's track ended: its line is free and sends nothing more.
    pub(crate) fn release_delivery(&mut self, track: &TrackId) {
        if let Some(Delivery { line, .. }) = self.lines.release(track) {
            self.egress.close(line);
        }
    }
}
