//! Makes the SDP answer that leaves, from a plan for each line of the offer.
//!
//! The WebRTC library's own answer never leaves: it cannot say direction, codec, rids and credentials per line as the clients need
//! them, and knows nothing of media ([`super::transport`]).

use std::fmt::Write;
use std::net::SocketAddr;

use super::offer::{Direction, Extension, Line, LineKind, Offer, Payload, candidate_line};
use crate::command::VideoCodec;
use crate::egress::ExtensionIds;
use crate::event::{TrackKind, Variant};

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;

pub(super) const MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
pub(super) const RID: &str = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
pub(super) const REPAIRED_RID: &str = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
pub(super) const AUDIO_LEVEL: &str = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
pub(super) const TRANSPORT_CC: &str = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
const EXTENSIONS: [&str; 5] = [MID, RID, REPAIRED_RID, AUDIO_LEVEL, TRANSPORT_CC];

/// Highest extension id of the one-byte form (RFC 8285 section 4.2).
const ONE_BYTE_EXTENSION_IDS: u8 = 14;
/// Highest extension id that the receiving side can store.
const EXTENSION_IDS: u8 = 16;
/// What we accept as one data channel message; Chromium's own value.
const MAX_MESSAGE_BYTES: u32 = 262_144;

/// What happens on one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Plan {
    /// The line is not used at all (port 0).
    Reject,
    /// The line stays, nothing flows.
    Inactive,
    /// The client sends a track.
    Receive,
    /// We send a track.
    Send(Outgoing),
    /// Data channels.
    Data,
}

/// The stream that carries a track to a client. All values are new for each track, also on a line that had another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outgoing {
    pub(crate) ssrc: u32,
    pub(crate) repair_ssrc: u32,
    /// First sequence number of the repair stream.
    pub(crate) repair_sequence: u16,
    /// Stream id of the `msid` (RFC 8830) and canonical name (RFC 7022). Unique per track, because applications attach the stream to one
    /// element, unless the client wants tracks of one publisher together that are to be played in step.
    pub(crate) stream: String,
}

/// What is the same for all answers of a peer, and what we are.
pub(crate) struct Local<'a> {
    pub(crate) session_id: u64,
    pub(crate) version: u64,
    pub(crate) ufrag: &'a str,
    pub(crate) password: &'a str,
    /// `sha-256 AB:CD:…`
    pub(crate) fingerprint: &'a str,
    pub(crate) candidates: &'a [SocketAddr],
}

/// What may be negotiated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Policy {
    pub(crate) video: VideoCodec,
    pub(crate) simulcast: bool,
}

/// The payload types used on a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Choice<'a> {
    pub(crate) payload: &'a Payload,
    pub(crate) repair: Option<u8>,
}

impl Policy {
    /// The one codec of a line, as the client numbered it; `None` when it offers nothing that we use.
    pub(crate) fn choose(self, line: &Line) -> Option<Choice<'_>> {
        let payload = match (line.kind, self.video) {
            (LineKind::Media(TrackKind::Audio), _) => line.payloads.iter().find(|p| p.is("opus", 48_000) && p.channels == Some(2))?,
            (LineKind::Media(TrackKind::Video), VideoCodec::Vp8) => line.payloads.iter().find(|p| p.is("VP8", 90_000))?,
            (LineKind::Media(TrackKind::Video), VideoCodec::H264) => choose_h264(&line.payloads)?,
            _ => return None,
        };
        let number = payload.number.to_string();
        let repair = line.payloads.iter().find(|p| p.is("rtx", payload.clock_rate) && p.parameter("apt") == Some(&number));
        Some(Choice { payload, repair: repair.map(|p| p.number) })
    }

    /// The encodings accepted on a line that the client sends; empty: a single one without a rid, as where we do not understand all.
    pub(crate) fn rids(self, line: &Line) -> &[String] {
        let understood = line.rids.iter().all(|rid| Variant::of_rid(rid.as_bytes()).is_some());
        if self.simulcast && understood && line.kind == LineKind::Media(TrackKind::Video) { &line.rids } else { &[] }
    }
}

/// Constrained baseline, packetization mode 1 before mode 0 (RFC 6184 sections 8.1, 8.2.2).
fn choose_h264(payloads: &[Payload]) -> Option<&Payload> {
    let usable = || payloads.iter().filter(|p| p.is("H264", 90_000) && is_constrained_baseline(p));
    usable().find(|p| p.parameter("packetization-mode") == Some("1")).or_else(|| usable().next())
}

