#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::rooms::RoomName;

/// A janitor on a clock that only the test moves.
struct Story {
    janitor: Janitor,
    now: Instant,
}

impl Story {
    fn new() -> Self {
        Self { janitor: Janitor::default(), now: Instant::now() }
    }

    fn after(mut self, millis: u64) -> Self {
        self.now += Duration::from_millis(millis);
        self
    }

    fn given(mut self, input: Input) -> Self {
        self.janitor.handle(self.now, input);
        self
    }

    fn does(mut self, expected: impl IntoIterator<Item = Action>) -> Self {
        let mut actions = Vec::new();
        while let Some(action) = self.janitor.poll(self.now) {
            actions.push(action);
        }
        assert_eq!(actions, expected.into_iter().collect::<Vec<_>>());
        self
    }

    fn rests(self) -> Self {
        self.does([])
    }

    fn forgets_all(self) {
        assert!(self.janitor.suspects.is_empty(), "{:?}", self.janitor.suspects);
        assert_eq!(self.janitor.deadline(), None);
    }
}

fn room() -> RoomId {
    RoomName::parse("standup").unwrap().id()
}

fn ids(peers: &[&str]) -> BTreeSet<String> {
    peers.iter().map(|&peer| peer.to_owned()).collect()
}

fn nobody_of(peers: &[&str]) -> Read {
    Read::Seen(Seen { connected: false, peers: ids(peers) })
}

fn somebody_of(peers: &[&str]) -> Read {
    Read::Seen(Seen { connected: true, peers: ids(peers) })
}

fn left() -> Input {
    Input::Notified(Notification::PeerDisconnected { room: room().to_string(), peer: "a".into() })
}

fn connected() -> Input {
    Input::Notified(Notification::PeerConnected { room: room().to_string(), peer: "b".into() })
}

fn read_shows(read: Read) -> Input {
    Input::Read(room(), read)
}

fn confirmation_shows(read: Read) -> Input {
    Input::Confirmed(room(), read)
}

fn confirm(known: &[&str]) -> Action {
    Action::Confirm(room(), ids(known))
}

#[test]
fn the_last_one_leaves() {
    Story::new()
        .given(left())
        .does([Action::Read(room())])
        .given(read_shows(nobody_of(&["a"])))
        .after(4_999)
        .rests()
        .after(1)
        .does([confirm(&["a"])])
        .given(confirmation_shows(Read::Gone))
        .forgets_all();
}

#[test]
fn somebody_stays() {
    Story::new().given(left()).does([Action::Read(room())]).given(read_shows(somebody_of(&["a", "b"]))).forgets_all();
}

#[test]
fn a_join_between_the_reads_starts_the_wait_again() {
    Story::new()
        .given(left())
        .does([Action::Read(room())])
        .given(read_shows(nobody_of(&["a"])))
        .after(5_000)
        .does([confirm(&["a"])])
        .given(confirmation_shows(nobody_of(&["a", "new"])))
        .after(4_999)
        .rests()
        .after(1)
        .does([confirm(&["a", "new"])])
        .given(confirmation_shows(somebody_of(&["new"])))
        .forgets_all();
}

#[test]
fn the_rule_for_the_second_read() {
    let seen = |connected, peers: &[&str]| Seen { connected, peers: ids(peers) };
    assert!(seen(false, &[]).confirms_empty(&ids(&[])));
    assert!(seen(false, &[]).confirms_empty(&ids(&["a"])));
    assert!(seen(false, &["a"]).confirms_empty(&ids(&["a", "b"])));
    assert!(!seen(false, &["a", "b"]).confirms_empty(&ids(&["a"])));
    assert!(!seen(false, &["b"]).confirms_empty(&ids(&["a"])), "as many, but another one");
    assert!(!seen(true, &["a"]).confirms_empty(&ids(&["a"])));
}

#[test]
fn a_connection_in_time_ends_the_suspicion() {
    Story::new().given(left()).does([Action::Read(room())]).given(read_shows(nobody_of(&["a"]))).given(connected()).forgets_all();
    Story::new().given(left()).given(connected()).rests().forgets_all();
}

#[test]
fn a_departure_during_a_read_is_not_lost() {
    Story::new()
        .given(left())
        .does([Action::Read(room())])
        .given(left())
        .rests()
        .given(read_shows(somebody_of(&["a", "b"])))
        .does([Action::Read(room())])
        .given(read_shows(nobody_of(&["a", "b"])))
        .after(5_000)
        .does([confirm(&["a", "b"])])
        .given(left())
        .given(confirmation_shows(somebody_of(&["c"])))
        .does([Action::Read(room())])
        .given(read_shows(Read::Gone))
        .forgets_all();
}

