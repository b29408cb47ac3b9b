//! What a client may rely on, checked with every event it hears: the rules of negotiation and of answers.

use std::collections::{BTreeMap, BTreeSet};

use sfu::{PeerId, ServerEvent, TrackId};

use crate::client::Client;

/// Checks an event against what the client was told before.
pub(crate) fn check_event(client: &Client, event: &ServerEvent) {
    let is_connected = matches!(event, ServerEvent::Connected { .. });
    assert_eq!(is_connected, !client.connected, "the first event is Connected, and only the first: {event:?}");
    match event {
        ServerEvent::Connected { others, .. } => {
            assert!(others.iter().all(|other| other.id != client.id), "others are others");
        }
        ServerEvent::EndpointAdded { endpoint } => {
            assert!(!client.others.contains_key(&endpoint.id), "one EndpointAdded per join: {}", endpoint.id);
            assert!(endpoint.tracks.is_empty(), "without tracks");
        }
        ServerEvent::EndpointUpdated { endpoint, .. } => assert_known(client, endpoint),
        ServerEvent::EndpointRemoved { endpoint } => {
            assert_known(client, endpoint);
            let left = client.others[endpoint].announced.len();
            assert_eq!(left, 0, "tracks are removed before their endpoint {endpoint}");
        }
        ServerEvent::TracksAdded { endpoint, tracks } => {
            assert_known(client, endpoint);
            for track in tracks {
                assert!(!client.others[endpoint].announced.contains_key(&track.id), "{} is announced once", track.id);
            }
        }
        ServerEvent::TracksRemoved { endpoint, tracks } => {
            assert_known(client, endpoint);
            for track in tracks {
                assert_track(client, endpoint, track);
            }
        }
        ServerEvent::TrackUpdated { endpoint, track, .. }
        | ServerEvent::VoiceActivity { endpoint, track, .. }
        | ServerEvent::VariantSwitched { endpoint, track, .. }
        | ServerEvent::VariantEnabled { endpoint, track, .. } => {
            assert_known(client, endpoint);
            assert_track(client, endpoint, track);
        }
        ServerEvent::OfferData { audio, video } => {
            assert!(*audio >= client.totals.0 && *video >= client.totals.1, "totals never decrease");
            assert!(!client.is_awaiting_answer(), "one cycle is outstanding at a time");
            let lines = *audio + *video;
            assert!(
                lines > 0 || client.wants_channel || !client.own.is_empty() || !client.last_answer.is_empty(),
                "never an offer without lines"
            );
        }
        ServerEvent::Answer { .. } | ServerEvent::Candidate(_) => {}
    }
}

fn assert_known(client: &Client, endpoint: &PeerId) {
    assert!(!client.has_left(endpoint), "nothing is said of {endpoint} after it left");
    assert!(client.others.contains_key(endpoint), "{endpoint} was announced");
}

fn assert_track(client: &Client, endpoint: &PeerId, track: &TrackId) {
    let other = &client.others[endpoint];
    let known = other.announced.contains_key(track) || other.info.tracks.iter().any(|listed| listed.id == *track);
    assert!(known, "{track} was announced");
}

/// A media description: its `m=` line and attributes.
pub(crate) struct Section<'a> {
    pub(crate) media: &'a str,
    pub(crate) attributes: Vec<&'a str>,
}

impl<'a> Section<'a> {
    pub(crate) fn value(&self, name: &str) -> Option<&'a str> {
        self.attributes.iter().find_map(|attribute| attribute.strip_prefix(name)?.strip_prefix(':'))
    }

    pub(crate) fn direction(&self) -> &'a str {
        let found = self.attributes.iter().find(|attribute| ["sendonly", "recvonly", "sendrecv", "inactive"].contains(attribute));
        found.copied().unwrap_or("sendrecv")
    }

    pub(crate) fn kind(&self) -> &'a str {
        self.media.split(' ').next().unwrap_or_default()
    }

    fn formats(&self) -> Vec<&'a str> {
        self.media.split(' ').skip(3).collect()
    }
}

