//! Configuration: from flags, environment and file for the binary, or made in code by who embeds the server.

mod archived;
mod settings;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::PathBuf;
use std::str::FromStr;

use net::tcp::{ListenAddress, ListenAddressError};
use service::data_dir::platform_directory;
use service::media_server::{self, MediaServer};
use service::program::environment;
use service::settings::Sources;
use service::values::{choice, number, path, secret};
use service::{log, tls};

pub use service::log::{Log, LogFormat};
pub use service::settings::{LoadError, SettingError};
pub use service::tls::Tls;
pub use service::values::{Network, PublicUrl, Secret};

use settings::PROGRAM;

/// Where the Prometheus metrics are served, at `/metrics` and without authentication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Metrics {
    /// Nowhere.
    Off,
    /// On [`Config::listen`], beside the API.
    OnApi,
    /// On a TCP port of their own.
    On(ListenAddress),
}

impl FromStr for Metrics {
    type Err = ListenAddressError;

    /// `off`, or where to listen.
    fn from_str(text: &str) -> Result<Self, ListenAddressError> {
        if text == "off" { Ok(Self::Off) } else { text.parse().map(Self::On) }
    }
}

/// Limits that operators may change. Those of the wire are constants beside what they limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Rooms at once.
    pub rooms: usize,
    /// Peers per room.
    pub peers_per_room: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { rooms: 10_000, peers_per_room: 500 }
    }
}

/// Everything a server is started with.
#[derive(Clone, Debug)]
pub struct Config {
    /// TCP port of the REST API, the back ends' socket and, unless embedded, the clients' socket.
    pub listen: ListenAddress,
    /// Whether the clients' socket is served on [`Config::listen`], too. Off when embedded: clients then come over
    /// [`crate::Running::peer_socket_router`].
    pub peer_socket: bool,
    /// UDP port of all media; 0 takes a free one.
    pub media_port: u16,
    /// Addresses or names that clients are told to send media to; empty: those of the interfaces.
    pub announce: Vec<String>,
    /// Address under which clients reach the server.
    pub public_url: Option<PublicUrl>,
    /// Token of the REST API; `None`: a random one, kept in the data directory.
    pub api_token: Option<Secret>,
    /// Key that signs clients' tokens; `None`: a random one, kept in the data directory.
    pub token_secret: Option<Secret>,
    /// Where secrets and certificates are kept.
    pub data_dir: PathBuf,
    /// Encryption of the TCP port.
    pub tls: Tls,
    /// Proxies whose forwarding headers count.
    pub trusted_proxies: Vec<Network>,
    /// Media worker threads, at least 1.
    pub workers: usize,
    /// Where the Prometheus metrics are served.
    pub metrics: Metrics,
    /// Networks that are not public and that webhooks may reach all the same.
    pub webhook_allow: Vec<Network>,
    /// Key of the webhooks' signatures; `None`: a random one, kept in the data directory.
    pub webhook_secret: Option<Secret>,
    /// Whether peers can be added; a server without them answers like one of the archived generation on which WebRTC is off.
    pub webrtc: bool,
    /// Limits.
    pub limits: Limits,
    /// Back ends may break rooms and peers on purpose; for tests.
    pub fault_injection: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: ListenAddress::All(5002),
            peer_socket: true,
            media_port: media_server::MEDIA_PORT,
            announce: Vec::new(),
            public_url: None,
            api_token: None,
            token_secret: None,
            data_dir: platform_directory(PROGRAM.name, &environment()),
            tls: Tls::SelfSigned,
            trusted_proxies: Network::loopback(),
            workers: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            metrics: Metrics::On(ListenAddress::One(([127, 0, 0, 1], 9568).into())),
            webhook_allow: Vec::new(),
            webhook_secret: None,
            webrtc: true,
            limits: Limits::default(),
            fault_injection: false,
        }
    }
}

impl Config {
    /// The same with these settings.
    #[must_use]
    pub fn with(self, shared: MediaServer) -> Self {
        let MediaServer { media_port, announce, workers, api_token, webhook_allow, webhook_secret } = shared;
        let workers = workers.unwrap_or(self.workers);
        Self { media_port, announce, api_token, workers, webhook_allow, webhook_secret, ..self }
    }
}

/// What the binary is started with.
#[derive(Debug)]
pub struct Loaded {
    /// The server's part.
    pub config: Config,
    /// Logging, which is the binary's and not the server's.
    pub log: Log,
    /// Sentences about variables that mean nothing here, or have a newer name.
    pub remarks: Vec<String>,
}

/// Reads the configuration of the binary. `environment` is that of the process, or a test's.
pub fn load<I, T>(arguments: I, environment: &[(String, String)]) -> Result<Loaded, LoadError>
where
    I: IntoIterator<Item = T>,
    T: Into<OsString> + Clone,
{
    let sources = Sources::collect(&PROGRAM, arguments, environment)?;
    // After the command line, so that help is given whatever the environment.
    let archived = archived::check(environment)?;
    let config = read_config(&sources, environment)?;
    let remarks = sources.unknown_remarks().into_iter().chain(archived).chain(tls::remarks(&config.tls, &sources)).collect();
    Ok(Loaded { config, log: log::read(&sources)?, remarks })
}

fn read_config(sources: &Sources, environment: &[(String, String)]) -> Result<Config, SettingError> {
    let dev = sources.switch("dev")?;
    let mut shared = media_server::read(sources)?;
    shared.api_token = shared.api_token.or_else(|| dev.then(|| Secret::new("development")));
    let defaults = Config::default().with(shared);
    Ok(Config {
        listen: read_listen(sources, dev)?,
        peer_socket: true,
        public_url: sources.read("public-url", str::parse)?,
        token_secret: secret(sources, "token-secret", "token-secret-file")?,
        data_dir: sources.read("data-dir", path)?.unwrap_or_else(|| platform_directory(PROGRAM.name, environment)),
        tls: tls::read(sources)?,
        trusted_proxies: sources.read_all("trusted-proxy", str::parse)?.unwrap_or(defaults.trusted_proxies),
        metrics: sources.read("metrics-listen", str::parse)?.unwrap_or(defaults.metrics),
        webrtc: sources.read("webrtc", |text| choice(text, &[("on", true), ("off", false)]))?.unwrap_or(true),
        limits: Limits {
            rooms: sources.read("max-rooms", |text| number(text, 1, 1_000_000))?.unwrap_or(defaults.limits.rooms),
            peers_per_room: sources.read("max-peers-per-room", |text| number(text, 1, 10_000))?.unwrap_or(defaults.limits.peers_per_room),
        },
        fault_injection: sources.switch("fault-injection")?,
        ..defaults
    })
}

fn read_listen(sources: &Sources, dev: bool) -> Result<ListenAddress, SettingError> {
    let listen = sources.read("listen", str::parse::<ListenAddress>)?;
    if !dev {
        return Ok(listen.unwrap_or(Config::default().listen));
    }
    match listen.unwrap_or(ListenAddress::One(([127, 0, 0, 1], 5002).into())) {
        ListenAddress::One(address) if address.ip().is_loopback() => Ok(ListenAddress::One(address)),
        _ => Err(sources.problem("listen", "with --dev, whose token everybody knows, it must be a loopback address")),
    }
}
