//! The DTLS of a client: shows the session keys, and offers one SRTP profile alone when told to.
//!
//! The library offers every profile, and its server takes the strongest. A ClientHello is in the clear, so its list is changed on
//! the way out. Both sides sign and hash what was said, so the client's crypto has to read the changed list, too.

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Instant;

use dimpl::crypto::{Buf, HashAlgorithm, HashContext, HashProvider, KeyProvider, SignatureAlgorithm, SigningKey, aws_lc_rs};
use str0m::config::{CryptoProvider, DtlsVersion};
use str0m::crypto::CryptoError;
use str0m::crypto::dtls::{DtlsCert, DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, ProtocolVersion, SrtpProfile};

/// The extension `use_srtp` (RFC 5764 section 4.1.1) as the library writes it: three profiles, no MKI.
const USE_SRTP: [u8; 13] = [0, 14, 0, 9, 0, 6, 0, 8, 0, 7, 0, 1, 0];
/// Where its profiles are.
const PROFILES: std::ops::Range<usize> = 6..12;

thread_local! {
    /// Keying material of the handshake that ended in the call that runs now.
    static KEYS: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

static EVERYTHING: Offered = Offered(None);
static AES_128_CM_SHA1: Offered = Offered(Some(SrtpProfile::AES128_CM_SHA1_80));
static AES_128_GCM: Offered = Offered(Some(SrtpProfile::AEAD_AES_128_GCM));
static AES_256_GCM: Offered = Offered(Some(SrtpProfile::AEAD_AES_256_GCM));

/// The crypto of a client that offers this profile; every profile when there is none.
pub(crate) fn provider(profile: Option<SrtpProfile>) -> Arc<CryptoProvider> {
    let offered = [&AES_128_CM_SHA1, &AES_128_GCM, &AES_256_GCM].into_iter().find(|offered| offered.0 == profile);
    Arc::new(CryptoProvider { dtls_provider: offered.unwrap_or(&EVERYTHING), ..str0m::crypto::from_feature_flags() })
}

/// Keying material of a handshake that has just ended on this thread: both keys, then both salts, the client's first.
pub(crate) fn take_keys() -> Option<Vec<u8>> {
    KEYS.take()
}

/// What a client offers.
#[derive(Debug)]
struct Offered(Option<SrtpProfile>);

impl Offered {
    /// What was said, with the list of profiles as it left.
    fn as_said(&self, bytes: &[u8]) -> Vec<u8> {
        let mut said = bytes.to_vec();
        let number = match self.0 {
            None => return said,
            Some(SrtpProfile::AES128_CM_SHA1_80) => [0, 1],
            Some(SrtpProfile::AEAD_AES_128_GCM) => [0, 7],
            Some(SrtpProfile::AEAD_AES_256_GCM) => [0, 8],
            Some(other) => panic!("{other:?} is none of the library's"),
        };
        if let Some(at) = said.windows(USE_SRTP.len()).position(|window| window == USE_SRTP) {
            said[at..][PROFILES].copy_from_slice(&number.repeat(3));
        }
        said
    }
}

impl DtlsProvider for Offered {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        str0m::crypto::from_feature_flags().dtls_provider.generate_certificate()
    }

    fn new_dtls(&self, cert: &DtlsCert, now: Instant, _: DtlsVersion, mtu: Option<usize>) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        let offered = [&EVERYTHING, &AES_128_CM_SHA1, &AES_128_GCM, &AES_256_GCM].into_iter().find(|offered| offered.0 == self.0);
        let offered = offered.expect("one of ours");
        let mut config = dimpl::Config::builder().use_server_cookie(false);
        if let Some(mtu) = mtu {
            config = config.mtu(mtu);
        }
        if self.0.is_some() {
            let crypto = aws_lc_rs::default_provider();
            config = config.with_crypto_provider(dimpl::crypto::CryptoProvider { hash_provider: offered, key_provider: offered, ..crypto });
        }
        let config = config.build().map_err(|error| CryptoError::Other(error.to_string()))?;
        let cert = DtlsCert { certificate: cert.certificate.clone(), private_key: cert.private_key.clone() };
        let dtls = dimpl::Dtls::new_12(Arc::new(config), cert, now);
        Ok(Box::new(Handshake { dtls, offered }))
    }
}

