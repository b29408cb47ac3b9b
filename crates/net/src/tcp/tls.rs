//! The certificate that the acceptor shows, exchangeable while it serves.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::self_signed;

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
    current: Arc<RwLock<Current>>,
}

#[derive(Debug, Clone)]
struct Current {
    config: Arc<ServerConfig>,
    certificate: CertificateDer<'static>,
}

impl ServerTls {
    /// From a certificate chain and its key, both in PEM form.
    pub fn from_pem(certificates: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        Ok(Self { current: Arc::new(RwLock::new(Current::from_pem(certificates, key)?)) })
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

    /// Shows another certificate from the next connection on. On an error the old one stays.
    pub fn replace_pem(&self, certificates: &[u8], key: &[u8]) -> Result<(), TlsError> {
        let new = Current::from_pem(certificates, key)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }

    /// The certificate shown now.
    pub fn certificate(&self) -> CertificateDer<'static> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).certificate.clone()
    }

    pub(super) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner).config)
    }
}

impl Current {
    fn from_pem(certificates: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(certificates).collect::<Result<_, _>>().map_err(|_| TlsError::NoCertificate)?;
        let certificate = chain.first().ok_or(TlsError::NoCertificate)?.clone();
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::NoKey)?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { config: Arc::new(config), certificate })
    }
}

/// Certificate and key as text, from two PEM files.
pub fn read_pem_files(certificates: &Path, key: &Path) -> Result<(Vec<u8>, Vec<u8>), TlsError> {
    Ok((read(certificates)?, read(key)?))
}

/// The text of [`ServerTls::self_signed`]'s certificate and key.
pub fn self_signed_pem(directory: &Path, names: &[String]) -> Result<String, TlsError> {
    self_signed::load_or_make(directory, names)
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(path).map_err(|source| TlsError::Unreadable { path: path.to_owned(), source })
}