/// RFC 6184 section 8.1, table 5: the combinations of `profile_idc` and constraint flags that mean constrained baseline.
fn is_constrained_baseline(payload: &Payload) -> bool {
    let Some(level) = payload.parameter("profile-level-id") else {
        return false;
    };
    let Ok(level) = u32::from_str_radix(level, 16) else {
        return false;
    };
    let (profile, flags) = (level >> 16 & 0xff, level >> 8 & 0xff);
    match profile {
        0x42 => flags & 0x4f == 0x40,
        0x4d => flags & 0x8f == 0x80,
        0x58 => flags & 0xcf == 0xc0,
        _ => false,
    }
}

/// The answer as the client gets it.
pub(crate) fn answer(offer: &Offer, plans: &[Plan], policy: Policy, local: &Local<'_>) -> String {
    let mut out = String::with_capacity(1024 * plans.len());
    put(&mut out, format_args!("v=0"));
    put(&mut out, format_args!("o=- {} {} IN IP4 127.0.0.1", local.session_id, local.version));
    out.push_str("s=-\r\nt=0 0\r\na=ice-lite\r\n");
    write_group(&mut out, offer, plans);
    out.push_str("a=msid-semantic:WMS *\r\n");
    if offer.mixed_extensions {
        out.push_str("a=extmap-allow-mixed\r\n");
    }
    let mut candidates = local.candidates;
    for (line, plan) in offer.lines.iter().zip(plans) {
        match plan {
            Plan::Reject => {
                write_rejected(&mut out, line);
                if line.kind != LineKind::Data {
                    out.push_str("a=inactive\r\n");
                }
                continue;
            }
            Plan::Data => {
                put(&mut out, format_args!("m=application 9 UDP/DTLS/SCTP webrtc-datachannel"));
                out.push_str("c=IN IP4 0.0.0.0\r\n");
                put(&mut out, format_args!("a=sctp-port:5000"));
                put(&mut out, format_args!("a=max-message-size:{MAX_MESSAGE_BYTES}"));
            }
            Plan::Inactive | Plan::Receive | Plan::Send(_) => write_media(&mut out, offer, line, plan, policy),
        }
        write_transport(&mut out, line, local, candidates);
        candidates = &[]; // All lines share one transport; its candidates are told once.
    }
    out
}

/// The `m=` line of a line that is not used, and what it cannot do without.
fn write_rejected(out: &mut String, line: &Line) {
    // One format stands for all; strict parsers want to see its name even here.
    match line.payloads.first() {
        Some(payload) => put(out, format_args!("m={} 0 {} {}", line.media, line.protocol, payload.number)),
        None => put(out, format_args!("m={} 0 {} {}", line.media, line.protocol, line.formats)),
    }
    out.push_str("c=IN IP4 0.0.0.0\r\n");
    put(out, format_args!("a=mid:{}", line.mid));
    if let Some(payload) = line.payloads.first() {
        write_rtpmap(out, payload);
    }
}

fn write_rtpmap(out: &mut String, payload: &Payload) {
    let Payload { number, codec, clock_rate, channels, .. } = payload;
    match channels {
        Some(channels) => put(out, format_args!("a=rtpmap:{number} {codec}/{clock_rate}/{channels}")),
        None => put(out, format_args!("a=rtpmap:{number} {codec}/{clock_rate}")),
    }
}

fn write_media(out: &mut String, offer: &Offer, line: &Line, plan: &Plan, policy: Policy) {
    let choice = policy.choose(line).or_else(|| {
        // Nothing usable: the line still needs one offered format to be well-formed.
        line.payloads.first().map(|payload| Choice { payload, repair: None })
    });
    let Some(choice) = choice else {
        put(out, format_args!("m={} 9 {} {}\r\nc=IN IP4 0.0.0.0\r\na=inactive", line.media, line.protocol, line.formats));
        return;
    };
    put(out, format_args!("m={} 9 {} {}", line.media, line.protocol, formats(choice)));
    out.push_str("c=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n");
    put(out, format_args!("a={}", answered(plan).as_str()));
    out.push_str("a=rtcp-mux\r\n");
    if line.reduced_size {
        out.push_str("a=rtcp-rsize\r\n");
    }
    for (id, extension) in accepted_extensions(offer, line) {
        match extension.direction {
            None => put(out, format_args!("a=extmap:{id} {}", extension.uri)),
            Some(direction) => put(out, format_args!("a=extmap:{id}/{} {}", direction.inverted().as_str(), extension.uri)),
        }
    }
    let feedback = if *plan == Plan::Receive { Feedback::All } else { Feedback::Repair };
    write_payloads(out, line, choice, feedback);
    match plan {
        Plan::Receive => {
            let rids = policy.rids(line);
            if !rids.is_empty() {
                write_rids(out, rids);
            }
        }
        Plan::Send(outgoing) => write_outgoing(out, outgoing, choice),
        _ => {}
    }
}

