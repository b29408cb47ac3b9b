//! Decoders of what strangers send, for the fuzz targets. Each function panics when an invariant does not hold.
//!
//! The committed corpora are replayed by the tests below, on any toolchain.

use crate::notification::Notification;
use crate::proto::{Message, ServerMessage};
use crate::signalling::protobuf::{ClientFrame, decode_client_frame};

/// Longest metadata in these tests.
const MAX_METADATA: usize = 1000;

/// A frame of a client.
pub fn peer_message(frame: &[u8]) {
    use crate::signalling::ClientEvent as E;
    let Ok(ClientFrame::Event(event)) = decode_client_frame(frame, MAX_METADATA) else { return };
    let texts: Vec<&String> = match &event {
        E::Connect { metadata, .. } | E::UpdateEndpointMetadata { metadata } | E::UpdateTrackMetadata { metadata, .. } => vec![metadata],
        E::SdpOffer(offer) => offer.track_metadata.values().collect(),
        _ => vec![],
    };
    for text in texts {
        assert!(text.len() <= MAX_METADATA, "metadata is within its limit");
        assert!(serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok(), "metadata is JSON");
    }
}

/// A frame of a back end, or a notification as a back end gets it.
pub fn server_message(frame: &[u8]) {
    let Ok(message) = ServerMessage::decode(frame) else { return };
    let Some(notification) = message.content.and_then(Notification::from_content) else { return };
    let again = ServerMessage::decode(notification.clone().encode().as_slice()).expect("what is encoded decodes");
    assert_eq!(again.content.and_then(Notification::from_content), Some(notification), "a notification survives the wire");
}

#[cfg(test)]
#[path = "../../../fuzz/replay.rs"]
mod replay;

#[cfg(test)]
mod tests {
    use super::replay::replay;
    use super::*;

    #[test]
    fn frames_of_clients_and_mutations() {
        replay("peer_message", 20_000, peer_message);
    }

    #[test]
    fn frames_of_back_ends_and_mutations() {
        replay("server_message", 20_000, server_message);
    }
}
