//! Reads an SDP offer into the facts that the answer needs (RFC 8866, RFC 8829). Plain text in, plain values out.
//!
//! Lenient where browsers differ, strict where a mistake would make the two sides disagree: what cannot be read is an error
//! for this client, never a panic.

use std::net::IpAddr;
use std::str::FromStr;

use thiserror::Error;

use crate::event::TrackKind;

/// More media lines than a client of a large room ever needs; each costs memory for the life of the connection.
const MAX_LINES: usize = 512;
/// Attributes of one part of an offer: several times what browsers write. Every look for an attribute reads all of its part.
const MAX_ATTRIBUTES: usize = 1024;
/// Longest line, in bytes: browsers' longest, the list of all media lines, has about 3,000.
const MAX_LINE_BYTES: usize = 8192;
/// RFC 8839 section 5.4: at most 256 characters.
const MAX_CREDENTIAL_BYTES: usize = 256;
/// The longest hash in use, SHA-512, takes 199 characters with its name.
const MAX_FINGERPRINT_BYTES: usize = 256;
/// Payload types are 7 bits wide (RFC 3551 section 6).
const MAX_PAYLOAD_TYPE: u8 = 127;
/// Feedback that means something here (RFC 4585 section 4.2, RFC 5104 section 7.1).
const FEEDBACK: [&str; 4] = ["ccm fir", "nack", "nack pli", "transport-cc"];
/// Length of a `mid` that every RTP library can carry in a header extension.
const MAX_MID_BYTES: usize = 16;
/// Encodings of one line that are looked at.
const MAX_RIDS: usize = 8;
/// RFC 8830 section 2: 1 to 64 characters.
const MAX_GROUP_BYTES: usize = 64;

/// Why an offer cannot be answered.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum OfferError {
    /// Text that is not a session description.
    #[error("the session description cannot be read: {0}")]
    Malformed(&'static str),
    /// Nothing to negotiate.
    #[error("the offer has no media lines")]
    Empty,
    /// Over a limit.
    #[error("the offer is too large: {0}")]
    TooLarge(&'static str),
    /// The two sides cannot connect.
    #[error("the transport cannot be used: {0}")]
    Transport(&'static str),
    /// Refused by the WebRTC library.
    #[error("the offer is inconsistent: {0}")]
    Refused(String),
}

/// Direction of a media line, from the side of whoever wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    SendRecv,
    SendOnly,
    RecvOnly,
    Inactive,
}

impl Direction {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::SendRecv => "sendrecv",
            Self::SendOnly => "sendonly",
            Self::RecvOnly => "recvonly",
            Self::Inactive => "inactive",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "sendrecv" => Self::SendRecv,
            "sendonly" => Self::SendOnly,
            "recvonly" => Self::RecvOnly,
            "inactive" => Self::Inactive,
            _ => return None,
        })
    }

    /// The direction as the other side says it.
    pub(crate) fn inverted(self) -> Self {
        match self {
            Self::SendOnly => Self::RecvOnly,
            Self::RecvOnly => Self::SendOnly,
            same => same,
        }
    }

    pub(crate) fn sends(self) -> bool {
        matches!(self, Self::SendRecv | Self::SendOnly)
    }
}

/// What a media line carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineKind {
    Media(TrackKind),
    /// Data channels over SCTP over DTLS (RFC 8841).
    Data,
    /// Anything else: rejected.
    Other,
}

/// A payload type and everything said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Payload {
    pub(crate) number: u8,
    pub(crate) codec: String,
    pub(crate) clock_rate: u32,
    pub(crate) channels: Option<u8>,
    pub(crate) fmtp: Option<String>,
    pub(crate) feedback: Feedback,
}

/// Which of [`FEEDBACK`] a payload type has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Feedback([bool; FEEDBACK.len()]);

impl Feedback {
    fn has(self, name: &str) -> bool {
        FEEDBACK.iter().zip(self.0).any(|(known, is_there)| is_there && *known == name)
    }

    fn add(&mut self, name: &str) {
        for (known, is_there) in FEEDBACK.iter().zip(&mut self.0) {
            *is_there |= *known == name;
        }
    }
}

impl Payload {
    /// A parameter of the `fmtp` line.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.fmtp.as_deref()?.split(';').find_map(|pair| {
            let (key, value) = pair.split_once('=')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub(crate) fn is(&self, codec: &str, clock_rate: u32) -> bool {
        self.codec.eq_ignore_ascii_case(codec) && self.clock_rate == clock_rate
    }

