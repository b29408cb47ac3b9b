//! Starting and stopping the server.

#[cfg(test)]
mod tests;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use axum::Router;
use net::interfaces::local_addresses;
use net::tcp::{Acceptor, BindError, Limits as AcceptLimits, TlsError};
use net::udp::{self, UdpOptions};
use service::certificates::{self, Names, Pace, names_of_machine};
use service::data_dir::{DataDir, DataDirError};
use thiserror::Error;
use tokio::net::lookup_host;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::{self, App};
use crate::candidates::Reach;
use crate::config::{Config, Metrics, Secret, Tls};
use crate::figures::Connections;
use crate::healthcheck;
use crate::http::{self, Offer};
use crate::notifications::Notifications;
use crate::placement::{LocalPlacement, Placement};
use crate::sockets::ToldInRooms;
use crate::token::TokenKey;
use crate::webhooks::{self, Targets, Webhooks};
use crate::workers::{Start, WorkerStats, Workers};

/// Time for sockets and requests to end after the server was told to stop.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(4);

/// File of the API token that was made here.
pub(crate) const API_TOKEN: &str = "api-token";

/// Time to resolve a configured name.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the server does not start. The sentences name the flags of the `jellyfish` binary.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StartError {
    /// The data directory cannot be used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The TCP port of the API cannot be opened.
    #[error("{0}; choose another one with --listen")]
    Api(#[source] BindError),
    /// The UDP port of media cannot be opened.
    #[error("{0}; choose another one with --media-port")]
    Media(#[source] udp::BindError),
    /// The TCP port of metrics cannot be opened.
    #[error("{0}; choose another one with --metrics-listen, or none with --metrics-listen off")]
    Metrics(#[source] BindError),
    /// The certificate cannot be used.
    #[error("{0}; see --tls-cert, --tls-key and --tls")]
    Tls(#[source] TlsError),
    /// The client that posts webhooks cannot be made.
    #[error("cannot prepare webhooks: {0}")]
    Webhooks(#[source] reqwest::Error),
    /// The system gives no threads or event queues.
    #[error("cannot start the media workers: {0}")]
    Workers(#[source] io::Error),
}

/// A running server. Dropping it leaves it running; end it with [`Running::shutdown`].
pub struct Running {
    app: Arc<App>,
    api_addr: SocketAddr,
    metrics_addr: Option<SocketAddr>,
    media_port: u16,
    api_token: Secret,
    api_token_file: Option<PathBuf>,
    /// It shows a certificate that clients can verify.
    certified: bool,
}

/// Starts a server on the current tokio runtime. When it returns the server answers.
pub async fn start(config: Config) -> Result<Running, StartError> {
    if config.fault_injection {
        tracing::warn!("fault injection is on: whoever has the API token can break rooms, peers and workers; for tests only");
    }
    let data_dir = DataDir::open(&config.data_dir)?;
    data_dir.warn_if_shared();
    let secrets = Secrets::read(&config, &data_dir)?;
    let Ports { media, mut api, metrics } = Ports::open(&config)?;
    let (api_addr, media_port) = (api.local_addr(), media.first().map_or(config.media_port, udp::UdpSocket::port));
    let shown = certificates::open(&config.tls, &data_dir, certificate_names(&config), api_addr.port()).map_err(StartError::Tls)?;
    if let Some(shown) = &shown {
        api.set_tls(shown.server_tls());
    }
    let reach = reach(&config, media_port).await;
    let running = Running {
        api_addr,
        metrics_addr: match config.metrics {
            Metrics::OnApi => Some(api_addr),
            Metrics::Off | Metrics::On(_) => metrics.as_ref().map(Acceptor::local_addr),
        },
        media_port,
        api_token: secrets.api_token.clone(),
        api_token_file: secrets.api_token_file.clone(),
        certified: matches!(config.tls, Tls::Files { .. }),
        app: Arc::new(assemble(&config, secrets, media, reach, api_addr)?),
    };
    let app = &running.app;
    let offer = Offer { peer_socket: config.peer_socket, metrics: config.metrics == Metrics::OnApi };
    app.tasks.spawn(api.serve(http::api(app, offer), app.closing.clone().cancelled_owned()));
    if let Some(shown) = shown {
        app.tasks.spawn(app.closing.clone().run_until_cancelled_owned(shown.keep(Pace::default())));
    }
    if let Some(metrics) = metrics {
        app.tasks.spawn(metrics.serve(http::metrics(app), app.closing.clone().cancelled_owned()));
    }
    Ok(running)
}

/// What nobody else may know: given, or made once and kept.
struct Secrets {
    token_key: TokenKey,
    api_token: Secret,
    /// The file of an API token that was made.
    api_token_file: Option<PathBuf>,
    webhook_secret: String,
}

impl Secrets {
    fn read(config: &Config, data_dir: &DataDir) -> Result<Self, DataDirError> {
        let given_or_made = |given: &Option<Secret>, name: &str| match given {
            Some(secret) => Ok(secret.reveal().to_owned()),
            None => data_dir.secret(name),
        };
        Ok(Self {
            token_key: TokenKey::new(&given_or_made(&config.token_secret, "token-secret")?),
            api_token: Secret::new(&given_or_made(&config.api_token, API_TOKEN)?),
            api_token_file: config.api_token.is_none().then(|| data_dir.file(API_TOKEN)),
            webhook_secret: given_or_made(&config.webhook_secret, "webhook-secret")?,
        })
    }
}

/// The ports, bound and not served yet.
struct Ports {
    /// One socket for each worker, all on the one port.
    media: Vec<udp::UdpSocket>,
    api: Acceptor,
    /// A port of its own for metrics.
    metrics: Option<Acceptor>,
}

impl Ports {
    fn open(config: &Config) -> Result<Self, StartError> {
        let options = UdpOptions::new(config.media_port).workers(config.workers.max(1));
        let media = udp::bind(&options).map_err(StartError::Media)?;
        let api = Acceptor::bind(&config.listen, AcceptLimits::default()).map_err(StartError::Api)?;
        let metrics = match &config.metrics {
            Metrics::Off | Metrics::OnApi => None,
            Metrics::On(address) => Some(Acceptor::bind(address, AcceptLimits::default()).map_err(StartError::Metrics)?),
        };
        Ok(Self { media, api, metrics })
    }
}

/// What requests and sockets work with: the workers and all that they tell.
fn assemble(config: &Config, secrets: Secrets, media: Vec<udp::UdpSocket>, reach: Reach, api_addr: SocketAddr) -> Result<App, StartError> {
    let (closing, tasks) = (CancellationToken::new(), TaskTracker::new());
    let webhook_targets = Arc::new(Targets::new(config.webhook_allow.clone()));
    let webhooks = Webhooks::new(webhooks::Setup {
        targets: Arc::clone(&webhook_targets),
        secret: secrets.webhook_secret,
        closing: closing.clone(),
        tasks: tasks.clone(),
    })
    .map_err(StartError::Webhooks)?;
    let notifications = Notifications::new(webhooks.clone());
    let placement: Arc<dyn Placement> = Arc::new(LocalPlacement::new(media.len(), config.limits.rooms));
    let workers = Workers::start(Start {
        sockets: media,
        reach: Arc::new(reach.clone()),
        limits: config.limits,
        placement,
        notifications: notifications.clone(),
    })
    .map_err(StartError::Workers)?;
    Ok(App {
        workers,
        notifications,
        webhooks,
        webhook_targets,
        token_key: secrets.token_key,
        api_token: app::hash(secrets.api_token.reveal()),
        public_url: config.public_url.as_ref().map(ToString::to_string),
        address: public_address(config, api_addr, &reach),
        reach,
        trusted_proxies: config.trusted_proxies.clone(),
        fault_injection: config.fault_injection,
        webrtc: config.webrtc,
        told: ToldInRooms::default(),
        connections: Connections::default(),
        http_traffic: Arc::default(),
        more_metrics: OnceLock::new(),
        started: Instant::now(),
        closing,
        tasks,
    })
}

impl Running {
    /// Where the API is served.
    pub fn api_addr(&self) -> SocketAddr {
        self.api_addr
    }

    /// Where metrics are served.
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        self.metrics_addr
    }

    /// The UDP port of media.
    pub fn media_port(&self) -> u16 {
        self.media_port
    }

    /// The token of the API, given or made.
    pub fn api_token(&self) -> &Secret {
        &self.api_token
    }

    /// The file that holds the token, when it was made.
    pub fn api_token_file(&self) -> Option<&PathBuf> {
        self.api_token_file.as_ref()
    }

    /// Where a browser or back end on this machine reaches the API. Over HTTP while the certificate is self-signed: both are
    /// served, and programs refuse a certificate that nobody vouches for.
    pub fn url(&self) -> String {
        let scheme = if self.certified { "https" } else { "http" };
        let ip = match self.api_addr.ip() {
            ip if ip.is_unspecified() => "localhost".to_owned(),
            IpAddr::V6(ip) => format!("[{ip}]"),
            IpAddr::V4(ip) => ip.to_string(),
        };
        format!("{scheme}://{ip}:{}", self.api_addr.port())
    }

    /// The clients' socket, `/socket/peer/websocket`, for the public port of an embedding server. Requests carry a
    /// [`net::tcp::ConnInfo`] among their extensions, as those of [`net::tcp::Acceptor`] do.
    pub fn peer_socket_router(&self) -> Router {
        http::peer_socket(&self.app)
    }

    /// What its tasks work with.
    #[cfg(test)]
    pub(crate) fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// What the API port serves.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn api_router(&self) -> Router {
        http::api(&self.app, Offer { peer_socket: true, metrics: false })
    }

    /// What each media worker has done.
    pub async fn worker_stats(&self) -> Vec<WorkerStats> {
        self.app.workers.stats().await
    }

    /// Whether the API answers over HTTP, and every media worker with it.
    pub async fn is_well(&self) -> bool {
        healthcheck::question(&self.api_token).ask(self.api_addr).await.is_ok()
    }

    /// Adds what `page` returns to the page of metrics, in the same text format. Only the first call counts.
    pub fn add_metrics(&self, page: impl Fn() -> String + Send + Sync + 'static) {
        if self.app.more_metrics.set(Box::new(page)).is_err() {
            tracing::debug!("further metrics were added before");
        }
    }

    /// How many rooms there are.
    pub fn room_count(&self) -> usize {
        self.app.workers.room_count()
    }

    /// Tells all clients and back ends, and ends. Takes at most about five seconds.
    pub async fn shutdown(self) {
        self.app.closing.cancel();
        self.app.tasks.close();
        if timeout(SHUTDOWN_TIMEOUT, self.app.tasks.wait()).await.is_err() {
            tracing::warn!(tasks = self.app.tasks.len(), "some sockets did not end in time");
        }
        self.app.workers.stop().await;
    }
}

/// Names that a self-signed certificate is for: what clients may use to reach this machine.
fn certificate_names(config: &Config) -> Names {
    let public = config.public_url.iter().map(|url| url.host().to_owned());
    names_of_machine(public.chain(config.announce.iter().chain(config.tls.domains()).cloned()))
}

async fn reach(config: &Config, port: u16) -> Reach {
    let mut announced = Vec::new();
    for name in &config.announce {
        match resolve(name).await {
            Ok(found) => announced.extend(found),
            // The name service may start later than this server: meetings on this network work without it.
            Err(error) => tracing::warn!(name, %error, "a name of --announce cannot be resolved: it is left out until the next start"),
        }
    }
    let public = match config.public_url.as_ref().map(crate::config::PublicUrl::host) {
        Some(host) => resolve(host).await.unwrap_or_else(|error| {
            // A proxy's name may be known to clients only.
            tracing::warn!(%error, "the host of --public-url cannot be resolved here and is no candidate");
            Vec::new()
        }),
        None => Vec::new(),
    };
    let interfaces = local_addresses().unwrap_or_else(|error| {
        tracing::warn!(%error, "the addresses of this machine cannot be read");
        Vec::new()
    });
    Reach { announced, interfaces, public, port }
}

async fn resolve(host: &str) -> io::Result<Vec<IpAddr>> {
    if let Ok(ip) = host.parse() {
        return Ok(vec![ip]);
    }
    let found = timeout(RESOLVE_TIMEOUT, lookup_host((host, 0))).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    Ok(found.map(|address| address.ip()).collect())
}

/// Where back ends tell clients to connect, without scheme.
fn public_address(config: &Config, listen: SocketAddr, reach: &Reach) -> String {
    if let Some(url) = &config.public_url {
        return url.address();
    }
    if !listen.ip().is_unspecified() {
        return listen.to_string();
    }
    let outward = reach.interfaces.iter().find(|address| !address.loopback).map(|address| address.ip);
    outward.map_or_else(|| format!("localhost:{}", listen.port()), |ip| SocketAddr::new(ip, listen.port()).to_string())
}
