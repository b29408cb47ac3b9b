//! What leaves to one client: media packets with their protection and repair, sender reports, and whatever RTCP others write.
//!
//! ```text
//! Packet + Rewritten ─ write ─▶ header, payload descriptor, SRTP ─▶ datagrams
//! ```
//!
//! Everything protected that leaves to a client is protected here: no nonce can come twice.

mod header;
mod report;
mod resend;
mod stream;

use std::time::Instant;

use aws_lc_rs::error::Unspecified;

pub(crate) use header::ExtensionIds;
pub(crate) use stream::{Repair, Settings};

use crate::flow::{Datagrams, Flow};
use crate::media::packet::Packet;
use crate::media::rewrite::Rewritten;
use crate::rtcp;
use crate::srtp::{KeyingMaterial, Protector};
use stream::OutgoingStream;

/// Streams in one report; more go into another one.
const STREAMS_PER_REPORT: usize = rtcp::FULL / 60;

/// Addresses a stream: a line may carry another one later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stream {
    pub(crate) line: usize,
    pub(crate) ssrc: u32,
}

/// Everything that leaves to one client.
pub(crate) struct Egress {
    origin: Instant,
    /// From the handshake on.
    protector: Option<Protector>,
    /// By line.
    streams: Vec<Option<Box<OutgoingStream>>>,
    /// Of the next RTCP packet, whoever writes it.
    rtcp_index: u32,
}

impl Egress {
    /// `origin` is any moment in the past: wall clock time in reports counts from it.
    pub(crate) fn new(origin: Instant) -> Self {
        Self { origin, protector: None, streams: Vec::new(), rtcp_index: 0 }
    }

    /// The handshake is done. Nothing leaves before.
    pub(crate) fn set_keys(&mut self, material: &KeyingMaterial) -> Result<(), Unspecified> {
        self.protector = Some(Protector::new(material)?);
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
        let Some(protector) = &self.protector else { return };
        let Some(open) = find(&mut self.streams, stream) else { return };
        // It fails only beyond sizes and counts that no stream reaches; the packet is lost then.
        let _ = out.append(flow, |bytes| open.write(packet, rewritten, now, protector, bytes));
    }

    /// Writes a packet again that the client misses, unless that was just done, or too often.
    pub(crate) fn repeat(&mut self, stream: Stream, packet: &Packet, rewritten: &Rewritten, now: Instant, flow: Flow, out: &mut Datagrams) {
        let Some(protector) = &self.protector else { return };
        let Some(open) = find(&mut self.streams, stream) else { return };
        if open.may_repeat(packet, rewritten, now) {
            // As above.
            let _ = out.append(flow, |bytes| open.repeat(packet, rewritten, protector, bytes));
        }
    }

    /// Sends a compound RTCP packet that `write` appends, and whose first packet is of this SSRC.
    pub(crate) fn rtcp(&mut self, ssrc: u32, flow: Flow, out: &mut Datagrams, write: impl FnOnce(&mut Vec<u8>)) {
        let Some(protector) = &self.protector else { return };
        let index = self.rtcp_index;
        self.rtcp_index += 1;
        // It fails only beyond sizes that no compound reaches; the next one makes up for it.
        let _ = out.append(flow, |bytes| {
            let start = bytes.len();
            write(bytes);
            protector.rtcp(bytes, start, ssrc, index)
        });
    }

    /// Writes a report of everything that flows. Returns whether anything does.
    pub(crate) fn report(&mut self, now: Instant, flow: Option<Flow>, out: &mut Datagrams) -> bool {
        let entries: Vec<_> = self.streams.iter().flatten().filter_map(|stream| stream.report(now)).collect();
        for entries in entries.chunks(STREAMS_PER_REPORT) {
            let (Some(protector), Some(flow), index) = (&self.protector, flow, self.rtcp_index) else { continue };
            self.rtcp_index += 1;
            // As above.
            let _ = out.append(flow, |bytes| {
                let start = bytes.len();
                report::write(self.origin, now, entries, bytes);
                protector.rtcp(bytes, start, entries[0].ssrc, index)
            });
        }
        !entries.is_empty()
    }

    /// The line whose stream has this SSRC.
    pub(crate) fn line_of(&self, ssrc: u32) -> Option<usize> {
        self.streams.iter().position(|stream| stream.as_ref().is_some_and(|stream| stream.ssrc() == ssrc))
    }
}

fn find(streams: &mut [Option<Box<OutgoingStream>>], stream: Stream) -> Option<&mut OutgoingStream> {
    streams.get_mut(stream.line)?.as_deref_mut().filter(|open| open.ssrc() == stream.ssrc)
}
