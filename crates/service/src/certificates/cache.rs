//! What is kept of an authority: the account's key and the certificate with its key, in the data directory.

use std::io::{self, ErrorKind};

use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};
use net::tcp::{ServerTls, TlsError};
use rustls_acme::{AccountCache, CertCache};

use crate::data_dir::DataDir;

/// Why a certificate was not kept, or not taken up.
#[derive(Debug, thiserror::Error)]
pub(super) enum CacheError {
    #[error("the data directory refuses: {0}")]
    Io(#[from] io::Error),
    #[error(transparent)]
    Unusable(#[from] TlsError),
}

/// Keeps files, and shows each certificate that it sees.
pub(super) struct Cache {
    pub(super) data_dir: DataDir,
    pub(super) tls: ServerTls,
}

impl Cache {
    /// One file for each account or set of names at each authority.
    fn name(kind: &str, words: &[String], directory: &str) -> String {
        let text = words.iter().map(String::as_str).chain([directory]).collect::<Vec<_>>().join("\n");
        let hash = digest(&SHA256, text.as_bytes());
        hash.as_ref().iter().take(8).fold(format!("acme-{kind}-"), |name, byte| format!("{name}{byte:02x}"))
    }

    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        match std::fs::read(self.data_dir.file(name)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            found => found.map(Some),
        }
    }
}

#[async_trait]
impl CertCache for Cache {
    type EC = CacheError;

    async fn load_cert(&self, domains: &[String], directory: &str) -> Result<Option<Vec<u8>>, CacheError> {
        let kept = self.read(&Self::name("certificate", domains, directory))?;
        // A damaged file is as good as none.
        Ok(kept.filter(|pem| self.tls.replace_pem(pem, pem).is_ok()))
    }

    async fn store_cert(&self, domains: &[String], directory: &str, pem: &[u8]) -> Result<(), CacheError> {
        self.tls.replace_pem(pem, pem)?;
        Ok(self.data_dir.write(&Self::name("certificate", domains, directory), pem)?)
    }
}

#[async_trait]
impl AccountCache for Cache {
    type EA = CacheError;

    async fn load_account(&self, contact: &[String], directory: &str) -> Result<Option<Vec<u8>>, CacheError> {
        Ok(self.read(&Self::name("account", contact, directory))?)
    }

    async fn store_account(&self, contact: &[String], directory: &str, account: &[u8]) -> Result<(), CacheError> {
        Ok(self.data_dir.write(&Self::name("account", contact, directory), account)?)
    }
}
