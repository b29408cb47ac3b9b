//! What negotiation says about the media that a client sends, and which line a packet belongs to (RFC 8843 section 9.2).

use super::header::{Header, Ids};
use crate::event::Variant;
use crate::media::packet::Codec;

/// A media line on which the client sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its index among all lines.
    pub(crate) index: usize,
    pub(crate) mid: Box<str>,
    pub(crate) codec: Codec,
    pub(crate) payload_type: u8,
    /// Payload type of the repair stream (RFC 4588).
    pub(crate) repair: Option<u8>,
    /// Lost packets can be asked for.
    pub(crate) has_nack: bool,
    /// Simulcast; empty: a single encoding without a rid, which is called high.
    pub(crate) encodings: Vec<Variant>,
    /// SSRCs that the offer names: of the media and of its repair. Of no line with simulcast.
    pub(crate) ssrcs: Option<(u32, Option<u32>)>,
}

/// What the client sends, as of the last answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Negotiated {
    /// Lines on which the client sends.
    pub(crate) lines: Vec<Line>,
    /// Of all lines.
    pub(crate) ids: Ids,
    /// Feedback may come alone (RFC 5506).
    pub(crate) reduced_size: bool,
    /// The client wants to know when its packets arrived.
    pub(crate) transport_feedback: bool,
}

/// Where a packet belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// Index of the media line.
    pub(crate) line: usize,
    pub(crate) encoding: Variant,
}

/// What a stream is to its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It carries the media.
    Media,
    /// It carries lost packets again, and padding.
    Repair,
}

/// Where a stream belongs. It outlives a negotiation in which its line pauses: a client that has been heard names its line no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Home {
    pub(super) mid: Box<str>,
    pub(super) encoding: Variant,
    pub(super) role: Role,
}

impl Negotiated {
    /// Where a stream belongs whose home is not known: as the packet itself says, or by its SSRC, or by a payload type that only one
    /// line uses. `None`: nobody can tell.
    pub(super) fn place(&self, header: &Header<'_>) -> Option<Home> {
        let line = match header.mid {
            Some(mid) => self.lines.iter().find(|line| line.mid.as_bytes() == mid)?,
            None => self.lines.iter().find(|line| line.names(header.ssrc).is_some()).or_else(|| self.only_line(header.payload_type))?,
        };
        let role = line.names(header.ssrc).or_else(|| line.role_of(header))?;
        let encoding = if line.encodings.is_empty() {
            Variant::High
        } else {
            let rid = if role == Role::Repair { header.repaired_rid.or(header.rid) } else { header.rid };
            Variant::of_rid(rid?).filter(|variant| line.encodings.contains(variant))?
        };
        Some(Home { mid: line.mid.clone(), encoding, role })
    }

    /// The line of a stream whose home is known, if the client still sends on it.
    pub(super) fn line_of(&self, home: &Home) -> Option<usize> {
        let at = self.lines.iter().position(|line| line.mid == home.mid)?;
        let line = &self.lines[at];
        let is_accepted = if line.encodings.is_empty() { home.encoding == Variant::High } else { line.encodings.contains(&home.encoding) };
        is_accepted.then_some(at)
    }

    /// Whether the offer names this SSRC.
    pub(super) fn names(&self, ssrc: u32) -> bool {
        self.lines.iter().any(|line| line.names(ssrc).is_some())
    }

    fn only_line(&self, payload_type: u8) -> Option<&Line> {
        let mut using = self.lines.iter().filter(|line| line.payload_type == payload_type || line.repair == Some(payload_type));
        using.next().filter(|_| using.next().is_none())
    }
}

impl Line {
    /// What the offer says about an SSRC.
    fn names(&self, ssrc: u32) -> Option<Role> {
        let (media, repair) = self.ssrcs?;
        if media == ssrc { Some(Role::Media) } else { (repair == Some(ssrc)).then_some(Role::Repair) }
    }

