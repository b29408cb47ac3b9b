#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::net::SocketAddr;

use proptest::prelude::*;

use super::super::stun::tests::message;
use super::*;

const USE_CANDIDATE: u16 = 0x0025;

/// A client port as a flow.
fn flow(port: u16) -> Flow {
    let local = SocketAddr::from(([10, 0, 0, 1], 50_000));
    Flow::Udp { local, remote: SocketAddr::from(([192, 0, 2, 1], port)) }
}

struct Story {
    table: AddressTable<u32>,
    now: Instant,
    transactions: u8,
}

impl Story {
    fn new() -> Self {
        Self { table: AddressTable::default(), now: Instant::now(), transactions: 0 }
    }

    fn wait(&mut self, millis: u64) -> &mut Self {
        self.now += Duration::from_millis(millis);
        self
    }

    fn request(&mut self, peer: u32, port: u16, nominates: bool) -> [u8; 12] {
        self.transactions = self.transactions.wrapping_add(1);
        let transaction = [self.transactions; 12];
        let attributes: &[(u16, &[u8])] = if nominates { &[(USE_CANDIDATE, &[])] } else { &[] };
        let datagram = message(1, transaction, attributes);
        self.table.note_request(peer, flow(port), &Message::parse(&datagram).unwrap());
        transaction
    }

    /// A check that is answered with success.
    fn check(&mut self, peer: u32, port: u16) -> &mut Self {
        let transaction = self.request(peer, port, false);
        assert_eq!(self.table.note_response(peer, &message(0x0101, transaction, &[]), self.now), Some(flow(port)));
        self
    }

    fn nominate(&mut self, peer: u32, port: u16) -> &mut Self {
        let transaction = self.request(peer, port, true);
        assert_eq!(self.table.note_response(peer, &message(0x0101, transaction, &[]), self.now), Some(flow(port)));
        self
    }

    fn speak(&mut self, port: u16) -> &mut Self {
        self.table.heard(&flow(port), self.now);
        self
    }

    fn reaches(&mut self, peer: u32, port: u16) -> &mut Self {
        assert_eq!(self.table.chosen(peer), Some(flow(port)));
        self
    }
}

#[test]
fn a_source_counts_only_after_a_success() {
    let mut story = Story::new();
    let transaction = story.request(1, 1000, true);
    assert_eq!((story.table.owner(&flow(1000)), story.table.chosen(1)), (None, None));
    assert_eq!(story.table.heard(&flow(1000), story.now), None);
    let error = message(0x0111, transaction, &[]);
    assert_eq!(story.table.note_response(1, &error, story.now), Some(flow(1000)), "an error goes back by the same way");
    assert_eq!(story.table.owner(&flow(1000)), None, "and verifies nothing");
    story.check(1, 1000).reaches(1, 1000);
    assert_eq!(story.table.owner(&flow(1000)), Some(1));
}

#[test]
fn the_last_sign_of_life_is_that_of_any_verified_source() {
    let mut story = Story::new();
    story.request(1, 1000, false);
    assert_eq!(story.table.heard_at(1), None);
    let mut spoke_at = story.check(1, 1000).check(1, 1001).now;
    assert_eq!(story.table.heard_at(1), Some(spoke_at));
    for port in [1000, 1001, 1000] {
        spoke_at = story.wait(300).speak(port).now;
        story.wait(300).speak(1002);
        assert_eq!(story.table.heard_at(1), Some(spoke_at), "{port}");
    }
    assert_eq!(story.table.heard_at(2), None);
}

#[test]
fn a_success_for_another_transaction_verifies_nothing() {
    let mut story = Story::new();
    story.request(1, 1000, true);
    assert_eq!(story.table.note_response(1, &message(0x0101, [99; 12], &[]), story.now), None);
    assert_eq!(story.table.note_response(2, &message(0x0101, [1; 12], &[]), story.now), None, "another peer's");
    assert_eq!(story.table.note_response(1, &[22; 40], story.now), None, "not STUN");
    assert_eq!(story.table.len(), 0);
}

#[test]
fn the_newest_source_counts_until_one_is_nominated() {
    let mut story = Story::new();
    story.check(1, 1000).reaches(1, 1000);
    story.check(1, 2000).reaches(1, 2000);
    story.check(1, 1000).reaches(1, 2000);
    story.nominate(1, 1000).reaches(1, 1000);
    story.check(1, 3000).reaches(1, 1000);
    story.nominate(1, 3000).reaches(1, 3000);
    story.nominate(1, 1000).reaches(1, 1000);
}

