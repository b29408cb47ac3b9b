//! The WebRTC library, wrapped: the only place (besides tests) that knows it.
//!
//! Every call runs under `catch_unwind`. A panic means that a client's bytes have broken this peer's session and nobody
//! else's: the session must not be used again, [`Crash`] says so to the caller.
//!
//! Nothing random comes from the library that an attacker could use: its generator is not made for secrets, so the ICE
//! password is read from the operating system here.
//!
//! It does the handshakes and receives media. What leaves is made by [`crate::egress`], with the keys that [`keys`] takes out.

mod keys;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::change::SdpOffer;
use str0m::config::{CryptoProvider, DtlsCert, DtlsVersion};
use str0m::media::{KeyframeRequestKind, Mid, Rid};
use str0m::net::{Protocol, Receive};
use str0m::rtp::{Extension, RtpPacket};
use str0m::{Candidate, Event, IceCreds, Input, Output, Rtc};

use keys::Export;

use crate::command::VideoCodec;
use crate::egress::KeyingMaterial;
use crate::event::Variant;
use crate::media::packet::{AudioLevel, Codec, Packet, PacketFacts, PayloadFacts};

/// Timers due this soon are done at once: str0m asks again one microsecond later while it has more to say, and a turn per
/// microsecond would tear bursts apart.
const COALESCE: Duration = Duration::from_micros(50);
/// Rounds of one drain. Reached only by a library that never comes to rest; then the others must not starve.
const MAX_ROUNDS: usize = 1000;
/// Failures in one poll after which the session is left alone until its client is heard again.
const MAX_FAILURES: usize = 8;
/// RTCP packet type, which stays in the clear (RFC 3550 section 6.4.2, RFC 3711 section 3.4), and length without blocks.
const RECEIVER_REPORT: u8 = 201;
const EMPTY_REPORT: usize = 8;
/// How old the newest report may be that the library has seen of a stream, and streams remembered for that. A report costs as much
/// as several media packets.
const REPORT_AGE: Duration = Duration::from_secs(4);
const MAX_REPORTED: usize = 64;
/// Local addresses that one peer may be reached at.
const MAX_LOCAL_ADDRESSES: usize = 16;
/// 24 of 62 characters: more than the 128 bits that RFC 8445 section 5.3 demands.
const PASSWORD_LENGTH: usize = 24;

/// The library panicked on this peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Crash;

/// Why an offer was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Crashed,
    Refused(String),
}

impl From<Crash> for Refusal {
    fn from(_: Crash) -> Self {
        Self::Crashed
    }
}

/// What comes out of the library.
#[derive(Debug)]
pub(crate) enum Happening {
    /// A datagram to send; STUN goes back to where the request came from.
    Transmit { is_stun: bool, payload: Box<[u8]> },
    /// A media packet from the client.
    Packet { source: Source, ssrc: u32, packet: Packet },
    /// The handshake is done.
    Keys(KeyingMaterial),
    /// The handshake is done, with protection that we do not have.
    Unprotected,
    /// Media can flow.
    Connected,
}

/// Where a packet belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// Index of the media line.
    pub(crate) line: usize,
    pub(crate) encoding: Variant,
}

/// What all sessions of an engine share.
pub(crate) struct Library {
    crypto: Arc<CryptoProvider>,
    certificate: DtlsCert,
}

impl Library {
    /// Generates the certificate of this engine.
    pub(crate) fn new() -> Self {
        let crypto = keys::provider();
        let certificate = crypto.dtls_provider.generate_certificate().expect("this crypto provider makes certificates");
        Self { crypto: Arc::new(crypto), certificate }
    }
}

/// A session with one client.
pub(crate) struct Session {
    rtc: Rtc,
    password: String,
    fingerprint: String,
    locals: Vec<SocketAddr>,
    video: Codec,
    /// By index of the media line.
    mids: Vec<Mid>,
    /// Streams of the client that have been seen since the last offer.
    sources: HashMap<u32, Option<(Source, Codec)>>,
    /// Streams of the client whose reports the library has seen, and when.
    reports_seen: Vec<(u32, Instant)>,
    /// Length of a protected receiver report without blocks.
    empty_report: Option<usize>,
    poisoned: bool,
}

