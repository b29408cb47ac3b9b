//! The Backend as a running server.

use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;

use axum::Router;
use net::interfaces::{LocalAddress, local_addresses};
use net::tcp::{Acceptor, BindError, Limits, ServerTls, TlsError};
use server_sdk::Client;
use service::data_dir::{DataDir, DataDirError};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::config::{Config, Media, PublicUrl, Tls};
use crate::http::{self, App, Forwarding, MediaAddress, Page, Parts, Policy, Probe};
use crate::rooms::{IdentityKey, JoinLimit, JoinLimiter, Meetings, janitor};

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
    tls: bool,
    key: IdentityKey,
}

/// A running Backend. Dropping it leaves it running; end it with [`Running::shutdown`].
pub struct Running {
    local: SocketAddr,
    url: String,
    stop: CancellationToken,
    serving: JoinHandle<()>,
    janitor: JoinHandle<()>,
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
    let tls = match &config.tls {
        Tls::Off => None,
        Tls::Files { certificate, key } => Some(ServerTls::from_pem_files(certificate, key)?),
        Tls::SelfSigned => Some(ServerTls::self_signed(data_dir.path(), &certificate_names(config))?),
    };
    let has_tls = tls.is_some();
    if let Some(tls) = tls {
        acceptor.set_tls(tls);
    }
    Ok(Bound { acceptor, tls: has_tls, key })
}

impl Bound {
    /// Where it listens.
    pub fn local_addr(&self) -> SocketAddr {
        self.acceptor.local_addr()
    }

    /// Starts serving, on the current tokio runtime.
    pub fn serve(self, config: &Config, media: MediaServer) -> Running {
        let Self { acceptor, tls, key } = self;
        let local = acceptor.local_addr();
        let MediaServer { client, sockets } = media;
        let (address, peer_socket) = match sockets {
            Sockets::Here(router) => (MediaAddress::Here(config.public.base_path.clone()), Some(router)),
            Sockets::Elsewhere(url) => (MediaAddress::Elsewhere(url), None),
        };
        let meetings = Meetings::new(client.clone(), key, config.rooms);
        let janitor = tokio::spawn(janitor::run(client.clone(), client.notifier(), meetings.gates()));
        if !Page::is_built() {
            tracing::warn!("this binary was built without its page: run `cargo xtask run`");
        }
        let app = App::new(Parts {
            meetings,
            limiter: Mutex::new(JoinLimiter::new(JoinLimit::default())),
            probe: Probe::new(client),
            media: address,
            page: Page::new(&config.public.base_path),
            forwarding: Forwarding { trusted: config.public.trusted_proxies.clone(), public_url: config.public.url.clone() },
            policy: Policy { tls, frame_ancestors: config.public.frame_ancestors.clone() },
        });
        let router = http::router(app, &config.public.base_path, peer_socket);
        let stop = CancellationToken::new();
        let serving = tokio::spawn(acceptor.serve(router, stop.clone().cancelled_owned()));
        Running { local, url: public_address(config, local), stop, serving, janitor }
    }
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

    /// Ends: no further connections, requests in progress are answered.
    pub async fn shutdown(self) {
        self.janitor.abort();
        self.stop.cancel();
        if let Err(error) = self.serving.await {
            tracing::error!(%error, "the public port broke");
        }
    }
}

/// Names that a self-signed certificate is for: what people may type to reach this machine.
fn certificate_names(config: &Config) -> Vec<String> {
    let mut names = vec!["localhost".to_owned()];
    names.extend(config.public.url.as_ref().map(|url| url.host().to_owned()));
    names.extend(machine_addresses().iter().map(|address| address.ip.to_string()));
    if let Media::Embedded(embedded) = &config.media {
        names.extend(embedded.announce.iter().cloned());
    }
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

fn machine_addresses() -> Vec<LocalAddress> {
    local_addresses().unwrap_or_else(|error| {
        tracing::warn!(%error, "the addresses of this machine cannot be read");
        Vec::new()
    })
}

fn public_address(config: &Config, local: SocketAddr) -> String {
    let path = config.public.base_path.prefix();
    match &config.public.url {
        Some(url) if url.path().is_empty() => format!("{url}{path}"),
        Some(url) => url.to_string(),
        None if local.ip().is_unspecified() => format!("http://localhost:{}{path}", local.port()),
        None => {
            // Browsers give camera and microphone to plain HTTP on loopback only.
            let scheme = if config.tls == Tls::Off || local.ip().is_loopback() { "http" } else { "https" };
            format!("{scheme}://{local}{path}")
        }
    }
}

/// Addresses under which other machines of the network reach the page, when it listens on all of them.
pub fn network_addresses(config: &Config, local: SocketAddr) -> Vec<String> {
    if !local.ip().is_unspecified() || config.public.url.is_some() {
        return Vec::new();
    }
    let scheme = if config.tls == Tls::Off { "http" } else { "https" };
    let reachable = |address: &LocalAddress| !address.loopback && (local.is_ipv6() || address.ip.is_ipv4());
    let outward = machine_addresses().into_iter().filter(reachable).map(|address| address.ip);
    outward.map(|ip: IpAddr| format!("{scheme}://{}{}", SocketAddr::new(ip, local.port()), config.public.base_path.prefix())).collect()
}
