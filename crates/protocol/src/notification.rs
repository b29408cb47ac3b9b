//! What the server tells back ends: one message per fact, on its notification socket and as webhooks.

use prost::DecodeError;
use prost::encoding::{WireType, encode_key, encode_varint};

use crate::proto::server_message::{self as wire, Content};
use crate::proto::{Message, ServerMessage};

/// Field number of the batch in a `ServerMessage`.
const NOTIFICATION_BATCH: u32 = 33;

/// Field number of the notifications in a batch.
const NOTIFICATIONS: u32 = 1;

/// Kind of a track.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TrackKind {
    /// Audio.
    Audio,
    /// Video.
    Video,
}

/// A track in a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Track {
    /// Its id.
    pub id: String,
    /// Its kind; `None` when a newer server sends one unknown here.
    pub kind: Option<TrackKind>,
    /// JSON text, `null` when there is none.
    pub metadata: String,
}

/// Whose track it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A peer's.
    Peer(String),
    /// A component's.
    Component(String),
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notification {
    /// A room exists.
    RoomCreated {
        /// Its id.
        room: String,
    },
    /// A room ended normally, after all its peers.
    RoomDeleted {
        /// Its id.
        room: String,
    },
    /// A room ended abnormally; nothing is said about its peers.
    RoomCrashed {
        /// Its id.
        room: String,
    },
    /// A peer was created.
    PeerAdded {
        /// Its room.
        room: String,
        /// Its id.
        peer: String,
    },
    /// A peer is gone.
    PeerDeleted {
        /// Its room.
        room: String,
        /// Its id.
        peer: String,
    },
    /// A peer's socket authenticated.
    PeerConnected {
        /// Its room.
        room: String,
        /// Its id.
        peer: String,
    },
    /// A peer's socket ended.
    PeerDisconnected {
        /// Its room.
        room: String,
        /// Its id.
        peer: String,
    },
    /// A peer's media session broke; the peer is gone.
    PeerCrashed {
        /// Its room.
        room: String,
        /// Its id.
        peer: String,
        /// Why, may be empty.
        reason: String,
    },
    /// A peer set or changed its metadata.
    PeerMetadataUpdated {
        /// Its room.
        room: String,
        /// Its id.
        peer: String,
        /// JSON text.
        metadata: String,
    },
    /// A track is published.
    TrackAdded {
        /// Its room.
        room: String,
        /// Whose.
        endpoint: Endpoint,
        /// The track.
        track: Track,
    },
    /// A track ended; with its last known facts.
    TrackRemoved {
        /// Its room.
        room: String,
        /// Whose.
        endpoint: Endpoint,
        /// The track.
        track: Track,
    },
    /// A track's metadata changed.
    TrackMetadataUpdated {
        /// Its room.
        room: String,
        /// Whose.
        endpoint: Endpoint,
        /// The track with the new metadata.
        track: Track,
    },
    /// A component broke; it is gone.
    ComponentCrashed {
        /// Its room.
        room: String,
        /// Its id.
        component: String,
    },
}

impl Notification {
    /// The room it is about.
    pub fn room(&self) -> &str {
        match self {
            Self::RoomCreated { room }
            | Self::RoomDeleted { room }
            | Self::RoomCrashed { room }
            | Self::PeerAdded { room, .. }
            | Self::PeerDeleted { room, .. }
            | Self::PeerConnected { room, .. }
            | Self::PeerDisconnected { room, .. }
            | Self::PeerCrashed { room, .. }
            | Self::PeerMetadataUpdated { room, .. }
            | Self::TrackAdded { room, .. }
            | Self::TrackRemoved { room, .. }
            | Self::TrackMetadataUpdated { room, .. }
            | Self::ComponentCrashed { room, .. } => room,
        }
    }

    /// Bytes of the `ServerMessage`, the same for sockets and webhooks.
    pub fn encode(self) -> Vec<u8> {
        ServerMessage { content: Some(self.into_content()) }.encode_to_vec()
    }

