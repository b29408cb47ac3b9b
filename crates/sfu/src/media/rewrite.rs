//! Rewriting of sequence numbers, timestamps and VP8 picture indices for one outgoing stream, so that a receiver sees one
//! continuous stream whatever happens to its sources.
//!
//! Within a source the mapping is an offset, so loss and reordering show through and NACK works; packets that are left out on
//! purpose close up. A switch of source, or a source that jumps, continues where the output was. No output number is given
//! out twice (a repeated SRTP index would repeat a nonce, RFC 3711 section 9.1), and new packets never run back.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::packet::PacketFacts;
use super::vp8;
use super::window::Window;

/// Segments kept per source. Fewer: late packets from before an omission are lost; more: memory.
const MAX_SEGMENTS: usize = 16;

/// A source whose media time runs this far ahead of the time that passed has jumped. Lower: bursty senders count as jumps;
/// higher: receivers stall for longer.
const MAX_AHEAD: Duration = Duration::from_secs(10);

/// A source whose numbers leave out more than this has jumped. Half of a cycle is the most that a receiver can follow (RFC 3711 section
/// 3.3.1): beyond it no packet could be opened any more. Nobody waits for so many lost ones.
const MAX_GAP: u64 = 1 << 14;

/// First values of an outgoing stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Start {
    /// First sequence number. The rollover counter of a new SRTP stream is 0, so this is 16 bits; only the lower half is
    /// used, so that the first packets cannot be lost around a rollover (RFC 3711 section 3.3.1).
    pub(crate) sequence: u16,
    /// First timestamp.
    pub(crate) timestamp: u32,
}

/// What the outgoing packet carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rewritten {
    /// Extended sequence number.
    pub(crate) sequence: u64,
    /// RTP timestamp.
    pub(crate) timestamp: u32,
    /// Fields to replace in the VP8 payload descriptor; only fields that it has.
    pub(crate) vp8: Vp8Fields,
}

/// Replacements in a VP8 payload descriptor, each within the width of its field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Vp8Fields {
    /// Picture id.
    pub(crate) picture_id: Option<u16>,
    /// TL0PICIDX.
    pub(crate) tl0_picidx: Option<u8>,
    /// KEYIDX.
    pub(crate) key_idx: Option<u8>,
}

impl Vp8Fields {
    /// Whether the payload can be sent as it is, given its descriptor.
    pub(crate) fn unchanged(self, descriptor: &vp8::Descriptor) -> bool {
        self.picture_id == descriptor.picture_id.map(|id| id.value)
            && self.tl0_picidx == descriptor.tl0_picidx
            && self.key_idx == descriptor.key_idx
    }
}

/// The state of one outgoing stream.
#[derive(Clone, Debug)]
pub(crate) struct Rewriter {
    clock_rate: u32,
    /// Number of the first packet of the next source.
    next_sequence: u64,
    next_timestamp: u32,
    newest: Option<Newest>,
    /// The mapping of the current source, oldest first; empty until its first packet.
    segments: VecDeque<Segment>,
    newest_input: u64,
    sent: Window,
    picture: Indices,
}

/// The newest packet that went out.
#[derive(Clone, Copy, Debug)]
struct Newest {
    timestamp: u32,
    received_at: Instant,
    captured_at: Option<Instant>,
}

/// Source sequence numbers `first..end` map by these offsets.
#[derive(Clone, Copy, Debug)]
struct Segment {
    first: u64,
    end: u64,
    sequence_offset: u64,
    timestamp_offset: u32,
}

impl Rewriter {
    /// A stream that has sent nothing.
    pub(crate) fn new(start: Start, clock_rate: u32) -> Self {
        Self {
            clock_rate,
            next_sequence: u64::from(start.sequence & 0x7fff),
            next_timestamp: start.timestamp,
            newest: None,
            segments: VecDeque::new(),
            newest_input: 0,
            sent: Window::default(),
            picture: Indices::default(),
        }
    }

    /// The next packet comes from another source and continues the stream. From now on packets of the old source must not be
    /// passed in: their numbers mean nothing any more.
    pub(crate) fn switch_source(&mut self) {
        self.segments.clear();
        self.picture.switch_source();
    }

