//! Named timers in the order in which they are due.

use std::collections::BTreeSet;
use std::time::Instant;

use sfu::{PeerId, RoomId};

/// What is due.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    /// A peer has been disconnected for too long. Due before a purge of the same instant, so that it is told first.
    PeerDisconnected(RoomId, PeerId),
    /// A peer is kept without a socket: time to see whether it still lives.
    Kept(RoomId, PeerId),
    /// A room has been without connected peers for too long.
    Peerless(RoomId),
}

/// Pending timers. Each [`Timer`] is pending at most once: who sets it keeps the instant and passes it back.
#[derive(Debug, Default)]
pub(super) struct Timers {
    pending: BTreeSet<(Instant, Timer)>,
}

impl Timers {
    /// Replaces the timer that was pending at `old`.
    pub(super) fn reset(&mut self, timer: Timer, old: Option<Instant>, new: Option<Instant>) {
        let timer = match old {
            Some(old) => {
                let key = (old, timer);
                self.pending.remove(&key);
                key.1
            }
            None => timer,
        };
        if let Some(new) = new {
            self.pending.insert((new, timer));
        }
    }

    /// The next one that is due.
    pub(super) fn pop_due(&mut self, now: Instant) -> Option<Timer> {
        let (at, _) = self.pending.first()?;
        if *at > now {
            return None;
        }
        self.pending.pop_first().map(|(_, timer)| timer)
    }

    /// When the first one is due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.pending.first().map(|(at, _)| *at)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.pending.len()
    }
}
