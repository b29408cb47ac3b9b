//! What one subscriber gets of one track: which encoding, from which packet on, under which numbers.

use super::packet::{Batch, Codec, Packet};
use super::rewrite::{Rewriter, Rewritten, Start};
use crate::event::Variant;

/// What to do with a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Send it like this.
    Send(Rewritten),
    /// Send it like this; it is the first of this encoding (for announcing the switch).
    Switch(Rewritten),
    /// Not for this subscriber.
    Drop,
    /// The wanted encoding flows, but a decoder cannot start here: ask for a keyframe.
    AwaitKeyframe,
}

/// Forwarding state of one (subscriber, track).
///
/// A decoder starts at a keyframe and nowhere else: at the beginning, at a switch of the encoding, when the publisher starts a
/// new stream, and after [`Forwarder::restart`]. Until the keyframe of a newly selected encoding arrives the old one goes on.
#[derive(Clone, Debug)]
pub(crate) struct Forwarder {
    rewriter: Rewriter,
    wanted: Option<Variant>,
    current: Option<Stream>,
    /// Streams that were left for good: late packets of theirs must not win the stream back.
    retired: Option<Stream>,
}

/// One RTP stream of the publisher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stream {
    encoding: Variant,
    source: u32,
}

impl Forwarder {
    /// Forwards nothing until an encoding is selected.
    pub(crate) fn new(codec: Codec, start: Start) -> Self {
        Self { rewriter: Rewriter::new(start, codec.clock_rate()), wanted: None, current: None, retired: None }
    }

    /// Selects the encoding to forward; `None` stops. It takes effect with its first keyframe.
    pub(crate) fn select(&mut self, encoding: Option<Variant>) {
        self.wanted = encoding;
        if encoding.is_none() {
            self.restart();
        }
    }

    /// Forwards nothing more until the next keyframe of the selected encoding.
    pub(crate) fn restart(&mut self) {
        if self.current.take().is_some() {
            self.rewriter.switch_source();
        }
    }

    /// Decides about one packet of a batch. A subscriber whose codec differs from the packet's must not be asked.
    pub(crate) fn forward(&mut self, batch: &Batch, packet: &Packet) -> Verdict {
        let stream = Stream { encoding: batch.encoding, source: batch.source };
        if self.current == Some(stream) && self.wanted.is_some() {
            return self.continue_stream(packet);
        }
        if self.wanted != Some(stream.encoding) || self.retired == Some(stream) || packet.payload.is_empty() {
            return Verdict::Drop;
        }
        if !packet.facts.keyframe_start {
            return Verdict::AwaitKeyframe;
        }
        // A stream of the same encoding replaces its predecessor for good; another encoding may come back.
        self.retired = self.current.filter(|current| current.encoding == stream.encoding).or(self.retired);
        self.current = Some(stream);
        self.rewriter.switch_source();
        self.rewriter.rewrite(&packet.facts).map_or(Verdict::Drop, Verdict::Switch)
    }

    /// Where a packet that went out came from: encoding, stream, and number there. `sequence`: the low 16 bits of its number.
    pub(crate) fn source_of(&self, sequence: u16) -> Option<(Variant, u32, u64)> {
        let current = self.current?;
        Some((current.encoding, current.source, self.rewriter.source_of(sequence)?))
    }

    /// How a packet that [`Forwarder::source_of`] told of went out.
    pub(crate) fn repeat(&self, packet: &Packet) -> Option<Rewritten> {
        self.rewriter.repeat(&packet.facts)
    }

    fn continue_stream(&mut self, packet: &Packet) -> Verdict {
        if packet.payload.is_empty() {
            self.rewriter.omit(packet.facts.sequence);
            return Verdict::Drop;
        }
        self.rewriter.rewrite(&packet.facts).map_or(Verdict::Drop, Verdict::Send)
    }
}

#[cfg(test)]
#[path = "forward_tests.rs"]
mod tests;
