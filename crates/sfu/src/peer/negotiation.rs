//! Who may start a negotiation with a client, when, and what the client is told around it.
//!
//! The client always offers, the server starts every cycle by [`ServerEvent::OfferData`]:
//!
//! ```text
//!           start: tracks wait or the client asked        offer
//!   Idle ───────── TracksAdded…, OfferData ────▶ Asked ─────────▶ Idle (answer, held events, next cycle)
//!                                                 │ 10 s without an offer: OfferData again, three times in all
//! ```
//!
//! A plain value: events go in, [`ServerEvent`]s come out of [`Negotiation::take`] in the order of the wire. It does not know
//! SDP; the caller says which tracks an answer has placed on lines.

use std::time::{Duration, Instant};

use crate::event::{EndpointInfo, ServerEvent, TrackInfo, TrackKind};
use crate::ids::{Metadata, PeerId, TrackId};

#[cfg(test)]
#[path = "negotiation_tests.rs"]
mod tests;

/// How long an offer may take. Shorter hurts slow phones, longer leaves a client that lost the request without media.
const OFFER_TIMEOUT: Duration = Duration::from_secs(10);
/// How often an offer is asked for before the client is given up.
const ASKS: u8 = 3;
/// Answers without a free line for an announced track before it is no longer tried: a client that never adds the lines it was
/// asked for must not be kept negotiating.
const PLACEMENTS: u8 = 3;
/// Lines that a client is asked for at most. More: offers of browsers, which describe every codec on every line, outgrow what a
/// client may send at once, and the whole room would lose its connection with the next person; fewer: less of a large room.
const MAX_AUDIO_LINES: u32 = 128;
const MAX_VIDEO_LINES: u32 = 100;

/// The client did not offer although it was asked three times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NoOffer;

/// What an answer did with an announced track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Placement {
    /// It is on a line.
    Placed,
    /// There was no free line of its kind.
    NoLine,
    /// There was one, but the client cannot receive the codec.
    Unusable,
}

/// The negotiation of one client.
#[derive(Debug, Default)]
pub(crate) struct Negotiation {
    cycle: Cycle,
    /// The client asked for a cycle that has not started.
    requested: bool,
    tracks: Vec<Remote>,
    audio: u32,
    video: u32,
    /// Events about endpoints that still have a removal to announce, in order.
    held: Vec<ServerEvent>,
    out: Vec<ServerEvent>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Cycle {
    #[default]
    Idle,
    Asked {
        at: Instant,
        times: u8,
    },
}

/// Somebody else's track.
#[derive(Debug)]
struct Remote {
    endpoint: PeerId,
    info: TrackInfo,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The client has not heard of it in this connection (apart from the list in `Connected`).
    Waiting,
    /// Told, not yet in an answer.
    Announced { withdrawn: bool, tries: u8 },
    /// In the last answer.
    Active,
    /// Told, but this client cannot get it.
    Undeliverable,
    /// Told, but this client has as many lines as it may. It waits for one.
    Crowded,
}

impl Negotiation {
    /// The client asked for a cycle.
    pub(crate) fn request(&mut self) {
        self.requested = true;
    }

    /// A track that the client shall get.
    pub(crate) fn add_track(&mut self, endpoint: PeerId, info: TrackInfo) {
        if self.tracks.iter().all(|remote| remote.info.id != info.id) {
            self.tracks.push(Remote { endpoint, info, state: State::Waiting });
        }
    }

    /// A track has ended. What the client has not heard of it, it never will.
    pub(crate) fn remove_track(&mut self, track: &TrackId) {
        let Some(index) = self.position(track) else {
            return;
        };
        match &mut self.tracks[index].state {
            State::Waiting => {
                self.tracks.remove(index);
            }
            State::Announced { withdrawn, .. } => *withdrawn = true,
            State::Active | State::Undeliverable | State::Crowded => {
                let remote = self.tracks.remove(index);
                push_removed(&mut self.out, remote.endpoint, remote.info.id);
            }
        }
    }

