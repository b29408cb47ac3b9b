//! What the engine says while it works: events for clients, facts about tracks and peers.

use std::time::Instant;

use protocol::notification::Notification;
use sfu::{Closed, Event, PeerId, RoomId, TrackInfo};

use super::Rooms;
use super::message::ToClient;
use super::translate::{TrackChange, track_notification};

impl Rooms {
    pub(super) fn take_engine_output(&mut self, now: Instant, output: sfu::Output) {
        match output {
            sfu::Output::ToClient { room, peer, event } => self.tell(&room, &peer, ToClient::Event(event)),
            sfu::Output::Event { room, event } => self.take_event(now, &room, event),
        }
    }

    fn take_event(&mut self, now: Instant, room: &RoomId, event: Event) {
        match event {
            Event::PeerMetadataUpdated { peer, metadata } => self.metadata_updated(room, &peer, metadata),
            Event::TrackAdded { peer, track } => self.track_changed(TrackChange::Added, room, &peer, track),
            Event::TrackUpdated { peer, track } => self.track_changed(TrackChange::Updated, room, &peer, track),
            Event::TrackRemoved { peer, track } => self.track_changed(TrackChange::Removed, room, &peer, track),
            Event::MediaStarted { peer, after_ms } => {
                self.time_to_media.record(after_ms);
                tracing::info!(%room, %peer, after_ms, "media flows");
            }
            Event::PeerClosed { peer, reason } => {
                match &reason {
                    Closed::Crashed => tracing::warn!(%room, %peer, "a media session broke"),
                    // Any client can do that; the metrics count it.
                    Closed::BadOffer(_) | Closed::NoOffer => tracing::debug!(%room, %peer, ?reason, "a client cannot be negotiated with"),
                }
                self.crash_peer(now, room, &peer, &sentence(reason));
            }
        }
    }

    fn metadata_updated(&mut self, room_id: &RoomId, peer_id: &PeerId, metadata: sfu::Metadata) {
        let Some(peer) = self.peer_mut(room_id, peer_id) else { return };
        peer.metadata = metadata;
        let metadata = peer.metadata.as_json().to_owned();
        self.notify(Notification::PeerMetadataUpdated { room: room_id.to_string(), peer: peer_id.to_string(), metadata });
    }

    /// Removals that were told already, with the peer's end, are not told again.
    fn track_changed(&mut self, change: TrackChange, room_id: &RoomId, peer_id: &PeerId, track: TrackInfo) {
        let Some(peer) = self.peer_mut(room_id, peer_id) else { return };
        if !peer.is_connected() {
            return;
        }
        let notification = match change {
            TrackChange::Added => {
                let notification = track_notification(change, room_id, peer_id, &track);
                peer.tracks.push(track);
                notification
            }
            TrackChange::Updated => {
                let Some(known) = peer.tracks.iter_mut().find(|known| known.id == track.id) else { return };
                *known = track;
                track_notification(change, room_id, peer_id, known)
            }
            TrackChange::Removed => {
                let Some(known) = peer.remove_track(&track.id) else { return };
                track_notification(change, room_id, peer_id, &known)
            }
        };
        self.notify(notification);
    }
}

fn sentence(reason: Closed) -> String {
    match reason {
        Closed::Crashed => String::new(),
        Closed::BadOffer(why) => why,
        Closed::NoOffer => "no offer came".to_owned(),
    }
}
