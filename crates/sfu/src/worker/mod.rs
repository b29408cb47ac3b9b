//! What the rooms of one worker share: effects, counters, randomness, timers, addresses.

mod schedule;
mod slots;

use std::collections::VecDeque;

pub(crate) use schedule::{Due, Schedule};
pub(crate) use slots::{PeerKey, Place, Slots};

use crate::engine::{Config, Stats};
use crate::event::{Event, Output, ServerEvent};
use crate::flow::{Datagrams, Flow};
use crate::ids::{PeerId, RoomId};
use crate::peer::{Happening, Library};
use crate::random::Random;
use crate::reach::addresses::AddressTable;
use crate::rooms::Write;

/// The shared part of an engine. Rooms borrow it for the length of one call.
pub(crate) struct Worker {
    pub(crate) config: Config,
    pub(crate) library: Library,
    pub(crate) stats: Stats,
    pub(crate) random: Random,
    pub(crate) schedule: Schedule,
    pub(crate) slots: Slots,
    pub(crate) addresses: AddressTable<PeerKey>,
    /// Peers whose sessions have something to say, each at most once.
    pub(crate) dirty: Vec<Place>,
    /// Rooms with batches to forward, each at most once.
    pub(crate) touched: Vec<usize>,
    pub(crate) out: VecDeque<Output>,
    pub(crate) datagrams: Datagrams,
    /// Empty between calls; kept so that a packet costs no allocation.
    pub(crate) happenings: Vec<Happening>,
    /// Empty between calls, as above.
    pub(crate) writes: Vec<Write>,
    /// Means nothing between calls; kept for the same reason.
    pub(crate) scratch: Vec<u8>,
}

impl Worker {
    pub(crate) fn new(config: Config) -> Self {
        Self {
            random: Random::new(config.seed),
            library: Library::new(),
            stats: Stats::default(),
            schedule: Schedule::default(),
            slots: Slots::default(),
            addresses: AddressTable::default(),
            dirty: Vec::new(),
            touched: Vec::new(),
            out: VecDeque::new(),
            datagrams: Datagrams::new(),
            happenings: Vec::new(),
            writes: Vec::new(),
            scratch: Vec::new(),
            config,
        }
    }

    /// Sends a datagram. Without a flow the peer cannot be reached now, and it is lost as on the network.
    pub(crate) fn transmit(&mut self, flow: Option<Flow>, payload: &[u8]) {
        if let Some(flow) = flow {
            self.datagrams.push(flow, payload);
        }
    }

    pub(crate) fn tell(&mut self, room: &RoomId, peer: &PeerId, event: ServerEvent) {
        self.out.push_back(Output::ToClient { room: room.clone(), peer: peer.clone(), event });
    }

    pub(crate) fn report(&mut self, room: &RoomId, event: Event) {
        self.out.push_back(Output::Event { room: room.clone(), event });
    }
}
