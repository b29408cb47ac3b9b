//! What an answered offer means for the receiving side.

use super::answer::{AUDIO_LEVEL, MID, Plan, Policy, REPAIRED_RID, RID, TRANSPORT_CC, accepted_extensions};
use super::offer::{Line, LineKind, Offer};
use crate::command::VideoCodec;
use crate::event::{TrackKind, Variant};
use crate::ingress::{self, Extension, Negotiated};
use crate::media::packet::Codec;

/// What the client sends, as planned.
pub(crate) fn negotiated(offer: &Offer, plans: &[Plan], policy: Policy) -> Negotiated {
    let mut negotiated = Negotiated { reduced_size: true, ..Negotiated::default() };
    let received = offer.lines.iter().zip(plans).enumerate().filter(|(_, (_, plan))| **plan == Plan::Receive);
    for (index, (line, _)) in received {
        let Some(choice) = policy.choose(line) else { continue };
        let encodings: Vec<Variant> = policy.rids(line).iter().filter_map(|rid| Variant::of_rid(rid.as_bytes())).collect();
        negotiated.reduced_size &= line.reduced_size;
        for (id, extension) in accepted_extensions(offer, line) {
            if let Some(known) = extension_of(&extension.uri) {
                negotiated.ids.insert(id, known);
                negotiated.transport_feedback |= known == Extension::TransportSequence && choice.payload.has_feedback("transport-cc");
            }
        }
        // Firefox does not list the SSRCs of simulcast in the order of the rids.
        let ssrcs = line.ssrc.filter(|_| encodings.is_empty());
        negotiated.lines.push(ingress::Line {
            index,
            mid: line.mid.as_str().into(),
            codec: codec_of(line, policy),
            payload_type: choice.payload.number,
            repair: choice.repair,
            // Opus repairs itself.
            has_nack: line.kind == LineKind::Media(TrackKind::Video) && choice.payload.has_feedback("nack"),
            encodings,
            ssrcs: ssrcs.map(|(media, repair)| (media, repair.filter(|_| choice.repair.is_some()))),
        });
    }
    negotiated
}

/// The codec of a line in use.
pub(super) fn codec_of(line: &Line, policy: Policy) -> Codec {
    match (line.kind, policy.video) {
        (LineKind::Media(TrackKind::Audio), _) => Codec::Opus,
        (_, VideoCodec::Vp8) => Codec::Vp8,
        (_, VideoCodec::H264) => Codec::H264,
    }
}

fn extension_of(uri: &str) -> Option<Extension> {
    match uri {
        MID => Some(Extension::Mid),
        RID => Some(Extension::Rid),
        REPAIRED_RID => Some(Extension::RepairedRid),
        AUDIO_LEVEL => Some(Extension::AudioLevel),
        TRANSPORT_CC => Some(Extension::TransportSequence),
        _ => None,
    }
}