    /// Maps a packet of the current source. `None`: it is a duplicate, or too old, or from before the source was taken up.
    pub(crate) fn rewrite(&mut self, facts: &PacketFacts) -> Option<Rewritten> {
        let is_new = self.segments.is_empty() || facts.sequence > self.newest_input;
        if is_new {
            self.make_room(facts);
        }
        let segment = *self.segments.iter().rev().find(|segment| segment.first <= facts.sequence)?;
        if facts.sequence >= segment.end {
            return None;
        }
        let sequence = facts.sequence.wrapping_add(segment.sequence_offset);
        let timestamp = facts.timestamp.wrapping_add(segment.timestamp_offset);
        if !self.sent.insert(sequence) {
            return None;
        }
        if is_new {
            self.newest_input = facts.sequence;
        }
        // A late packet from before an omission may be the newest that went out.
        if sequence >= self.next_sequence {
            self.next_sequence = sequence + 1;
            self.newest = Some(Newest { timestamp, received_at: facts.received_at, captured_at: facts.captured_at });
        }
        let vp8 = facts.vp8.map(|descriptor| self.picture.rewrite(&descriptor)).unwrap_or_default();
        Some(Rewritten { sequence, timestamp, vp8 })
    }

    /// The number in the current source of a packet that went out. `sequence`: the low 16 bits of its number there.
    pub(crate) fn source_of(&self, sequence: u16) -> Option<u64> {
        let newest = self.sent.newest()?;
        let sequence = newest.checked_sub((newest as u16).wrapping_sub(sequence).into())?;
        if !self.sent.contains(sequence) {
            return None;
        }
        let in_segment = |segment: &Segment| {
            let source = sequence.wrapping_sub(segment.sequence_offset);
            (segment.first..segment.end).contains(&source).then_some(source)
        };
        self.segments.iter().rev().find_map(in_segment)
    }

    /// How a packet of the current source went out.
    pub(crate) fn repeat(&self, facts: &PacketFacts) -> Option<Rewritten> {
        let segment = self.segments.iter().rev().find(|segment| (segment.first..segment.end).contains(&facts.sequence))?;
        Some(Rewritten {
            sequence: facts.sequence.wrapping_add(segment.sequence_offset),
            timestamp: facts.timestamp.wrapping_add(segment.timestamp_offset),
            vp8: facts.vp8.map(|descriptor| self.picture.repeat(&descriptor)).unwrap_or_default(),
        })
    }

    /// Leaves out a packet of the current source on purpose (padding): later ones close up. Nothing can be closed up when newer
    /// packets went out already; then a gap stays.
    pub(crate) fn omit(&mut self, sequence: u64) {
        let Some(&last) = self.segments.back() else { return };
        if sequence <= self.newest_input {
            return;
        }
        if let Some(back) = self.segments.back_mut() {
            back.end = sequence;
        }
        self.newest_input = sequence;
        self.push(Segment { first: sequence + 1, end: u64::MAX, sequence_offset: last.sequence_offset.wrapping_sub(1), ..last });
    }

    /// Makes sure that the newest segment fits a packet that is newer than all before.
    fn make_room(&mut self, facts: &PacketFacts) {
        let Some(&last) = self.segments.back() else {
            self.push(Segment {
                first: facts.sequence,
                end: u64::MAX,
                sequence_offset: self.next_sequence.wrapping_sub(facts.sequence),
                timestamp_offset: self.continued(facts).wrapping_sub(facts.timestamp),
            });
            return;
        };
        let leaps = facts.sequence.wrapping_add(last.sequence_offset) >= self.next_sequence.saturating_add(MAX_GAP);
        let jumps = self.jumps(facts, facts.timestamp.wrapping_add(last.timestamp_offset));
        if leaps || jumps {
            if let Some(back) = self.segments.back_mut() {
                // What comes late from within a leap has no number.
                back.end = if leaps { self.newest_input + 1 } else { facts.sequence };
            }
            let sequence_offset = if leaps { self.next_sequence.wrapping_sub(facts.sequence) } else { last.sequence_offset };
            let timestamp_offset = if jumps { self.continued(facts).wrapping_sub(facts.timestamp) } else { last.timestamp_offset };
            self.push(Segment { first: facts.sequence, end: u64::MAX, sequence_offset, timestamp_offset });
        }
    }

