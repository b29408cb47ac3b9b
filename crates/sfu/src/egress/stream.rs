//! One outgoing stream: its numbers, its packets, its repair.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::header::{ExtensionIds, Header};
use super::report;
use super::resend::Resend;
use super::srtp::Protector;
use crate::media::packet::{AudioLevel, Codec, Packet};
use crate::media::rewrite::{Rewritten, Vp8Fields};
use crate::media::vp8;

/// A stream without packets for this long is not reported on: its receivers know already where it stopped.
const REPORTED_FOR: Duration = Duration::from_secs(3);

/// What negotiation says of an outgoing stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) ssrc: u32,
    pub(crate) payload_type: u8,
    /// The stream that carries lost packets again (RFC 4588).
    pub(crate) repair: Option<Repair>,
    pub(crate) mid: Box<str>,
    pub(crate) ids: ExtensionIds,
    /// Canonical name in reports, as in the answer.
    pub(crate) cname: Box<str>,
}

/// A repair stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Repair {
    pub(crate) ssrc: u32,
    pub(crate) payload_type: u8,
    /// Its first sequence number.
    pub(crate) first_sequence: u16,
}

/// A packet to send: the payload is shared with all other receivers.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    /// Extended.
    pub(super) sequence: u64,
    pub(super) timestamp: u32,
    pub(super) marker: bool,
    pub(super) audio_level: Option<AudioLevel>,
    /// Replacements in the payload descriptor; `None`: the payload goes out as it is.
    pub(super) vp8: Option<Vp8Fields>,
    pub(super) payload: Arc<[u8]>,
}

/// An outgoing stream.
pub(super) struct OutgoingStream {
    settings: Settings,
    /// Of the repair stream, extended.
    repair_sequence: u64,
    resend: Resend,
    newest: Option<Newest>,
    packets: u32,
    bytes: u32,
}

/// The packet that was sent last.
#[derive(Clone, Copy, Debug)]
struct Newest {
    timestamp: u32,
    clock_rate: u32,
    /// When its sample was captured, as far as known.
    captured_at: Instant,
    sent_at: Instant,
}

impl OutgoingStream {
    pub(super) fn new(settings: Settings) -> Self {
        let repair_sequence = settings.repair.map_or(0, |repair| repair.first_sequence.into());
        Self { settings, repair_sequence, resend: Resend::default(), newest: None, packets: 0, bytes: 0 }
    }

    pub(super) fn ssrc(&self) -> u32 {
        self.settings.ssrc
    }

    /// Notes what a packet says about the stream's clock; returns what to send.
    pub(super) fn plan(&mut self, packet: &Packet, rewritten: &Rewritten, now: Instant) -> Planned {
        let facts = &packet.facts;
        self.newest = Some(Newest {
            timestamp: rewritten.timestamp,
            clock_rate: facts.codec.clock_rate(),
            captured_at: facts.captured_at.unwrap_or(facts.received_at),
            sent_at: now,
        });
        let planned = Planned {
            sequence: rewritten.sequence,
            timestamp: rewritten.timestamp,
            marker: facts.marker,
            audio_level: facts.audio_level,
            vp8: facts.vp8.is_some_and(|descriptor| !rewritten.vp8.unchanged(&descriptor)).then_some(rewritten.vp8),
            payload: packet.payload.clone(),
        };
        // Opus repairs itself.
        if self.settings.repair.is_some() && facts.codec != Codec::Opus {
            self.resend.keep(planned.clone(), now);
        }
        planned
    }

    /// The datagram of a packet.
    pub(super) fn seal(&mut self, planned: &Planned, protector: &Protector) -> Option<Box<[u8]>> {
        let Settings { ssrc, payload_type, .. } = self.settings;
        self.packets = self.packets.wrapping_add(1);
        self.bytes = self.bytes.wrapping_add(planned.payload.len() as u32);
        self.assemble(planned, protector, (ssrc, payload_type), planned.sequence, None)
    }

    /// The client misses a packet. `None`: it is not there any more, was just sent again, or too much was.
    pub(super) fn find_missing(&mut self, sequence: u16, now: Instant) -> Option<Planned> {
        self.resend.take(sequence, now)
    }

    /// The datagram that carries a packet again (RFC 4588 section 4).
    pub(super) fn seal_again(&mut self, missing: &Planned, protector: &Protector) -> Option<Box<[u8]>> {
        let Repair { ssrc, payload_type, .. } = self.settings.repair?;
        let sequence = self.repair_sequence;
        self.repair_sequence += 1;
        self.assemble(missing, protector, (ssrc, payload_type), sequence, Some(missing.sequence as u16))
    }

    /// `original`: the sequence number that a repair packet begins with.
    fn assemble(
        &self,
        planned: &Planned,
        protector: &Protector,
        (ssrc, payload_type): (u32, u8),
        sequence: u64,
        original: Option<u16>,
    ) -> Option<Box<[u8]>> {
        let Settings { mid, ids, .. } = &self.settings;
        let header = Header {
            payload_type,
            marker: planned.marker,
            sequence: sequence as u16,
            timestamp: planned.timestamp,
            ssrc,
            ids: *ids,
            mid: mid.as_bytes(),
            audio_level: planned.audio_level,
        };
        let extra = header.capacity() + usize::from(original.is_some()) * 2 + protector.rtp_overhead();
        let mut packet = Vec::with_capacity(extra + planned.payload.len());
        let length = header.write(&mut packet);
        if let Some(original) = original {
            packet.extend_from_slice(&original.to_be_bytes());
        }
        let start = packet.len();
        packet.extend_from_slice(&planned.payload);
        if let Some(fields) = planned.vp8 {
            vp8::replace(&mut packet[start..], fields);
        }
        protector.rtp(&mut packet, length, ssrc, sequence).ok()?;
        Some(packet.into_boxed_slice())
    }

    /// Whether receivers expect reports: the stream flows.
    pub(super) fn is_reported(&self, now: Instant) -> bool {
        self.newest.is_some_and(|newest| now.saturating_duration_since(newest.sent_at) < REPORTED_FOR)
    }

    /// This stream's part of a report.
    pub(super) fn report(&self, now: Instant) -> Option<report::Entry<'_>> {
        let newest = self.newest.filter(|_| self.is_reported(now))?;
        Some(report::Entry {
            ssrc: self.settings.ssrc,
            timestamp: report::timestamp_at(now, newest.timestamp, newest.captured_at, newest.clock_rate),
            packets: self.packets,
            bytes: self.bytes,
            cname: &self.settings.cname,
        })
    }
}
