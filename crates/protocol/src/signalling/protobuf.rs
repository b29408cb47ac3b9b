//! The protobuf dialect: `PeerMessage.peer_media_event` and `.server_media_event`.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use thiserror::Error;

use super::{ClientEvent, Endpoint, Resume, Resumption, SdpOffer, ServerEvent, Track, Variant};
use crate::proto::media_events::{self, peer, server};
use crate::proto::peer_message::{self, AuthRequest, Authenticated, Content, Ping, Pong, Removed, RoomType};
use crate::proto::{Message, PeerMessage};

/// What a frame from a client holds.
#[derive(Clone, PartialEq, Eq)]
pub enum ClientFrame {
    /// `auth_request`.
    AuthRequest {
        /// The peer token.
        token: String,
        /// `web-<version>` or `mobile-<version>`; empty in old SDKs.
        sdk_version: String,
        /// Only from clients that can resume.
        resume: Option<Resume>,
    },
    /// A media event of this dialect.
    Event(ClientEvent),
    /// A media event of this dialect that has no effect: it is empty, or names something unknown.
    VoidEvent,
    /// A heartbeat.
    Ping {
        /// Media events of the server that the client has received in its session.
        received: u64,
    },
    /// A media event of the JSON dialect, as text.
    JsonEvent(String),
    /// Statistics; nobody needs them.
    StatsReport,
    /// A message without effect: unset, unknown, or one that only servers send.
    Ignored,
}

/// Why a frame is dropped. Frames with bad metadata are media events all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FrameError {
    /// Not a `PeerMessage`.
    #[error("the frame is no protobuf PeerMessage")]
    Undecodable,
    /// Metadata that is not JSON.
    #[error("metadata is no JSON")]
    BadMetadata,
    /// Metadata longer than the limit. The rest of the event is fine, but it has no effect.
    #[error("metadata is longer than allowed")]
    MetadataTooLarge,
}

/// Decodes a client's frame; metadata longer than `max_metadata` bytes is refused.
pub fn decode_client_frame(bytes: &[u8], max_metadata: usize) -> Result<ClientFrame, FrameError> {
    let message = PeerMessage::decode(bytes).map_err(|_| FrameError::Undecodable)?;
    Ok(match message.content {
        Some(Content::AuthRequest(auth)) => ClientFrame::AuthRequest {
            token: auth.token,
            sdk_version: auth.sdk_version,
            resume: auth.resume.map(|resume| Resume { session: resume.session, received: resume.received }),
        },
        Some(Content::MediaEvent(event)) => ClientFrame::JsonEvent(event.data),
        Some(Content::RtcStatsReport(_)) => ClientFrame::StatsReport,
        Some(Content::PeerMediaEvent(event)) => match event.content {
            Some(content) => client_event(content, max_metadata)?.map_or(ClientFrame::VoidEvent, ClientFrame::Event),
            None => ClientFrame::VoidEvent,
        },
        Some(Content::Ping(ping)) => ClientFrame::Ping { received: ping.received },
        Some(Content::Authenticated(_) | Content::ServerMediaEvent(_) | Content::Pong(_) | Content::Removed(_)) | None => {
            ClientFrame::Ignored
        }
    })
}

/// An event that names no known variant has no effect.
fn client_event(content: peer::media_event::Content, max_metadata: usize) -> Result<Option<ClientEvent>, FrameError> {
    use peer::media_event::Content as C;
    let with_variant = |track: String, variant: i32, make: fn(String, Variant) -> ClientEvent| {
        Variant::from_proto(variant).map(|variant| make(track, variant))
    };
    Ok(Some(match content {
        C::Connect(m) => ClientEvent::Connect { metadata: metadata(m.metadata_json, max_metadata)?, grouped_streams: m.grouped_streams },
        C::Disconnect(_) => ClientEvent::Disconnect,
        C::UpdateEndpointMetadata(m) => ClientEvent::UpdateEndpointMetadata { metadata: metadata(m.metadata_json, max_metadata)? },
        C::UpdateTrackMetadata(m) => {
            ClientEvent::UpdateTrackMetadata { track: m.track_id, metadata: metadata(m.metadata_json, max_metadata)? }
        }
        C::RenegotiateTracks(_) => ClientEvent::RenegotiateTracks,
        C::Candidate(m) => ClientEvent::Candidate { candidate: m.candidate },
        C::SdpOffer(m) => ClientEvent::SdpOffer(sdp_offer(m, max_metadata)),
        C::TrackBitrates(m) => ClientEvent::TrackBitrates { bitrates: bitrates(&m), track: m.track_id },
        C::EnableTrackVariant(m) => {
            return Ok(with_variant(m.track_id, m.variant, |track, variant| ClientEvent::EnableVariant { track, variant }));
        }
        C::DisableTrackVariant(m) => {
            return Ok(with_variant(m.track_id, m.variant, |track, variant| ClientEvent::DisableVariant { track, variant }));
        }
        C::SetTargetTrackVariant(m) => {
            return Ok(with_variant(m.track_id, m.variant, |track, variant| ClientEvent::SetTargetVariant { track, variant }));
        }
        C::UnmuteTrack(m) => ClientEvent::UnmuteTrack { track: m.track_id },
    }))
}