    fn into_content(self) -> Content {
        let peer_type = wire::PeerType::Webrtc as i32;
        match self {
            Self::RoomCreated { room } => Content::RoomCreated(wire::RoomCreated { room_id: room }),
            Self::RoomDeleted { room } => Content::RoomDeleted(wire::RoomDeleted { room_id: room }),
            Self::RoomCrashed { room } => Content::RoomCrashed(wire::RoomCrashed { room_id: room }),
            Self::PeerAdded { room, peer } => Content::PeerAdded(wire::PeerAdded { room_id: room, peer_id: peer, peer_type }),
            Self::PeerDeleted { room, peer } => Content::PeerDeleted(wire::PeerDeleted { room_id: room, peer_id: peer, peer_type }),
            Self::PeerConnected { room, peer } => Content::PeerConnected(wire::PeerConnected { room_id: room, peer_id: peer, peer_type }),
            Self::PeerDisconnected { room, peer } => {
                Content::PeerDisconnected(wire::PeerDisconnected { room_id: room, peer_id: peer, peer_type })
            }
            Self::PeerCrashed { room, peer, reason } => {
                Content::PeerCrashed(wire::PeerCrashed { room_id: room, peer_id: peer, reason, peer_type })
            }
            Self::PeerMetadataUpdated { room, peer, metadata } => {
                Content::PeerMetadataUpdated(wire::PeerMetadataUpdated { room_id: room, peer_id: peer, metadata, peer_type })
            }
            Self::ComponentCrashed { room, component } => {
                Content::ComponentCrashed(wire::ComponentCrashed { room_id: room, component_id: component })
            }
            Self::TrackAdded { room, endpoint, track } => Content::TrackAdded(wire::TrackAdded {
                room_id: room,
                track: Some(track.into()),
                endpoint_info: Some(match endpoint {
                    Endpoint::Peer(id) => wire::track_added::EndpointInfo::PeerId(id),
                    Endpoint::Component(id) => wire::track_added::EndpointInfo::ComponentId(id),
                }),
            }),
            Self::TrackRemoved { room, endpoint, track } => Content::TrackRemoved(wire::TrackRemoved {
                room_id: room,
                track: Some(track.into()),
                endpoint_info: Some(match endpoint {
                    Endpoint::Peer(id) => wire::track_removed::EndpointInfo::PeerId(id),
                    Endpoint::Component(id) => wire::track_removed::EndpointInfo::ComponentId(id),
                }),
            }),
            Self::TrackMetadataUpdated { room, endpoint, track } => Content::TrackMetadataUpdated(wire::TrackMetadataUpdated {
                room_id: room,
                track: Some(track.into()),
                endpoint_info: Some(match endpoint {
                    Endpoint::Peer(id) => wire::track_metadata_updated::EndpointInfo::PeerId(id),
                    Endpoint::Component(id) => wire::track_metadata_updated::EndpointInfo::ComponentId(id),
                }),
            }),
        }
    }

    /// The fact in a message; `None` for messages that are no notification, or one that this version does not know.
    pub fn from_content(content: Content) -> Option<Self> {
        Some(match content {
            Content::RoomCreated(m) => Self::RoomCreated { room: m.room_id },
            Content::RoomDeleted(m) => Self::RoomDeleted { room: m.room_id },
            Content::RoomCrashed(m) => Self::RoomCrashed { room: m.room_id },
            Content::PeerAdded(m) => Self::PeerAdded { room: m.room_id, peer: m.peer_id },
            Content::PeerDeleted(m) => Self::PeerDeleted { room: m.room_id, peer: m.peer_id },
            Content::PeerConnected(m) => Self::PeerConnected { room: m.room_id, peer: m.peer_id },
            Content::PeerDisconnected(m) => Self::PeerDisconnected { room: m.room_id, peer: m.peer_id },
            Content::PeerCrashed(m) => Self::PeerCrashed { room: m.room_id, peer: m.peer_id, reason: m.reason },
            Content::PeerMetadataUpdated(m) => Self::PeerMetadataUpdated { room: m.room_id, peer: m.peer_id, metadata: m.metadata },
            Content::ComponentCrashed(m) => Self::ComponentCrashed { room: m.room_id, component: m.component_id },
            Content::TrackAdded(m) => Self::TrackAdded {
                room: m.room_id,
                endpoint: match m.endpoint_info? {
                    wire::track_added::EndpointInfo::PeerId(id) => Endpoint::Peer(id),
                    wire::track_added::EndpointInfo::ComponentId(id) => Endpoint::Component(id),
                },
                track: m.track?.into(),
            },
            Content::TrackRemoved(m) => Self::TrackRemoved {
                room: m.room_id,
                endpoint: match m.endpoint_info? {
                    wire::track_removed::EndpointInfo::PeerId(id) => Endpoint::Peer(id),
                    wire::track_removed::EndpointInfo::ComponentId(id) => Endpoint::Component(id),
                },
                track: m.track?.into(),
            },
            Content::TrackMetadataUpdated(m) => Self::TrackMetadataUpdated {
                room: m.room_id,
                endpoint: match m.endpoint_info? {
                    wire::track_metadata_updated::EndpointInfo::PeerId(id) => Endpoint::Peer(id),
                    wire::track_metadata_updated::EndpointInfo::ComponentId(id) => Endpoint::Component(id),
                },
                track: m.track?.into(),
            },
            Content::Authenticated(_)
            | Content::AuthRequest(_)
            | Content::SubscribeRequest(_)
            | Content::SubscribeResponse(_)
            | Content::MetricsReport(_)
            | Content::HlsPlayable(_)
            | Content::HlsUploaded(_)
            | Content::HlsUploadCrashed(_)
            | Content::NotificationBatch(_) => return None,
        })
    }
}