    /// New metadata of a track: told, unless the client learns it with the announcement.
    pub(crate) fn update_track(&mut self, track: &TrackId, metadata: &Metadata) {
        let Some(index) = self.position(track) else {
            return;
        };
        let remote = &mut self.tracks[index];
        remote.info.metadata = metadata.clone();
        if !matches!(remote.state, State::Waiting | State::Announced { withdrawn: true, .. }) {
            let (endpoint, track) = (remote.endpoint.clone(), track.clone());
            self.out.push(ServerEvent::TrackUpdated { endpoint, track, metadata: metadata.clone() });
        }
    }

    /// Facts of a track that change what its announcement says.
    pub(crate) fn refresh_track(&mut self, info: &TrackInfo) {
        if let Some(index) = self.position(&info.id) {
            self.tracks[index].info = info.clone();
        }
    }

    /// Somebody connected.
    pub(crate) fn add_endpoint(&mut self, endpoint: EndpointInfo) {
        let id = endpoint.id.clone();
        self.tell_or_hold(&id, ServerEvent::EndpointAdded { endpoint });
    }

    /// Somebody's metadata changed.
    pub(crate) fn update_endpoint(&mut self, endpoint: &PeerId, metadata: Metadata, server_metadata: Metadata) {
        self.tell_or_hold(endpoint, ServerEvent::EndpointUpdated { endpoint: endpoint.clone(), metadata, server_metadata });
    }

    /// Somebody left. Their tracks were removed before.
    pub(crate) fn remove_endpoint(&mut self, endpoint: &PeerId) {
        self.tell_or_hold(endpoint, ServerEvent::EndpointRemoved { endpoint: endpoint.clone() });
    }

    /// Says something that needs no order of its own.
    pub(crate) fn tell(&mut self, event: ServerEvent) {
        self.out.push(event);
    }

    /// Whether the client gets this track according to the last answer.
    pub(crate) fn is_active(&self, track: &TrackId) -> bool {
        self.position(track).is_some_and(|index| self.tracks[index].state == State::Active)
    }

    /// Announced tracks that are on no line yet, in order; the answer being made has to place them.
    pub(crate) fn unplaced(&self) -> Vec<(TrackId, TrackKind)> {
        let announced = self.tracks.iter().filter(|remote| matches!(remote.state, State::Announced { .. }));
        announced.map(|remote| (remote.info.id.clone(), remote.info.kind)).collect()
    }

    /// An offer was answered. Returns the placed tracks that have ended meanwhile: their lines are free again.
    pub(crate) fn answered(&mut self, answer: ServerEvent, placements: &[(TrackId, Placement)]) -> Vec<TrackId> {
        self.cycle = Cycle::Idle;
        self.out.push(answer);
        let mut ended = Vec::new();
        for (track, placement) in placements {
            let Some(index) = self.position(track) else {
                continue;
            };
            let State::Announced { withdrawn, tries } = self.tracks[index].state else {
                continue;
            };
            if withdrawn {
                let remote = self.tracks.remove(index);
                push_removed(&mut self.out, remote.endpoint, remote.info.id);
                ended.push(track.clone());
                continue;
            }
            let kind = self.tracks[index].info.kind;
            self.tracks[index].state = match placement {
                Placement::Placed => State::Active,
                Placement::NoLine if self.delivered(kind) >= most(kind) => State::Crowded,
                Placement::NoLine if tries + 1 < PLACEMENTS => State::Announced { withdrawn, tries: tries + 1 },
                Placement::NoLine | Placement::Unusable => State::Undeliverable,
            };
        }
        let held = std::mem::take(&mut self.held);
        self.out.extend(held);
        ended
    }

    /// A line lost its track although nobody removed it (the client stopped the line): another one is needed.
    pub(crate) fn displaced(&mut self, track: &TrackId) {
        if let Some(index) = self.position(track)
            && self.tracks[index].state == State::Active
        {
            self.tracks[index].state = State::Announced { withdrawn: false, tries: 0 };
        }
    }

    /// Starts the next cycle when there is a reason and none is running.
    pub(crate) fn proceed(&mut self, now: Instant) {
        self.admit();
        let wanted = self.tracks.iter().any(|remote| matches!(remote.state, State::Waiting | State::Announced { .. }));
        if self.cycle != Cycle::Idle || !(self.requested || wanted) {
            return;
        }
        self.announce();
        self.requested = false;
        self.audio = self.audio.max(self.needed(TrackKind::Audio).min(most(TrackKind::Audio)));
        self.video = self.video.max(self.needed(TrackKind::Video).min(most(TrackKind::Video)));
        self.ask(now, 1);
    }