/// Bad metadata inside an offer counts as none: an offer must be answered, or the client waits for ever.
fn sdp_offer(m: peer::media_event::SdpOffer, max_metadata: usize) -> SdpOffer {
    SdpOffer {
        sdp: m.sdp,
        track_metadata: m
            .track_id_to_metadata_json
            .into_iter()
            .map(|(track, json)| (track, metadata(json, max_metadata).unwrap_or_else(|_| "null".to_owned())))
            .collect(),
        track_bitrates: m.track_id_to_bitrates.into_iter().map(|(track, b)| (track, bitrates(&b))).collect(),
        mid_to_track: m.mid_to_track_id,
    }
}

fn bitrates(m: &peer::media_event::TrackBitrates) -> BTreeMap<Variant, u32> {
    // Without simulcast the variant is 0, which stands for the only one.
    let variant = |v: &peer::media_event::VariantBitrate| Variant::from_proto(v.variant).unwrap_or(Variant::High);
    m.variant_bitrates.iter().filter_map(|v| Some((variant(v), u32::try_from(v.bitrate).ok()?))).collect()
}

fn metadata(json: String, max: usize) -> Result<String, FrameError> {
    if json.is_empty() {
        return Ok("null".to_owned());
    }
    if json.len() > max {
        return Err(FrameError::MetadataTooLarge);
    }
    serde_json::from_str::<&RawValue>(&json).map_err(|_| FrameError::BadMetadata)?;
    Ok(json)
}

/// Bytes of `authenticated` for a conference room; `resumption` only for clients that can resume.
pub fn encode_authenticated(resumption: Option<Resumption>) -> Vec<u8> {
    let resumption = resumption.map(|resumption| peer_message::Resumption {
        session: resumption.session,
        resumed: resumption.resumed,
        received: resumption.received,
        kept_ms: u32::try_from(resumption.kept.as_millis()).unwrap_or(u32::MAX),
    });
    encode(Content::Authenticated(Authenticated { room_type: RoomType::Conference as i32, sdk_deprecation: None, resumption }))
}

/// Bytes of `auth_request`, for clients.
pub fn encode_auth_request(token: &str, sdk_version: &str) -> Vec<u8> {
    auth_request(token, sdk_version, None)
}

/// Bytes of `auth_request`, for clients that can resume.
pub fn encode_auth_request_with(token: &str, sdk_version: &str, resume: Resume) -> Vec<u8> {
    auth_request(token, sdk_version, Some(resume))
}

fn auth_request(token: &str, sdk_version: &str, resume: Option<Resume>) -> Vec<u8> {
    let resume = resume.map(|resume| peer_message::Resume { session: resume.session, received: resume.received });
    encode(Content::AuthRequest(AuthRequest { token: token.to_owned(), sdk_version: sdk_version.to_owned(), resume }))
}

/// Bytes of a client's heartbeat.
pub fn encode_ping(received: u64) -> Vec<u8> {
    encode(Content::Ping(Ping { received }))
}

/// Bytes of the answer to a heartbeat.
pub fn encode_pong(received: u64) -> Vec<u8> {
    encode(Content::Pong(Pong { received }))
}

/// Bytes of the reason of a removal.
pub fn encode_removed(reason: String) -> Vec<u8> {
    encode(Content::Removed(Removed { reason }))
}