/// Bytes of one `ServerMessage` that holds these encoded messages in their order, for webhooks.
pub fn encode_batch<B: AsRef<[u8]>>(messages: &[B]) -> Vec<u8> {
    let mut batch = Vec::new();
    for message in messages.iter().map(AsRef::as_ref) {
        encode_key(NOTIFICATIONS, WireType::LengthDelimited, &mut batch);
        encode_varint(message.len() as u64, &mut batch);
        batch.extend_from_slice(message);
    }
    let mut whole = Vec::with_capacity(batch.len() + 8);
    encode_key(NOTIFICATION_BATCH, WireType::LengthDelimited, &mut whole);
    encode_varint(batch.len() as u64, &mut whole);
    whole.append(&mut batch);
    whole
}

/// The notifications in the body of a webhook: one message or a batch. Those that this version does not know are left out.
pub fn decode_webhook(body: &[u8]) -> Result<Vec<Notification>, DecodeError> {
    Ok(match ServerMessage::decode(body)?.content {
        Some(Content::NotificationBatch(batch)) => {
            batch.notifications.into_iter().filter_map(|message| message.content.and_then(Notification::from_content)).collect()
        }
        single => single.and_then(Notification::from_content).into_iter().collect(),
    })
}

impl From<Track> for wire::Track {
    fn from(track: Track) -> Self {
        let kind = match track.kind {
            Some(TrackKind::Audio) => wire::TrackType::Audio,
            Some(TrackKind::Video) => wire::TrackType::Video,
            None => wire::TrackType::Unspecified,
        };
        Self { id: track.id, r#type: kind as i32, metadata: track.metadata }
    }
}

impl From<wire::Track> for Track {
    fn from(track: wire::Track) -> Self {
        let kind = match track.r#type() {
            wire::TrackType::Audio => Some(TrackKind::Audio),
            wire::TrackType::Video => Some(TrackKind::Video),
            wire::TrackType::Unspecified => None,
        };
        Self { id: track.id, kind, metadata: track.metadata }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn notifications_survive_the_wire() {
        let track = Track { id: "p:1".into(), kind: Some(TrackKind::Video), metadata: "\"myvideo\"".into() };
        let all = [
            Notification::RoomCreated { room: "r".into() },
            Notification::PeerCrashed { room: "r".into(), peer: "p".into(), reason: "why".into() },
            Notification::TrackAdded { room: "r".into(), endpoint: Endpoint::Peer("p".into()), track: track.clone() },
            Notification::TrackRemoved { room: "r".into(), endpoint: Endpoint::Component("c".into()), track },
        ];
        for notification in all {
            let message = ServerMessage::decode(notification.clone().encode().as_slice()).unwrap();
            assert_eq!(Notification::from_content(message.content.unwrap()), Some(notification));
        }
    }

    #[test]
    fn webhook_203_one_message_or_a_batch_is_read_in_order() {
        let created = Notification::RoomCreated { room: "r".into() };
        let deleted = Notification::RoomDeleted { room: "r".into() };
        let unknown = ServerMessage { content: Some(Content::HlsUploaded(wire::HlsUploaded { room_id: "r".into() })) }.encode_to_vec();
        let (first, last) = (created.clone().encode(), deleted.clone().encode());
        assert_eq!(decode_webhook(&first), Ok(vec![created.clone()]));
        let batch = encode_batch(&[first.clone(), unknown.clone(), last.clone()]);
        assert_eq!(decode_webhook(&batch), Ok(vec![created, deleted]));
        let messages = [first, unknown, last].map(|message| ServerMessage::decode(message.as_slice()).unwrap()).into();
        let content = Content::NotificationBatch(wire::NotificationBatch { notifications: messages });
        assert_eq!(batch, ServerMessage { content: Some(content) }.encode_to_vec());
        assert_eq!(decode_webhook(&encode_batch::<Vec<u8>>(&[])), Ok(vec![]));
        assert!(decode_webhook(&[0xff]).is_err());
    }
}
