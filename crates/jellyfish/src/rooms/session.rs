//! What a client and its peer have said to each other, so that they can go on over another socket.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use aws_lc_rs::constant_time;
use protocol::signalling::Resumption;
use serde::{Deserialize, Serialize};

use super::message::ToClient;
use super::translate;

/// Longest time that a session is kept without a socket. Longer shows others a frozen picture of somebody who is gone, shorter
/// fails phones that change networks.
pub const KEPT: Duration = Duration::from_secs(15);

/// Most media events kept for a client. More help clients that seldom say what they have received. All of them must fit into
/// the queue of a socket.
pub const MAX_EVENTS: usize = 1024;

/// Most bytes of them, as on the wire.
pub const MAX_EVENT_BYTES: usize = 1024 * 1024;

/// Name of a session: whoever knows it goes on with it. The text is a secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionName(pub String);

impl fmt::Debug for SessionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionName(..)")
    }
}

/// What a client that can resume asks for when it connects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resuming {
    /// The session that it wants to go on with; an empty name is nobody's.
    pub session: SessionName,
    /// Media events that it has received in it.
    pub received: u64,
    /// Unguessable name for the session that begins otherwise.
    pub fresh: SessionName,
}

/// A session: counts of media events in both directions, and the last ones to the client.
#[derive(Debug)]
pub(super) struct Session {
    name: SessionName,
    /// Media events of the client.
    received: u64,
    /// Media events to the client that need not be kept.
    forgotten: u64,
    /// The ones after them, with their sizes.
    kept: VecDeque<(ToClient, usize)>,
    bytes: usize,
}

impl Session {
    /// A session in which nothing was said.
    pub(super) fn new(name: SessionName) -> Self {
        Self { name, received: 0, forgotten: 0, kept: VecDeque::new(), bytes: 0 }
    }

    /// Whether this is its name; takes the same time for all names of its length.
    pub(super) fn is_named(&self, name: &SessionName) -> bool {
        constant_time::verify_slices_are_equal(self.name.0.as_bytes(), name.0.as_bytes()).is_ok()
    }

    /// Whether everything after the client's `received` is still there.
    pub(super) fn reaches_back_to(&self, received: u64) -> bool {
        (self.forgotten..=self.sent()).contains(&received)
    }

    /// Counts a media event of the client.
    pub(super) fn receive(&mut self) {
        self.received += 1;
    }

    /// Media events of the client.
    pub(super) fn received(&self) -> u64 {
        self.received
    }

    /// Counts a media event to the client and keeps it, at the cost of the oldest ones.
    pub(super) fn send(&mut self, event: &ToClient) {
        let size = translate::weight(event);
        self.kept.push_back((event.clone(), size));
        self.bytes += size;
        while self.kept.len() > MAX_EVENTS || self.bytes > MAX_EVENT_BYTES {
            self.forget_one();
        }
    }

    /// The client has received that many media events. What cannot be true changes nothing.
    pub(super) fn forget(&mut self, received: u64) {
        if received <= self.sent() {
            while self.forgotten < received {
                self.forget_one();
            }
        }
    }

    /// The media events that are kept, oldest first.
    pub(super) fn kept(&self) -> impl Iterator<Item = &ToClient> {
        self.kept.iter().map(|(event, _)| event)
    }

    /// What the client is told about it.
    pub(super) fn resumption(&self, resumed: bool) -> Resumption {
        Resumption { session: self.name.0.clone(), resumed, received: self.received, kept: KEPT }
    }

    fn sent(&self) -> u64 {
        self.forgotten + self.kept.len() as u64
    }

    fn forget_one(&mut self) {
        if let Some((_, size)) = self.kept.pop_front() {
            self.forgotten += 1;
            self.bytes -= size;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use sfu::ServerEvent;

    use super::*;

    fn event(bytes: usize) -> ToClient {
        ToClient::Event(ServerEvent::Answer { sdp: "x".repeat(bytes), mid_to_track: BTreeMap::new() })
    }

    fn session() -> Session {
        Session::new(SessionName("name".to_owned()))
    }

    #[test]
    fn a_session_knows_its_name() {
        let session = session();
        for (name, expected) in [("name", true), ("", false), ("nam", false), ("names", false), ("Name", false)] {
            assert_eq!(session.is_named(&SessionName(name.to_owned())), expected, "{name}");
        }
        assert!(!format!("{session:?}").contains("\"name\""));
    }

    #[test]
    fn limit_media_events_kept_for_a_client() {
        let mut session = session();
        for _ in 0..MAX_EVENTS {
            session.send(&event(1));
        }
        assert!(session.reaches_back_to(0));
        session.send(&event(1));
        assert_eq!(session.kept().count(), MAX_EVENTS);
        assert_eq!([0, 1, 1025, 1026].map(|received| session.reaches_back_to(received)), [false, true, true, false]);
    }

    #[test]
    fn limit_bytes_of_media_events_kept_for_a_client() {
        let mut session = session();
        for _ in 0..10 {
            session.send(&event(MAX_EVENT_BYTES / 4));
        }
        assert_eq!(session.kept().count(), 3);
        session.send(&event(MAX_EVENT_BYTES));
        assert_eq!(session.kept().count(), 0);
        assert_eq!([10, 11].map(|received| session.reaches_back_to(received)), [false, true]);
    }

    proptest! {
        /// Against a list of everything that was ever sent.
        #[test]
        fn what_follows_is_exactly_what_was_not_received(steps in prop::collection::vec((0_usize..3, 0_u64..40), 1..200)) {
            let mut session = session();
            let mut sent: Vec<ToClient> = Vec::new();
            let mut forgotten = 0;
            for (step, number) in steps {
                match step {
                    0 => {
                        sent.push(event(number as usize));
                        session.send(sent.last().unwrap());
                    }
                    1 => {
                        session.forget(number);
                        if number <= sent.len() as u64 {
                            forgotten = forgotten.max(number);
                        }
                    }
                    _ => {
                        prop_assert_eq!(session.reaches_back_to(number), (forgotten..=sent.len() as u64).contains(&number));
                    }
                }
                prop_assert!(session.kept().eq(&sent[forgotten as usize..]));
            }
        }
    }
}