#[test]
fn after_a_second_of_silence_whoever_speaks_is_chosen() {
    let mut story = Story::new();
    story.nominate(1, 1000).check(1, 2000).reaches(1, 1000);
    story.wait(999).speak(2000).reaches(1, 1000);
    story.wait(1).speak(2000).reaches(1, 2000);
    story.wait(5000).speak(1000).reaches(1, 1000);
}

/// Browsers name the way that they use with each check of it, and keep former ones open by checks now and then.
#[test]
fn a_former_way_that_is_only_kept_open_does_not_take_over() {
    let mut story = Story::new();
    story.nominate(1, 1000).wait(100).nominate(1, 2000).reaches(1, 2000);
    story.wait(100).check(1, 1000).reaches(1, 2000);
    story.wait(2500).check(1, 1000).reaches(1, 2000);
    story.wait(3000).check(1, 2000).wait(2000).check(1, 1000).reaches(1, 2000);
    story.wait(4000).check(1, 1000).reaches(1, 1000);
    story.check(1, 2000).reaches(1, 2000);
}

#[test]
fn a_rebound_address_is_reached_at_once_or_within_a_second() {
    let mut story = Story::new();
    story.nominate(1, 1000).wait(10).speak(1000);
    story.wait(300).nominate(1, 2000).reaches(1, 2000);
    story.wait(10).speak(2000).wait(300).check(1, 3000).reaches(1, 2000);
    story.wait(700).speak(3000).reaches(1, 3000);
}

#[test]
fn an_unverified_source_does_not_take_over() {
    let mut story = Story::new();
    story.nominate(1, 1000).wait(10_000).speak(6666).reaches(1, 1000);
}

#[test]
fn a_neighbours_living_flow_cannot_be_claimed() {
    let mut story = Story::new();
    story.nominate(1, 1000).wait(4999);
    story.nominate(2, 1000);
    assert_eq!((story.table.owner(&flow(1000)), story.table.chosen(2)), (Some(1), None));
    story.wait(1).nominate(2, 1000).reaches(2, 1000);
    assert_eq!((story.table.owner(&flow(1000)), story.table.chosen(1)), (Some(2), None), "a dead one can");
}

#[test]
fn removal_frees_everything() {
    let mut story = Story::new();
    story.check(1, 1000).check(1, 2000).check(2, 3000);
    story.request(1, 4000, false);
    story.table.remove(1);
    assert_eq!((story.table.len(), story.table.peers.len()), (1, 1));
    story.table.remove(2);
    assert_eq!((story.table.len(), story.table.peers.len()), (0, 0));
}

#[test]
fn sources_and_pending_requests_are_bounded() {
    let mut story = Story::new();
    story.nominate(1, 1);
    for port in 2..200 {
        story.wait(1).speak(1).check(1, port);
    }
    assert_eq!(story.table.len(), MAX_SOURCES);
    story.reaches(1, 1);
    assert_eq!(story.table.owner(&flow(199)), Some(1), "the newest are kept");
    for port in 0..1000 {
        story.request(1, port, false);
    }
    assert_eq!(story.table.peers[&1].pending.len(), MAX_PENDING);
}

proptest! {
    #[test]
    fn owners_and_sources_always_agree(
        steps in proptest::collection::vec((0_u8..5, 1_u32..4, 1_u16..30, 0_u64..3000), 0..200),
    ) {
        let mut story = Story::new();
        for (what, peer, port, after) in steps {
            story.wait(after);
            match what {
                0 => story.check(peer, port),
                1 => story.nominate(peer, port),
                2 => story.speak(port),
                3 => {
                    story.request(peer, port, true);
                    &mut story
                }
                _ => {
                    story.table.remove(peer);
                    &mut story
                }
            };
            let table = &story.table;
            let listed: usize = table.peers.values().map(|sources| sources.verified.len()).sum();
            prop_assert_eq!(listed, table.owners.len());
            for (peer, sources) in &table.peers {
                prop_assert!(sources.verified.len() <= MAX_SOURCES);
                prop_assert!(sources.verified.iter().all(|source| table.owners.get(&source.flow) == Some(peer)));
                prop_assert_eq!(sources.chosen.is_some(), !sources.verified.is_empty());
                prop_assert!(sources.chosen.is_none_or(|chosen| table.owners.get(&chosen) == Some(peer)));
            }
        }
    }
}
