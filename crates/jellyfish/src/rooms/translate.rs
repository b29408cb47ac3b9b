//! The one place where words of the engine meet words of the wire.

use std::collections::BTreeMap;

use protocol::notification::{self, Notification};
use protocol::{rest, signalling};
use serde_json::{Value, json};

use super::command::{PeerSnapshot, RoomSettings, RoomSnapshot};
use super::message::{Refusal, ToClient};

/// Longest id of a track, in bytes: everybody in the room is told it again and again. Published clients take 73.
pub const MAX_TRACK_ID: usize = 256;

/// What the engine is told when a client says this.
pub fn client_event(event: signalling::ClientEvent) -> sfu::ClientEvent {
    use signalling::ClientEvent as C;
    match event {
        C::Connect { metadata, grouped_streams } => {
            sfu::ClientEvent::Connect { metadata: sfu::Metadata::from_json(&metadata), grouped_streams }
        }
        C::Disconnect => sfu::ClientEvent::Disconnect,
        C::UpdateEndpointMetadata { metadata } => sfu::ClientEvent::UpdateMetadata { metadata: sfu::Metadata::from_json(&metadata) },
        C::UpdateTrackMetadata { track, metadata } => {
            sfu::ClientEvent::UpdateTrackMetadata { track: track.into(), metadata: sfu::Metadata::from_json(&metadata) }
        }
        C::RenegotiateTracks => sfu::ClientEvent::RenegotiateTracks,
        C::Candidate { candidate } => sfu::ClientEvent::Candidate { candidate },
        C::SdpOffer(offer) => sfu::ClientEvent::Offer(self::offer(offer)),
        C::TrackBitrates { track, bitrates: by_variant } => {
            sfu::ClientEvent::TrackBitrates { track: track.into(), bitrates: bitrates(by_variant) }
        }
        C::EnableVariant { track, variant } => sfu::ClientEvent::EnableVariant { track: track.into(), variant: to_engine(variant) },
        C::DisableVariant { track, variant } => sfu::ClientEvent::DisableVariant { track: track.into(), variant: to_engine(variant) },
        C::SetTargetVariant { track, variant } => sfu::ClientEvent::SetTargetVariant { track: track.into(), variant: to_engine(variant) },
        C::UnmuteTrack { track } => sfu::ClientEvent::UnmuteTrack { track: track.into() },
    }
}

/// A media line whose track has too long an id belongs to no track.
fn offer(offer: signalling::SdpOffer) -> sfu::Offer {
    sfu::Offer {
        sdp: offer.sdp,
        track_metadata: offer
            .track_metadata
            .into_iter()
            .map(|(track, metadata)| (track.into(), sfu::Metadata::from_json(&metadata)))
            .collect(),
        track_bitrates: offer.track_bitrates.into_iter().map(|(track, by_variant)| (track.into(), bitrates(by_variant))).collect(),
        mid_to_track: offer
            .mid_to_track
            .into_iter()
            .filter(|(_, track)| track.len() <= MAX_TRACK_ID)
            .map(|(mid, track)| (mid.into(), track.into()))
            .collect(),
    }
}

fn bitrates(by_variant: BTreeMap<signalling::Variant, u32>) -> BTreeMap<sfu::Variant, u32> {
    by_variant.into_iter().map(|(variant, bitrate)| (to_engine(variant), bitrate)).collect()
}

fn to_engine(variant: signalling::Variant) -> sfu::Variant {
    match variant {
        signalling::Variant::Low => sfu::Variant::Low,
        signalling::Variant::Medium => sfu::Variant::Medium,
        signalling::Variant::High => sfu::Variant::High,
    }
}

fn to_wire(variant: sfu::Variant) -> signalling::Variant {
    match variant {
        sfu::Variant::Low => signalling::Variant::Low,
        sfu::Variant::Medium => signalling::Variant::Medium,
        sfu::Variant::High => signalling::Variant::High,
    }
}

