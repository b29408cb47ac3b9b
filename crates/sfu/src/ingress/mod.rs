//! What comes from one client: media packets out of their protection, and the feedback that the client needs on them.
//!
//! ```text
//! SRTP ─ header, key, replay ─▶ stream ─▶ line and encoding ─▶ Packet
//!                                 ├─ holes ─────────▶ NACK
//!                                 ├─ statistics ────▶ receiver reports
//!                                 └─ arrival times ─▶ transport-wide feedback
//! ```
//!
//! Knows neither the WebRTC library nor rooms. What it writes is in the clear: [`crate::egress`] protects all that leaves.

mod arrivals;
mod header;
mod lines;
mod missing;
mod reception;
mod stream;

#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use aws_lc_rs::error::Unspecified;

pub(crate) use header::Extension;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use header::Ids;
pub(crate) use lines::{Line, Negotiated, Source};

use crate::media::packet::{Codec, Packet, PacketFacts, PayloadFacts};
use crate::media::window::Window;
use crate::rtcp;
use crate::srtp::{self, KeyingMaterial, RtcpOpener, RtpOpener};
use arrivals::Arrivals;
use header::Header;
use lines::Role;
use stream::Streams;

/// How long arrivals wait for others, and how much longer for the feedback of others' clients. Shorter: more packets of feedback;
/// longer: the client's bandwidth estimation is slow.
const ARRIVALS_WAIT: Duration = Duration::from_millis(70);
const ARRIVALS_SLACK: Duration = Duration::from_millis(50);

/// A repeated packet can be so many numbers ahead of the newest: a client fills bandwidth with what it sent just now, and that may be
/// lost. One of more is none of this stream.
const MAX_AHEAD: u64 = 256;

/// A media packet, and where it belongs.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) source: Source,
    /// Of the stream that carries the media, also when this packet came by another one.
    pub(crate) ssrc: u32,
    pub(crate) packet: Packet,
}

/// Why a packet goes no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dropped {
    /// Before the handshake is done.
    Early,
    /// Not RTP, or it contradicts itself.
    Malformed,
    /// The client's keys do not open it.
    Forged,
    /// It came before, or is too old to tell.
    Duplicate,
    /// It belongs to nothing that was negotiated.
    Unplaced,
}

/// Everything that comes from one client.
pub(crate) struct Ingress {
    keys: Option<Keys>,
    negotiated: Negotiated,
    streams: Streams,
    /// Our own SSRC, and its name.
    reporter: u32,
    name: String,
    arrivals: Arrivals,
    /// The stream of the newest arrival, and when the oldest came that is not reported.
    arrivals_of: u32,
    arrivals_since: Option<Instant>,
    /// When the next packet is to be asked for again.
    missing_at: Option<Instant>,
    /// The deadlines that the caller knows.
    told: Told,
}

struct Keys {
    rtp: RtpOpener,
    rtcp: RtcpOpener,
}

#[derive(Default)]
struct Told {
    missing: Option<Instant>,
    arrivals: Option<Instant>,
}

impl Ingress {
    /// `reporter`: an SSRC that nothing else uses. `origin` is any moment in the past.
    pub(crate) fn new(reporter: u32, origin: Instant) -> Self {
        Self {
            keys: None,
            negotiated: Negotiated::default(),
            streams: Streams::default(),
            reporter,
            name: format!("{reporter:08x}"),
            arrivals: Arrivals::new(origin),
            arrivals_of: 0,
            arrivals_since: None,
            missing_at: None,
            told: Told::default(),
        }
    }

    /// The handshake is done. Nothing is taken before.
    pub(crate) fn set_keys(&mut self, material: &KeyingMaterial) -> Result<(), Unspecified> {
        self.keys = Some(Keys { rtp: RtpOpener::new(material)?, rtcp: RtcpOpener::new(material)? });
        Ok(())
    }

    /// There is an answer.
    pub(crate) fn negotiate(&mut self, negotiated: Negotiated) {
        self.streams.renegotiate(&negotiated);
        self.negotiated = negotiated;
    }

    /// Our SSRC in RTCP.
    pub(crate) fn reporter(&self) -> u32 {
        self.reporter
    }

