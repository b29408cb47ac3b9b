//! Answers an offer: plan, transport, streams, text.

use std::collections::BTreeMap;
use std::time::Instant;

use super::Peer;
use super::answer::{self, Local, Policy};
use super::lines::{Decide, Planned, Published};
use super::offer::{Offer, OfferError};
use super::rtc::{Crash, Library, Refusal, Session};
use super::transport::transport;
use super::{consistency, incoming};
use crate::command::VideoCodec;
use crate::egress::Stream;
use crate::event::ServerEvent;
use crate::ids::{Mid, TrackId};
use crate::reach::ufrag::Ufrag;

/// What an offer has to be answered with.
pub(crate) struct Terms<'a> {
    pub(crate) now: Instant,
    pub(crate) library: &'a Library,
    pub(crate) worker: u16,
    /// Random part of a new ufrag.
    pub(crate) salt: u64,
    pub(crate) video: VideoCodec,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    Crashed,
    Bad(OfferError),
}

impl From<Crash> for Refused {
    fn from(_: Crash) -> Self {
        Self::Crashed
    }
}

impl From<OfferError> for Refused {
    fn from(error: OfferError) -> Self {
        Self::Bad(error)
    }
}

/// An answered offer.
pub(crate) struct Answered {
    /// All tracks that the client sends.
    pub(crate) published: Vec<Published>,
    /// Tracks that are delivered from now on.
    pub(crate) opened: Vec<(TrackId, Stream)>,
    /// Tracks that lost their line.
    pub(crate) closed: Vec<TrackId>,
}

impl Peer {
    /// Answers an offer; the answer waits in the negotiation.
    pub(crate) fn answer(
        &mut self,
        sdp: &str,
        mid_to_track: &BTreeMap<Mid, TrackId>,
        terms: &Terms<'_>,
        decide: &mut dyn Decide,
    ) -> Result<Answered, Refused> {
        let offer = Offer::parse(sdp)?;
        let policy = Policy { video: terms.video, simulcast: self.simulcast };
        let waiting = self.negotiation.unplaced();
        let planned = self.lines.plan(&offer, policy, mid_to_track, &waiting, decide);
        consistency::check_places(&offer, &self.answered)?;
        consistency::check_payload_types(&offer, &planned.plans, policy)?;
        self.connect(&offer, &planned, terms)?;
        self.ingress.negotiate(incoming::negotiated(&offer, &planned.plans, policy));
        self.close_streams(&planned);
        let mut opened = self.open_streams(&planned);

        self.version += 1;
        let sdp = self.answer_text(&offer, policy, &planned);
        let mid_to_track = planned.mid_to_track(&offer);
        self.sources = vec![None; offer.lines.len()];
        self.answered = consistency::answered(&offer, &planned.plans);
        self.remote_ice = Some(offer.ice);
        self.lines.commit(planned.deliveries);
        for track in &planned.displaced {
            self.negotiation.displaced(track);
        }
        for ended in self.negotiation.answered(ServerEvent::Answer { sdp, mid_to_track }, &planned.placements) {
            opened.retain(|(track, _)| *track != ended);
            self.release_delivery(&ended);
        }
        Ok(Answered { published: planned.published, opened, closed: planned.displaced })
    }

    /// Lets the library take the transport of an offer.
    fn connect(&mut self, offer: &Offer, planned: &Planned, terms: &Terms<'_>) -> Result<(), Refused> {
        let is_restart = self.remote_ice.as_ref().is_some_and(|known| *known != offer.ice);
        let is_first = self.session.is_none();
        if is_first || is_restart {
            let super::PeerKey { slot, generation } = self.key;
            self.ufrag = Ufrag { worker: terms.worker, slot, generation, salt: terms.salt }.encode();
        }
        let session = match &mut self.session {
            Some(session) => session,
            empty => empty.insert(Session::new(terms.library, terms.now, &self.ufrag, &self.candidates)?),
        };
        session.accept(transport(offer, &planned.plans)).map_err(|refusal| match refusal {
            Refusal::Crashed => Refused::Crashed,
            Refusal::Refused(why) => Refused::Bad(OfferError::Refused(why)),
        })?;
        if is_restart {
            session.restart(&self.ufrag)?;
        }
        Ok(())
    }

    /// Ends what lost its line although its track goes on.
    fn close_streams(&mut self, planned: &Planned) {
        for delivery in self.lines.deliveries().iter().filter(|delivery| planned.displaced.contains(&delivery.track)) {
            self.egress.close(delivery.line);
        }
    }

    fn open_streams(&mut self, planned: &Planned) -> Vec<(TrackId, Stream)> {
        let opened = planned.opened.iter().map(|index| &planned.deliveries[*index]);
        opened.map(|delivery| (delivery.track.clone(), self.egress.open(delivery.line, delivery.settings()))).collect()
    }

    fn answer_text(&self, offer: &Offer, policy: Policy, planned: &Planned) -> String {
        let (password, fingerprint) = self.session.as_ref().map_or(("", ""), |session| (session.password(), session.fingerprint()));
        let local = Local {
            session_id: self.session_id,
            version: self.version,
            ufrag: &self.ufrag,
            password,
            fingerprint,
            candidates: &self.candidates,
        };
        answer::answer(offer, &planned.plans, policy, &local)
    }
}