    fn role_of(&self, header: &Header<'_>) -> Option<Role> {
        if self.repair == Some(header.payload_type) || header.repaired_rid.is_some() {
            Some(Role::Repair)
        } else {
            (self.payload_type == header.payload_type).then_some(Role::Media)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(mid: &str, payload_type: u8, repair: Option<u8>) -> Line {
        let codec = if repair.is_some() { Codec::Vp8 } else { Codec::Opus };
        Line { index: 0, mid: mid.into(), codec, payload_type, repair, has_nack: true, encodings: Vec::new(), ssrcs: None }
    }

    /// A microphone, a camera in three sizes, two screens; the second one's SSRCs are known.
    fn negotiated() -> Negotiated {
        let camera = Line { encodings: vec![Variant::Low, Variant::Medium, Variant::High], ..line("1", 96, Some(97)) };
        let known = Line { ssrcs: Some((70, Some(71))), ..line("3", 98, Some(99)) };
        Negotiated { lines: vec![line("0", 111, None), camera, line("2", 98, Some(99)), known], ..Negotiated::default() }
    }

    fn home(mid: &str, encoding: Variant, role: Role) -> Home {
        Home { mid: mid.into(), encoding, role }
    }

    #[test]
    fn streams_are_placed_by_what_they_say_then_by_ssrc_then_by_payload_type() {
        use Role::{Media, Repair};
        use Variant::{High, Low, Medium};

        let packet = |ssrc, payload_type| Header { payload_type, ssrc, ..Header::default() };
        let said = |payload_type, mid: &'static str| Header { mid: Some(mid.as_bytes()), ..packet(1, payload_type) };
        let table = [
            ("a known SSRC", packet(70, 98), Some(home("3", High, Media))),
            ("a known repair stream, padding with the media's payload type", packet(71, 98), Some(home("3", High, Repair))),
            ("the mid beats a known SSRC", Header { ssrc: 70, ..said(98, "2") }, Some(home("2", High, Media))),
            ("mid", said(98, "2"), Some(home("2", High, Media))),
            ("mid of a repair stream", said(99, "2"), Some(home("2", High, Repair))),
            ("mid and rid", Header { rid: Some(b"l"), ..said(96, "1") }, Some(home("1", Low, Media))),
            ("mid and repaired rid", Header { repaired_rid: Some(b"m"), ..said(97, "1") }, Some(home("1", Medium, Repair))),
            ("a rid that no simulcast has", Header { rid: Some(b"l"), ..said(98, "2") }, Some(home("2", High, Media))),
            ("simulcast without a rid", said(96, "1"), None),
            ("an unknown rid", Header { rid: Some(b"x"), ..said(96, "1") }, None),
            ("an unknown mid", said(98, "9"), None),
            ("a payload type of another line", said(111, "2"), None),
            ("a payload type of one line", packet(1, 111), Some(home("0", High, Media))),
            ("one line and a rid", Header { rid: Some(b"h"), ..packet(1, 96) }, Some(home("1", High, Media))),
            ("a payload type of two lines", packet(1, 98), None),
            ("a payload type of no line", packet(1, 100), None),
        ];
        for (what, header, expected) in table {
            assert_eq!(negotiated().place(&header), expected, "{what}");
        }
    }

    #[test]
    fn a_home_is_found_where_its_line_is_now() {
        let mut negotiated = negotiated();
        let of = |negotiated: &Negotiated, home: Home| negotiated.line_of(&home);
        assert_eq!(of(&negotiated, home("1", Variant::Low, Role::Repair)), Some(1));
        assert_eq!(of(&negotiated, home("2", Variant::Low, Role::Media)), None);
        negotiated.lines.remove(0);
        assert_eq!(of(&negotiated, home("1", Variant::Low, Role::Media)), Some(0));
        assert_eq!(of(&negotiated, home("0", Variant::High, Role::Media)), None);
    }
}
