//! A certificate from an authority that speaks ACME (RFC 8555), proven by TLS-ALPN-01 (RFC 8737) on the same port.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures_util::StreamExt as _;
use net::tcp::{ServerTls, TlsError};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore};
use rustls_acme::{AcmeConfig, AcmeState, EventError, EventOk, ResolvesServerCertAcme};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use super::Pace;
use super::cache::{Cache, CacheError};
use super::explain::explain;
use crate::data_dir::DataDir;
use crate::tls::Acme;

/// The port that authorities connect to (RFC 8737 section 3).
const CHALLENGE_PORT: u16 = 443;

/// After so long without news the work is begun anew from what is kept: an answer that never comes, or a machine that slept,
/// must not keep a certificate from being renewed.
const ANEW: Duration = Duration::from_hours(1);

type State = AcmeState<CacheError>;

pub(super) struct Authority {
    settings: Acme,
    data_dir: DataDir,
    port: u16,
    client: Arc<ClientConfig>,
    challenges: Arc<Challenges>,
}

/// Answers the authority with what the work in progress has prepared.
#[derive(Debug, Default)]
struct Challenges(RwLock<Option<Arc<ResolvesServerCertAcme>>>);

impl ResolvesServerCert for Challenges {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).as_ref()?.resolve(hello)
    }
}

/// What a step has led to.
enum Step {
    /// A certificate is shown.
    Shown,
    /// A new one is shown, and the next one can wait; whether it was kept.
    Stored(bool),
    /// No certificate this time.
    Failed,
    /// Nothing to act on.
    Other,
}

impl Authority {
    pub(super) fn new(settings: &Acme, data_dir: &DataDir, port: u16) -> Result<Self, TlsError> {
        let roots = match &settings.ca_file {
            Some(path) => roots(path)?,
            None => webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect(),
        };
        let client = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let challenges = Arc::default();
        Ok(Self { settings: settings.clone(), data_dir: data_dir.clone(), port, client: Arc::new(client), challenges })
    }

    pub(super) fn challenges(&self) -> Arc<dyn ResolvesServerCert> {
        Arc::clone(&self.challenges) as _
    }

    /// Gets a certificate, tells `shown` when it is there, and renews it whenever two thirds of its time are over.
    pub(super) async fn keep(&self, tls: &ServerTls, pace: &Pace, shown: &Notify) {
        self.announce();
        let mut failures = 0;
        let mut kept = true;
        let mut state = self.begin(tls);
        loop {
            let Ok(event) = timeout(ANEW, state.next()).await else {
                // Without the file another certificate would be asked for.
                if kept {
                    state = self.begin(tls);
                }
                continue;
            };
            let Some(event) = event else { return };
            match self.report(event, retry(pace, failures)) {
                Step::Shown => shown.notify_one(),
                Step::Stored(stored) => {
                    (failures, kept) = (0, stored);
                    shown.notify_one();
                    sleep(pace.renewals).await;
                }
                Step::Failed => {
                    sleep(retry(pace, failures)).await;
                    failures += 1;
                }
                Step::Other => {}
            }
        }
    }

    fn announce(&self) {
        let names = self.settings.domains.join(", ");
        let way = if self.port == CHALLENGE_PORT {
            String::new()
        } else {
            format!("; it connects to port {CHALLENGE_PORT} of each name, which has to be forwarded to port {} here", self.port)
        };
        tracing::info!(
            "the certificate for {names} comes from {}{way}; until it is there the self-signed one is shown",
            self.settings.directory
        );
    }

    fn begin(&self, tls: &ServerTls) -> State {
        let cache = Cache { data_dir: self.data_dir.clone(), tls: tls.clone() };
        let contact = self.settings.email.iter().map(|email| format!("mailto:{email}"));
        let state = AcmeConfig::new_with_client_config(&self.settings.domains, Arc::clone(&self.client))
            .directory(&self.settings.directory)
            .contact(contact)
            .cache(cache)
            .state();
        *self.challenges.0.write().unwrap_or_else(PoisonError::into_inner) = Some(state.resolver());
        state
    }

    fn report(&self, event: Result<EventOk, EventError<CacheError, CacheError>>, pause: Duration) -> Step {
        let names = self.settings.domains.join(", ");
        match event {
            Ok(EventOk::DeployedCachedCert) => {
                tracing::info!("the kept certificate for {names} is shown");
                Step::Shown
            }
            Ok(EventOk::CertCacheStore) => {
                tracing::info!("a new certificate for {names} is shown");
                Step::Stored(true)
            }
            Ok(EventOk::DeployedNewCert | EventOk::AccountCacheStore) => Step::Other,
            Err(EventError::Order(error)) => {
                let why = explain(&error, &self.settings.directory, self.port);
                tracing::warn!("no certificate for {names}: {why}; next try in {}", Pause(pause));
                Step::Failed
            }
            Err(EventError::CertCacheStore(error)) => {
                tracing::warn!("a new certificate for {names} is shown but not kept: {error}; see --data-dir");
                Step::Stored(false)
            }
            Err(error) => {
                tracing::warn!("the certificate for {names} is in trouble: {error}; see --data-dir");
                Step::Failed
            }
        }
    }
}

/// The certificates of a PEM file, to trust an authority by.
pub(crate) fn roots(path: &Path) -> Result<RootCertStore, TlsError> {
    let text = std::fs::read(path).map_err(|source| TlsError::Unreadable { path: path.to_owned(), source })?;
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&text).collect::<Result<_, _>>().map_err(|_| TlsError::NoCertificate)?;
    let mut roots = RootCertStore::empty();
    match roots.add_parsable_certificates(certificates) {
        (0, _) => Err(TlsError::NoCertificate),
        _ => Ok(roots),
    }
}

fn retry(pace: &Pace, failures: usize) -> Duration {
    pace.retries.get(failures).or(pace.retries.last()).copied().unwrap_or(ANEW)
}

/// A time as people say it.
struct Pause(Duration);

impl fmt::Display for Pause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_secs() {
            seconds @ 0..60 => write!(f, "{seconds} s"),
            seconds => write!(f, "{} min", seconds / 60),
        }
    }
}
