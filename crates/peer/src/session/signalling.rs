//! What the server says over the WebSocket.

use std::time::Instant;

use protocol::proto::media_events::{Candidate, peer as to_server, server as from_server};
use protocol::proto::{PeerMessage, peer_message};

use super::{Done, Session};
use crate::negotiation::Change;
use crate::remote::RemoteTrack;
use crate::{Event, PeerError, TrackKind};
use from_server::media_event::Content as FromServer;
use to_server::media_event::Content as ToServer;

impl Session {
    pub(crate) fn handle_message(&mut self, message: PeerMessage, now: Instant) {
        let Some(peer_message::Content::ServerMediaEvent(from_server::MediaEvent { content: Some(content) })) = message.content else {
            return;
        };
        let welcome = matches!(content, FromServer::Connected(_));
        if welcome == self.welcomed.is_some() {
            return self.violation(if welcome { "a second welcome" } else { "an event before the welcome" });
        }
        match content {
            FromServer::Connected(event) => self.on_connected(event, now),
            FromServer::EndpointAdded(event) => self.on_endpoint_added(event.endpoint_id, event.metadata_json),
            FromServer::EndpointUpdated(event) => {
                self.outbox.events.push_back(Event::EndpointUpdated { endpoint_id: event.endpoint_id, metadata: event.metadata_json });
            }
            FromServer::EndpointRemoved(event) => self.on_endpoint_removed(event.endpoint_id),
            FromServer::TracksAdded(event) => self.on_tracks_added(event, now),
            FromServer::TracksRemoved(event) => self.on_tracks_removed(event.track_ids),
            FromServer::TrackUpdated(event) => {
                self.expect_track(&event.track_id, "track_updated");
                self.outbox.events.push_back(Event::TrackUpdated { track_id: event.track_id, metadata: event.metadata_json });
            }
            FromServer::OfferData(event) => self.on_offer_data(event),
            FromServer::SdpAnswer(event) => self.on_answer(event, now),
            FromServer::Candidate(event) => self.on_candidate(&event),
            FromServer::VadNotification(event) => {
                self.expect_track(&event.track_id, "vad_notification");
                let speech = event.status() == from_server::media_event::vad_notification::Status::Speech;
                self.outbox.events.push_back(Event::VoiceActivity { track_id: event.track_id, speech });
            }
            FromServer::Refused(event) => {
                self.outbox.events.push_back(Event::Refused { code: event.code, message: event.message });
            }
            FromServer::Error(event) => self.outbox.events.push_back(Event::Error { message: event.message }),
            FromServer::TrackVariantSwitched(event) => self.expect_track(&event.track_id, "track_variant_switched"),
            FromServer::TrackVariantDisabled(event) => self.expect_track(&event.track_id, "track_variant_disabled"),
            FromServer::TrackVariantEnabled(event) => self.expect_track(&event.track_id, "track_variant_enabled"),
        }
    }

    fn on_connected(&mut self, event: from_server::media_event::Connected, now: Instant) {
        self.welcomed = Some(now);
        self.endpoint_id = event.endpoint_id;
        for (endpoint_id, endpoint) in event.endpoint_id_to_endpoint {
            if endpoint_id == self.endpoint_id {
                continue;
            }
            self.on_endpoint_added(endpoint_id.clone(), endpoint.metadata_json);
            for (track_id, track) in endpoint.track_id_to_track {
                self.add_remote(&endpoint_id, track_id, track.metadata_json, now);
            }
        }
    }

    fn on_endpoint_added(&mut self, endpoint_id: String, metadata: String) {
        self.outbox.events.push_back(Event::EndpointAdded { endpoint_id, metadata });
    }

    fn on_endpoint_removed(&mut self, endpoint_id: String) {
        let left = self.remote.values().filter(|track| track.endpoint_id() == endpoint_id && !track.withdrawn).count();
        if left > 0 {
            self.violation(format!("endpoint_removed before tracks_removed of {left} tracks"));
        }
        self.outbox.events.push_back(Event::EndpointRemoved { endpoint_id });
    }

    fn on_tracks_added(&mut self, event: from_server::media_event::TracksAdded, now: Instant) {
        self.negotiation.tracks_announced();
        for (track_id, track) in event.track_id_to_track {
            if self.negotiation.tracks().values().any(|known| *known == track_id) {
                self.violation(format!("{track_id} was announced again after its negotiation"));
            }
            self.add_remote(&event.endpoint_id, track_id, track.metadata_json, now);
        }
    }

