//! Which peer a flow belongs to, and which flow a peer is reached by.
//!
//! A source belongs to a peer from the moment a Binding request of it was answered with success; before that nothing of it but
//! STUN is let through. Media goes to the newest such source; the one that the client nominated last (USE-CANDIDATE) is preferred,
//! and when the chosen one has been silent for [`SILENCE`], whichever of them speaks takes over. A client whose address changes
//! is so reached again whatever the library thinks of the priority of its new pair. A check of a known source that nominates
//! nothing only keeps that source open: it takes over after [`CHECKS_APART`].

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;
use std::time::{Duration, Instant};

use super::stun::{Kind, Message, TransactionId};
use crate::flow::Flow;

/// The chosen source may be silent for so long before another one takes over.
pub(crate) const SILENCE: Duration = Duration::from_secs(1);

/// A client that sends nothing else checks the way that it uses so often at least (RFC 7675 section 5.1). Shorter: media to quiet
/// listeners strays to ways that they only keep open.
const CHECKS_APART: Duration = Duration::from_secs(6);

/// A flow that answered checks of one peer so recently cannot be claimed by another one: nobody takes over a living
/// neighbour's flow by forging its address.
const CLAIM_PROTECTION: Duration = Duration::from_secs(5);

/// Sources per peer: several interfaces times IPv4 and IPv6, and their predecessors. The one heard from least lately goes.
pub(crate) const MAX_SOURCES: usize = 16;

/// Unanswered Binding requests remembered per peer. The library answers at once, so a few would do.
pub(crate) const MAX_PENDING: usize = 64;

/// The flows of all peers of one engine. `P` names a peer.
#[derive(Debug)]
pub(crate) struct AddressTable<P> {
    owners: HashMap<Flow, P>,
    peers: HashMap<P, Sources>,
}

/// What is known about one peer's ways.
#[derive(Debug, Default)]
struct Sources {
    verified: Vec<Source>,
    chosen: Option<Flow>,
    pending: VecDeque<Pending>,
}

#[derive(Debug)]
struct Source {
    flow: Flow,
    /// The one that was nominated last.
    nominated: bool,
    verified_at: Instant,
    heard_at: Instant,
}

#[derive(Debug)]
struct Pending {
    transaction: TransactionId,
    flow: Flow,
    nominated: bool,
}

impl<P> Default for AddressTable<P> {
    fn default() -> Self {
        Self { owners: HashMap::new(), peers: HashMap::new() }
    }
}

impl<P: Copy + Eq + Hash> AddressTable<P> {
    /// Notes a Binding request that is about to be given to this peer's library. Other messages are ignored.
    pub(crate) fn note_request(&mut self, peer: P, flow: Flow, request: &Message<'_>) {
        if request.kind != Kind::Request {
            return;
        }
        let pending = &mut self.peers.entry(peer).or_default().pending;
        if pending.len() == MAX_PENDING {
            pending.pop_front();
        }
        pending.push_back(Pending { transaction: request.transaction, flow, nominated: request.use_candidate });
    }

    /// Looks at a datagram that this peer's library wants to send to `flow`. When it answers a noted request it has to go out by
    /// the flow on which the request came, which is returned; with a success, that flow is verified from now on.
    pub(crate) fn note_response(&mut self, peer: P, datagram: &[u8], now: Instant) -> Option<Flow> {
        let response = Message::parse(datagram).filter(|message| matches!(message.kind, Kind::Success | Kind::Error))?;
        let pending = &mut self.peers.get_mut(&peer)?.pending;
        let index = pending.iter().position(|pending| pending.transaction == response.transaction)?;
        let request = pending.remove(index)?;
        if response.kind == Kind::Success {
            self.verify(peer, request.flow, request.nominated, now);
        }
        Some(request.flow)
    }

    /// Whose verified source this is. `None`: nobody's; anything but STUN from it has to be dropped.
    pub(crate) fn owner(&self, flow: &Flow) -> Option<P> {
        self.owners.get(flow).copied()
    }

    /// Notes that a verified source spoke, and returns its owner. After [`SILENCE`] of the chosen source this one is chosen.
    pub(crate) fn heard(&mut self, flow: &Flow, now: Instant) -> Option<P> {
        let peer = self.owner(flow)?;
        let sources = self.peers.get_mut(&peer)?;
        sources.source_mut(flow)?.heard_at = now;
        if sources.chosen != Some(*flow) && sources.chosen_is_silent(SILENCE, now) {
            sources.chosen = Some(*flow);
        }
        Some(peer)
    }

