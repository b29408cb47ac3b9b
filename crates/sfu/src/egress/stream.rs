//! One outgoing stream: its numbers, its packets, its repair.

use std::time::{Duration, Instant};

use aws_lc_rs::error::Unspecified;

use super::header::{ExtensionIds, Header};
use super::report;
use super::resend::Resend;
use crate::media::packet::{Codec, Packet};
use crate::media::rewrite::Rewritten;
use crate::media::vp8;
use crate::srtp::Protector;

/// A stream without packets for this long is not reported on: its receivers know already where it stopped.
const REPORTED_FOR: Duration = Duration::from_secs(3);

/// A packet is sent again for so long. Longer: copies that come too late to be played.
const REPEATED_FOR: Duration = Duration::from_secs(1);

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

    /// Appends the datagram of a packet to `out`.
    pub(super) fn write(
        &mut self,
        packet: &Packet,
        rewritten: &Rewritten,
        now: Instant,
        protector: &Protector,
        out: &mut Vec<u8>,
    ) -> Result<(), Unspecified> {
        let facts = &packet.facts;
        self.newest = Some(Newest {
            timestamp: rewritten.timestamp,
            clock_rate: facts.codec.clock_rate(),
            captured_at: facts.captured_at.unwrap_or(facts.received_at),
            sent_at: now,
        });
        self.packets = self.packets.wrapping_add(1);
        self.bytes = self.bytes.wrapping_add(packet.payload.len() as u32);
        self.resend.earn(packet.payload.len());
        let Settings { ssrc, payload_type, .. } = self.settings;
        self.assemble(packet, rewritten, protector, (ssrc, payload_type, rewritten.sequence), out)
    }

    /// Whether a packet that the client misses may be sent again now; then it counts as sent.
    pub(super) fn may_repeat(&mut self, packet: &Packet, rewritten: &Rewritten, now: Instant) -> bool {
        // Opus repairs itself.
        self.settings.repair.is_some()
            && packet.facts.codec != Codec::Opus
            && now.saturating_duration_since(packet.facts.received_at) <= REPEATED_FOR
            && self.resend.spend(rewritten.sequence, packet.payload.len(), now)
    }

    /// Appends the datagram that carries a packet again (RFC 4588 section 4) to `out`.
    pub(super) fn repeat(
        &mut self,
        packet: &Packet,
        rewritten: &Rewritten,
        protector: &Protector,
        out: &mut Vec<u8>,
    ) -> Result<(), Unspecified> {
        let Repair { ssrc, payload_type, .. } = self.settings.repair.ok_or(Unspecified)?;
        let sequence = self.repair_sequence;
        self.repair_sequence += 1;
        self.assemble(packet, rewritten, protector, (ssrc, payload_type, sequence), out)
    }

    fn assemble(
        &self,
        packet: &Packet,
        rewritten: &Rewritten,
        protector: &Protector,
        (ssrc, payload_type, sequence): (u32, u8, u64),
        out: &mut Vec<u8>,
    ) -> Result<(), Unspecified> {
        let Settings { mid, ids, .. } = &self.settings;
        let start = out.len();
        let facts = &packet.facts;
        let header = Header {
            payload_type,
            marker: facts.marker,
            sequence: sequence as u16,
            timestamp: rewritten.timestamp,
            ssrc,
            ids: *ids,
            mid: mid.as_bytes(),
            audio_level: facts.audio_level,
        };
        header.write(out);
        let payload = out.len();
        if ssrc != self.settings.ssrc {
            // A repair packet begins with the number of the packet that it repeats.
            out.extend_from_slice(&(rewritten.sequence as u16).to_be_bytes());
        }
        let media = out.len();
        out.extend_from_slice(&packet.payload);
        if facts.vp8.is_some_and(|descriptor| !rewritten.vp8.unchanged(&descriptor)) {
            vp8::replace(&mut out[media..], rewritten.vp8);
        }
        protector.rtp(out, start, payload, ssrc, sequence)
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