/// Bytes of an event to a client.
pub fn encode_server_event(event: ServerEvent) -> Vec<u8> {
    encode(Content::ServerMediaEvent(server::MediaEvent { content: Some(server_event(event)) }))
}

fn encode(content: Content) -> Vec<u8> {
    PeerMessage { content: Some(content) }.encode_to_vec()
}

fn server_event(event: ServerEvent) -> server::media_event::Content {
    use server::media_event::{self as m, Content as C};
    match event {
        ServerEvent::Connected { endpoint, endpoints, ice_servers } => C::Connected(m::Connected {
            endpoint_id: endpoint,
            endpoint_id_to_endpoint: endpoints.into_iter().map(|(id, endpoint)| (id, endpoint.into())).collect(),
            ice_servers: ice_servers
                .into_iter()
                .filter(|server| !server.urls.is_empty())
                .map(|s| m::IceServer { credential: s.credential, urls: s.urls, username: s.username })
                .collect(),
        }),
        ServerEvent::EndpointAdded { endpoint, metadata, server_metadata } => {
            C::EndpointAdded(m::EndpointAdded { endpoint_id: endpoint, metadata_json: wrap(&metadata, &server_metadata) })
        }
        ServerEvent::EndpointUpdated { endpoint, metadata, server_metadata } => {
            C::EndpointUpdated(m::EndpointUpdated { endpoint_id: endpoint, metadata_json: wrap(&metadata, &server_metadata) })
        }
        ServerEvent::EndpointRemoved { endpoint } => C::EndpointRemoved(m::EndpointRemoved { endpoint_id: endpoint }),
        ServerEvent::TracksAdded { endpoint, tracks } => C::TracksAdded(m::TracksAdded {
            endpoint_id: endpoint,
            track_id_to_track: tracks.into_iter().map(|(id, track)| (id, track.into())).collect(),
        }),
        ServerEvent::TracksRemoved { endpoint, tracks } => C::TracksRemoved(m::TracksRemoved { endpoint_id: endpoint, track_ids: tracks }),
        ServerEvent::TrackUpdated { endpoint, track, metadata } => {
            C::TrackUpdated(m::TrackUpdated { endpoint_id: endpoint, track_id: track, metadata_json: metadata })
        }
        ServerEvent::OfferData { audio, video } => {
            let types = m::offer_data::TrackTypes { audio: audio as i32, video: video as i32 };
            C::OfferData(m::OfferData { tracks_types: Some(types) })
        }
        ServerEvent::SdpAnswer { sdp, mid_to_track } => C::SdpAnswer(m::SdpAnswer { sdp, mid_to_track_id: mid_to_track }),
        ServerEvent::Candidate { candidate } => {
            C::Candidate(media_events::Candidate { candidate, sdp_mid: "0".to_owned(), ..Default::default() })
        }
        ServerEvent::VoiceActivity { track, speech } => {
            let status = if speech { m::vad_notification::Status::Speech } else { m::vad_notification::Status::Silence };
            C::VadNotification(m::VadNotification { track_id: track, status: status as i32 })
        }
        ServerEvent::VariantSwitched { endpoint, track, variant } => {
            C::TrackVariantSwitched(m::TrackVariantSwitched { endpoint_id: endpoint, track_id: track, variant: variant.to_proto() })
        }
        ServerEvent::VariantEnabled { endpoint, track, variant, enabled: true } => {
            C::TrackVariantEnabled(m::TrackVariantEnabled { endpoint_id: endpoint, track_id: track, variant: variant.to_proto() })
        }
        ServerEvent::VariantEnabled { endpoint, track, variant, enabled: false } => {
            C::TrackVariantDisabled(m::TrackVariantDisabled { endpoint_id: endpoint, track_id: track, variant: variant.to_proto() })
        }
        ServerEvent::Refused { code, message, track } => C::Refused(m::Refused { code: code.to_owned(), message, track_id: track }),
    }
}

/// In this dialect endpoint metadata is what the client gave beside what the application gave.
fn wrap(peer: &str, server: &str) -> String {
    format!("{{\"peer\":{peer},\"server\":{server}}}")
}