impl Session {
    /// A session that has negotiated nothing.
    pub(crate) fn new(library: &Library, now: Instant, video: VideoCodec, ufrag: &str, candidates: &[SocketAddr]) -> Result<Self, Crash> {
        let password = new_password();
        let creds = IceCreds { ufrag: ufrag.to_owned(), pass: password.clone() };
        let (rtc, fingerprint) = catch(|| {
            let mut config = Rtc::builder()
                .set_crypto_provider(library.crypto.clone())
                .set_dtls_cert(library.certificate.clone())
                // As a DTLS 1.2 server it picks AES-GCM, which costs a third of the alternative.
                .set_dtls_version(DtlsVersion::Dtls12)
                .set_local_ice_credentials(creds)
                .set_ice_lite(true)
                .set_rtp_mode(true)
                .set_stats_interval(None)
                .clear_extension_map()
                .set_extension(1, Extension::AudioLevel)
                .set_extension(2, Extension::TransportSequenceNumber)
                .set_extension(3, Extension::RtpMid)
                .set_extension(4, Extension::RtpStreamId)
                .set_extension(5, Extension::RepairedRtpStreamId)
                .clear_codecs()
                .enable_opus(true, false);
            match video {
                VideoCodec::Vp8 => config = config.enable_vp8(true),
                VideoCodec::H264 => config.codec_config().add_h264(108.into(), Some(109.into()), true, 0x0042_e01f),
            }
            let mut rtc = config.build(now);
            let fingerprint = rtc.direct_api().local_dtls_fingerprint().to_string();
            (rtc, fingerprint)
        })?;
        let video = match video {
            VideoCodec::Vp8 => Codec::Vp8,
            VideoCodec::H264 => Codec::H264,
        };
        let mut session = Self {
            rtc,
            password,
            fingerprint,
            locals: Vec::new(),
            video,
            mids: Vec::new(),
            sources: HashMap::new(),
            reports_seen: Vec::new(),
            empty_report: None,
            poisoned: false,
        };
        for candidate in candidates {
            session.add_local(*candidate)?;
        }
        Ok(session)
    }

    /// Our ICE password.
    pub(crate) fn password(&self) -> &str {
        &self.password
    }

    /// `sha-256 AB:CD:…`
    pub(crate) fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Takes a narrowed offer. `mids` are those of its lines, in order.
    pub(crate) fn accept(&mut self, narrowed: &str, mids: &[&str]) -> Result<(), Refusal> {
        let refused = self.guard(|session| {
            let offer = SdpOffer::from_sdp_string(narrowed).map_err(|error| error.to_string())?;
            session.rtc.sdp_api().accept_offer(offer).map(|_| ()).map_err(|error| error.to_string())
        })?;
        refused.map_err(Refusal::Refused)?;
        self.mids = mids.iter().map(|mid| Mid::from(*mid)).collect();
        self.sources.clear();
        self.reports_seen.clear();
        Ok(())
    }

    /// After an offer with new ICE credentials (a restart): takes this ufrag and a new password instead of the library's.
    pub(crate) fn restart(&mut self, ufrag: &str) -> Result<(), Crash> {
        self.password = new_password();
        let creds = IceCreds { ufrag: ufrag.to_owned(), pass: self.password.clone() };
        self.guard(|session| session.rtc.direct_api().set_local_ice_credentials(creds))
    }

    /// Whether the library uses this payload type on that line, as the answer says.
    pub(crate) fn uses(&mut self, line: usize, payload_type: u8) -> Result<bool, Crash> {
        self.guard(|session| {
            let media = session.mids.get(line).and_then(|mid| session.rtc.media(*mid));
            media.is_some_and(|media| media.remote_pts().iter().any(|pt| **pt == payload_type))
        })
    }

    /// Takes a datagram whose source may speak to this session. A datagram that means nothing to it changes nothing.
    pub(crate) fn receive(
        &mut self,
        (local, remote): (SocketAddr, SocketAddr),
        received_at: Instant,
        payload: &[u8],
        out: &mut Vec<Happening>,
    ) -> Result<Option<Instant>, Crash> {
        let local = self.known_local(local)?;
        self.guard(|session| {
            let Ok(receive) = Receive::new(Protocol::Udp, remote, local, payload) else {
                return None;
            };
            // What the library cannot use it reports as an error; the session goes on.
            if let Err(error) = session.rtc.handle_input(Input::Receive(received_at, receive)) {
                tracing::debug!(%error, "datagram not usable");
            }
            session.poll(out)
        })
    }