/// What a client is told when the engine says this.
pub fn server_event(event: sfu::ServerEvent) -> signalling::ServerEvent {
    use sfu::ServerEvent as E;
    use signalling::ServerEvent as S;
    match event {
        E::Connected { own, others } => {
            let id = own.id.to_string();
            let endpoints = std::iter::once(own).chain(others).map(|info| (info.id.to_string(), endpoint(info))).collect();
            S::Connected { endpoint: id, endpoints, ice_servers: Vec::new() }
        }
        E::EndpointAdded { endpoint } => S::EndpointAdded {
            endpoint: endpoint.id.to_string(),
            metadata: text(&endpoint.metadata),
            server_metadata: text(&endpoint.server_metadata),
        },
        E::EndpointUpdated { endpoint, metadata, server_metadata } => {
            S::EndpointUpdated { endpoint: endpoint.to_string(), metadata: text(&metadata), server_metadata: text(&server_metadata) }
        }
        E::EndpointRemoved { endpoint } => S::EndpointRemoved { endpoint: endpoint.to_string() },
        E::TracksAdded { endpoint, tracks } => S::TracksAdded { endpoint: endpoint.to_string(), tracks: tracks_by_id(tracks) },
        E::TracksRemoved { endpoint, tracks } => {
            S::TracksRemoved { endpoint: endpoint.to_string(), tracks: tracks.iter().map(ToString::to_string).collect() }
        }
        E::TrackUpdated { endpoint, track, metadata } => {
            S::TrackUpdated { endpoint: endpoint.to_string(), track: track.to_string(), metadata: text(&metadata) }
        }
        E::OfferData { audio, video } => S::OfferData { audio, video },
        E::Answer { sdp, mid_to_track } => {
            S::SdpAnswer { sdp, mid_to_track: mid_to_track.into_iter().map(|(mid, track)| (mid.to_string(), track.to_string())).collect() }
        }
        E::Candidate(candidate) => S::Candidate { candidate: candidate.0 },
        E::VoiceActivity { track, activity, .. } => {
            S::VoiceActivity { track: track.to_string(), speech: activity == sfu::VoiceActivity::Speech }
        }
        E::VariantSwitched { endpoint, track, variant } => {
            S::VariantSwitched { endpoint: endpoint.to_string(), track: track.to_string(), variant: to_wire(variant) }
        }
        E::VariantEnabled { endpoint, track, variant, enabled } => {
            S::VariantEnabled { endpoint: endpoint.to_string(), track: track.to_string(), variant: to_wire(variant), enabled }
        }
    }
}

/// What a client is told when its event has no effect.
pub fn refusal(refusal: Refusal) -> signalling::ServerEvent {
    match refusal {
        Refusal::MetadataTooLarge { limit } => signalling::ServerEvent::Refused {
            code: "metadata_too_large",
            message: format!("metadata is longer than {limit} bytes of JSON and has no effect"),
            track: String::new(),
        },
    }
}

fn endpoint(info: sfu::EndpointInfo) -> signalling::Endpoint {
    signalling::Endpoint {
        kind: match info.kind {
            sfu::EndpointKind::WebRtc => "webrtc",
        },
        metadata: text(&info.metadata),
        server_metadata: text(&info.server_metadata),
        tracks: tracks_by_id(info.tracks),
    }
}

fn tracks_by_id(tracks: Vec<sfu::TrackInfo>) -> BTreeMap<String, signalling::Track> {
    let track = |info: sfu::TrackInfo| signalling::Track {
        metadata: text(&info.metadata),
        variants: info.variants.into_iter().map(to_wire).collect(),
        disabled_variants: info.disabled_variants.into_iter().map(to_wire).collect(),
    };
    tracks.into_iter().map(|info| (info.id.to_string(), track(info))).collect()
}

fn text(metadata: &sfu::Metadata) -> String {
    metadata.as_json().to_owned()
}

/// About how many bytes it takes on the wire to tell a client; what is always short counts little.
pub fn weight(message: &ToClient) -> usize {
    use sfu::ServerEvent as E;
    const SHORT: usize = 100;
    let ToClient::Event(event) = message else { return SHORT };
    let length = |metadata: &sfu::Metadata| metadata.as_json().len();
    let tracks = |tracks: &[sfu::TrackInfo]| tracks.iter().map(|track| SHORT + length(&track.metadata)).sum::<usize>();
    let endpoint = |info: &sfu::EndpointInfo| SHORT + length(&info.metadata) + length(&info.server_metadata) + tracks(&info.tracks);
    SHORT
        + match event {
            E::Connected { own, others } => endpoint(own) + others.iter().map(endpoint).sum::<usize>(),
            E::EndpointAdded { endpoint: added } => endpoint(added),
            E::EndpointUpdated { metadata, server_metadata, .. } => length(metadata) + length(server_metadata),
            E::TracksAdded { tracks: added, .. } => tracks(added),
            E::TracksRemoved { tracks, .. } => tracks.len() * SHORT,
            E::TrackUpdated { metadata, .. } => length(metadata),
            E::Answer { sdp, mid_to_track } => sdp.len() + mid_to_track.len() * SHORT,
            E::Candidate(candidate) => candidate.0.len(),
            E::EndpointRemoved { .. }
            | E::OfferData { .. }
            | E::VoiceActivity { .. }
            | E::VariantSwitched { .. }
            | E::VariantEnabled { .. } => 0,
        }
}