    /// When any verified source of this peer last spoke. `None`: none is verified yet.
    pub(crate) fn heard_at(&self, peer: P) -> Option<Instant> {
        self.peers.get(&peer)?.verified.iter().map(|source| source.heard_at).max()
    }

    /// Where this peer's media goes. `None`: no source is verified yet.
    pub(crate) fn chosen(&self, peer: P) -> Option<Flow> {
        self.peers.get(&peer)?.chosen
    }

    /// Forgets everything about a peer.
    pub(crate) fn remove(&mut self, peer: P) {
        for source in self.peers.remove(&peer).into_iter().flat_map(|sources| sources.verified) {
            self.owners.remove(&source.flow);
        }
    }

    /// Flows known; for leak checks.
    pub(crate) fn len(&self) -> usize {
        self.owners.len()
    }

    /// Peers about whom something is kept; for leak checks.
    pub(crate) fn peers(&self) -> usize {
        self.peers.len()
    }

    fn verify(&mut self, peer: P, flow: Flow, nominated: bool, now: Instant) {
        if let Some(owner) = self.owner(&flow).filter(|owner| *owner != peer)
            && !self.release(owner, &flow, now)
        {
            return;
        }
        let sources = self.peers.entry(peer).or_default();
        let is_new = sources.verify(flow, nominated, now);
        let patience = if is_new { SILENCE } else { CHECKS_APART };
        sources.choose(flow, nominated || is_new, patience, now);
        if let Some(forgotten) = sources.shrink() {
            self.owners.remove(&forgotten);
        }
        self.owners.insert(flow, peer);
    }

    /// Takes a flow from its owner, unless the owner's checks on it were answered lately.
    fn release(&mut self, owner: P, flow: &Flow, now: Instant) -> bool {
        let Some(sources) = self.peers.get_mut(&owner) else { return true };
        if sources.source(flow).is_some_and(|source| now.saturating_duration_since(source.verified_at) < CLAIM_PROTECTION) {
            return false;
        }
        sources.forget(flow);
        true
    }
}

impl Sources {
    fn source(&self, flow: &Flow) -> Option<&Source> {
        self.verified.iter().find(|source| source.flow == *flow)
    }

    fn source_mut(&mut self, flow: &Flow) -> Option<&mut Source> {
        self.verified.iter_mut().find(|source| source.flow == *flow)
    }

    /// Notes a success; returns whether the source is new.
    fn verify(&mut self, flow: Flow, nominated: bool, now: Instant) -> bool {
        if nominated {
            self.verified.iter_mut().for_each(|source| source.nominated = false);
        }
        if let Some(source) = self.source_mut(&flow) {
            source.nominated |= nominated;
            (source.verified_at, source.heard_at) = (now, now);
            return false;
        }
        self.verified.push(Source { flow, nominated, verified_at: now, heard_at: now });
        true
    }

    /// Applies the rule of the module after a success on `flow`. `is_news`: it is new, or was just nominated.
    fn choose(&mut self, flow: Flow, is_news: bool, patience: Duration, now: Instant) {
        let Some(source) = self.source(&flow) else { return };
        let preferred = match self.chosen.and_then(|chosen| self.source(&chosen)) {
            None => true,
            Some(chosen) if source.nominated != chosen.nominated => source.nominated,
            Some(_) => is_news,
        };
        if preferred || self.chosen_is_silent(patience, now) {
            self.chosen = Some(flow);
        }
    }

    fn chosen_is_silent(&self, patience: Duration, now: Instant) -> bool {
        let chosen = self.chosen.and_then(|chosen| self.source(&chosen));
        chosen.is_none_or(|chosen| now.saturating_duration_since(chosen.heard_at) >= patience)
    }

    /// Keeps the number of sources within its limit; returns the one that had to go.
    fn shrink(&mut self) -> Option<Flow> {
        if self.verified.len() <= MAX_SOURCES {
            return None;
        }
        let stalest = self.verified.iter().filter(|source| Some(source.flow) != self.chosen).min_by_key(|source| source.heard_at)?.flow;
        self.forget(&stalest);
        Some(stalest)
    }

    fn forget(&mut self, flow: &Flow) {
        self.verified.retain(|source| source.flow != *flow);
        if self.chosen == Some(*flow) {
            self.chosen = self.verified.iter().max_by_key(|source| (source.nominated, source.heard_at)).map(|source| source.flow);
        }
    }
}

#[cfg(test)]
#[path = "addresses_tests.rs"]
mod tests;
