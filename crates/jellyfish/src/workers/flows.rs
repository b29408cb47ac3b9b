//! What a worker remembers about the flows that it sees: bounded, oldest forgotten first.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use sfu::Flow;

use crate::candidates::Reach;

/// Flows remembered per worker and table, at most twice as many at the moment of forgetting.
const GENERATION: usize = 8192;

/// A map of two generations: entries neither set nor read while a whole generation fills are forgotten. So a flood of new ones takes
/// nothing away that is in use.
#[derive(Debug)]
pub(super) struct Recent<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K: Eq + Hash, V> Recent<K, V> {
    pub(super) fn new() -> Self {
        Self { young: HashMap::new(), old: HashMap::new() }
    }

    pub(super) fn insert(&mut self, key: K, value: V) {
        if self.young.len() >= GENERATION && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }

    pub(super) fn get(&mut self, key: &K) -> Option<&V> {
        if !self.young.contains_key(key)
            && let Some((key, value)) = self.old.remove_entry(key)
        {
            self.insert(key, value);
        }
        self.young.get(key)
    }
}

/// Which other workers' peers flows belong to, as the ufrags of their STUN checks say.
///
/// Nobody has verified those checks here, and an address can be forged: a flow that was said to be several workers' stays all of
/// theirs, so that a forged check takes nothing away. Only the worker whose peer it is takes its datagrams.
pub(super) struct Owners {
    claims: Recent<Flow, Vec<usize>>,
    workers: usize,
}

impl Owners {
    /// Nothing is known. `workers`: how many there are; others are not believed in.
    pub(super) fn new(workers: usize) -> Self {
        Self { claims: Recent::new(), workers }
    }

    /// A check over this flow is for a peer of that worker.
    pub(super) fn claim(&mut self, flow: Flow, worker: usize) {
        if worker >= self.workers {
            return;
        }
        let mut claims = self.claims.get(&flow).cloned().unwrap_or_default();
        if !claims.contains(&worker) {
            claims.push(worker);
        }
        self.claims.insert(flow, claims);
    }

    /// The workers that this flow may belong to.
    pub(super) fn of(&mut self, flow: &Flow) -> &[usize] {
        self.claims.get(flow).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Maps the local address at which datagrams arrive to the candidate that the client knows, and back.
pub(super) struct AddressMap {
    reach: Arc<Reach>,
    /// Real local addresses of flows whose candidate is another one.
    real: Recent<Flow, IpAddr>,
}

impl AddressMap {
    pub(super) fn new(reach: Arc<Reach>) -> Self {
        Self { reach, real: Recent::new() }
    }

    /// The flow as the client sees it.
    pub(super) fn flow(&self, local: SocketAddr, remote: SocketAddr) -> Flow {
        Flow::Udp { local: SocketAddr::new(self.reach.announced_for(local.ip()), local.port()), remote }
    }

    /// A peer took a datagram of this flow that arrived at `real`: answers leave from there.
    pub(super) fn remember(&mut self, flow: Flow, real: IpAddr) {
        let Flow::Udp { local, .. } = flow;
        if local.ip() != real {
            self.real.insert(flow, real);
        }
    }

    /// Local and remote address to send with.
    pub(super) fn addresses(&mut self, flow: Flow) -> (SocketAddr, SocketAddr) {
        let Flow::Udp { local, remote } = flow;
        let real = self.real.get(&flow).copied().unwrap_or(local.ip());
        (SocketAddr::new(real, local.port()), remote)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn what_is_used_is_remembered_and_the_rest_is_bounded() {
        let mut recent = Recent::new();
        for n in 0..10 * GENERATION {
            recent.insert(0, 0);
            recent.insert(n, n);
        }
        assert_eq!(recent.get(&0), Some(&0));
        assert_eq!(recent.get(&1), None);
        for n in 0..3 * GENERATION {
            recent.insert(100 * GENERATION + n, 0);
            assert_eq!(recent.get(&0), Some(&0), "what is read is not forgotten");
        }
        assert!(recent.young.len() + recent.old.len() <= 2 * GENERATION);
    }

    #[test]
    fn a_forged_check_takes_no_flow_away_from_its_owner() {
        let flow = |port| Flow::Udp { local: "192.0.2.1:50000".parse().unwrap(), remote: SocketAddr::from(([198, 51, 100, 7], port)) };
        let mut owners = Owners::new(3);
        for worker in [1, 2, 1, 3, 65_535] {
            owners.claim(flow(1), worker);
        }
        assert_eq!(owners.of(&flow(1)), [1, 2]);
        assert_eq!(owners.of(&flow(2)), [0; 0]);
    }

    #[test]
    fn answers_leave_from_the_address_that_was_asked() {
        let reach = Reach { announced: vec!["203.0.113.9".parse().unwrap()], ..Reach::default() };
        let mut map = AddressMap::new(Arc::new(reach));
        let remote: SocketAddr = "198.51.100.7:4000".parse().unwrap();
        let real: SocketAddr = "10.0.0.5:50000".parse().unwrap();
        let flow = map.flow(real, remote);
        assert_eq!(flow, Flow::Udp { local: "203.0.113.9:50000".parse().unwrap(), remote });
        assert!(map.real.young.is_empty(), "strangers are not remembered");
        map.remember(flow, real.ip());
        assert_eq!(map.addresses(flow), (real, remote));
        let loopback: SocketAddr = "127.0.0.1:50000".parse().unwrap();
        let flow = map.flow(loopback, remote);
        map.remember(flow, loopback.ip());
        assert_eq!(map.addresses(flow), (loopback, remote));
    }
}
