//! What leaves to one client: media packets with their protection, repair, reports; and what the client says about them.
//!
//! ```text
//! Packet + Rewritten ─ write ─▶ header, payload descriptor, SRTP ─▶ datagrams
//! RTCP of the client ─ receive ─▶ packets missing, keyframes wanted
//! ```
//!
//! Knows nothing of the WebRTC library, which does the handshakes and receives media. Both sides use the same session keys
//! without harm: all RTP that leaves is made here, and the library's RTCP goes out under SSRCs and indices of its own.

mod feedback;
mod header;
mod report;
mod resend;
mod srtp;
mod stream;

use std::time::{Duration, Instant};

use aws_lc_rs::error::Unspecified;

pub(crate) use header::ExtensionIds;
pub(crate) use srtp::{KeyingMaterial, Profile};
pub(crate) use stream::{Repair, Settings};

use crate::flow::{Datagrams, Flow};
use crate::media::clock::SenderReport;
use crate::media::packet::Packet;
use crate::media::rewrite::Rewritten;
use feedback::Feedback;
use srtp::{Protector, RtcpOpener};
use stream::OutgoingStream;

/// Time between two reports.
const REPORT_INTERVAL: Duration = Duration::from_secs(1);
/// Streams in one report; more go into another one.
const STREAMS_PER_REPORT: usize = report::FULL / 60;
/// Missing packets that one datagram of a client may ask for: about a second of video.
const MISSING_PER_DATAGRAM: usize = 512;
/// First index of our RTCP. The library counts from 0, so the two can never use the same one.
const FIRST_RTCP_INDEX: u32 = 1 << 30;

/// Addresses a stream: a line may carry another one later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stream {
    pub(crate) line: usize,
    pub(crate) ssrc: u32,
}

/// What the client's RTCP means for others.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Received {
    /// Lines whose decoders need a keyframe.
    pub(crate) keyframes: Vec<usize>,
    /// Reports on the client's own streams.
    pub(crate) reports: Vec<(u32, SenderReport)>,
    /// Streams of the client end: the library wants to know.
    pub(crate) is_bye: bool,
    /// Packets that the client misses: line, and low 16 bits of the sequence number.
    pub(crate) missing: Vec<(usize, u16)>,
}

/// Everything that leaves to one client.
pub(crate) struct Egress {
    origin: Instant,
    keys: Option<Keys>,
    /// By line.
    streams: Vec<Option<Box<OutgoingStream>>>,
    report_at: Option<Instant>,
    rtcp_index: u32,
}

struct Keys {
    protector: Protector,
    opener: RtcpOpener,
}

impl Egress {
    /// `origin` is any moment in the past: wall clock time in reports counts from it.
    pub(crate) fn new(origin: Instant) -> Self {
        Self { origin, keys: None, streams: Vec::new(), report_at: None, rtcp_index: FIRST_RTCP_INDEX }
    }

    /// The handshake is done. Nothing leaves before.
    pub(crate) fn set_keys(&mut self, material: &KeyingMaterial) -> Result<(), Unspecified> {
        self.keys = Some(Keys { protector: Protector::new(material)?, opener: RtcpOpener::new(material)? });
        Ok(())
    }

    /// A line begins to carry a stream, in place of any that it had.
    pub(crate) fn open(&mut self, line: usize, settings: Settings) -> Stream {
        let ssrc = settings.ssrc;
        if self.streams.len() <= line {
            self.streams.resize_with(line + 1, || None);
        }
        self.streams[line] = Some(Box::new(OutgoingStream::new(settings)));
        Stream { line, ssrc }
    }

    /// A line carries nothing any more.
    pub(crate) fn close(&mut self, line: usize) {
        if let Some(stream) = self.streams.get_mut(line) {
            *stream = None;
        }
    }

    /// Writes a media packet.
    pub(crate) fn write(&mut self, stream: Stream, packet: &Packet, rewritten: &Rewritten, now: Instant, flow: Flow, out: &mut Datagrams) {
        let Some(Keys { protector, .. }) = &self.keys else { return };
        let Some(open) = find(&mut self.streams, stream) else { return };
        // It fails only beyond sizes and counts that no stream reaches; the packet is lost then.
        let _ = out.append(flow, |bytes| open.write(packet, rewritten, now, protector, bytes));
    }

    /// Writes a packet again that the client misses, unless that was just done, or too often.
    pub(crate) fn repeat(&mut self, stream: Stream, packet: &Packet, rewritten: &Rewritten, now: Instant, flow: Flow, out: &mut Datagrams) {
        let Some(Keys { protector, .. }) = &self.keys else { return };
        let Some(open) = find(&mut self.streams, stream) else { return };
        if open.may_repeat(packet, rewritten, now) {
            // As above.
            let _ = out.append(flow, |bytes| open.repeat(packet, rewritten, protector, bytes));
        }
    }

    /// Takes an RTCP datagram of the client. `None`: forged, replayed, or before the handshake was done.
    pub(crate) fn receive(&mut self, datagram: &[u8], plain: &mut Vec<u8>) -> Option<Received> {
        let compound = self.keys.as_mut()?.opener.open(datagram, plain)?;
        let streams = &self.streams;
        let mut received = Received::default();
        feedback::read(compound, |feedback| match feedback {
            Feedback::Bye => received.is_bye = true,
            Feedback::Report { ssrc, report } => received.reports.push((ssrc, report)),
            Feedback::Keyframe { ssrc } => received.keyframes.extend(line_of(streams, ssrc)),
            Feedback::Missing { ssrc, sequence } => {
                if let Some(line) = line_of(streams, ssrc).filter(|_| received.missing.len() < MISSING_PER_DATAGRAM) {
                    received.missing.push((line, sequence));
                }
            }
        });
        Some(received)
    }

    /// When the next report is due, told once per report: after media was written.
    pub(crate) fn schedule_report(&mut self, now: Instant) -> Option<Instant> {
        if self.report_at.is_some() {
            return None;
        }
        self.report_at = Some(now + REPORT_INTERVAL);
        self.report_at
    }

    /// Writes a report of everything that flows, and says when the next one is due.
    pub(crate) fn report(&mut self, now: Instant, flow: Option<Flow>, out: &mut Datagrams) -> Option<Instant> {
        self.report_at = None;
        let Keys { protector, .. } = self.keys.as_ref()?;
        let entries: Vec<_> = self.streams.iter().flatten().filter_map(|stream| stream.report(now)).collect();
        for entries in entries.chunks(STREAMS_PER_REPORT) {
            let (Some(flow), ssrc, index) = (flow, entries[0].ssrc, self.rtcp_index) else { continue };
            self.rtcp_index += 1;
            // It fails only beyond sizes that no report reaches; the next one makes up for it.
            let _ = out.append(flow, |bytes| {
                let start = bytes.len();
                report::write(self.origin, now, entries, bytes);
                protector.rtcp(bytes, start, ssrc, index)
            });
        }
        if entries.is_empty() { None } else { self.schedule_report(now) }
    }
}

fn find(streams: &mut [Option<Box<OutgoingStream>>], stream: Stream) -> Option<&mut OutgoingStream> {
    streams.get_mut(stream.line)?.as_deref_mut().filter(|open| open.ssrc() == stream.ssrc)
}

fn line_of(streams: &[Option<Box<OutgoingStream>>], ssrc: u32) -> Option<usize> {
    streams.iter().position(|stream| stream.as_ref().is_some_and(|stream| stream.ssrc() == ssrc))
}
