#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;

use super::*;
use crate::event::EndpointKind;

/// A negotiation and a clock; each step returns what the client was told, in short words.
struct Story {
    negotiation: Negotiation,
    now: Instant,
}

impl Story {
    fn new() -> Self {
        Self { negotiation: Negotiation::default(), now: Instant::now() }
    }

    /// Does something, lets a cycle start, and says what the client was told.
    fn when(&mut self, step: impl FnOnce(&mut Negotiation)) -> String {
        step(&mut self.negotiation);
        self.negotiation.proceed(self.now);
        self.told()
    }

    fn told(&mut self) -> String {
        self.negotiation.take().iter().map(word).collect::<Vec<_>>().join(", ")
    }

    fn client_asks(&mut self) -> String {
        self.when(Negotiation::request)
    }

    fn track_comes(&mut self, id: &str) -> String {
        self.when(|negotiation| negotiation.add_track(owner(id), info(id)))
    }

    fn track_goes(&mut self, id: &str) -> String {
        self.when(|negotiation| negotiation.remove_track(&TrackId::from(id)))
    }

    /// An offer with room for everything is answered.
    fn offer(&mut self) -> String {
        self.offer_with(Placement::Placed)
    }

    fn offer_with(&mut self, placement: Placement) -> String {
        let placements: Vec<_> = self.negotiation.unplaced().into_iter().map(|(id, _)| (id, placement)).collect();
        let answer = ServerEvent::Answer { sdp: String::new(), mid_to_track: BTreeMap::new() };
        self.when(|negotiation| {
            negotiation.answered(answer, &placements);
        })
    }

    fn after(&mut self, seconds: u64) -> String {
        self.now += Duration::from_secs(seconds);
        match self.negotiation.handle_timeout(self.now) {
            Ok(()) => self.told(),
            Err(NoOffer) => "closed".to_owned(),
        }
    }
}

fn owner(track: &str) -> PeerId {
    PeerId::from(track.split_once(':').unwrap().0)
}

/// `b:a1` is an audio track of `b`, `b:v1` a video track.
fn info(id: &str) -> TrackInfo {
    let kind = if id.contains(":a") { TrackKind::Audio } else { TrackKind::Video };
    TrackInfo { id: TrackId::from(id), kind, metadata: Metadata::default(), variants: Vec::new(), disabled_variants: Vec::new() }
}

fn endpoint(id: &str) -> EndpointInfo {
    let (metadata, server_metadata) = (Metadata::default(), Metadata::default());
    EndpointInfo { id: PeerId::from(id), kind: EndpointKind::WebRtc, metadata, server_metadata, tracks: Vec::new() }
}

