//! A network with weather: loss, delay, reordering, duplication; seeded, on virtual time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::rng::Rng;

/// How a way between a client and the server behaves, in each direction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weather {
    pub(crate) loss: f64,
    pub(crate) duplication: f64,
    pub(crate) delay: Duration,
    /// Up to this much more delay, per datagram: reorders.
    pub(crate) jitter: Duration,
}

impl Weather {
    pub(crate) const FINE: Self = Self { loss: 0.0, duplication: 0.0, delay: Duration::from_millis(10), jitter: Duration::ZERO };
    /// Packets overtake each other and come twice, none is lost.
    pub(crate) const MESSY: Self =
        Self { loss: 0.0, duplication: 0.05, delay: Duration::from_millis(15), jitter: Duration::from_millis(25) };

    pub(crate) fn with_loss(self, loss: f64) -> Self {
        Self { loss, ..self }
    }
}

/// A datagram on its way.
#[derive(Debug)]
pub(crate) struct InFlight {
    pub(crate) source: SocketAddr,
    pub(crate) destination: SocketAddr,
    pub(crate) payload: Vec<u8>,
}

pub(crate) struct Network {
    rng: Rng,
    queue: BinaryHeap<Reverse<(Instant, u64)>>,
    datagrams: std::collections::HashMap<u64, InFlight>,
    next: u64,
}

impl Network {
    pub(crate) fn new(seed: u64) -> Self {
        Self { rng: Rng::new(seed), queue: BinaryHeap::new(), datagrams: std::collections::HashMap::new(), next: 0 }
    }

    pub(crate) fn send(&mut self, now: Instant, weather: Weather, datagram: InFlight) {
        if self.rng.chance(weather.loss) {
            return;
        }
        if self.rng.chance(weather.duplication) {
            let copy = InFlight { payload: datagram.payload.clone(), ..datagram };
            self.schedule(now, weather, copy);
        }
        self.schedule(now, weather, datagram);
    }

    fn schedule(&mut self, now: Instant, weather: Weather, datagram: InFlight) {
        let jitter = weather.jitter.mul_f64(self.rng.below(1000) as f64 / 1000.0);
        self.next += 1;
        self.queue.push(Reverse((now + weather.delay + jitter, self.next)));
        self.datagrams.insert(self.next, datagram);
    }

    pub(crate) fn next_arrival(&self) -> Option<Instant> {
        self.queue.peek().map(|Reverse((at, _))| *at)
    }

    /// What has arrived by now.
    pub(crate) fn arrived(&mut self, now: Instant) -> Option<InFlight> {
        let Reverse((at, id)) = *self.queue.peek()?;
        if at > now {
            return None;
        }
        self.queue.pop();
        self.datagrams.remove(&id)
    }
}