    /// When [`Negotiation::handle_timeout`] is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        match self.cycle {
            Cycle::Idle => None,
            Cycle::Asked { at, .. } => Some(at + OFFER_TIMEOUT),
        }
    }

    /// Repeats a request that nobody answered, or gives the client up.
    pub(crate) fn handle_timeout(&mut self, now: Instant) -> Result<(), NoOffer> {
        match self.cycle {
            Cycle::Asked { at, times } if now >= at + OFFER_TIMEOUT => {
                if times >= ASKS {
                    return Err(NoOffer);
                }
                self.ask(now, times + 1);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// What to tell the client now, in order.
    pub(crate) fn take(&mut self) -> Vec<ServerEvent> {
        std::mem::take(&mut self.out)
    }

    fn ask(&mut self, now: Instant, times: u8) {
        self.cycle = Cycle::Asked { at: now, times };
        self.out.push(ServerEvent::OfferData { audio: self.audio, video: self.video });
    }

    /// Announces all waiting tracks, one event per endpoint.
    fn announce(&mut self) {
        let mut groups: Vec<(PeerId, Vec<TrackInfo>)> = Vec::new();
        for remote in self.tracks.iter_mut().filter(|remote| remote.state == State::Waiting) {
            remote.state = State::Announced { withdrawn: false, tries: 0 };
            match groups.iter_mut().find(|(endpoint, _)| *endpoint == remote.endpoint) {
                Some((_, tracks)) => tracks.push(remote.info.clone()),
                None => groups.push((remote.endpoint.clone(), vec![remote.info.clone()])),
            }
        }
        self.out.extend(groups.into_iter().map(|(endpoint, tracks)| ServerEvent::TracksAdded { endpoint, tracks }));
    }

    /// Tracks that waited for a line get it with the next cycle, those first that were told first.
    fn admit(&mut self) {
        for kind in [TrackKind::Audio, TrackKind::Video] {
            let free = most(kind).saturating_sub(self.needed(kind)) as usize;
            let crowded = self.tracks.iter_mut().filter(|remote| remote.info.kind == kind && remote.state == State::Crowded);
            for remote in crowded.take(free) {
                remote.state = State::Announced { withdrawn: false, tries: 0 };
            }
        }
    }

    /// Lines that carry a track.
    fn delivered(&self, kind: TrackKind) -> u32 {
        self.tracks.iter().filter(|remote| remote.info.kind == kind && remote.state == State::Active).count() as u32
    }

    /// Lines that carry a track or shall carry one after this cycle.
    fn needed(&self, kind: TrackKind) -> u32 {
        let on_a_line = |remote: &&Remote| remote.info.kind == kind && !matches!(remote.state, State::Undeliverable | State::Crowded);
        self.tracks.iter().filter(on_a_line).count() as u32
    }

    fn position(&self, track: &TrackId) -> Option<usize> {
        self.tracks.iter().position(|remote| remote.info.id == *track)
    }

    /// A removal of this endpoint's tracks waits for an answer: whatever is said about the endpoint comes after it.
    fn tell_or_hold(&mut self, endpoint: &PeerId, event: ServerEvent) {
        let waits = |remote: &Remote| remote.endpoint == *endpoint && matches!(remote.state, State::Announced { withdrawn: true, .. });
        if self.tracks.iter().any(waits) {
            self.held.push(event);
        } else {
            self.out.push(event);
        }
    }
}

/// Lines that a client is asked for at most.
fn most(kind: TrackKind) -> u32 {
    match kind {
        TrackKind::Audio => MAX_AUDIO_LINES,
        TrackKind::Video => MAX_VIDEO_LINES,
    }
}

/// Adds a removal to the event before it when that is about the same endpoint.
fn push_removed(out: &mut Vec<ServerEvent>, removed_from: PeerId, track: TrackId) {
    if let Some(ServerEvent::TracksRemoved { endpoint, tracks }) = out.last_mut()
        && *endpoint == removed_from
    {
        tracks.push(track);
        return;
    }
    out.push(ServerEvent::TracksRemoved { endpoint: removed_from, tracks: vec![track] });
}