    pub(crate) fn has_feedback(&self, name: &str) -> bool {
        self.feedback.has(name)
    }
}

/// A header extension (RFC 8285 section 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Extension {
    pub(crate) id: u8,
    pub(crate) direction: Option<Direction>,
    pub(crate) uri: String,
}

/// Credentials of the client's ICE agent (RFC 8839 section 5.4).
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct IceCredentials {
    pub(crate) ufrag: String,
    pub(crate) password: String,
}

/// One media line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) kind: LineKind,
    /// First word of the `m=` line, repeated when the line is rejected.
    pub(crate) media: String,
    pub(crate) protocol: String,
    /// The rest of the `m=` line, repeated when the line is rejected.
    pub(crate) formats: String,
    pub(crate) mid: String,
    /// Port 0 outside the BUNDLE group: the client has stopped it (RFC 9143 section 7.5.3).
    pub(crate) rejected: bool,
    pub(crate) direction: Direction,
    /// In the client's order of preference.
    pub(crate) payloads: Vec<Payload>,
    pub(crate) extensions: Vec<Extension>,
    /// Simulcast encodings that the client sends, paused ones included (RFC 8853).
    pub(crate) rids: Vec<String>,
    /// The `MediaStream` that the client sends it in (RFC 8830): what is in one stream belongs together.
    pub(crate) group: Option<String>,
    /// Announced SSRC of the main stream and of its repair stream.
    pub(crate) ssrc: Option<(u32, Option<u32>)>,
    pub(crate) reduced_size: bool,
}

impl Line {
    pub(crate) fn track_kind(&self) -> Option<TrackKind> {
        match self.kind {
            LineKind::Media(kind) => Some(kind),
            LineKind::Data | LineKind::Other => None,
        }
    }
}

/// An offer.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) lines: Vec<Line>,
    pub(crate) ice: IceCredentials,
    pub(crate) fingerprint: String,
    /// One- and two-byte header extensions may be mixed (RFC 8285 section 6).
    pub(crate) mixed_extensions: bool,
}

impl Offer {
    /// Reads an offer.
    pub(crate) fn parse(sdp: &str) -> Result<Self, OfferError> {
        let mut sections = split_sections(sdp)?;
        if sections.len() < 2 {
            return Err(OfferError::Empty);
        }
        if sections.len() > MAX_LINES + 1 {
            return Err(OfferError::TooLarge("too many media lines"));
        }
        let session = sections.remove(0);
        let bundle = session.values("group").find_map(|group| group.strip_prefix("BUNDLE"));
        let bundle: Option<Vec<&str>> = bundle.map(|mids| mids.split_ascii_whitespace().take(MAX_LINES + 1).collect());
        if bundle.as_ref().is_some_and(|mids| mids.len() > MAX_LINES) {
            return Err(OfferError::TooLarge("too many media lines in its group"));
        }
        let lines = sections.iter().map(|s| parse_line(s, &session, bundle.as_deref())).collect::<Result<Vec<_>, _>>()?;
        for (index, line) in lines.iter().enumerate() {
            if lines[..index].iter().any(|other| other.mid == line.mid) {
                return Err(OfferError::Malformed("two media lines have the same mid"));
            }
        }
        let find = |name: &'static str| session.value(name).or_else(|| sections.iter().find_map(|s| s.value(name)));
        let ufrag = find("ice-ufrag").ok_or(OfferError::Transport("ice-ufrag is missing"))?;
        let password = find("ice-pwd").ok_or(OfferError::Transport("ice-pwd is missing"))?;
        if find("setup").is_some_and(|setup| setup != "actpass" && setup != "active") {
            return Err(OfferError::Transport("the client must be able to start DTLS"));
        }
        if session.has("ice-lite") {
            return Err(OfferError::Transport("both sides are ICE-lite"));
        }
        let fingerprint = std::iter::once(&session)
            .chain(&sections)
            .flat_map(|s| s.values("fingerprint"))
            .min_by_key(|f| !f.to_ascii_lowercase().starts_with("sha-256 "))
            .ok_or(OfferError::Transport("the fingerprint is missing"))?;
        if ufrag.len().max(password.len()) > MAX_CREDENTIAL_BYTES || fingerprint.len() > MAX_FINGERPRINT_BYTES {
            return Err(OfferError::Transport("its credentials are too long"));
        }
        Ok(Self {
            ice: IceCredentials { ufrag: ufrag.to_owned(), password: password.to_owned() },
            fingerprint: fingerprint.to_owned(),
            mixed_extensions: session.has("extmap-allow-mixed") || sections.iter().any(|s| s.has("extmap-allow-mixed")),
            lines,
        })
    }
}