    /// Whether media time runs back, or far ahead of the time that passed.
    fn jumps(&self, facts: &PacketFacts, timestamp: u32) -> bool {
        let Some(newest) = self.newest else { return false };
        let step = timestamp.wrapping_sub(newest.timestamp);
        let passed = facts.received_at.saturating_duration_since(newest.received_at);
        step > u32::MAX / 2 || step > self.ticks(passed.saturating_add(MAX_AHEAD))
    }

    /// The timestamp with which a packet continues the stream across a discontinuity: as much later as it was captured later.
    fn continued(&self, facts: &PacketFacts) -> u32 {
        let Some(newest) = self.newest else { return self.next_timestamp };
        let captured = facts.captured_at.zip(newest.captured_at).and_then(|(new, old)| new.checked_duration_since(old));
        let passed = captured.unwrap_or_else(|| facts.received_at.saturating_duration_since(newest.received_at));
        newest.timestamp.wrapping_add(self.ticks(passed).max(1))
    }

    /// Ticks of the RTP clock, at most a quarter of the timestamp space so that they always read as "later".
    fn ticks(&self, time: Duration) -> u32 {
        let ticks = time.as_micros().saturating_mul(u128::from(self.clock_rate)) / 1_000_000;
        u32::try_from(ticks).unwrap_or(u32::MAX).min(u32::MAX / 4)
    }

    fn push(&mut self, segment: Segment) {
        if self.segments.len() == MAX_SEGMENTS {
            self.segments.pop_front();
        }
        self.segments.push_back(segment);
    }
}

/// VP8's running indices (RFC 7741 section 4.2): continuous across sources.
#[derive(Clone, Debug, Default)]
struct Indices {
    picture_id: Index,
    tl0_picidx: Index,
    key_idx: Index,
}

impl Indices {
    fn switch_source(&mut self) {
        for index in [&mut self.picture_id, &mut self.tl0_picidx, &mut self.key_idx] {
            index.offset = None;
        }
    }

    fn repeat(&self, descriptor: &vp8::Descriptor) -> Vp8Fields {
        Vp8Fields {
            picture_id: descriptor.picture_id.map(|id| self.picture_id.repeat(id.value, id.mask())),
            tl0_picidx: descriptor.tl0_picidx.map(|index| self.tl0_picidx.repeat(index.into(), 0xff) as u8),
            key_idx: descriptor.key_idx.map(|index| self.key_idx.repeat(index.into(), 0x1f) as u8),
        }
    }

    fn rewrite(&mut self, descriptor: &vp8::Descriptor) -> Vp8Fields {
        Vp8Fields {
            picture_id: descriptor.picture_id.map(|id| self.picture_id.rewrite(id.value, id.mask())),
            tl0_picidx: descriptor.tl0_picidx.map(|index| self.tl0_picidx.rewrite(index.into(), 0xff) as u8),
            key_idx: descriptor.key_idx.map(|index| self.key_idx.rewrite(index.into(), 0x1f) as u8),
        }
    }
}

/// One index: output = input + offset, modulo the width of the field.
#[derive(Clone, Debug, Default)]
struct Index {
    newest: Option<u16>,
    offset: Option<u16>,
}

impl Index {
    fn repeat(&self, input: u16, mask: u16) -> u16 {
        input.wrapping_add(self.offset.unwrap_or(0)) & mask
    }

    fn rewrite(&mut self, input: u16, mask: u16) -> u16 {
        let first = self.newest.map_or(input, |newest| newest.wrapping_add(1));
        let offset = *self.offset.get_or_insert(first.wrapping_sub(input));
        let output = input.wrapping_add(offset) & mask;
        let is_newer = self.newest.is_none_or(|newest| output.wrapping_sub(newest) & mask <= mask / 2);
        if is_newer {
            self.newest = Some(output);
        }
        output
    }
}

#[cfg(test)]
#[path = "rewrite_tests.rs"]
mod tests;