/// What happened to a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TrackChange {
    Added,
    Updated,
    Removed,
}

/// What back ends are told about a track.
pub(super) fn track_notification(change: TrackChange, room: &sfu::RoomId, peer: &sfu::PeerId, track: &sfu::TrackInfo) -> Notification {
    let room = room.to_string();
    let endpoint = notification::Endpoint::Peer(peer.to_string());
    let track = notification::Track {
        id: track.id.to_string(),
        kind: Some(match track.kind {
            sfu::TrackKind::Audio => notification::TrackKind::Audio,
            sfu::TrackKind::Video => notification::TrackKind::Video,
        }),
        metadata: text(&track.metadata),
    };
    match change {
        TrackChange::Added => Notification::TrackAdded { room, endpoint, track },
        TrackChange::Updated => Notification::TrackMetadataUpdated { room, endpoint, track },
        TrackChange::Removed => Notification::TrackRemoved { room, endpoint, track },
    }
}

/// A room as the REST interface shows it.
pub fn rest_room(room: RoomSnapshot) -> rest::Room {
    let RoomSettings {
        max_peers,
        video_codec,
        webhook_url,
        peerless_purge_timeout,
        peer_disconnected_timeout,
        room_type,
        public,
        batch_webhook_notifications,
    } = room.settings;
    rest::Room {
        id: room.id.to_string(),
        config: rest::RoomConfig {
            room_id: Some(room.id.to_string()),
            max_peers,
            video_codec: video_codec.map(|codec| match codec {
                sfu::VideoCodec::H264 => rest::VideoCodec::H264,
                sfu::VideoCodec::Vp8 => rest::VideoCodec::Vp8,
            }),
            webhook_url,
            peerless_purge_timeout,
            peer_disconnected_timeout,
            room_type: Some(room_type),
            public: Some(public),
            batch_webhook_notifications: Some(batch_webhook_notifications),
        },
        components: Vec::new(),
        peers: room.peers.iter().map(rest_peer).collect(),
    }
}

/// A peer as the REST interface shows it. Metadata is split in two only when the application gave some.
pub fn rest_peer(peer: &PeerSnapshot) -> rest::Peer {
    let own = value(&peer.metadata);
    let (subscribe_mode, subscriptions) = match &peer.subscriptions {
        sfu::Subscriptions::All => (rest::SubscribeMode::Auto, rest::Subscriptions::default()),
        sfu::Subscriptions::Only(wishes) => {
            let peers = wishes.peers.iter().map(ToString::to_string).collect();
            let tracks = wishes.tracks.iter().map(ToString::to_string).collect();
            (rest::SubscribeMode::Manual, rest::Subscriptions { peers, tracks })
        }
    };
    rest::Peer {
        id: peer.id.to_string(),
        kind: "webrtc".to_owned(),
        status: if peer.connected { rest::PeerStatus::Connected } else { rest::PeerStatus::Disconnected },
        tracks: peer.tracks.iter().map(rest_track).collect(),
        metadata: match &peer.server_metadata {
            // Back ends that give metadata index into both halves: before the client has said anything its half is empty.
            Some(server) => json!({"peer": if own.is_null() { json!({}) } else { own }, "server": value(server)}),
            None => own,
        },
        subscribe_mode: Some(subscribe_mode),
        subscriptions: Some(subscriptions),
    }
}

fn rest_track(track: &sfu::TrackInfo) -> rest::Track {
    rest::Track {
        id: track.id.to_string(),
        kind: match track.kind {
            sfu::TrackKind::Audio => rest::TrackKind::Audio,
            sfu::TrackKind::Video => rest::TrackKind::Video,
        },
        metadata: value(&track.metadata),
    }
}

/// The engine holds only text that was checked to be JSON on its way in.
fn value(metadata: &sfu::Metadata) -> Value {
    serde_json::from_str(metadata.as_json()).unwrap_or(Value::Null)
}