/// A candidate of ours for the answer (RFC 8839 section 5.1): host, UDP, component 1.
pub(crate) fn candidate_line(index: usize, ip: IpAddr, port: u16) -> String {
    // Type preference 126 (host), falling local preference, component 1: RFC 8445 section 5.1.2.1.
    let local_preference = 65_535 - (index as u32).min(65_535);
    let priority = (126 << 24) | (local_preference << 8) | 255;
    format!("candidate:{} 1 udp {priority} {ip} {port} typ host", index + 1)
}

/// The lines of the session part, or of one media description.
struct Section<'a> {
    head: &'a str,
    attributes: Vec<(&'a str, &'a str)>,
}

impl<'a> Section<'a> {
    fn values(&self, name: &'static str) -> impl Iterator<Item = &'a str> {
        self.attributes.iter().filter(move |(key, _)| *key == name).map(|(_, value)| *value)
    }

    fn value(&self, name: &'static str) -> Option<&'a str> {
        self.values(name).next()
    }

    fn has(&self, name: &'static str) -> bool {
        self.value(name).is_some()
    }
}

fn split_sections(sdp: &str) -> Result<Vec<Section<'_>>, OfferError> {
    if !sdp.starts_with("v=0") {
        return Err(OfferError::Malformed("it does not start with v=0"));
    }
    let mut sections = vec![Section { head: "", attributes: Vec::new() }];
    for line in sdp.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
        if line.len() > MAX_LINE_BYTES {
            return Err(OfferError::TooLarge("a line is too long"));
        }
        if line.chars().any(char::is_control) {
            return Err(OfferError::Malformed("control characters"));
        }
        let (kind, rest) = line.split_once('=').ok_or(OfferError::Malformed("a line without ="))?;
        match kind {
            "m" => sections.push(Section { head: rest, attributes: Vec::new() }),
            "a" => {
                let Some(section) = sections.last_mut() else { continue };
                if section.attributes.len() == MAX_ATTRIBUTES {
                    return Err(OfferError::TooLarge("too many attributes"));
                }
                section.attributes.push(rest.split_once(':').unwrap_or((rest, "")));
            }
            _ => {}
        }
    }
    Ok(sections)
}

fn parse_line(section: &Section<'_>, session: &Section<'_>, bundle: Option<&[&str]>) -> Result<Line, OfferError> {
    let mut words = section.head.splitn(4, ' ');
    let (Some(media), Some(port), Some(protocol), Some(formats)) = (words.next(), words.next(), words.next(), words.next()) else {
        return Err(OfferError::Malformed("an m= line with too few words"));
    };
    let mid = parse_mid(section)?;
    let in_bundle = bundle.is_some_and(|mids| mids.contains(&mid));
    let kind = match (media, protocol) {
        ("audio", "UDP/TLS/RTP/SAVPF") => LineKind::Media(TrackKind::Audio),
        ("video", "UDP/TLS/RTP/SAVPF") => LineKind::Media(TrackKind::Video),
        ("application", "UDP/DTLS/SCTP") => LineKind::Data,
        _ => LineKind::Other,
    };
    let direction =
        section.attributes.iter().chain(&session.attributes).find_map(|(key, _)| Direction::parse(key)).unwrap_or(Direction::SendRecv);
    let is_media = matches!(kind, LineKind::Media(_));
    Ok(Line {
        kind,
        media: media.to_owned(),
        protocol: protocol.to_owned(),
        formats: formats.to_owned(),
        mid: mid.to_owned(),
        rejected: !in_bundle && (bundle.is_some() || port == "0"),
        direction,
        payloads: if is_media { parse_payloads(section, formats)? } else { Vec::new() },
        extensions: section.values("extmap").filter_map(parse_extension).collect(),
        rids: parse_rids(section),
        group: parse_group(section),
        ssrc: parse_ssrc(section),
        reduced_size: section.has("rtcp-rsize"),
    })
}

fn parse_mid<'a>(section: &Section<'a>) -> Result<&'a str, OfferError> {
    let mid = section.value("mid").ok_or(OfferError::Malformed("a media line without mid"))?;
    let plain = mid.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if mid.is_empty() || mid.len() > MAX_MID_BYTES || !plain {
        return Err(OfferError::Malformed("a mid that does not fit a header extension"));
    }
    Ok(mid)
}