#[test]
fn each_kind_of_departure_counts() {
    for notification in [
        Notification::PeerDisconnected { room: room().to_string(), peer: "a".into() },
        Notification::PeerDeleted { room: room().to_string(), peer: "a".into() },
        Notification::PeerCrashed { room: room().to_string(), peer: "a".into(), reason: String::new() },
    ] {
        Story::new().given(Input::Notified(notification)).does([Action::Read(room())]);
    }
    for notification in [
        Notification::RoomCreated { room: room().to_string() },
        Notification::PeerAdded { room: room().to_string(), peer: "a".into() },
        Notification::PeerMetadataUpdated { room: room().to_string(), peer: "a".into(), metadata: "null".into() },
    ] {
        Story::new().given(Input::Notified(notification)).rests().forgets_all();
    }
}

#[test]
fn a_room_that_ends_otherwise_is_forgotten() {
    for end in [Notification::RoomDeleted { room: room().to_string() }, Notification::RoomCrashed { room: room().to_string() }] {
        let settling = Story::new().given(left()).does([Action::Read(room())]).given(read_shows(nobody_of(&["a"])));
        settling.given(Input::Notified(end)).forgets_all();
    }
    Story::new().given(left()).does([Action::Read(room())]).given(read_shows(Read::Gone)).forgets_all();
}

#[test]
fn rooms_of_others_are_none_of_our_business() {
    for id in ["theirs", "vr-", "", "vr-0123456789abcdef0123456789abcdef01234567"] {
        let notification = Notification::PeerDisconnected { room: id.into(), peer: "a".into() };
        Story::new().given(Input::Notified(notification)).rests().forgets_all();
    }
}

#[test]
fn after_a_reconnection_the_list_is_the_first_read() {
    let busy = RoomName::parse("busy").unwrap().id();
    let listed = vec![(room(), Seen { connected: false, peers: ids(&["a"]) }), (busy, Seen { connected: true, peers: ids(&["b"]) })];
    Story::new()
        .given(Input::MayHaveMissed)
        .does([Action::List])
        .given(Input::Listed(Some(listed)))
        .after(4_999)
        .rests()
        .after(1)
        .does([confirm(&["a"])])
        .given(confirmation_shows(Read::Gone))
        .forgets_all();
}

#[test]
fn the_list_is_read_again_when_it_failed_or_is_out_of_date() {
    Story::new()
        .given(Input::MayHaveMissed)
        .does([Action::List])
        .given(Input::Listed(None))
        .after(4_999)
        .rests()
        .after(1)
        .does([Action::List])
        .given(Input::MayHaveMissed)
        .rests()
        .given(Input::Listed(Some(Vec::new())))
        .does([Action::List])
        .given(Input::Listed(Some(Vec::new())))
        .rests()
        .forgets_all();
}

#[test]
fn the_list_does_not_shorten_or_prolong_a_wait() {
    let listed = || Input::Listed(Some(vec![(room(), Seen { connected: false, peers: ids(&["a", "new"]) })]));
    Story::new()
        .given(left())
        .does([Action::Read(room())])
        .given(read_shows(nobody_of(&["a"])))
        .after(3_000)
        .given(Input::MayHaveMissed)
        .does([Action::List])
        .given(listed())
        .after(2_000)
        .does([confirm(&["a"])]);
}

#[test]
fn failures_are_tried_again_later() {
    Story::new()
        .given(left())
        .does([Action::Read(room())])
        .given(read_shows(Read::Failed))
        .after(4_999)
        .rests()
        .after(1)
        .does([Action::Read(room())])
        .given(read_shows(nobody_of(&["a"])))
        .after(5_000)
        .does([confirm(&["a"])])
        .given(confirmation_shows(Read::Failed))
        .after(4_999)
        .rests()
        .after(1)
        .does([confirm(&["a"])])
        .given(confirmation_shows(Read::Gone))
        .forgets_all();
}

#[test]
fn the_deadline_is_the_next_thing_to_do() {
    let mut story = Story::new().given(left());
    assert_eq!(story.janitor.deadline(), Some(story.now));
    story = story.does([Action::Read(room())]);
    assert_eq!(story.janitor.deadline(), None, "an answer is awaited, not a moment");
    story = story.given(read_shows(nobody_of(&["a"])));
    assert_eq!(story.janitor.deadline(), Some(story.now + SETTLE));
    story = story.given(Input::MayHaveMissed);
    assert_eq!(story.janitor.deadline(), Some(story.now));
}
