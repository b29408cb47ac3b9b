//! How many joins one address may make: a token bucket per client, in a table of bounded size.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::{Duration, Instant};

/// What one address may do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JoinLimit {
    /// Joins at once. A whole office behind one address comes back after a restart; more lets one stranger make more rooms.
    pub burst: u32,
    /// Time to earn one more.
    pub interval: Duration,
    /// Addresses remembered. Fewer forgets busy addresses too early under a flood, more costs memory.
    pub addresses: usize,
}

impl Default for JoinLimit {
    fn default() -> Self {
        Self { burst: 100, interval: Duration::from_secs(1), addresses: 10_000 }
    }
}

/// Counts joins.
#[derive(Debug)]
pub struct JoinLimiter {
    limit: JoinLimit,
    /// For each client the moment at which its bucket will be full again. Clients with full buckets need no entry.
    full_at: HashMap<IpAddr, Instant>,
}

impl JoinLimiter {
    /// Nobody has joined yet.
    pub fn new(limit: JoinLimit) -> Self {
        Self { limit, full_at: HashMap::new() }
    }

    /// Counts a join of this address. When it may not join, the time after which it may.
    pub fn check(&mut self, now: Instant, client: IpAddr) -> Result<(), Duration> {
        let client = subject(client);
        let full_at = self.full_at.get(&client).copied().unwrap_or(now).max(now);
        let capacity = self.limit.interval * self.limit.burst;
        let debt = full_at - now + self.limit.interval;
        if let Some(wait) = debt.checked_sub(capacity).filter(|wait| !wait.is_zero()) {
            return Err(wait);
        }
        if !self.full_at.contains_key(&client) {
            self.make_room(now);
        }
        self.full_at.insert(client, now + debt);
        Ok(())
    }

    /// How many clients are remembered.
    pub fn remembered(&self) -> usize {
        self.full_at.len()
    }

    /// Forgets clients whose buckets are full, and if that is not enough the one that is nearest to it.
    fn make_room(&mut self, now: Instant) {
        if self.full_at.len() < self.limit.addresses {
            return;
        }
        self.full_at.retain(|_, full_at| *full_at > now);
        if self.full_at.len() >= self.limit.addresses
            && let Some(calmest) = self.full_at.iter().min_by_key(|(_, full_at)| **full_at).map(|(client, _)| *client)
        {
            self.full_at.remove(&calmest);
        }
    }
}

/// Whom an address stands for: an IPv6 customer has a whole /64 (RFC 6177).
fn subject(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn joins(limiter: &mut JoinLimiter, now: Instant, client: &str) -> usize {
        (0..1000).take_while(|_| limiter.check(now, ip(client)).is_ok()).count()
    }

    #[test]
    fn a_hundred_at_once_then_sixty_a_minute() {
        let start = Instant::now();
        let mut limiter = JoinLimiter::new(JoinLimit::default());
        assert_eq!(joins(&mut limiter, start, "192.0.2.1"), 100);
        assert_eq!(limiter.check(start, ip("192.0.2.1")), Err(Duration::from_secs(1)));
        assert_eq!(joins(&mut limiter, start + Duration::from_mins(1), "192.0.2.1"), 60);
        assert_eq!(joins(&mut limiter, start + Duration::from_hours(1), "192.0.2.1"), 100, "never more than the burst");
        assert_eq!(joins(&mut limiter, start, "192.0.2.2"), 100, "others have their own");
    }

    #[test]
    fn refused_joins_do_not_prolong_the_wait() {
        let start = Instant::now();
        let mut limiter = JoinLimiter::new(JoinLimit::default());
        joins(&mut limiter, start, "192.0.2.1");
        for _ in 0..500 {
            assert!(limiter.check(start, ip("192.0.2.1")).is_err());
        }
        assert!(limiter.check(start + Duration::from_secs(1), ip("192.0.2.1")).is_ok());
    }

    #[test]
    fn one_network_of_ipv6_and_both_forms_of_ipv4_are_one_client() {
        let start = Instant::now();
        let mut limiter = JoinLimiter::new(JoinLimit::default());
        joins(&mut limiter, start, "2001:db8:1:2::1");
        assert!(limiter.check(start, ip("2001:db8:1:2:ffff::9")).is_err());
        assert!(limiter.check(start, ip("2001:db8:1:3::1")).is_ok());
        joins(&mut limiter, start, "192.0.2.1");
        assert!(limiter.check(start, ip("::ffff:192.0.2.1")).is_err());
    }

    #[test]
    fn the_table_stays_bounded_and_keeps_the_busiest() {
        let start = Instant::now();
        let mut limiter = JoinLimiter::new(JoinLimit { addresses: 50, ..JoinLimit::default() });
        joins(&mut limiter, start, "192.0.2.1");
        for network in 0..10_000_u128 {
            let client = IpAddr::V6(Ipv6Addr::from_bits(0x2001_0db8 << 96 | network << 64));
            assert!(limiter.check(start, client).is_ok());
            assert!(limiter.remembered() <= 50);
        }
        assert!(limiter.check(start, ip("192.0.2.1")).is_err(), "a flood of other addresses does not free a busy one");
    }
}
