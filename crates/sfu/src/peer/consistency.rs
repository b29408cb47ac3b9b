//! What an offer must not contradict: itself, and the one before.

use std::collections::BTreeMap;

use super::answer::{Plan, Policy};
use super::incoming::codec_of;
use super::offer::{Offer, OfferError};
use crate::media::packet::Codec;

/// A payload type means the same on all lines (RFC 8843 section 9.1), else packets could not be told apart.
pub(crate) fn check_payload_types(offer: &Offer, plans: &[Plan], policy: Policy) -> Result<(), OfferError> {
    let mut meanings = BTreeMap::new();
    for (line, plan) in offer.lines.iter().zip(plans) {
        let choice = policy.choose(line).filter(|_| matches!(plan, Plan::Receive | Plan::Send(_)));
        let Some(choice) = choice else { continue };
        let media = choice.payload.number;
        let repair = choice.repair.map(|number| (number, Meaning::Repair { of: media }));
        for (number, meaning) in [(media, Meaning::Media(codec_of(line, policy)))].into_iter().chain(repair) {
            if *meanings.entry(number).or_insert(meaning) != meaning {
                return Err(OfferError::Refused("one payload type for two codecs".to_owned()));
            }
        }
    }
    Ok(())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Media(Codec),
    Repair { of: u8 },
}

/// A line as the last answer left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answered {
    mid: String,
    media: String,
    /// Another one may take its place (RFC 8829 section 5.2.2).
    is_free: bool,
}

/// The lines of an answered offer.
pub(crate) fn answered(offer: &Offer, plans: &[Plan]) -> Vec<Answered> {
    let of =
        |(line, plan): (&super::Line, &Plan)| Answered { mid: line.mid.clone(), media: line.media.clone(), is_free: *plan == Plan::Reject };
    offer.lines.iter().zip(plans).map(of).collect()
}

/// Lines keep their places: only one that was rejected gives way to another.
pub(crate) fn check_places(offer: &Offer, before: &[Answered]) -> Result<(), OfferError> {
    for (index, known) in before.iter().enumerate() {
        let now = offer.lines.iter().position(|line| line.mid == known.mid);
        let is_same = now == Some(index) && offer.lines[index].media == known.media;
        let is_replaced = now.is_none() && known.is_free && index < offer.lines.len();
        if !is_same && !is_replaced {
            return Err(OfferError::Refused("a media line lost its place".to_owned()));
        }
    }
    Ok(())
}