fn write_outgoing(out: &mut String, outgoing: &Outgoing, choice: Choice<'_>) {
    let Outgoing { ssrc, repair_ssrc, stream, .. } = outgoing;
    put(out, format_args!("a=msid:{stream} {stream}-{ssrc}"));
    if choice.repair.is_some() {
        put(out, format_args!("a=ssrc-group:FID {ssrc} {repair_ssrc}"));
    }
    put(out, format_args!("a=ssrc:{ssrc} cname:{stream}"));
    if choice.repair.is_some() {
        put(out, format_args!("a=ssrc:{repair_ssrc} cname:{stream}"));
    }
}

fn write_transport(out: &mut String, line: &Line, local: &Local<'_>, candidates: &[SocketAddr]) {
    put(out, format_args!("a=mid:{}", line.mid));
    put(out, format_args!("a=ice-ufrag:{}", local.ufrag));
    put(out, format_args!("a=ice-pwd:{}", local.password));
    put(out, format_args!("a=fingerprint:{}", local.fingerprint));
    out.push_str("a=setup:passive\r\n");
    for (index, address) in candidates.iter().enumerate() {
        put(out, format_args!("a={}", candidate_line(index, address.ip(), address.port())));
    }
    if !candidates.is_empty() {
        out.push_str("a=end-of-candidates\r\n");
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Feedback {
    /// Everything that we use.
    All,
    /// Loss repair and keyframe requests only: nobody estimates bandwidth towards the client yet.
    Repair,
}

fn write_payloads(out: &mut String, line: &Line, choice: Choice<'_>, feedback: Feedback) {
    let Payload { number, clock_rate, .. } = choice.payload;
    write_rtpmap(out, choice.payload);
    if let Some(fmtp) = &choice.payload.fmtp {
        put(out, format_args!("a=fmtp:{number} {fmtp}"));
    }
    let is_video = line.kind == LineKind::Media(TrackKind::Video);
    let video_feedback: &[&str] = if is_video { &["ccm fir", "nack", "nack pli"] } else { &[] };
    let transport: &[&str] = if feedback == Feedback::All { &["transport-cc"] } else { &[] };
    for name in video_feedback.iter().chain(transport).filter(|name| choice.payload.has_feedback(name)) {
        put(out, format_args!("a=rtcp-fb:{number} {name}"));
    }
    if let Some(repair) = choice.repair {
        put(out, format_args!("a=rtpmap:{repair} rtx/{clock_rate}"));
        put(out, format_args!("a=fmtp:{repair} apt={number}"));
    }
}

fn write_rids(out: &mut String, rids: &[String]) {
    for rid in rids {
        put(out, format_args!("a=rid:{rid} recv"));
    }
    put(out, format_args!("a=simulcast:recv {}", rids.join(";")));
}

fn write_group(out: &mut String, offer: &Offer, plans: &[Plan]) {
    out.push_str("a=group:BUNDLE");
    for (line, _) in offer.lines.iter().zip(plans).filter(|(_, plan)| **plan != Plan::Reject) {
        out.push(' ');
        out.push_str(&line.mid);
    }
    out.push_str("\r\n");
}

/// Direction of a line in the answer.
fn answered(plan: &Plan) -> Direction {
    match plan {
        Plan::Receive => Direction::RecvOnly,
        Plan::Send(_) => Direction::SendOnly,
        Plan::Reject | Plan::Inactive | Plan::Data => Direction::Inactive,
    }
}

/// The header extensions of a line that the answer has.
pub(super) fn accepted_extensions<'a>(offer: &Offer, line: &'a Line) -> impl Iterator<Item = (u8, &'a Extension)> {
    let highest = if offer.mixed_extensions { EXTENSION_IDS } else { ONE_BYTE_EXTENSION_IDS };
    line.extensions
        .iter()
        .filter(move |extension| (1..=highest).contains(&extension.id) && EXTENSIONS.contains(&extension.uri.as_str()))
        .map(|extension| (extension.id, extension))
}

/// The extensions of the packets that we send on a line.
pub(crate) fn sent_extensions(offer: &Offer, line: &Line) -> ExtensionIds {
    // A line with a direction of its own for an extension that the client does not receive does not get it.
    let id_of = |uri| {
        let received = |extension: &Extension| extension.direction.is_none_or(|direction| direction.inverted().sends());
        accepted_extensions(offer, line).find(|(_, extension)| extension.uri == uri && received(extension)).map(|(id, _)| id)
    };
    ExtensionIds { mid: id_of(MID), audio_level: id_of(AUDIO_LEVEL) }
}

fn formats(choice: Choice<'_>) -> String {
    match choice.repair {
        Some(repair) => format!("{} {repair}", choice.payload.number),
        None => choice.payload.number.to_string(),
    }
}

fn put(out: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = out.write_fmt(line);
    out.push_str("\r\n");
}
