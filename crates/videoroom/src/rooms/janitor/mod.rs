//! Removes our rooms that nobody is in any more.
//!
//! A room is empty when two reads at least [`SETTLE`] apart show no connected peer, and the second shows no peer that the
//! first did not have: somebody who was just added looks like somebody who has gone. What starts a first read is a
//! notification about a departure; after each (re)connection of the notifier the list of rooms is the first read of all.
//! Rooms of other applications are never touched.
//!
//! This is the decision; [`task`] performs it.

mod task;

#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use protocol::rest::{PeerStatus, Room};
use server_sdk::Notification;

use super::RoomId;

pub(crate) use task::run;

/// Between the two reads. Shorter deletes rooms under people who are still connecting, longer keeps empty rooms listed.
pub const SETTLE: Duration = Duration::from_secs(5);
/// Before something that failed is tried again.
pub const RETRY: Duration = Duration::from_secs(5);

/// What one read of a room shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Whether anybody is connected.
    pub connected: bool,
    /// Ids of all peers.
    pub peers: BTreeSet<String>,
}

impl Seen {
    /// From the media server's answer.
    pub fn of(room: &Room) -> Self {
        Self {
            connected: room.peers.iter().any(|peer| peer.status == PeerStatus::Connected),
            peers: room.peers.iter().map(|peer| peer.id.clone()).collect(),
        }
    }

    /// Whether this second read shows an empty room, after a first one that showed the peers `known`.
    pub fn confirms_empty(&self, known: &BTreeSet<String>) -> bool {
        !self.connected && self.peers.is_subset(known)
    }
}

/// What became of a read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// The room's state.
    Seen(Seen),
    /// There is no such room (any more).
    Gone,
    /// No answer.
    Failed,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Input {
    /// Notifications may have been missed.
    MayHaveMissed,
    /// A notification.
    Notified(Notification),
    /// The answer to [`Action::List`]; `None` when there is none.
    Listed(Option<Vec<(RoomId, Seen)>>),
    /// The answer to [`Action::Read`].
    Read(RoomId, Read),
    /// The answer to [`Action::Confirm`]; a room that was deleted is [`Read::Gone`].
    Confirmed(RoomId, Read),
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Read the list of rooms.
    List,
    /// Read one room.
    Read(RoomId),
    /// Read it again and delete it if [`Seen::confirms_empty`] holds, with no join in between.
    Confirm(RoomId, BTreeSet<String>),
}

/// A room that may be empty.
#[derive(Debug)]
enum Suspect {
    /// To be read from this moment on.
    Due(Instant),
    /// Being read. `again`: somebody left meanwhile, so the answer may be older than that.
    Reading { again: bool },
    /// Nobody was connected; to be read again from this moment on.
    Settling { known: BTreeSet<String>, due: Instant },
    /// Being read for the second time.
    Confirming { known: BTreeSet<String>, again: bool },
}

/// The list of rooms.
#[derive(Debug)]
enum Listing {
    Idle,
    Due(Instant),
    Reading { again: bool },
}

/// Which rooms may be empty. Drive it: [`Janitor::handle`] what happens, [`Janitor::poll`] until it has nothing to do,
/// sleep until [`Janitor::deadline`].
#[derive(Debug)]
pub struct Janitor {
    suspects: HashMap<RoomId, Suspect>,
    listing: Listing,
}

impl Default for Janitor {
    fn default() -> Self {
        Self { suspects: HashMap::new(), listing: Listing::Idle }
    }
}

impl Janitor {
    /// Takes in what happened.
    pub fn handle(&mut self, now: Instant, input: Input) {
        match input {
            Input::MayHaveMissed => {
                self.listing = match self.listing {
                    Listing::Reading { .. } => Listing::Reading { again: true },
                    Listing::Idle | Listing::Due(_) => Listing::Due(now),
                }
            }
            Input::Notified(notification) => self.notified(now, &notification),
            Input::Listed(answer) => self.listed(now, answer),
            Input::Read(room, read) => self.read(now, room, read),
            Input::Confirmed(room, read) => self.confirmed(now, room, read),
        }
    }

