//! The certificate that a TCP port shows, from the settings, and keeping it up to date while the program runs.

mod acme;
mod cache;
mod explain;
mod files;
mod names;
mod own;

use std::sync::Arc;
use std::time::Duration;

use net::tcp::{ServerTls, TlsError};
use tokio::sync::Notify;

use crate::data_dir::DataDir;
use crate::tls::Tls;

pub(crate) use acme::roots;
pub use names::names_of_machine;

use acme::Authority;
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
    /// Waits after failures to get a certificate, the last one for all further ones. Authorities count failures: five an hour
    /// for a name are allowed at the most used one.
    pub retries: Vec<Duration>,
    /// Between one certificate got and the next one asked for, whatever its dates say.
    pub renewals: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            files: Duration::from_secs(2),
            names: Duration::from_secs(15),
            retries: [1, 5, 15, 60].map(Duration::from_mins).to_vec(),
            renewals: Duration::from_hours(1),
        }
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
    Authority(Box<Authority>, Own),
}

/// Prepares what the settings say; `None` for plain HTTP. `port` is that of the listener.
pub fn open(settings: &Tls, data_dir: &DataDir, names: Names, port: u16) -> Result<Option<Certificates>, TlsError> {
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
        Tls::Acme(settings) => {
            let own = Own::new(data_dir, names);
            let authority = Authority::new(settings, data_dir, port)?;
            (own.tls()?.with_challenges(authority.challenges())?, Source::Authority(Box::new(authority), own))
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
            Source::Authority(authority, own) => {
                let shown = Notify::new();
                let until_shown = async {
                    tokio::select! {
                        biased;
                        () = shown.notified() => {}
                        () = own.keep(&tls, pace.names) => {}
                    }
                };
                tokio::join!(until_shown, authority.keep(&tls, &pace, &shown));
            }
        }
    }
}
