//! The WebRTC library, wrapped: the only place (besides tests) that knows it.
//!
//! Every call runs under `catch_unwind`. A panic means that a client's bytes have broken this peer's session and nobody
//! else's: the session must not be used again, [`Crash`] says so to the caller.
//!
//! Nothing random comes from the library that an attacker could use: its generator is not made for secrets, so the ICE
//! password is read from the operating system here.
//!
//! It does ICE, DTLS and SCTP, and knows of no media: with the keys that [`keys`] takes out, [`crate::ingress`] and
//! [`crate::egress`] do all of it.

mod keys;

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use str0m::change::SdpOffer;
use str0m::config::{CryptoProvider, DtlsCert, DtlsVersion};
use str0m::net::{Protocol, Receive};
use str0m::{Candidate, Event, IceCreds, Input, Output, Rtc};

use keys::Export;

use crate::reach::classify::{Class, classify};
use crate::srtp::KeyingMaterial;

/// Timers due this soon are done at once: str0m asks again one microsecond later while it has more to say, and a turn per
/// microsecond would tear bursts apart.
const COALESCE: Duration = Duration::from_micros(50);
/// Rounds of one drain. Reached only by a library that never comes to rest; then the others must not starve.
const MAX_ROUNDS: usize = 1000;
/// Failures in one poll after which the session is left alone until its client is heard again.
const MAX_FAILURES: usize = 8;
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
    /// The handshake is done.
    Keys(KeyingMaterial),
    /// The handshake is done, with protection that we do not have.
    Unprotected,
    /// Media can flow.
    Connected,
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
    /// The transport that it has accepted.
    accepted: String,
    poisoned: bool,
}

impl Session {
    /// A session that has negotiated nothing.
    pub(crate) fn new(library: &Library, now: Instant, ufrag: &str, candidates: &[SocketAddr]) -> Result<Self, Crash> {
        let password = new_password();
        let creds = IceCreds { ufrag: ufrag.to_owned(), pass: password.clone() };
        let (rtc, fingerprint) = catch(|| {
            let config = Rtc::builder()
                .set_crypto_provider(library.crypto.clone())
                .set_dtls_cert(library.certificate.clone())
                // As a DTLS 1.2 server it picks AES-GCM, which costs a third of the alternative.
                .set_dtls_version(DtlsVersion::Dtls12)
                .set_local_ice_credentials(creds)
                .set_ice_lite(true)
                .set_rtp_mode(true)
                .set_stats_interval(None)
                .clear_extension_map()
                .clear_codecs()
                .enable_opus(true, false);
            let mut rtc = config.build(now);
            let fingerprint = rtc.direct_api().local_dtls_fingerprint().to_string();
            (rtc, fingerprint)
        })?;
        let mut session = Self { rtc, password, fingerprint, locals: Vec::new(), accepted: String::new(), poisoned: false };
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

    /// Takes the transport of an offer, unless it is the one that it has.
    pub(crate) fn accept(&mut self, transport: String) -> Result<(), Refusal> {
        if self.accepted == transport {
            return Ok(());
        }
        let refused = self.guard(|session| {
            let offer = SdpOffer::from_sdp_string(&transport).map_err(|error| error.to_string())?;
            session.rtc.sdp_api().accept_offer(offer).map(|_| ()).map_err(|error| error.to_string())
        })?;
        refused.map_err(Refusal::Refused)?;
        self.accepted = transport;
        Ok(())
    }

    /// After an offer with new ICE credentials (a restart): takes this ufrag and a new password instead of the library's.
    pub(crate) fn restart(&mut self, ufrag: &str) -> Result<(), Crash> {
        self.password = new_password();
        let creds = IceCreds { ufrag: ufrag.to_owned(), pass: self.password.clone() };
        self.guard(|session| session.rtc.direct_api().set_local_ice_credentials(creds))
    }

    /// Takes a datagram whose source may speak to this session, and takes what the session has to say. A datagram that means nothing
    /// to it changes nothing.
    pub(crate) fn receive(
        &mut self,
        (local, remote): (SocketAddr, SocketAddr),
        now: Instant,
        payload: &[u8],
        out: &mut Vec<Happening>,
    ) -> Result<Option<Instant>, Crash> {
        let local = self.known_local(local)?;
        self.guard(|session| {
            let Ok(receive) = Receive::new(Protocol::Udp, remote, local, payload) else {
                return None;
            };
            // What the library cannot use it reports as an error; the session goes on.
            if let Err(error) = session.rtc.handle_input(Input::Receive(now, receive)) {
                tracing::debug!(%error, "datagram not usable");
            }
            session.poll(out)?;
            // Left alone it answers an ICE check only 50 ms later, in a turn of its own.
            session.settle(now, out)
        })
    }

    /// Lets time pass and takes what the session has to say. Returns when it wants to be called again.
    pub(crate) fn drain(&mut self, now: Instant, out: &mut Vec<Happening>) -> Result<Option<Instant>, Crash> {
        self.guard(|session| session.settle(now, out))
    }

    fn settle(&mut self, now: Instant, out: &mut Vec<Happening>) -> Option<Instant> {
        let mut time = now;
        for _ in 0..MAX_ROUNDS {
            if let Err(error) = self.rtc.handle_input(Input::Timeout(time)) {
                tracing::debug!(%error, "session timer failed");
            }
            let next = self.poll(out)?;
            if next > now + COALESCE {
                return Some(next);
            }
            time = next.max(now);
        }
        Some(now + Duration::from_millis(1))
    }

    fn poll(&mut self, out: &mut Vec<Happening>) -> Option<Instant> {
        let mut failures = 0;
        loop {
            let output = self.rtc.poll_output();
            match keys::take() {
                Some(Export::Keys(keys)) => out.push(Happening::Keys(keys)),
                Some(Export::Unusable) => out.push(Happening::Unprotected),
                None => {}
            }
            match output {
                Ok(Output::Timeout(next)) => return Some(next),
                Ok(Output::Transmit(transmit)) => {
                    let payload: Vec<u8> = transmit.contents.into();
                    let class = classify(&payload);
                    // Under the keys of the session nobody but us protects anything: two counters would give nonces out twice.
                    if class != Class::Rtp && class != Class::Rtcp {
                        out.push(Happening::Transmit { is_stun: class == Class::Stun, payload: payload.into_boxed_slice() });
                    }
                }
                Ok(Output::Event(Event::Connected)) => out.push(Happening::Connected),
                Ok(Output::Event(_)) => {}
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
    use crate::srtp::Profile;

    fn session() -> Session {
        Session::new(&Library::new(), Instant::now(), "ufrag", &[]).unwrap()
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