    /// The next thing to do now.
    pub fn poll(&mut self, now: Instant) -> Option<Action> {
        if let Listing::Due(due) = self.listing
            && due <= now
        {
            self.listing = Listing::Reading { again: false };
            return Some(Action::List);
        }
        let (room, suspect) = self.suspects.iter_mut().find(|(_, suspect)| suspect.due().is_some_and(|due| due <= now))?;
        match std::mem::replace(suspect, Suspect::Reading { again: false }) {
            Suspect::Settling { known, .. } => {
                *suspect = Suspect::Confirming { known: known.clone(), again: false };
                Some(Action::Confirm(room.clone(), known))
            }
            Suspect::Due(_) | Suspect::Reading { .. } | Suspect::Confirming { .. } => Some(Action::Read(room.clone())),
        }
    }

    /// When [`Janitor::poll`] will have something to do, if nothing happens before.
    pub fn deadline(&self) -> Option<Instant> {
        let listing = if let Listing::Due(due) = self.listing { Some(due) } else { None };
        self.suspects.values().filter_map(Suspect::due).chain(listing).min()
    }

    fn notified(&mut self, now: Instant, notification: &Notification) {
        let Some(room) = RoomId::recognise(notification.room()) else { return };
        match notification {
            Notification::PeerDisconnected { .. } | Notification::PeerDeleted { .. } | Notification::PeerCrashed { .. } => {
                match self.suspects.get_mut(&room) {
                    Some(Suspect::Reading { again } | Suspect::Confirming { again, .. }) => *again = true,
                    Some(Suspect::Due(_) | Suspect::Settling { .. }) => {}
                    None => drop(self.suspects.insert(room, Suspect::Due(now))),
                }
            }
            Notification::PeerConnected { .. } | Notification::RoomDeleted { .. } | Notification::RoomCrashed { .. } => {
                if matches!(self.suspects.get(&room), Some(Suspect::Due(_) | Suspect::Settling { .. })) {
                    self.suspects.remove(&room);
                }
            }
            _ => {}
        }
    }

    fn listed(&mut self, now: Instant, answer: Option<Vec<(RoomId, Seen)>>) {
        let again = matches!(self.listing, Listing::Reading { again: true });
        self.listing = match (&answer, again) {
            (None, _) => Listing::Due(now + RETRY),
            (Some(_), true) => Listing::Due(now),
            (Some(_), false) => Listing::Idle,
        };
        for (room, seen) in answer.into_iter().flatten() {
            if !seen.connected {
                self.suspects.entry(room).or_insert(Suspect::Settling { known: seen.peers, due: now + SETTLE });
            }
        }
    }

    fn read(&mut self, now: Instant, room: RoomId, read: Read) {
        let Some(Suspect::Reading { again }) = self.suspects.remove(&room) else { return };
        let next = match read {
            Read::Seen(seen) if !seen.connected => Suspect::Settling { known: seen.peers, due: now + SETTLE },
            Read::Failed => Suspect::Due(now + RETRY),
            Read::Seen(_) | Read::Gone if again => Suspect::Due(now),
            Read::Seen(_) | Read::Gone => return,
        };
        self.suspects.insert(room, next);
    }

    fn confirmed(&mut self, now: Instant, room: RoomId, read: Read) {
        let Some(Suspect::Confirming { known, again }) = self.suspects.remove(&room) else { return };
        let next = match read {
            Read::Seen(seen) if !seen.connected => Suspect::Settling { known: seen.peers, due: now + SETTLE },
            Read::Failed => Suspect::Settling { known, due: now + RETRY },
            Read::Seen(_) | Read::Gone if again => Suspect::Due(now),
            Read::Seen(_) | Read::Gone => return,
        };
        self.suspects.insert(room, next);
    }
}

impl Suspect {
    fn due(&self) -> Option<Instant> {
        match self {
            Self::Due(due) | Self::Settling { due, .. } => Some(*due),
            Self::Reading { .. } | Self::Confirming { .. } => None,
        }
    }
}
