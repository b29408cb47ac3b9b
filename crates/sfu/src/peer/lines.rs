//! What the media lines of one client carry, and the plan for an offer.

use std::collections::BTreeMap;

use super::answer::{self, Outgoing, Plan, Policy};
use super::negotiation::Placement;
use super::offer::{Direction, Line, LineKind, Offer};
use crate::egress::{ExtensionIds, Repair, Settings};
use crate::event::TrackKind;
use crate::ids::{Mid, TrackId};

/// A track of somebody else on a line of this client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) track: TrackId,
    pub(crate) mid: Mid,
    /// Index of the line.
    pub(crate) line: usize,
    pub(crate) payload_type: u8,
    /// Payload type of the repair stream.
    pub(crate) repair: Option<u8>,
    pub(crate) ids: ExtensionIds,
    pub(crate) outgoing: Outgoing,
}

impl Delivery {
    /// What the stream that carries it is made of.
    pub(crate) fn settings(&self) -> Settings {
        let Outgoing { ssrc, repair_ssrc, repair_sequence, stream } = &self.outgoing;
        let repair = self.repair.map(|payload_type| Repair { ssrc: *repair_ssrc, payload_type, first_sequence: *repair_sequence });
        Settings {
            ssrc: *ssrc,
            payload_type: self.payload_type,
            repair,
            mid: self.mid.as_str().into(),
            ids: self.ids,
            cname: stream.as_str().into(),
        }
    }
}

/// A track that the client sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Published {
    pub(crate) track: TrackId,
    pub(crate) line: usize,
    pub(crate) kind: TrackKind,
    /// Accepted simulcast rids.
    pub(crate) rids: Vec<String>,
    /// Its tracks of one group belong together.
    pub(crate) group: Option<String>,
}

/// The lines of a client, as of its last offer.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    deliveries: Vec<Delivery>,
}

/// What an offer leads to.
#[derive(Debug, Default)]
pub(crate) struct Planned {
    /// By line.
    pub(crate) plans: Vec<Plan>,
    pub(crate) published: Vec<Published>,
    /// Complete, old ones first.
    pub(crate) deliveries: Vec<Delivery>,
    /// Indices into `deliveries`: those that are new.
    pub(crate) opened: Vec<usize>,
    /// Tracks that lost their line.
    pub(crate) displaced: Vec<TrackId>,
    pub(crate) placements: Vec<(TrackId, Placement)>,
}

impl Planned {
    /// The complete map of the answer.
    pub(crate) fn mid_to_track(&self, offer: &Offer) -> BTreeMap<Mid, TrackId> {
        let own = self.published.iter().map(|p| (Mid::from(offer.lines[p.line].mid.as_str()), p.track.clone()));
        let delivered = self.deliveries.iter().map(|d| (d.mid.clone(), d.track.clone()));
        own.chain(delivered).collect()
    }
}

/// Who decides what the lines cannot know.
pub(crate) trait Decide {
    /// Whether this own track of the client is accepted on this line.
    fn accepts(&mut self, line: &Line, track: &TrackId) -> bool;
    /// New values for the stream that carries this track to the client.
    fn outgoing(&mut self, track: &TrackId) -> Outgoing;
}

impl Lines {
    /// The deliveries as of the last answer, without those that ended since.
    pub(crate) fn deliveries(&self) -> &[Delivery] {
        &self.deliveries
    }

    /// The delivery on a line.
    pub(crate) fn on(&self, line: usize) -> Option<&Delivery> {
        self.deliveries.iter().find(|delivery| delivery.line == line)
    }

    /// A track ended: its line is free for another one.
    pub(crate) fn release(&mut self, track: &TrackId) -> Option<Delivery> {
        let index = self.deliveries.iter().position(|delivery| delivery.track == *track)?;
        Some(self.deliveries.remove(index))
    }

    /// The answer is made.
    pub(crate) fn commit(&mut self, deliveries: Vec<Delivery>) {
        self.deliveries = deliveries;
    }