impl From<Endpoint> for server::media_event::Endpoint {
    fn from(endpoint: Endpoint) -> Self {
        Self {
            endpoint_type: endpoint.kind.to_owned(),
            metadata_json: wrap(&endpoint.metadata, &endpoint.server_metadata),
            track_id_to_track: endpoint.tracks.into_iter().map(|(id, track)| (id, track.into())).collect(),
        }
    }
}

impl From<Track> for server::media_event::Track {
    fn from(track: Track) -> Self {
        let enabled = track.variants.iter().filter(|v| !track.disabled_variants.contains(v));
        let simulcast_config = server::media_event::track::SimulcastConfig {
            enabled: !track.variants.is_empty(),
            enabled_variants: if track.variants.is_empty() {
                vec![Variant::High.to_proto()]
            } else {
                enabled.map(|v| v.to_proto()).collect()
            },
            disabled_variants: track.disabled_variants.iter().map(|v| v.to_proto()).collect(),
        };
        Self { metadata_json: track.metadata, simulcast_config: Some(simulcast_config) }
    }
}

impl Variant {
    fn to_proto(self) -> i32 {
        let variant = match self {
            Self::Low => media_events::Variant::Low,
            Self::Medium => media_events::Variant::Medium,
            Self::High => media_events::Variant::High,
        };
        variant as i32
    }

