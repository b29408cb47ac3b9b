//! The Backend as a running server.

use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use net::tcp::{Acceptor, BindError, Limits, TlsError};
use server_sdk::Client;
use service::certificates::{self, Certificates, Pace};
use service::data_dir::{DataDir, DataDirError};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::config::{Config, Media, PublicUrl};
use crate::http::{self, App, Forwarding, Joins, MediaAddress, Page, Parts, Policy, Probe};
use crate::links::{Links, certificate_names, public_address};
use crate::rooms::{Gates, IdentityKey, JoinLimit, JoinLimiter, Meetings, janitor};

/// What one address may ask about rooms without joining. A page asks once before each join; an office shares an address.
const LOOKS: JoinLimit = JoinLimit { burst: 300, interval: Duration::from_millis(200), addresses: 10_000 };

/// File of the secret that signs identities.
const IDENTITY_SECRET: &str = "identity-secret";

/// The media server that a Backend uses.
pub struct MediaServer {
    /// Its API.
    pub client: Client,
    /// Where browsers connect to it.
    pub sockets: Sockets,
}

impl MediaServer {
    /// The one whose API is at `address` and accepts `token`.
    pub fn new(address: &str, token: &str, sockets: Sockets) -> Result<Self, server_sdk::Error> {
        Ok(Self { client: Client::new(address, token)?, sockets })
    }
}

/// Where browsers connect to the media server.
pub enum Sockets {
    /// On the Backend's public port, served by this router.
    Here(Router),
    /// At the media server itself, whose configured address is this.
    Elsewhere(PublicUrl),
}

/// Why the Backend does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The data directory cannot be used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The public port cannot be opened.
    #[error("{0}; choose another one with --listen")]
    Listen(#[from] BindError),
    /// The certificate cannot be used.
    #[error("{0}; see --tls-cert and --tls-key, or use --tls off behind a proxy")]
    Tls(#[from] TlsError),
}

/// The opened public port, before it serves: what can go wrong goes wrong here.
pub struct Bound {
    acceptor: Acceptor,
    shown: Option<Certificates>,
    key: IdentityKey,
}

/// A running Backend. Dropping it leaves it running; end it with [`Running::shutdown`].
pub struct Running {
    local: SocketAddr,
    url: String,
    joins: Arc<Joins>,
    stop: CancellationToken,
    serving: JoinHandle<()>,
    janitor: JoinHandle<()>,
    certificates: Option<JoinHandle<()>>,
    links: Arc<Links>,
}

/// Opens the public port and reads secrets and certificates.
pub fn bind(config: &Config) -> Result<Bound, StartError> {
    let data_dir = DataDir::open(&config.data_dir)?;
    // The embedded media server uses the same directory and says the same.
    if matches!(config.media, Media::Elsewhere { .. }) {
        data_dir.warn_if_shared();
    }
    let key = IdentityKey::new(data_dir.secret(IDENTITY_SECRET)?.as_bytes());
    let mut acceptor = Acceptor::bind(&config.listen, Limits::default())?;
    let shown = certificates::open(&config.tls, &data_dir, certificate_names(config), acceptor.local_addr().port())?;
    if let Some(shown) = &shown {
        acceptor.set_tls(shown.server_tls());
    }
    Ok(Bound { acceptor, shown, key })
}

impl Bound {
    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.acceptor.local_addr()
    }

    /// Starts serving, on the current tokio runtime.
    pub fn serve(self, config: &Config, media: MediaServer) -> Running {
        let Self { acceptor, shown, key } = self;
        let local = acceptor.local_addr();
        let client = media.client.clone();
        let Assembled { routes, gates, links, joins } = assemble(config, media, key, local, shown.is_some());
        let janitor = tokio::spawn(janitor::run(client.clone(), client.notifier(), gates));
        if !Page::is_built() {
            tracing::warn!("this binary was built without its page: run `cargo xtask run`");
        }
        let stop = CancellationToken::new();
        let serving = tokio::spawn(acceptor.serve(routes, stop.clone().cancelled_owned()));
        let certificates = shown.map(|shown| tokio::spawn(shown.keep(Pace::default())));
        Running { local, url: own_address(config, local), links, joins, stop, serving, janitor, certificates }
    }
}

/// What a public port serves, and what lives on beside it.
pub(crate) struct Assembled {
    pub(crate) routes: Router,
    gates: Arc<Gates>,
    links: Arc<Links>,
    joins: Arc<Joins>,
}

/// Puts together what the public port at `local` serves. `tls`: it speaks HTTPS.
pub(crate) fn assemble(config: &Config, media: MediaServer, key: IdentityKey, local: SocketAddr, tls: bool) -> Assembled {
    let MediaServer { client, sockets } = media;
    let (address, peer_socket) = match sockets {
        Sockets::Here(router) => (MediaAddress::Here(config.public.base_path.clone()), Some(router)),
        Sockets::Elsewhere(url) => (MediaAddress::Elsewhere(url), None),
    };
    let meetings = Meetings::new(client.clone(), key, config.rooms);
    let gates = meetings.gates();
    let links = Arc::new(Links::new(config, local));
    let joins = Arc::new(Joins::default());
    let app = App::new(Parts {
        meetings,
        limiter: Mutex::new(JoinLimiter::new(JoinLimit::default())),
        looks: Mutex::new(JoinLimiter::new(LOOKS)),
        joins: Arc::clone(&joins),
        probe: Probe::new(client),
        media: address,
        links: Arc::clone(&links),
        page: Page::new(&config.public.base_path),
        forwarding: Forwarding { trusted: config.public.trusted_proxies.clone(), public_url: config.public.url.clone() },
        policy: Policy { tls, frame_ancestors: config.public.frame_ancestors.clone(), warned: AtomicBool::new(false) },
    });
    let routes = http::router(app, &config.public.base_path, peer_socket);
    Assembled { routes, gates, links, joins }
}

impl Running {
    /// Where it listens, with the real port.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// Address of the page, for a person on this machine or, when configured, for everybody.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Addresses of the page for people on other machines, the best first.
    pub fn links(&self) -> Vec<String> {
        self.links.for_others()
    }

    /// Figures of the Backend in the text format of Prometheus, as they are when the function is called.
    pub fn metrics(&self) -> impl Fn() -> String + Send + Sync + use<> {
        let joins = Arc::clone(&self.joins);
        move || joins.page()
    }

    /// Ends: no further connections, requests in progress are answered.
    pub async fn shutdown(self) {
        self.janitor.abort();
        if let Some(certificates) = &self.certificates {
            certificates.abort();
        }
        self.stop.cancel();
        if let Err(error) = self.serving.await {
            tracing::error!(%error, "the public port broke");
        }
    }
}

/// Address of the page for somebody on this machine or, when it is configured, for everybody.
fn own_address(config: &Config, local: SocketAddr) -> String {
    let path = config.public.base_path.prefix();
    match &config.public.url {
        Some(url) => public_address(url, path),
        None if local.ip().is_unspecified() => format!("http://localhost:{}{path}", local.port()),
        None => {
            // Browsers give camera and microphone to plain HTTP on loopback only.
            let scheme = if !config.tls.is_on() || local.ip().is_loopback() { "http" } else { "https" };
            format!("{scheme}://{local}{path}")
        }
    }
}
