//! Both directions of a peer's media, and the RTCP that belongs to both.

use std::time::{Duration, Instant};

use aws_lc_rs::error::Unspecified;

use super::Peer;
use crate::flow::{Datagrams, Flow};
use crate::ingress::Source;
use crate::media::clock::SenderReport;
use crate::rtcp::{self, Feedback};
use crate::srtp::KeyingMaterial;

/// Time between two reports.
const REPORT_INTERVAL: Duration = Duration::from_secs(1);
/// Missing packets that one datagram of a client may ask for: about a second of video.
const MISSING_PER_DATAGRAM: usize = 512;
/// Compounds of feedback that are written at a time.
const FEEDBACK_AT_ONCE: usize = 8;

/// What a client's RTCP means for others.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Received {
    /// Lines whose decoders need a keyframe.
    pub(crate) keyframes: Vec<usize>,
    /// Reports on the client's own streams.
    pub(crate) reports: Vec<(Source, SenderReport)>,
    /// Packets that the client misses: line, and low 16 bits of the sequence number.
    pub(crate) missing: Vec<(usize, u16)>,
}

impl Peer {
    /// The handshake is done.
    pub(crate) fn set_keys(&mut self, material: &KeyingMaterial) -> Result<(), Unspecified> {
        self.ingress.set_keys(material)?;
        self.egress.set_keys(material)
    }

    /// Takes an RTCP datagram. `None`: forged, replayed, or before the handshake was done.
    pub(crate) fn receive_rtcp(&mut self, datagram: &[u8], at: Instant, plain: &mut Vec<u8>) -> Option<Received> {
        let compound = self.ingress.open_rtcp(datagram, plain)?;
        let mut received = Received::default();
        // Most of what is missing is of one stream: the lines are not searched for each packet.
        let mut known = None;
        rtcp::read(compound, |feedback| match feedback {
            Feedback::Report { ssrc, report, middle } => {
                received.reports.extend(self.ingress.sender_reported(ssrc, middle, at).map(|source| (source, report)));
            }
            Feedback::Keyframe { ssrc } => {
                if let Some(line) = self.egress.line_of(ssrc).filter(|line| !received.keyframes.contains(line)) {
                    received.keyframes.push(line);
                }
            }
            Feedback::Missing { ssrc, sequence } if received.missing.len() < MISSING_PER_DATAGRAM => {
                let line = match known {
                    Some((of, line)) if of == ssrc => line,
                    _ => self.egress.line_of(ssrc),
                };
                known = Some((ssrc, line));
                received.missing.extend(line.map(|line| (line, sequence)));
            }
            Feedback::Missing { .. } => {}
        });
        Some(received)
    }

    /// When the next reports are due, told once: after media came or went.
    pub(crate) fn schedule_report(&mut self, now: Instant) -> Option<Instant> {
        if self.report_at.is_some() {
            return None;
        }
        self.report_at = Some(now + REPORT_INTERVAL);
        self.report_at
    }

    /// Writes reports on everything that flows, and says when the next ones are due.
    pub(crate) fn report(&mut self, now: Instant, flow: Option<Flow>, out: &mut Datagrams) -> Option<Instant> {
        self.report_at = None;
        let sends = self.egress.report(now, flow, out);
        let receptions = self.ingress.receptions(now);
        for some in receptions.chunks(rtcp::MAX_BLOCKS) {
            if let Some(flow) = flow {
                self.egress.rtcp(self.ingress.reporter(), flow, out, |compound| self.ingress.write_report(some, compound));
            }
        }
        if sends || !receptions.is_empty() { self.schedule_report(now) } else { None }
    }

    /// Writes the feedback that is due on what the client sends.
    pub(crate) fn feedback(&mut self, now: Instant, flow: Option<Flow>, out: &mut Datagrams) {
        let reporter = self.ingress.reporter();
        for _ in 0..FEEDBACK_AT_ONCE {
            if !self.ingress.has_feedback(now) {
                return;
            }
            let ingress = &mut self.ingress;
            match flow {
                Some(flow) => self.egress.rtcp(reporter, flow, out, |compound| ingress.write_feedback(now, compound)),
                // Lost as on the network.
                None => ingress.write_feedback(now, &mut Vec::new()),
            }
        }
    }

    /// Asks the client for a keyframe of one of its streams. `false`: the stream has not been seen, or the client cannot be reached.
    pub(crate) fn request_keyframe(&mut self, source: Source, flow: Option<Flow>, out: &mut Datagrams) -> bool {
        let Some(flow) = flow else { return false };
        let mut is_asked = false;
        self.egress.rtcp(self.ingress.reporter(), flow, out, |compound| is_asked = self.ingress.request_keyframe(source, compound));
        is_asked
    }
}
