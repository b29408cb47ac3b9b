//! RTCP in the clear: what clients say, and the packets that we answer with.

mod read;
mod write;

pub(crate) use read::{Feedback, read};
pub(crate) use write::{Reception, close, nack, names, open_transport_feedback, picture_loss, receiver_report};

/// Packet types (RFC 3550 section 12.1, RFC 4585 section 6.1).
const SENDER_REPORT: u8 = 200;
const RECEIVER_REPORT: u8 = 201;
const SOURCE_DESCRIPTION: u8 = 202;
const TRANSPORT_FEEDBACK: u8 = 205;
const PAYLOAD_FEEDBACK: u8 = 206;
/// Formats of feedback.
const GENERIC_NACK: u8 = 1;
const PICTURE_LOSS: u8 = 1;
/// Common header, sender's SSRC, media SSRC.
const FEEDBACK_HEADER: usize = 12;
/// Format of transport feedback with arrival times (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1).
pub(crate) const ARRIVAL_TIMES: u8 = 15;
/// A compound packet of about this size, in bytes, is full: what remains goes into another one.
pub(crate) const FULL: usize = 1_000;
/// Blocks of one report (RFC 3550 section 6.4.2).
pub(crate) const MAX_BLOCKS: usize = 31;
