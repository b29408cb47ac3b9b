//! The offer that the WebRTC library is shown: nothing but the transport, and data channels.
//!
//! Media is none of its business, so one line that stands for all and carries nothing is enough for it. Its answer never leaves.

use std::fmt::Write;

use super::answer::Plan;
use super::offer::{LineKind, Offer};

/// The text of that offer. One that says nothing new is the same text.
pub(crate) fn transport(offer: &Offer, plans: &[Plan]) -> String {
    let data = offer.lines.iter().zip(plans).find(|(line, _)| line.kind == LineKind::Data).map(|(_, plan)| plan);
    let group = if data == Some(&Plan::Data) { "a d" } else { "a" };
    let mut out = format!("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {group}\r\n");
    out.push_str("m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\na=rtcp-mux\r\na=inactive\r\na=mid:a\r\n");
    write_transport(&mut out, offer);
    if let Some(plan) = data {
        let port = if *plan == Plan::Data { 9 } else { 0 };
        // Writing to a string cannot fail, here and below.
        let _ = write!(out, "m=application {port} UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:d\r\n");
        write_transport(&mut out, offer);
    }
    out
}

fn write_transport(out: &mut String, offer: &Offer) {
    let (ice, fingerprint) = (&offer.ice, &offer.fingerprint);
    let _ = write!(out, "a=ice-ufrag:{}\r\na=ice-pwd:{}\r\na=fingerprint:{fingerprint}\r\na=setup:actpass\r\n", ice.ufrag, ice.password);
}