fn parse_payloads(section: &Section<'_>, formats: &str) -> Result<Vec<Payload>, OfferError> {
    let mut payloads: Vec<Payload> = Vec::new();
    for number in formats.split_ascii_whitespace() {
        let number = u8::from_str(number).ok().filter(|n| *n <= MAX_PAYLOAD_TYPE);
        let number = number.ok_or(OfferError::Malformed("a payload type that is no 7-bit number"))?;
        if payloads.iter().any(|p| p.number == number) {
            return Err(OfferError::Malformed("a payload type is listed twice"));
        }
        let mut maps = section.values("rtpmap").filter_map(|map| about(map, number));
        let Some(map) = maps.next() else {
            continue; // A static payload type (RFC 3551 section 6): nothing that we use.
        };
        if maps.next().is_some() {
            return Err(OfferError::Malformed("one payload type for two codecs"));
        }
        let mut parts = map.split('/');
        let codec = parts.next().unwrap_or_default();
        let Some(clock_rate) = parts.next().and_then(|rate| rate.trim().parse().ok()) else {
            return Err(OfferError::Malformed("an rtpmap without a clock rate"));
        };
        let mut feedback = Feedback::default();
        section.values("rtcp-fb").filter_map(|value| about_or_all(value, number)).for_each(|name| feedback.add(name));
        payloads.push(Payload {
            number,
            codec: codec.to_owned(),
            clock_rate,
            channels: parts.next().and_then(|channels| channels.trim().parse().ok()),
            fmtp: section.values("fmtp").find_map(|fmtp| about(fmtp, number)).map(str::to_owned),
            feedback,
        });
    }
    Ok(payloads)
}

/// The rest of an attribute that begins with a payload type, when it is this one.
fn about(value: &str, number: u8) -> Option<&str> {
    let (first, rest) = value.split_once(' ')?;
    (first.parse() == Ok(number)).then(|| rest.trim())
}

fn about_or_all(value: &str, number: u8) -> Option<&str> {
    value.strip_prefix("* ").map(str::trim).or_else(|| about(value, number))
}

fn parse_extension(value: &str) -> Option<Extension> {
    let mut words = value.split_ascii_whitespace();
    let (id, uri) = (words.next()?, words.next()?);
    let (id, direction) = match id.split_once('/') {
        Some((id, direction)) => (id, Some(Direction::parse(direction)?)),
        None => (id, None),
    };
    Some(Extension { id: id.parse().ok()?, direction, uri: uri.to_owned() })
}

/// The rids of `a=simulcast:send`, first alternative of each, without the mark of a paused one. More than [`MAX_RIDS`] is no
/// simulcast of any client, and the same one twice is none at all.
fn parse_rids(section: &Section<'_>) -> Vec<String> {
    let Some(simulcast) = section.value("simulcast") else {
        return Vec::new();
    };
    let mut words = simulcast.split_ascii_whitespace();
    let send = std::iter::from_fn(|| words.next().zip(words.next())).find(|(direction, _)| *direction == "send");
    let declared = |rid: &str| section.values("rid").any(|r| r.split_ascii_whitespace().take(2).eq([rid, "send"]));
    let list = send.map_or("", |(_, list)| list);
    let rids: Vec<&str> = list
        .split(';')
        .take(MAX_RIDS + 1)
        .filter_map(|alternatives| alternatives.split(',').next())
        .map(|rid| rid.trim_start_matches('~'))
        .filter(|rid| declared(rid))
        .collect();
    let is_repeated = rids.iter().enumerate().any(|(index, rid)| rids[..index].contains(rid));
    if is_repeated || rids.len() > MAX_RIDS { Vec::new() } else { rids.into_iter().map(str::to_owned).collect() }
}

/// `-` stands for no stream.
fn parse_group(section: &Section<'_>) -> Option<String> {
    let stream = section.value("msid")?.split_ascii_whitespace().next()?;
    (stream != "-" && stream.len() <= MAX_GROUP_BYTES).then(|| stream.to_owned())
}

fn parse_ssrc(section: &Section<'_>) -> Option<(u32, Option<u32>)> {
    let pair = section.values("ssrc-group").find_map(|group| {
        let mut words = group.split_ascii_whitespace();
        (words.next() == Some("FID")).then_some(())?;
        Some((words.next()?.parse::<u32>().ok()?, words.next()?.parse::<u32>().ok()?))
    });
    if let Some((main, repair)) = pair {
        return Some((main, Some(repair)));
    }
    let main = section.value("ssrc")?.split_ascii_whitespace().next()?.parse().ok()?;
    Some((main, None))
}

#[cfg(test)]
#[path = "offer_tests.rs"]
mod tests;
