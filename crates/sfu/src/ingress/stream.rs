//! The streams of one client: their numbers, their statistics, where they belong.

use std::time::Instant;

use super::header::Header;
use super::lines::{Home, Negotiated, Role};
use super::missing::Missing;
use super::reception::Reception;
use crate::event::Variant;
use crate::media::window::Window;

/// Streams remembered. Beyond it the one heard longest ago is forgotten. Fewer: a large client's rollover counters get lost.
const CAPACITY: usize = 128;

/// One incoming stream.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) ssrc: u32,
    pub(super) heard_at: Instant,
    /// Packets that came; none is taken twice (RFC 3711 section 3.3.2).
    pub(super) seen: Window,
    /// Numbers of media packets that were handed on, whichever way they came.
    pub(super) delivered: Window,
    pub(super) missing: Missing,
    pub(super) reception: Reception,
    home: Option<Home>,
    /// Index of its line among those on which the client sends.
    line: Option<usize>,
}

impl Stream {
    fn new(ssrc: u32, now: Instant) -> Self {
        Self {
            ssrc,
            heard_at: now,
            seen: Window::default(),
            delivered: Window::default(),
            missing: Missing::default(),
            reception: Reception::default(),
            home: None,
            line: None,
        }
    }

    /// Where it belongs, as an authentic packet of it shows.
    pub(super) fn place(&mut self, negotiated: &Negotiated, header: &Header<'_>) -> Option<(usize, Variant, Role)> {
        let is_elsewhere = match (&self.home, header.mid) {
            (None, _) => true,
            (Some(home), Some(mid)) => home.mid.as_bytes() != mid,
            (Some(_), None) => self.line.is_none() && negotiated.names(header.ssrc),
        };
        if is_elsewhere {
            let home = negotiated.place(header);
            self.line = home.as_ref().and_then(|home| negotiated.line_of(home));
            self.home = home.or(self.home.take());
        }
        self.placed()
    }

    /// Where it belongs: index of the line among those on which the client sends, encoding, role.
    pub(super) fn placed(&self) -> Option<(usize, Variant, Role)> {
        let home = self.home.as_ref()?;
        Some((self.line?, home.encoding, home.role))
    }

    fn renegotiate(&mut self, negotiated: &Negotiated) {
        self.line = self.home.as_ref().and_then(|home| negotiated.line_of(home));
        if self.line.is_none() {
            self.missing = Missing::default();
            // A line that goes on with other encodings says anew what this one is.
            self.home.take_if(|home| negotiated.lines.iter().any(|line| line.mid == home.mid));
        }
    }
}

/// All incoming streams of a client.
#[derive(Debug, Default)]
pub(super) struct Streams {
    /// By slot; apart from the streams, so that a look-up reads little memory.
    ssrcs: Vec<u32>,
    streams: Vec<Stream>,
}

impl Streams {
    pub(super) fn find(&self, ssrc: u32) -> Option<usize> {
        self.ssrcs.iter().position(|known| *known == ssrc)
    }

    pub(super) fn get(&self, slot: usize) -> Option<&Stream> {
        self.streams.get(slot)
    }

    pub(super) fn get_mut(&mut self, slot: usize) -> Option<&mut Stream> {
        self.streams.get_mut(slot)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Stream> {
        self.streams.iter_mut()
    }

    /// A stream that has proved authentic. Returns its slot.
    pub(super) fn insert(&mut self, ssrc: u32, now: Instant) -> usize {
        let oldest = self.streams.iter().enumerate().min_by_key(|(_, stream)| stream.heard_at).map(|(slot, _)| slot);
        if let Some(slot) = oldest.filter(|_| self.streams.len() >= CAPACITY) {
            self.ssrcs[slot] = ssrc;
            self.streams[slot] = Stream::new(ssrc, now);
            return slot;
        }
        self.ssrcs.push(ssrc);
        self.streams.push(Stream::new(ssrc, now));
        self.streams.len() - 1
    }

    /// The stream that carries the media of an encoding; of several the one heard last.
    pub(super) fn media_of(&self, line: usize, encoding: Variant) -> Option<usize> {
        let carries = |stream: &Stream| stream.placed() == Some((line, encoding, Role::Media));
        let found = self.streams.iter().enumerate().filter(|(_, stream)| carries(stream));
        found.max_by_key(|(_, stream)| stream.heard_at).map(|(slot, _)| slot)
    }

    /// There is another answer: lines may have moved or ended.
    pub(super) fn renegotiate(&mut self, negotiated: &Negotiated) {
        for stream in &mut self.streams {
            stream.renegotiate(negotiated);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_table_is_bounded_and_forgets_the_silent() {
        let start = Instant::now();
        let mut streams = Streams::default();
        for ssrc in 0..CAPACITY as u32 {
            streams.insert(ssrc, start + Duration::from_millis(ssrc.into()));
        }
        if let Some(first) = streams.get_mut(0) {
            first.heard_at = start + Duration::from_secs(1);
        }
        let slot = streams.insert(900, start + Duration::from_secs(1));
        assert_eq!((streams.find(900), streams.find(0), streams.find(1)), (Some(slot), Some(0), None));
        assert_eq!(streams.streams.len(), CAPACITY);
    }
}