/// Splits a session description into its session part and media sections.
pub(crate) fn sections(sdp: &str) -> (Vec<&str>, Vec<Section<'_>>) {
    let (mut session, mut sections): (Vec<&str>, Vec<Section<'_>>) = (Vec::new(), Vec::new());
    for line in sdp.lines() {
        if let Some(media) = line.strip_prefix("m=") {
            sections.push(Section { media, attributes: Vec::new() });
        } else if let Some(attribute) = line.strip_prefix("a=") {
            match sections.last_mut() {
                Some(section) => section.attributes.push(attribute),
                None => session.push(attribute),
            }
        }
    }
    (session, sections)
}

/// Checks an answer against the offer it answers and the state the client is in.
pub(crate) fn check_answer(client: &Client, sdp: &str) {
    let (offer_session, offered) = sections(&client.last_offer);
    let (session, answered) = sections(sdp);
    let mids = |sections: &[Section<'_>]| -> Vec<String> {
        sections.iter().map(|section| section.value("mid").unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(mids(&offered), mids(&answered), "all lines, in order, with their mids");
    check_bundle(&offer_session, &session, &answered);
    check_lines(client, &offered, &answered);
    check_map(client, &answered);
    check_transport(&session, &answered);
}

fn check_bundle(offer: &[&str], answer: &[&str], answered: &[Section<'_>]) {
    let group = |session: &[&str]| -> BTreeSet<String> {
        let found = session.iter().find_map(|attribute| attribute.strip_prefix("group:BUNDLE "));
        found.unwrap_or_default().split(' ').map(str::to_owned).collect()
    };
    let accepted: BTreeSet<String> = answered
        .iter()
        .filter(|section| section.media.split(' ').nth(1) != Some("0"))
        .filter_map(|section| section.value("mid").map(str::to_owned))
        .collect();
    assert_eq!(group(answer), accepted, "every accepted mid is bundled");
    assert!(group(answer).is_subset(&group(offer)));
}

fn check_lines(client: &Client, offered: &[Section<'_>], answered: &[Section<'_>]) {
    let mut streams = BTreeMap::new();
    for (offer, answer) in offered.iter().zip(answered) {
        let mid = answer.value("mid").unwrap_or_default();
        assert_eq!(offer.kind(), answer.kind());
        if offer.kind() == "application" {
            continue;
        }
        let rids = |section: &Section<'_>, direction: &str| -> BTreeSet<String> {
            let all = section.attributes.iter().filter_map(|line| line.strip_prefix("rid:")?.strip_suffix(direction));
            all.map(|rid| rid.trim().to_owned()).collect()
        };
        let accepted = rids(answer, "recv");
        assert!(accepted.is_empty() || accepted == rids(offer, "send"), "all rids or none: {accepted:?}");
        match (offer.direction(), answer.direction()) {
            ("sendonly", "recvonly" | "inactive") | ("recvonly", "sendonly" | "inactive") | ("inactive", "inactive") => {}
            (offer, answer) => panic!("line {mid} was offered {offer} and answered {answer}"),
        }
        assert!(answer.formats().iter().all(|format| offer.formats().contains(format)), "payload types are the offer's");
        let video_codecs = answer.attributes.iter().filter(|line| line.starts_with("rtpmap:") && !line.contains(" rtx/")).count();
        if answer.direction() != "inactive" {
            assert_eq!(video_codecs, 1, "one codec per line: {mid}");
        }
        for extension in answer.attributes.iter().filter(|line| line.starts_with("extmap:")) {
            assert!(offer.attributes.contains(extension), "{extension} was offered so");
        }
        if answer.direction() == "sendonly" {
            let msid = answer.value("msid").unwrap_or_else(|| panic!("line {mid} has an msid"));
            let stream = msid.split(' ').next().unwrap_or_default();
            assert!(stream != "-" && !stream.is_empty());
            let others = streams.insert(stream.to_owned(), mid.to_owned());
            assert!(client.grouped_streams || others.is_none(), "a stream id per track");
        }
    }
    assert!(!sdp_contains(answered, "goog-remb"), "no REMB");
    assert!(client.last_offer.contains("a=mid:"));
}

fn sdp_contains(sections: &[Section<'_>], text: &str) -> bool {
    sections.iter().any(|section| section.attributes.iter().any(|attribute| attribute.contains(text)))
}

fn check_map(client: &Client, answered: &[Section<'_>]) {
    let own: BTreeMap<String, &TrackId> = client.own.iter().filter_map(|track| Some((track.mid?.to_string(), &track.id))).collect();
    for section in answered {
        let mid = section.value("mid").unwrap_or_default();
        let mapped = client.mid_to_track.get(mid);
        match section.direction() {
            "sendonly" => {
                let track = mapped.unwrap_or_else(|| panic!("line {mid} is in the map"));
                let announced = client.others.values().any(|other| other.announced.contains_key(track));
                assert!(announced, "{track} was announced before it was mapped");
            }
            "recvonly" => assert_eq!(mapped, own.get(mid).copied(), "own lines are mapped to own tracks"),
            _ if section.kind() == "application" => {}
            _ => assert_eq!(mapped, None, "inactive lines are in no map: {mid}"),
        }
    }
    let mapped: BTreeSet<&TrackId> = client.mid_to_track.values().collect();
    assert_eq!(mapped.len(), client.mid_to_track.len(), "a track has one line");
    for track in client.others.values().flat_map(|other| other.announced.keys()) {
        assert!(mapped.contains(track), "{track} was announced, so it is in the map");
    }
}

fn check_transport(session: &[&str], answered: &[Section<'_>]) {
    let mut ufrags = BTreeSet::new();
    let mut passwords = BTreeSet::new();
    let mut fingerprints: BTreeSet<&str> = session.iter().copied().filter(|line| line.starts_with("fingerprint:")).collect();
    for section in answered.iter().filter(|section| section.media.split(' ').nth(1) != Some("0")) {
        ufrags.extend(section.value("ice-ufrag"));
        passwords.extend(section.value("ice-pwd"));
        fingerprints.extend(section.attributes.iter().copied().filter(|line| line.starts_with("fingerprint:")));
        if let Some(setup) = section.value("setup") {
            assert_eq!(setup, "passive");
        }
        for candidate in section.attributes.iter().filter(|line| line.starts_with("candidate:")) {
            if let Some((_, named)) = candidate.split_once(" ufrag ") {
                ufrags.extend(named.split(' ').next());
            }
        }
    }
    assert_eq!((ufrags.len(), passwords.len(), fingerprints.len()), (1, 1, 1), "one transport: {ufrags:?} {fingerprints:?}");
}