    fn add_remote(&mut self, endpoint_id: &str, track_id: String, metadata: String, now: Instant) {
        // The tracks of the welcome are announced a second time with their negotiation.
        if !self.remote.contains_key(&track_id) {
            self.remote.insert(track_id.clone(), RemoteTrack::new(endpoint_id.to_owned(), track_id.clone(), now));
            self.outbox.events.push_back(Event::TrackAdded { endpoint_id: endpoint_id.to_owned(), track_id, metadata });
        }
    }

    fn on_tracks_removed(&mut self, track_ids: Vec<String>) {
        for track_id in track_ids {
            self.expect_track(&track_id, "tracks_removed");
            if let Some(track) = self.remote.get_mut(&track_id) {
                track.withdrawn = true;
            }
            self.outbox.events.push_back(Event::TrackRemoved { track_id });
        }
    }

    fn expect_track(&mut self, track_id: &str, what: &str) {
        let known = self.local.contains_key(track_id) || self.remote.get(track_id).is_some_and(|track| !track.withdrawn);
        if !known {
            self.violation(format!("{what} about an unknown track {track_id}"));
        }
    }

    fn on_offer_data(&mut self, event: from_server::media_event::OfferData) {
        if self.connection.has_pending_offer() {
            return self.violation("offer_data while an offer is unanswered");
        }
        let Some(totals) = event.tracks_types else {
            return self.violation("offer_data without totals");
        };
        let missing = match self.negotiation.missing(totals.audio, totals.video) {
            Ok(missing) => missing,
            Err(what) => return self.violation(what),
        };
        let kind_of = |id: String| self.local.get(&id).map(|track| (id, track.kind));
        let new_tracks: Vec<(String, TrackKind)> = self.negotiation.offering().into_iter().filter_map(kind_of).collect();
        let Some(offer) = self.connection.offer(&mut self.negotiation, &new_tracks, missing) else {
            return self.violation("offer_data that leads to an empty offer");
        };
        let mid_to_track_id = self.negotiation.own_tracks();
        let metadata = |id: &String| Some((id.clone(), self.local.get(id)?.metadata.clone()));
        let sdp_offer = to_server::media_event::SdpOffer {
            sdp: offer.sdp,
            track_id_to_metadata_json: mid_to_track_id.values().filter_map(metadata).collect(),
            track_id_to_bitrates: mid_to_track_id
                .values()
                .map(|id| (id.clone(), to_server::media_event::TrackBitrates::default()))
                .collect(),
            mid_to_track_id,
        };
        self.say(ToServer::SdpOffer(sdp_offer));
        if let Some((candidate, sdp_mid)) = offer.candidate {
            self.say(ToServer::Candidate(Candidate { candidate, sdp_mid, ..Candidate::default() }));
        }
    }

    fn on_answer(&mut self, event: from_server::media_event::SdpAnswer, now: Instant) {
        if let Err(error) = self.connection.accept_answer(&event.sdp) {
            return self.violation(format!("an answer that cannot be used: {error}"));
        }
        self.stats.negotiations += 1;
        let before = self.negotiation.tracks().clone();
        let done = self.negotiation.answered(event.mid_to_track_id);
        for (mid, track_id) in self.negotiation.tracks().clone() {
            if self.local.contains_key(&track_id) || before.get(&mid) == Some(&track_id) {
                continue;
            }
            let kind = self.negotiation.line(&mid).map(|line| line.kind);
            let (Some(kind), Some(track)) = (kind, self.remote.get_mut(&track_id)) else {
                self.violation(format!("the answer's map names {track_id} on {mid}, one of which is unknown"));
                continue;
            };
            track.set_kind(kind);
            let endpoint_id = track.endpoint_id().to_owned();
            self.outbox.events.push_back(Event::TrackReady { endpoint_id, track_id, kind });
        }
        match done {
            Some(Change::Add(track_id)) => self.added(track_id, now),
            Some(Change::Remove(track_id)) => {
                if let Some(track) = self.local.get_mut(&track_id) {
                    track.published = false;
                }
                self.outbox.done.push(Done { track_id, result: Ok(()) });
            }
            None => {}
        }
        self.run_queue();
    }

    fn added(&mut self, track_id: String, now: Instant) {
        let accepted = self.negotiation.tracks().values().any(|id| *id == track_id);
        if let Some(track) = self.local.get_mut(&track_id) {
            track.published = accepted;
            track.source.restart(now);
        }
        let result = if accepted { Ok(()) } else { Err(PeerError::TrackRefused) };
        self.outbox.done.push(Done { track_id, result });
    }

    fn on_candidate(&mut self, event: &Candidate) {
        if event.candidate.is_empty() {
            return;
        }
        if let Err(error) = self.connection.add_remote_candidate(&event.candidate) {
            self.violation(format!("a candidate that cannot be used: {error}"));
        }
    }
}