    /// Decides about every line of an offer. `waiting` are announced tracks without a line.
    pub(crate) fn plan(
        &self,
        offer: &Offer,
        policy: Policy,
        mid_to_track: &BTreeMap<Mid, TrackId>,
        waiting: &[(TrackId, TrackKind)],
        decide: &mut dyn Decide,
    ) -> Planned {
        let mut planned = Planned::default();
        let mut free: Vec<(usize, TrackKind)> = Vec::new();
        for (index, line) in offer.lines.iter().enumerate() {
            let plan = match line.kind {
                _ if line.rejected => Plan::Reject,
                LineKind::Other => Plan::Reject,
                LineKind::Data => Plan::Data,
                LineKind::Media(_) if line.payloads.is_empty() => Plan::Reject,
                LineKind::Media(kind) if line.direction.sends() => plan_own(&mut planned, index, line, kind, policy, mid_to_track, decide),
                LineKind::Media(kind) if line.direction == Direction::RecvOnly => {
                    self.plan_delivery(&mut planned, &mut free, index, line, kind, policy)
                }
                LineKind::Media(_) => Plan::Inactive,
            };
            planned.plans.push(plan);
        }
        let lost = self.deliveries.iter().filter(|old| planned.deliveries.iter().all(|kept| kept.track != old.track));
        planned.displaced = lost.map(|delivery| delivery.track.clone()).collect();
        place(&mut planned, free, offer, policy, waiting, decide);
        planned
    }

    /// A line that keeps its track, or is free.
    fn plan_delivery(
        &self,
        planned: &mut Planned,
        free: &mut Vec<(usize, TrackKind)>,
        index: usize,
        line: &Line,
        kind: TrackKind,
        policy: Policy,
    ) -> Plan {
        let delivery = self.deliveries.iter().find(|delivery| delivery.mid.as_str() == line.mid);
        let Some(delivery) = delivery else {
            free.push((index, kind));
            return Plan::Inactive;
        };
        let same = policy.choose(line).is_some_and(|choice| choice.payload.number == delivery.payload_type);
        if !same || delivery.line != index {
            return Plan::Inactive;
        }
        planned.deliveries.push(delivery.clone());
        Plan::Send(delivery.outgoing.clone())
    }
}

/// A line on which the client sends: its track, or nothing.
fn plan_own(
    planned: &mut Planned,
    index: usize,
    line: &Line,
    kind: TrackKind,
    policy: Policy,
    mid_to_track: &BTreeMap<Mid, TrackId>,
    decide: &mut dyn Decide,
) -> Plan {
    let Some(track) = mid_to_track.get(&Mid::from(line.mid.as_str())) else {
        return Plan::Inactive;
    };
    let is_new = planned.published.iter().all(|other| other.track != *track);
    if !is_new || policy.choose(line).is_none() || !decide.accepts(line, track) {
        return Plan::Inactive;
    }
    let (rids, group) = (policy.rids(line).to_vec(), line.group.clone());
    planned.published.push(Published { track: track.clone(), line: index, kind, rids, group });
    Plan::Receive
}

/// Puts waiting tracks on free lines of their kind, in the order of both.
fn place(
    planned: &mut Planned,
    mut free: Vec<(usize, TrackKind)>,
    offer: &Offer,
    policy: Policy,
    waiting: &[(TrackId, TrackKind)],
    decide: &mut dyn Decide,
) {
    for (track, kind) in waiting {
        let usable = free.iter().position(|(index, of)| of == kind && policy.choose(&offer.lines[*index]).is_some());
        let Some(position) = usable else {
            let is_any = free.iter().any(|(_, of)| of == kind);
            planned.placements.push((track.clone(), if is_any { Placement::Unusable } else { Placement::NoLine }));
            continue;
        };
        let (index, _) = free.remove(position);
        let line = &offer.lines[index];
        let Some(choice) = policy.choose(line) else { continue };
        let outgoing = decide.outgoing(track);
        planned.plans[index] = Plan::Send(outgoing.clone());
        planned.opened.push(planned.deliveries.len());
        planned.deliveries.push(Delivery {
            track: track.clone(),
            mid: Mid::from(line.mid.as_str()),
            line: index,
            payload_type: choice.payload.number,
            repair: choice.repair,
            ids: answer::sent_extensions(offer, line),
            outgoing,
        });
        planned.placements.push((track.clone(), Placement::Placed));
    }
}