    fn from_proto(value: i32) -> Option<Self> {
        match media_events::Variant::try_from(value).ok()? {
            media_events::Variant::Low => Some(Self::Low),
            media_events::Variant::Medium => Some(Self::Medium),
            media_events::Variant::High => Some(Self::High),
            media_events::Variant::Unspecified => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    const MAX: usize = 64_000;

    fn hex(text: &str) -> Vec<u8> {
        text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect()
    }

    fn client(text: &str) -> ClientFrame {
        decode_client_frame(&hex(text), MAX).unwrap()
    }

    #[test]
    fn client_frames_of_published_sdks_are_understood() {
        let auth = ClientFrame::AuthRequest { token: "tok".into(), sdk_version: "web-0.25.1".into(), resume: None };
        assert!(client("12 11 0A 03 74 6F 6B 12 0A 77 65 62 2D 30 2E 32 35 2E 31") == auth);
        let connect = |grouped_streams| ClientFrame::Event(ClientEvent::Connect { metadata: "{}".into(), grouped_streams });
        assert!(client("2A 06 0A 04 0A 02 7B 7D") == connect(false));
        assert!(client("2A 09 0A 07 0A 02 7B 7D A0 06 01") == connect(true));
        assert!(client("2A 02 12 00") == ClientFrame::Event(ClientEvent::Disconnect));
        assert!(client("2A 02 2A 00") == ClientFrame::Event(ClientEvent::RenegotiateTracks));
        assert!(client("22 04 0A 02 7B 7D") == ClientFrame::StatsReport);
        let target = ClientEvent::SetTargetVariant { track: "p2:v".into(), variant: Variant::High };
        assert!(client("2A 0A 5A 08 0A 04 70 32 3A 76 10 03") == ClientFrame::Event(target));
        assert!(client("2A 08 62 06 0A 04 70 31 3A 76") == ClientFrame::Event(ClientEvent::UnmuteTrack { track: "p1:v".into() }));
        assert!(client("") == ClientFrame::Ignored);
    }

    #[test]
    fn what_has_no_effect_is_an_event_all_the_same() {
        // Empty, and an unknown variant.
        assert!(client("2A 00") == ClientFrame::VoidEvent);
        assert!(client("2A 0A 5A 08 0A 04 70 32 3A 76 10 63") == ClientFrame::VoidEvent);
    }

    #[test]
    fn frames_of_clients_that_can_resume() {
        let frame = |bytes: &[u8]| decode_client_frame(bytes, MAX).unwrap();
        let auth = |resume| ClientFrame::AuthRequest { token: "tok".into(), sdk_version: "web-1".into(), resume };
        assert!(frame(&encode_auth_request("tok", "web-1")) == auth(None));
        for resume in [Resume::default(), Resume { session: "s".into(), received: 7 }] {
            assert!(frame(&encode_auth_request_with("tok", "web-1", resume.clone())) == auth(Some(resume)));
        }
        assert!(frame(&encode_ping(300)) == ClientFrame::Ping { received: 300 });
        assert!(frame(&encode_pong(300)) == ClientFrame::Ignored);
        assert!(frame(&encode_removed("replaced".into())) == ClientFrame::Ignored);
        let resumption = Resumption { session: "s".into(), resumed: true, received: 7, kept: std::time::Duration::from_secs(15) };
        assert_eq!(encode_authenticated(Some(resumption)), hex("0A 0F 08 01 A2 06 0A 0A 01 73 10 01 18 07 20 98 75"));
    }

    #[test]
    fn server_frames_have_the_published_bytes() {
        assert_eq!(encode_authenticated(None), hex("0A 02 08 01"));
        assert_eq!(encode_server_event(ServerEvent::OfferData { audio: 0, video: 0 }), hex("32 04 4A 02 0A 00"));
        assert_eq!(encode_server_event(ServerEvent::OfferData { audio: 1, video: 2 }), hex("32 08 4A 06 0A 04 08 01 10 02"));
        let answer = ServerEvent::SdpAnswer { sdp: "v=0".into(), mid_to_track: [("0".into(), "p2:a".into())].into() };
        assert_eq!(encode_server_event(answer), hex("32 12 5A 10 0A 03 76 3D 30 12 09 0A 01 30 12 04 70 32 3A 61"));
        let removed = ServerEvent::TracksRemoved { endpoint: "p2".into(), tracks: vec!["p2:a".into()] };
        assert_eq!(encode_server_event(removed), hex("32 0C 22 0A 0A 02 70 32 12 04 70 32 3A 61"));
        let voice = ServerEvent::VoiceActivity { track: "p2:a".into(), speech: true };
        assert_eq!(encode_server_event(voice), hex("32 0A 62 08 0A 04 70 32 3A 61 10 02"));
    }

    #[test]
    fn connected_wraps_endpoint_metadata() {
        let own = Endpoint { kind: "webrtc", metadata: "{}".into(), server_metadata: "{}".into(), tracks: BTreeMap::new() };
        let event = ServerEvent::Connected { endpoint: "p1".into(), endpoints: [("p1".into(), own)].into(), ice_servers: Vec::new() };
        let expected = "32 2F 3A 2D 0A 02 70 31 12 27 0A 02 70 31 12 21 12 06 77 65 62 72 74 63 1A 17 7B 22 70 65 65 72 22 3A \
                        7B 7D 2C 22 73 65 72 76 65 72 22 3A 7B 7D 7D";
        assert_eq!(encode_server_event(event), hex(expected));
    }

    #[test]
    fn conn_25_servers_without_addresses_are_not_told() {
        let server = |urls: &[&str]| crate::signalling::IceServer {
            urls: urls.iter().map(|url| (*url).to_owned()).collect(),
            username: "u".into(),
            credential: "c".into(),
        };
        let ice_servers = vec![server(&[]), server(&["turn:203.0.113.1"])];
        let bytes = encode_server_event(ServerEvent::Connected { endpoint: "p1".into(), endpoints: BTreeMap::new(), ice_servers });
        let Some(Content::ServerMediaEvent(event)) = PeerMessage::decode(bytes.as_slice()).unwrap().content else { panic!("no event") };
        let Some(server::media_event::Content::Connected(connected)) = event.content else { panic!("not connected") };
        let urls: Vec<&str> = connected.ice_servers.iter().flat_map(|server| &server.urls).map(String::as_str).collect();
        assert_eq!((connected.ice_servers.len(), urls), (1, vec!["turn:203.0.113.1"]));
    }

    #[test]
    fn bad_metadata_is_refused_and_empty_metadata_is_null() {
        let frame = |json: &str| {
            let connect = peer::media_event::Connect { metadata_json: json.into(), grouped_streams: false };
            let event = peer::MediaEvent { content: Some(peer::media_event::Content::Connect(connect)) };
            decode_client_frame(&PeerMessage { content: Some(Content::PeerMediaEvent(event)) }.encode_to_vec(), 10)
        };
        assert!(frame("") == Ok(ClientFrame::Event(ClientEvent::Connect { metadata: "null".into(), grouped_streams: false })));
        assert!(frame("{nope").err() == Some(FrameError::BadMetadata));
        assert!(frame("\"12345678901\"").err() == Some(FrameError::MetadataTooLarge));
        assert!(decode_client_frame(&[0xff, 0xff], MAX).err() == Some(FrameError::Undecodable));
    }
}