    /// Lets time pass and takes what the session has to say. Returns when it wants to be called again.
    pub(crate) fn drain(&mut self, now: Instant, out: &mut Vec<Happening>) -> Result<Option<Instant>, Crash> {
        self.guard(|session| {
            let mut time = now;
            for _ in 0..MAX_ROUNDS {
                if let Err(error) = session.rtc.handle_input(Input::Timeout(time)) {
                    tracing::debug!(%error, "session timer failed");
                }
                let next = session.poll(out)?;
                if next > now + COALESCE {
                    return Some(next);
                }
                time = next.max(now);
            }
            Some(now + Duration::from_millis(1))
        })
    }

    /// Asks the client for a keyframe of one of its streams. `false`: the stream has not been seen.
    pub(crate) fn request_keyframe(&mut self, source: Source) -> Result<bool, Crash> {
        self.guard(|session| {
            let Some(mid) = session.mids.get(source.line).copied() else { return false };
            let mut api = session.rtc.direct_api();
            let rid = Rid::from(rid_of(source.encoding));
            // A stream with a rid is bound by it; one without belongs to the line alone.
            let with_rid = api.stream_rx_by_mid(mid, Some(rid)).is_some();
            let Some(stream) = api.stream_rx_by_mid(mid, with_rid.then_some(rid)) else { return false };
            stream.request_keyframe(KeyframeRequestKind::Pli);
            true
        })
    }

    fn poll(&mut self, out: &mut Vec<Happening>) -> Option<Instant> {
        let mut failures = 0;
        loop {
            let output = self.rtc.poll_output();
            match keys::take() {
                Some(Export::Keys(keys)) => {
                    self.empty_report = Some(EMPTY_REPORT + keys.profile().rtcp_overhead());
                    out.push(Happening::Keys(keys));
                }
                Some(Export::Unusable) => out.push(Happening::Unprotected),
                None => {}
            }
            match output {
                Ok(Output::Timeout(next)) => return Some(next),
                Ok(Output::Transmit(transmit)) => {
                    let payload: Vec<u8> = transmit.contents.into();
                    // To a client that sends nothing, the library has nothing to report, and says so every second.
                    if payload.get(1) == Some(&RECEIVER_REPORT) && Some(payload.len()) == self.empty_report {
                        continue;
                    }
                    let is_stun = payload.first().is_some_and(|first| *first < 4);
                    out.push(Happening::Transmit { is_stun, payload: payload.into_boxed_slice() });
                }
                Ok(Output::Event(event)) => self.take_event(event, out),
                Err(error) => {
                    tracing::debug!(%error, "session failed");
                    failures += 1;
                    if !self.rtc.is_alive() || failures >= MAX_FAILURES {
                        return None;
                    }
                }
            }
        }
    }

    fn take_event(&mut self, event: Event, out: &mut Vec<Happening>) {
        match event {
            Event::Connected => out.push(Happening::Connected),
            Event::RtpPacket(packet) => {
                let ssrc = *packet.header.ssrc;
                if let Some((source, codec)) = self.source(ssrc) {
                    out.push(Happening::Packet { source, ssrc, packet: ingress(codec, packet) });
                }
            }
            _ => {}
        }
    }

    /// The stream of the client with this SSRC, when it has been seen.
    pub(crate) fn seen(&self, ssrc: u32) -> Option<Source> {
        self.sources.get(&ssrc).copied().flatten().map(|(source, _)| source)
    }

    /// Whether the library has to see a report on this stream: its own reports echo the newest it has seen, from which the client
    /// reads the round trip, and an old one does as well.
    pub(crate) fn wants_report(&mut self, ssrc: u32, now: Instant) -> bool {
        match self.reports_seen.iter_mut().find(|(known, _)| *known == ssrc) {
            Some((_, at)) if now.saturating_duration_since(*at) < REPORT_AGE => false,
            Some((_, at)) => {
                *at = now;
                true
            }
            None => {
                // Unknown streams are the library's business, and few.
                if self.reports_seen.len() < MAX_REPORTED {
                    self.reports_seen.push((ssrc, now));
                }
                true
            }
        }
    }