struct Handshake {
    dtls: dimpl::Dtls,
    offered: &'static Offered,
}

impl std::fmt::Debug for Handshake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Handshake").field("offered", self.offered).finish_non_exhaustive()
    }
}

impl DtlsInstance for Handshake {
    fn set_active(&mut self, active: bool) {
        self.dtls.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.dtls.handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buf: &'a mut [u8]) -> DtlsOutput<'a> {
        let mut own = vec![0; buf.len()];
        match self.dtls.poll_output(&mut own) {
            DtlsOutput::Packet(packet) => {
                let said = self.offered.as_said(packet);
                buf[..said.len()].copy_from_slice(&said);
                DtlsOutput::Packet(&buf[..said.len()])
            }
            DtlsOutput::PeerCert(bytes) => {
                buf[..bytes.len()].copy_from_slice(bytes);
                DtlsOutput::PeerCert(&buf[..bytes.len()])
            }
            DtlsOutput::ApplicationData(bytes) => {
                buf[..bytes.len()].copy_from_slice(bytes);
                DtlsOutput::ApplicationData(&buf[..bytes.len()])
            }
            DtlsOutput::KeyingMaterial(keys, profile) => {
                assert!(self.offered.0.is_none_or(|offered| offered == profile), "{profile:?} was not offered");
                KEYS.set(Some(keys.to_vec()));
                DtlsOutput::KeyingMaterial(keys, profile)
            }
            DtlsOutput::Timeout(at) => DtlsOutput::Timeout(at),
            DtlsOutput::Connected => DtlsOutput::Connected,
            other => panic!("the library says something new: {other:?}"),
        }
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.dtls.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.dtls.send_application_data(data)?;
        Ok(data.len())
    }

    fn is_active(&self) -> bool {
        self.dtls.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.dtls.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.dtls.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.dtls.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.dtls.close()
    }
}

impl HashProvider for Offered {
    fn create_hash(&self, algorithm: HashAlgorithm) -> Box<dyn HashContext> {
        let inner = aws_lc_rs::default_provider().hash_provider.create_hash(algorithm);
        Box::new(Hash { inner, offered: Offered(self.0) })
    }
}

#[derive(Debug)]
struct Hash {
    inner: Box<dyn HashContext>,
    offered: Offered,
}

impl HashContext for Hash {
    fn update(&mut self, data: &[u8]) {
        self.inner.update(&self.offered.as_said(data));
    }

    fn clone_and_finalize(&self, out: &mut Buf) {
        self.inner.clone_and_finalize(out);
    }
}

impl KeyProvider for Offered {
    fn load_private_key(&self, key_der: &[u8]) -> Result<Box<dyn SigningKey>, dimpl::CryptoError> {
        let inner = aws_lc_rs::default_provider().key_provider.load_private_key(key_der)?;
        Ok(Box::new(Key { inner, offered: Offered(self.0) }))
    }
}

#[derive(Debug)]
struct Key {
    inner: Box<dyn SigningKey>,
    offered: Offered,
}

impl SigningKey for Key {
    fn sign(&mut self, data: &[u8], hash: HashAlgorithm, out: &mut Buf) -> Result<(), dimpl::CryptoError> {
        self.inner.sign(&self.offered.as_said(data), hash, out)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.inner.algorithm()
    }

    fn hash_algorithm(&self) -> HashAlgorithm {
        self.inner.hash_algorithm()
    }

    fn supported_hash_algorithms(&self) -> &[HashAlgorithm] {
        self.inner.supported_hash_algorithms()
    }
}
