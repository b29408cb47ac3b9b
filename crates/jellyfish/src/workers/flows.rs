//! What a worker remembers about the flows that it sees: bounded, oldest forgotten first.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use sfu::Flow;

use crate::candidates::Reach;

/// Flows remembered per worker and table, at most twice as many at the moment of forgetting.
const GENERATION: usize = 8192;

/// A map of two generations: entries not touched while a whole generation fills are forgotten.
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

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.young.get(key).or_else(|| self.old.get(key))
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
    pub(super) fn flow(&mut self, local: SocketAddr, remote: SocketAddr) -> Flow {
        let announced = self.reach.announced_for(local.ip());
        let flow = Flow::Udp { local: SocketAddr::new(announced, local.port()), remote };
        if announced != local.ip() {
            self.real.insert(flow, local.ip());
        }
        flow
    }

    /// Local and remote address to send with.
    pub(super) fn addresses(&self, flow: Flow) -> (SocketAddr, SocketAddr) {
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
        assert!(recent.young.len() + recent.old.len() <= 2 * GENERATION);
    }

    #[test]
    fn answers_leave_from_the_address_that_was_asked() {
        let reach = Reach { announced: vec!["203.0.113.9".parse().unwrap()], ..Reach::default() };
        let mut map = AddressMap::new(Arc::new(reach));
        let remote: SocketAddr = "198.51.100.7:4000".parse().unwrap();
        let real: SocketAddr = "10.0.0.5:50000".parse().unwrap();
        let flow = map.flow(real, remote);
        assert_eq!(flow, Flow::Udp { local: "203.0.113.9:50000".parse().unwrap(), remote });
        assert_eq!(map.addresses(flow), (real, remote));
        let loopback: SocketAddr = "127.0.0.1:50000".parse().unwrap();
        let flow = map.flow(loopback, remote);
        assert_eq!(map.addresses(flow), (loopback, remote));
    }
}