fn word(event: &ServerEvent) -> String {
    let join = |ids: Vec<&str>| ids.join("+");
    match event {
        ServerEvent::EndpointAdded { endpoint } => format!("joined {}", endpoint.id),
        ServerEvent::EndpointUpdated { endpoint, .. } => format!("renamed {endpoint}"),
        ServerEvent::EndpointRemoved { endpoint } => format!("left {endpoint}"),
        ServerEvent::TracksAdded { tracks, .. } => format!("added {}", join(tracks.iter().map(|track| track.id.as_str()).collect())),
        ServerEvent::TracksRemoved { tracks, .. } => format!("removed {}", join(tracks.iter().map(TrackId::as_str).collect())),
        ServerEvent::TrackUpdated { track, .. } => format!("updated {track}"),
        ServerEvent::OfferData { audio, video } => format!("ask {audio}/{video}"),
        ServerEvent::Answer { .. } => "answer".to_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_client_that_asks_gets_exactly_one_cycle() {
    let mut story = Story::new();
    assert_eq!(story.client_asks(), "ask 0/0");
    assert_eq!(story.offer(), "answer");
    assert_eq!(story.after(60), "");
}

#[test]
fn asking_during_a_cycle_is_remembered_once() {
    let mut story = Story::new();
    story.client_asks();
    assert_eq!((story.client_asks(), story.client_asks(), story.client_asks()), (String::new(), String::new(), String::new()));
    assert_eq!(story.offer(), "answer, ask 0/0");
    assert_eq!(story.offer(), "answer");
}

#[test]
fn nothing_to_negotiate_asks_for_nothing() {
    let mut story = Story::new();
    assert_eq!(story.when(|negotiation| negotiation.add_endpoint(endpoint("b"))), "joined b");
    assert_eq!(story.when(|_| {}), "");
    assert_eq!(story.negotiation.deadline(), None);
}

#[test]
fn tracks_of_one_endpoint_come_together_and_right_before_the_request() {
    let mut story = Story::new();
    for id in ["b:a1", "c:v1", "b:v1"] {
        story.negotiation.add_track(owner(id), info(id));
    }
    assert_eq!(story.when(|_| {}), "added b:a1+b:v1, added c:v1, ask 1/2");
    assert_eq!(story.offer(), "answer");
    assert!(story.negotiation.is_active(&TrackId::from("c:v1")));
}

#[test]
fn tracks_that_come_during_a_cycle_wait_for_the_next() {
    let mut story = Story::new();
    story.track_comes("b:a1");
    assert_eq!((story.track_comes("c:a1"), story.track_comes("c:v1")), (String::new(), String::new()));
    assert_eq!(story.offer(), "answer, added c:a1+c:v1, ask 2/1");
    assert_eq!(story.offer(), "answer");
}

#[test]
fn limit_lines_that_a_client_is_asked_for() {
    let mut story = Story::new();
    let camera = |number: usize| TrackId::from(format!("p{number}:v1"));
    for number in 0..102 {
        story.negotiation.add_track(owner(camera(number).as_str()), info(camera(number).as_str()));
    }
    assert!(story.when(|_| {}).ends_with("added p101:v1, ask 0/100"));
    let answer = ServerEvent::Answer { sdp: String::new(), mid_to_track: BTreeMap::new() };
    let placement = |number| if number < 100 { Placement::Placed } else { Placement::NoLine };
    let placements: Vec<_> = (0..102).map(|number| (camera(number), placement(number))).collect();
    assert_eq!(story.when(|negotiation| drop(negotiation.answered(answer, &placements))), "answer", "nobody asks for what may not be");
    assert_eq!(story.track_goes("p101:v1"), "removed p101:v1");
    assert_eq!(story.track_goes("p3:v1"), "removed p3:v1, ask 0/100", "its line goes to the one that waits");
    assert_eq!(story.offer(), "answer");
    assert!(story.negotiation.is_active(&camera(100)));
    assert_eq!(story.track_comes("q:a1"), "added q:a1, ask 1/100", "sound has lines of its own");
    assert_eq!(story.offer(), "answer");
    story.track_comes("q:v1");
    assert_eq!(story.offer_with(Placement::NoLine), "answer");
    assert_eq!(story.track_goes("p4:v1"), "removed p4:v1, ask 1/100");
    let asks = (0..9).take_while(|_| story.offer_with(Placement::NoLine) != "answer").count();
    assert_eq!(asks, 2, "a client that does not offer the line is not asked for ever");
}

#[test]
fn an_unexpected_offer_is_answered_and_places_only_what_was_announced() {
    let mut story = Story::new();
    assert_eq!(story.offer(), "answer");
    story.negotiation.add_track(owner("b:a1"), info("b:a1"));
    assert!(story.negotiation.unplaced().is_empty());
    assert_eq!(story.offer(), "answer, added b:a1, ask 1/0");
}

#[test]
fn totals_never_decrease_and_free_lines_are_used_again() {
    let mut story = Story::new();
    for round in 0..5 {
        let id = format!("b{round}:v1");
        assert_eq!(story.track_comes(&id), format!("added {id}, ask 0/1"));
        assert_eq!(story.offer(), "answer");
        // A removal needs no cycle.
        assert_eq!(story.track_goes(&id), format!("removed {id}"));
    }
    story.track_comes("c:v1");
    story.offer();
    assert_eq!(story.track_comes("c:a1"), "added c:a1, ask 1/1");
}

#[test]
fn a_track_that_goes_before_it_was_announced_is_never_mentioned() {
    let mut story = Story::new();
    story.client_asks();
    assert_eq!((story.track_comes("b:v1"), story.track_goes("b:v1")), (String::new(), String::new()));
    assert_eq!(story.offer(), "answer");
}

#[test]
fn the_removal_of_an_unanswered_track_waits_with_all_that_follows() {
    let mut story = Story::new();
    story.track_comes("b:v1");
    assert_eq!(story.track_goes("b:v1"), "");
    assert_eq!(story.when(|negotiation| negotiation.remove_endpoint(&PeerId::from("b"))), "");
    // The same person comes back before the answer: first the old one goes.
    assert_eq!(story.when(|negotiation| negotiation.add_endpoint(endpoint("b"))), "");
    assert_eq!(story.track_comes("b:v2"), "");
    // Nobody else waits.
    assert_eq!(story.when(|negotiation| negotiation.remove_endpoint(&PeerId::from("c"))), "left c");
    assert_eq!(story.offer(), "answer, removed b:v1, left b, joined b, added b:v2, ask 0/1");
}

#[test]
fn a_withdrawn_track_frees_its_line() {
    let mut story = Story::new();
    story.track_comes("b:v1");
    story.track_goes("b:v1");
    let placements = [(TrackId::from("b:v1"), Placement::Placed)];
    let answer = ServerEvent::Answer { sdp: String::new(), mid_to_track: BTreeMap::new() };
    assert_eq!(story.negotiation.answered(answer, &placements), [TrackId::from("b:v1")]);
    assert_eq!(story.told(), "answer, removed b:v1");
}

#[test]
fn removed_tracks_go_before_their_endpoint() {
    let mut story = Story::new();
    for id in ["b:a1", "b:v1"] {
        story.negotiation.add_track(owner(id), info(id));
    }
    story.when(|_| {});
    story.offer();
    let told = story.when(|negotiation| {
        negotiation.remove_track(&TrackId::from("b:a1"));
        negotiation.remove_track(&TrackId::from("b:v1"));
        negotiation.remove_endpoint(&PeerId::from("b"));
    });
    assert_eq!(told, "removed b:a1+b:v1, left b");
}

#[test]
fn metadata_is_told_only_of_known_tracks() {
    let mut story = Story::new();
    let update = |story: &mut Story, id: &str, text: &str| {
        let (id, metadata) = (TrackId::from(id), Metadata::from_json(text));
        story.when(|negotiation| negotiation.update_track(&id, &metadata))
    };
    story.client_asks();
    story.track_comes("b:v1");
    assert_eq!(update(&mut story, "b:v1", "1"), "");
    assert_eq!(update(&mut story, "c:v1", "1"), "");
    story.offer();
    assert_eq!(update(&mut story, "b:v1", "2"), "updated b:v1");
    story.track_goes("b:v1");
    assert_eq!(update(&mut story, "b:v1", "3"), "");
}

#[test]
fn the_announcement_has_the_newest_metadata() {
    let mut story = Story::new();
    story.client_asks();
    story.track_comes("b:v1");
    story.negotiation.update_track(&TrackId::from("b:v1"), &Metadata::from_json("7"));
    let answer = ServerEvent::Answer { sdp: String::new(), mid_to_track: BTreeMap::new() };
    story.negotiation.answered(answer, &[]);
    story.negotiation.proceed(story.now);
    let told = story.negotiation.take();
    let newest = |event: &ServerEvent| matches!(event, ServerEvent::TracksAdded { tracks, .. } if tracks[0].metadata.as_json() == "7");
    assert!(told.iter().any(newest), "{told:?}");
}

#[test]
fn a_missing_offer_is_asked_for_three_times() {
    let mut story = Story::new();
    assert_eq!(story.track_comes("b:a1"), "added b:a1, ask 1/0");
    assert_eq!((story.after(9), story.after(1), story.after(9)), (String::new(), "ask 1/0".into(), String::new()));
    assert_eq!((story.after(1), story.after(10)), ("ask 1/0".into(), "closed".into()));
}

#[test]
fn a_late_offer_starts_the_count_again() {
    let mut story = Story::new();
    story.track_comes("b:a1");
    assert_eq!(story.after(10), "ask 1/0");
    assert_eq!(story.offer(), "answer");
    story.track_comes("b:a2");
    assert_eq!((story.after(10), story.after(10), story.after(10)), ("ask 2/0".into(), "ask 2/0".into(), "closed".into()));
}

#[test]
fn a_track_without_a_line_gets_another_cycle_but_is_not_announced_again() {
    let mut story = Story::new();
    story.track_comes("b:v1");
    assert_eq!(story.offer_with(Placement::NoLine), "answer, ask 0/1");
    assert_eq!(story.offer_with(Placement::NoLine), "answer, ask 0/1");
    // A client that never adds the line is not kept negotiating.
    assert_eq!(story.offer_with(Placement::NoLine), "answer");
    assert_eq!(story.track_goes("b:v1"), "removed b:v1");
}

#[test]
fn a_codec_that_the_client_lacks_is_not_tried_again() {
    let mut story = Story::new();
    story.track_comes("b:v1");
    assert_eq!(story.offer_with(Placement::Unusable), "answer");
    assert!(!story.negotiation.is_active(&TrackId::from("b:v1")));
    assert_eq!(story.track_comes("b:a1"), "added b:a1, ask 1/1");
}

#[test]
fn a_track_that_lost_its_line_gets_a_new_one() {
    let mut story = Story::new();
    story.track_comes("b:v1");
    story.offer();
    assert_eq!(story.when(|negotiation| negotiation.displaced(&TrackId::from("b:v1"))), "ask 0/1");
    assert_eq!(story.offer(), "answer");
    assert!(story.negotiation.is_active(&TrackId::from("b:v1")));
}
