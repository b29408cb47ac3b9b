//! The certificate that the acceptor shows, exchangeable while it serves.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::self_signed;

/// Application protocol of connections that check who controls a name (RFC 8737 section 6.2).
pub(super) const CHALLENGE_PROTOCOL: &[u8] = b"acme-tls/1";

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The directory for the self-signed certificate cannot be written.
    #[error("cannot write {path}: {source}")]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no certificate in PEM form where one should be.
    #[error("no certificate in PEM form found")]
    NoCertificate,
    /// There is no private key in PEM form where one should be.
    #[error("no private key in PEM form found")]
    NoKey,
    /// Certificate and key do not belong together, or are of a kind that cannot be used.
    #[error("certificate and private key cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
    /// A self-signed certificate could not be made, for example because a name is not allowed in one.
    #[error("cannot make a self-signed certificate: {0}")]
    Generation(#[from] rcgen::Error),
}

/// The TLS side of a server. Clones share the certificate: replacing it in one replaces it in all, for new connections.
#[derive(Debug, Clone)]
pub struct ServerTls {
    shown: Arc<Shown>,
    config: Arc<ServerConfig>,
}

/// What clients are shown.
#[derive(Debug)]
struct Shown {
    certificate: RwLock<Arc<CertifiedKey>>,
    /// Answers certificate authorities that check who controls a name (RFC 8737).
    challenges: Option<Arc<dyn ResolvesServerCert>>,
}

impl ServerTls {
    /// From a certificate chain and its key, both in PEM form.
    pub fn from_pem(certificates: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        Self::new(certified_key(certificates, key)?, None)
    }

    /// From two PEM files (or twice the same one that holds both).
    pub fn from_pem_files(certificates: &Path, key: &Path) -> Result<Self, TlsError> {
        let (certificates, key) = read_pem_files(certificates, key)?;
        Self::from_pem(&certificates, &key)
    }

    /// With a self-signed certificate kept in `directory` (made when missing, readable by the owner only) that is valid for
    /// `names`, host names or IP addresses.
    ///
    /// The certificate of an earlier call is used again, so that an exception granted in a browser stays valid, unless it is
    /// about to expire or lacks one of the names.
    pub fn self_signed(directory: &Path, names: &[String]) -> Result<Self, TlsError> {
        let pem = self_signed_pem(directory, names)?;
        Self::from_pem(pem.as_bytes(), pem.as_bytes())
    }

    /// The same, and `challenges` gives the certificates for connections of a certificate authority that checks who controls
    /// a name, which are those whose only application protocol is `acme-tls/1` (RFC 8737 section 3).
    pub fn with_challenges(self, challenges: Arc<dyn ResolvesServerCert>) -> Result<Self, TlsError> {
        Self::new(self.shown.current(), Some(challenges))
    }

    fn new(certificate: Arc<CertifiedKey>, challenges: Option<Arc<dyn ResolvesServerCert>>) -> Result<Self, TlsError> {
        let mut protocols = vec![b"http/1.1".to_vec()];
        protocols.extend(challenges.is_some().then(|| CHALLENGE_PROTOCOL.to_vec()));
        let shown = Arc::new(Shown { certificate: RwLock::new(certificate), challenges });
        let resolver: Arc<dyn ResolvesServerCert> = Arc::clone(&shown) as _;
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(resolver);
        config.alpn_protocols = protocols;
        Ok(Self { shown, config: Arc::new(config) })
    }

    /// Shows another certificate from the next connection on. On an error the old one stays.
    pub fn replace_pem(&self, certificates: &[u8], key: &[u8]) -> Result<(), TlsError> {
        let new = certified_key(certificates, key)?;
        *self.shown.certificate.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    /// The certificate shown now.
    pub fn certificate(&self) -> CertificateDer<'static> {
        self.shown.current().cert.first().cloned().unwrap_or_else(|| CertificateDer::from(Vec::new()))
    }

    pub(super) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }
}

impl Shown {
    fn current(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.certificate.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        match &self.challenges {
            Some(challenges) if is_challenge(&hello) => challenges.resolve(hello),
            _ => Some(self.current()),
        }
    }
}

fn is_challenge(hello: &ClientHello<'_>) -> bool {
    hello.alpn().is_some_and(|mut protocols| protocols.next() == Some(CHALLENGE_PROTOCOL) && protocols.next().is_none())
}

/// Certificate and key as text, from two PEM files.
pub fn read_pem_files(certificates: &Path, key: &Path) -> Result<(Vec<u8>, Vec<u8>), TlsError> {
    Ok((read(certificates)?, read(key)?))
}

/// The text of [`ServerTls::self_signed`]'s certificate and key.
pub fn self_signed_pem(directory: &Path, names: &[String]) -> Result<String, TlsError> {
    self_signed::load_or_make(directory, names)
}

fn certified_key(certificates: &[u8], key: &[u8]) -> Result<Arc<CertifiedKey>, TlsError> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(certificates).collect::<Result<_, _>>().map_err(|_| TlsError::NoCertificate)?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate);
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::NoKey)?;
    Ok(Arc::new(CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())?))
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|source| TlsError::Unreadable { path: path.to_owned(), source })
}
