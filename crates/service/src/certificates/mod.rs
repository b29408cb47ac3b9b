//! The certificate that a TCP port shows, from the settings, and keeping it up to date while the program runs.

mod files;
mod own;

use std::sync::Arc;
use std::time::Duration;

use net::tcp::{ServerTls, TlsError};

use crate::data_dir::DataDir;
use crate::tls::Tls;

use files::Files;
use own::Own;

/// Tells the names that a self-signed certificate is for, host names and addresses, as they are now.
pub type Names = Arc<dyn Fn() -> Vec<String> + Send + Sync>;

/// How often things are looked at.
#[derive(Clone, Debug)]
pub struct Pace {
    /// Between two looks at certificate files. A change is taken over when two looks in a row have seen the same.
    pub files: Duration,
    /// Between two looks at the names of a self-signed certificate.
    pub names: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { files: Duration::from_secs(2), names: Duration::from_secs(15) }
    }
}

/// What a port shows, and where it comes from.
pub struct Certificates {
    tls: ServerTls,
    source: Source,
}

enum Source {
    Own(Own),
    Files(Files),
}

/// Prepares what the settings say; `None` for plain HTTP.
pub fn open(settings: &Tls, data_dir: &DataDir, names: Names) -> Result<Option<Certificates>, TlsError> {
    let (tls, source) = match settings {
        Tls::Off => return Ok(None),
        Tls::Files { certificate, key } => {
            let files = Files::new(certificate, key);
            (ServerTls::from_pem_files(certificate, key)?, Source::Files(files))
        }
        Tls::SelfSigned => {
            let own = Own::new(data_dir, names);
            (own.tls()?, Source::Own(own))
        }
    };
    Ok(Some(Certificates { tls, source }))
}

impl Certificates {
    /// The TLS side for an acceptor.
    pub fn server_tls(&self) -> ServerTls {
        self.tls.clone()
    }

    /// Keeps the certificate up to date until it is dropped.
    pub async fn keep(self, pace: Pace) {
        let Self { tls, source } = self;
        match source {
            Source::Own(own) => own.keep(&tls, pace.names).await,
            Source::Files(files) => files.keep(&tls, pace.files).await,
        }
    }
}
