//! Tracks coming and going, and who may publish what.

use std::time::Instant;

use serde::Deserialize;

use super::Room;
use super::track::Track;
use crate::event::{Event, ServerEvent, TrackInfo, TrackKind, Variant};
use crate::ids::{Metadata, TrackId};
use crate::permissions::Permissions;
use crate::worker::{Due, Worker};

/// Whether a track of this kind may be published. The kind is what the server knows from the media line; the metadata tells a
/// screen from a camera.
pub(super) fn is_allowed(permissions: Permissions, kind: TrackKind, metadata: &Metadata) -> bool {
    match kind {
        TrackKind::Audio => permissions.audio,
        TrackKind::Video if is_screen(metadata) => permissions.screen,
        TrackKind::Video => permissions.video,
    }
}

fn is_screen(metadata: &Metadata) -> bool {
    #[derive(Deserialize)]
    struct Typed {
        #[serde(rename = "type")]
        kind: String,
    }
    serde_json::from_str(metadata.as_json()).is_ok_and(|Typed { kind }| kind.starts_with("screenShare"))
}

impl Room {
    /// A track exists from now on; the others get it with their next cycle.
    pub(super) fn publish(&mut self, worker: &mut Worker, owner: usize, line: usize, info: TrackInfo) -> usize {
        let id = info.id.clone();
        let key = self.tracks.insert(Track::new(owner, line, info.clone()));
        self.by_track.insert(id, key);
        self.endpoints[owner].tracks.push(key);
        let endpoint = self.endpoints[owner].id.clone();
        for other in self.others(owner) {
            let other = &mut self.endpoints[other];
            if other.subscriptions.include(&endpoint, &info.id)
                && let Some(peer) = other.peer()
            {
                peer.negotiation.add_track(endpoint.clone(), info.clone());
            }
        }
        worker.report(&self.id, Event::TrackAdded { peer: endpoint, track: info });
        key
    }

    /// A track ends. The others are told with their next flush.
    pub(super) fn unpublish(&mut self, worker: &mut Worker, key: usize) {
        let track = self.tracks.remove(key);
        self.by_track.remove(&track.info.id);
        self.pending.retain(|(of, _)| *of != key);
        worker.schedule.remove(Due::Track { room: self.key, track: key });
        let owner = &mut self.endpoints[track.owner];
        owner.tracks.retain(|other| *other != key);
        let peer = owner.id.clone();
        if let Some(owner) = owner.peer() {
            owner.release_source(key);
        }
        for other in self.others(track.owner) {
            if let Some(peer) = self.endpoints[other].peer() {
                peer.negotiation.remove_track(&track.info.id);
                peer.release_delivery(&track.info.id);
            }
        }
        worker.report(&self.id, Event::TrackRemoved { peer, track: track.info });
    }

    pub(super) fn flush_others(&mut self, worker: &mut Worker, now: Instant, key: usize) {
        for other in self.others(key) {
            self.flush(worker, now, other);
        }
    }

    pub(super) fn update_track(&mut self, worker: &mut Worker, now: Instant, key: usize, id: &TrackId, metadata: Metadata) {
        let Some(track) = self.own_track(key, id) else { return };
        let info = &mut self.tracks[track].info;
        if info.metadata == metadata {
            return;
        }
        info.metadata = metadata;
        let info = info.clone();
        if !is_allowed(self.endpoints[key].permissions, info.kind, &info.metadata) {
            self.withdraw(worker, now, key, &[track]);
            return;
        }
        for other in self.others(key) {
            if let Some(peer) = self.endpoints[other].peer() {
                peer.negotiation.update_track(id, &info.metadata);
            }
            self.flush(worker, now, other);
        }
        worker.report(&self.id, Event::TrackUpdated { peer: self.endpoints[key].id.clone(), track: info });
    }

    /// Replaces an endpoint's permission set. What is no longer allowed stops at once; a cycle tells the client, and picks up
    /// what is allowed again.
    pub(crate) fn set_permissions(&mut self, worker: &mut Worker, now: Instant, key: usize, permissions: Permissions) {
        if self.endpoints[key].permissions == permissions {
            return;
        }
        self.endpoints[key].permissions = permissions;
        let is_refused = |track: &&usize| {
            let info = &self.tracks[**track].info;
            !is_allowed(permissions, info.kind, &info.metadata)
        };
        let refused: Vec<usize> = self.endpoints[key].tracks.iter().filter(is_refused).copied().collect();
        self.withdraw(worker, now, key, &refused);
        self.close_crashed(worker, now);
    }

    fn withdraw(&mut self, worker: &mut Worker, now: Instant, key: usize, tracks: &[usize]) {
        for track in tracks {
            self.unpublish(worker, *track);
        }
        self.flush_others(worker, now, key);
        if let Some(peer) = self.endpoints[key].peer()
            && peer.has_negotiated()
        {
            peer.negotiation.request();
        }
        self.flush(worker, now, key);
    }

    /// The owner switches an encoding on or off. Repetitions are legitimate and change nothing.
    pub(super) fn set_variant(&mut self, worker: &mut Worker, now: Instant, key: usize, id: &TrackId, variant: Variant, enabled: bool) {
        let Some(key_of_track) = self.own_track(key, id) else { return };
        let track = &mut self.tracks[key_of_track];
        let Some(encoding) = track.encoding(variant).filter(|encoding| encoding.disabled == enabled) else {
            return;
        };
        encoding.disabled = !enabled;
        let encodings = &track.encodings;
        track.info.disabled_variants = encodings.iter().filter(|encoding| encoding.disabled).map(|encoding| encoding.variant).collect();
        track.select(now);
        let info = track.info.clone();
        let endpoint = self.endpoints[key].id.clone();
        for other in self.others(key) {
            if let Some(peer) = self.endpoints[other].peer() {
                peer.negotiation.refresh_track(&info);
                if peer.negotiation.is_active(id) {
                    let event = ServerEvent::VariantEnabled { endpoint: endpoint.clone(), track: id.clone(), variant, enabled };
                    peer.negotiation.tell(event);
                }
            }
            self.flush(worker, now, other);
        }
        self.request_keyframes(worker, now, key_of_track);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_go_by_kind_and_screen() {
        let none = Permissions { audio: false, video: false, screen: false, data: false, moderate: false };
        let (camera, screen) = (r#"{"type":"camera"}"#, r#"{"type":"screenShareVideo","paused":false}"#);
        let cases = [
            (Permissions { audio: true, ..none }, TrackKind::Audio, "null", true),
            (none, TrackKind::Audio, "null", false),
            (Permissions { video: true, ..none }, TrackKind::Video, camera, true),
            (Permissions { video: true, ..none }, TrackKind::Video, screen, false),
            (Permissions { screen: true, ..none }, TrackKind::Video, screen, true),
            (Permissions { screen: true, ..none }, TrackKind::Video, camera, false),
            (Permissions { video: true, ..none }, TrackKind::Video, r#"{"type":7}"#, true),
            (Permissions { video: true, ..none }, TrackKind::Video, "not json", true),
        ];
        for (permissions, kind, metadata, expected) in cases {
            assert_eq!(is_allowed(permissions, kind, &Metadata::from_json(metadata)), expected, "{kind:?} {metadata}");
        }
    }
}