    /// Looks a stream up once and remembers the result: the library's own look-up makes it poll everything again.
    fn source(&mut self, ssrc: u32) -> Option<(Source, Codec)> {
        if let Some(source) = self.sources.get(&ssrc) {
            return *source;
        }
        let found = self.rtc.direct_api().stream_rx(&ssrc.into()).map(|stream| (stream.mid(), stream.rid()));
        let source = found.and_then(|(mid, rid)| {
            let encoding = match rid {
                None => Variant::High,
                Some(rid) => variant_of(&rid)?,
            };
            let codec = if self.rtc.media(mid)?.kind().is_audio() { Codec::Opus } else { self.video };
            Some((Source { line: self.line(mid)?, encoding }, codec))
        });
        self.sources.insert(ssrc, source);
        source
    }

    fn line(&self, mid: Mid) -> Option<usize> {
        self.mids.iter().position(|known| *known == mid)
    }

    /// The library drops what did not arrive at one of its candidates, so every local address that a datagram came to becomes
    /// one; beyond the limit another of the same family stands in.
    fn known_local(&mut self, local: SocketAddr) -> Result<SocketAddr, Crash> {
        if self.locals.contains(&local) {
            return Ok(local);
        }
        if self.locals.len() < MAX_LOCAL_ADDRESSES {
            self.add_local(local)?;
            return Ok(local);
        }
        Ok(self.locals.iter().copied().find(|known| known.is_ipv4() == local.is_ipv4()).unwrap_or(local))
    }

    fn add_local(&mut self, address: SocketAddr) -> Result<(), Crash> {
        self.locals.push(address);
        self.guard(|session| {
            if let Ok(candidate) = Candidate::host(address, "udp") {
                session.rtc.add_local_candidate(candidate);
            }
        })
    }

    fn guard<T>(&mut self, call: impl FnOnce(&mut Self) -> T) -> Result<T, Crash> {
        if self.poisoned {
            return Err(Crash);
        }
        drop(keys::take());
        let result = catch(|| call(self));
        self.poisoned = result.is_err();
        result
    }
}

fn catch<T>(call: impl FnOnce() -> T) -> Result<T, Crash> {
    // Unwind safety: after a panic the session is poisoned and dropped, nothing of it is looked at again.
    catch_unwind(AssertUnwindSafe(call)).map_err(|_| Crash)
}

/// What the rest of the engine needs to know about a packet.
fn ingress(codec: Codec, packet: RtpPacket) -> Packet {
    let read = PayloadFacts::read(codec, &packet.payload);
    let audio_level = packet
        .header
        .ext_vals
        .audio_level
        .map(|level| AudioLevel { attenuation: level.unsigned_abs().min(127), voice: packet.header.ext_vals.voice_activity });
    let facts = PacketFacts {
        sequence: *packet.seq_no,
        timestamp: packet.header.timestamp,
        marker: packet.header.marker,
        codec,
        keyframe_start: read.keyframe_start,
        vp8: read.vp8,
        audio_level,
        received_at: packet.timestamp,
        captured_at: None,
    };
    Packet { facts, payload: packet.payload }
}

fn rid_of(variant: Variant) -> &'static str {
    match variant {
        Variant::Low => "l",
        Variant::Medium => "m",
        Variant::High => "h",
    }
}

fn variant_of(rid: &str) -> Option<Variant> {
    match rid {
        "l" => Some(Variant::Low),
        "m" => Some(Variant::Medium),
        "h" => Some(Variant::High),
        _ => None,
    }
}

/// An unguessable ICE password of ice-chars (RFC 8839 section 5.4).
fn new_password() -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = [0; PASSWORD_LENGTH];
    aws_lc_rs::rand::fill(&mut bytes).expect("the operating system has random bytes");
    bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 63)])).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::egress::Profile;

    fn session() -> Session {
        Session::new(&Library::new(), Instant::now(), VideoCodec::Vp8, "ufrag", &[]).unwrap()
    }

    #[test]
    fn a_call_that_panics_ends_its_session_and_leaves_no_keys_to_the_next() {
        let (mut broken, mut next) = (session(), session());
        let keys = KeyingMaterial::new(Profile::Aes128Gcm, &[7; 56]).unwrap();
        let result: Result<(), Crash> = broken.guard(|_| {
            keys::leave_behind(keys);
            panic!("a bug of the library")
        });
        assert_eq!(result, Err(Crash));
        assert_eq!(broken.guard(|_| ()), Err(Crash), "it is not used again");
        let mut happenings = Vec::new();
        next.drain(Instant::now(), &mut happenings).unwrap();
        assert!(!happenings.iter().any(|happening| matches!(happening, Happening::Keys(_))), "{happenings:?}");
    }
}