    /// Opens RTCP. `None`: forged, replayed, or before the handshake was done.
    pub(crate) fn open_rtcp<'a>(&mut self, datagram: &[u8], plain: &'a mut Vec<u8>) -> Option<&'a [u8]> {
        self.keys.as_mut()?.rtcp.open(datagram, plain)
    }

    /// Takes an RTP datagram. `None`: it carries no media that is news. `plain` is overwritten.
    pub(crate) fn receive(&mut self, datagram: &[u8], at: Instant, plain: &mut Vec<u8>) -> Result<Option<Arrived>, Dropped> {
        let header = Header::parse(datagram, &self.negotiated.ids).ok_or(Dropped::Malformed)?;
        let (slot, index) = self.open(datagram, &header, at, plain)?;
        if let Some(sequence) = header.transport_sequence.filter(|_| self.negotiated.transport_feedback) {
            self.arrivals.note(sequence, at);
            self.arrivals_of = header.ssrc;
            self.arrivals_since.get_or_insert(at);
        }
        let payload = unpadded(&header, plain).ok_or(Dropped::Malformed)?;
        let stream = self.streams.get_mut(slot).ok_or(Dropped::Unplaced)?;
        let (line, encoding, role) = stream.place(&self.negotiated, &header).ok_or(Dropped::Unplaced)?;
        stream.reception.packet(index, header.timestamp, self.negotiated.lines[line].codec.clock_rate(), at);
        let (slot, sequence, payload) = match role {
            Role::Media => (slot, index, payload),
            Role::Repair => {
                // RFC 4588 section 4: the number of the packet that is repeated comes first. Without one it is padding.
                let Some((original, payload)) = payload.split_first_chunk() else { return Ok(None) };
                let Some(slot) = self.streams.media_of(line, encoding) else { return Ok(None) };
                let newest = self.streams.get(slot).and_then(|stream| stream.delivered.newest()).unwrap_or(0);
                let original = srtp::estimate(Some(newest), u16::from_be_bytes(*original));
                if original > newest + MAX_AHEAD {
                    return Ok(None);
                }
                (slot, original, payload)
            }
        };
        self.deliver(slot, sequence, &header, (line, encoding, role), payload, at)
    }

    /// Opens a packet; returns the slot of its stream, and its index.
    fn open(&mut self, datagram: &[u8], header: &Header<'_>, at: Instant, plain: &mut Vec<u8>) -> Result<(usize, u64), Dropped> {
        let rtp = &self.keys.as_ref().ok_or(Dropped::Early)?.rtp;
        let mut open = |index| rtp.open(datagram, header.length, header.ssrc, index, plain);
        let known = self.streams.find(header.ssrc);
        let seen = known.and_then(|slot| self.streams.get(slot)).map(|stream| &stream.seen);
        let mut index = srtp::estimate(seen.and_then(Window::newest), header.sequence);
        if seen.is_some_and(|seen| !seen.is_new(index)) {
            return Err(Dropped::Duplicate);
        }
        let mut opened = open(index);
        if opened.is_err() && known.is_none() {
            // What was sent before the rollover may be lost or late.
            index += 1 << 16;
            opened = open(index);
        }
        opened.map_err(|Unspecified| Dropped::Forged)?;
        let slot = known.unwrap_or_else(|| self.streams.insert(header.ssrc, at));
        if let Some(stream) = self.streams.get_mut(slot) {
            stream.seen.insert(index);
            stream.heard_at = at;
        }
        Ok((slot, index))
    }

    /// Hands on a media packet of the stream in `slot`, unless it came before.
    fn deliver(
        &mut self,
        slot: usize,
        sequence: u64,
        header: &Header<'_>,
        (line, encoding, role): (usize, crate::event::Variant, Role),
        payload: &[u8],
        at: Instant,
    ) -> Result<Option<Arrived>, Dropped> {
        let (line, stream) = (&self.negotiated.lines[line], self.streams.get_mut(slot).ok_or(Dropped::Unplaced)?);
        if !stream.delivered.insert(sequence) {
            // Clients fill idle bandwidth with packets that arrived already.
            return if role == Role::Repair { Ok(None) } else { Err(Dropped::Duplicate) };
        }
        if line.has_nack {
            stream.missing.arrived(sequence, role == Role::Repair, at);
            if let Some(due) = stream.missing.due() {
                self.missing_at = Some(self.missing_at.map_or(due, |known| known.min(due)));
            }
        }
        if role == Role::Media && header.payload_type != line.payload_type {
            return Err(Dropped::Unplaced);
        }
        let read = PayloadFacts::read(line.codec, payload);
        let facts = PacketFacts {
            sequence,
            timestamp: header.timestamp,
            marker: header.marker,
            codec: line.codec,
            keyframe_start: read.keyframe_start,
            vp8: read.vp8,
            audio_level: header.audio_level.filter(|_| line.codec == Codec::Opus),
            received_at: at,
            captured_at: None,
        };
        let source = Source { line: line.index, encoding };
        Ok(Some(Arrived { source, ssrc: stream.ssrc, packet: Packet { facts, payload: payload.into() } }))
    }

    /// A report of the client on one of its streams. Returns where its media belongs.
    pub(crate) fn sender_reported(&mut self, ssrc: u32, middle: u32, at: Instant) -> Option<Source> {
        let slot = self.streams.find(ssrc)?;
        let stream = self.streams.get_mut(slot)?;
        stream.reception.reported(middle, at);
        let (line, encoding, role) = stream.placed()?;
        (role == Role::Media).then(|| Source { line: self.negotiated.lines[line].index, encoding })
    }

    /// Asks for a keyframe: appends the compound. `false`: nothing of this source has come yet.
    pub(crate) fn request_keyframe(&self, source: Source, compound: &mut Vec<u8>) -> bool {
        let line = self.negotiated.lines.iter().position(|line| line.index == source.line);
        let slot = line.and_then(|line| self.streams.media_of(line, source.encoding));
        let Some(stream) = slot.and_then(|slot| self.streams.get(slot)) else { return false };
        self.begin(compound);
        rtcp::picture_loss(self.reporter, stream.ssrc, compound);
        true
    }

    /// What is reported of the streams that flow.
    pub(crate) fn receptions(&mut self, now: Instant) -> Vec<rtcp::Reception> {
        self.streams.iter_mut().filter_map(|stream| stream.reception.report(stream.ssrc, now)).collect()
    }

    /// Appends a compound with a report of some streams, at most [`rtcp::MAX_BLOCKS`].
    pub(crate) fn write_report(&self, receptions: &[rtcp::Reception], compound: &mut Vec<u8>) {
        rtcp::receiver_report(self.reporter, receptions, compound);
        rtcp::names([(self.reporter, self.name.as_str())].into_iter(), compound);
    }

    /// When feedback is due, and how much longer it may wait: told once.
    pub(crate) fn schedule_feedback(&mut self) -> Option<(Instant, Duration)> {
        let is_news = |told: &Option<Instant>, at: &Instant| told.is_none_or(|told| *at < told);
        if let Some(at) = self.missing_at.filter(|at| is_news(&self.told.missing, at)) {
            self.told.missing = Some(at);
            return Some((at, Duration::ZERO));
        }
        let arrivals = self.arrivals_since.map(|since| since + ARRIVALS_WAIT);
        let at = arrivals.filter(|at| is_news(&self.told.arrivals, at))?;
        self.told.arrivals = Some(at);
        Some((at, ARRIVALS_SLACK))
    }

    /// The deadline that was told has come. Whether there is feedback to write.
    pub(crate) fn has_feedback(&mut self, now: Instant) -> bool {
        self.told = Told::default();
        self.missing_at.is_some_and(|at| at <= now) || self.has_arrivals(now)
    }

    fn has_arrivals(&self, now: Instant) -> bool {
        self.arrivals_since.is_some_and(|since| since + ARRIVALS_WAIT <= now)
    }

    /// Appends a compound with feedback that is due. There may be more.
    pub(crate) fn write_feedback(&mut self, now: Instant, compound: &mut Vec<u8>) {
        let start = compound.len();
        self.begin(compound);
        if self.missing_at.is_some_and(|at| at <= now) {
            self.write_missing(now, start, compound);
        }
        if self.has_arrivals(now) && compound.len() - start <= rtcp::FULL / 4 {
            self.arrivals.write(self.reporter, self.arrivals_of, compound);
            self.arrivals_since.take_if(|_| !self.arrivals.has_news());
        }
    }

    fn write_missing(&mut self, now: Instant, start: usize, compound: &mut Vec<u8>) {
        let mut wanted = Vec::new();
        for stream in self.streams.iter_mut().filter(|stream| stream.missing.due().is_some_and(|at| at <= now)) {
            let room = (start + rtcp::FULL).saturating_sub(compound.len());
            if room < rtcp::FULL / 4 {
                break;
            }
            wanted.clear();
            stream.missing.ask(now, &mut wanted);
            if !wanted.is_empty() {
                // What does not fit is asked for with the next try.
                rtcp::nack(self.reporter, stream.ssrc, &wanted, room, compound);
            }
        }
        self.missing_at = self.streams.iter_mut().filter_map(|stream| stream.missing.due()).min();
    }

    /// Begins a compound (RFC 3550 section 6.1): with a report, unless the client takes feedback alone.
    fn begin(&self, compound: &mut Vec<u8>) {
        if !self.negotiated.reduced_size {
            self.write_report(&[], compound);
        }
    }
}

/// A payload without its padding (RFC 3550 section 5.1). `None`: there cannot be so much.
fn unpadded<'a>(header: &Header<'_>, payload: &'a [u8]) -> Option<&'a [u8]> {
    if !header.is_padded {
        return Some(payload);
    }
    let padding = usize::from(*payload.last()?);
    if padding == 0 { None } else { payload.get(..payload.len().checked_sub(padding)?) }
}
