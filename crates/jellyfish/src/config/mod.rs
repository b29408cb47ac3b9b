//! Configuration: from flags, environment and file for the binary, or made in code by who embeds the server.

mod archived;
mod network;
mod options;
mod public_url;
mod sources;
#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use net::tcp::{ListenAddress, ListenAddressError, ServerTls, TlsError};
use thiserror::Error;

pub use archived::archived_variables;
pub use network::{Network, NetworkError};
pub use public_url::{PublicUrl, PublicUrlError};

use sources::{Origin, Sources};

/// A secret: it does not show itself in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Encryption of the TCP port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// HTTP only.
    Off,
    /// HTTP and HTTPS with a self-signed certificate kept in the data directory.
    SelfSigned,
    /// HTTP and HTTPS with this certificate.
    Files {
        /// Certificate chain, PEM.
        certificate: PathBuf,
        /// Private key, PEM.
        key: PathBuf,
    },
}

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
            media_port: 50_000,
            announce: Vec::new(),
            public_url: None,
            api_token: None,
            data_dir: default_data_dir(&|name| std::env::var(name).ok()),
            tls: Tls::SelfSigned,
            trusted_proxies: Network::loopback(),
            workers: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            metrics: Metrics::On(ListenAddress::One(([127, 0, 0, 1], 9568).into())),
            webhook_allow: Vec::new(),
            webhook_secret: None,
            limits: Limits::default(),
            fault_injection: false,
        }
    }
}

/// Form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Logging, which is the binary's and not the server's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// A level, or filters as `tracing-subscriber` reads them.
    pub filter: String,
    /// Its form.
    pub format: LogFormat,
}

/// An option has a value that it cannot have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{origin}: {message}")]
pub struct ConfigError {
    /// The flag, variable or key.
    pub origin: String,
    /// What is wrong with it.
    pub message: String,
}

impl ConfigError {
    fn new(origin: &Origin, message: &str) -> Self {
        Self { origin: origin.to_string(), message: message.to_owned() }
    }
}

/// Why there is no configuration.
#[derive(Debug, Error)]
pub enum LoadError {
    /// A wrong value.
    #[error(transparent)]
    Value(#[from] ConfigError),
    /// The command line is wrong, or asks for help or the version.
    #[error(transparent)]
    CommandLine(#[from] clap::Error),
}

/// What is wrong with a command line: the parser's own sentence and its tips, without the usage.
pub fn command_line_sentence(error: &clap::Error) -> String {
    let text = error.to_string();
    let mut lines = text.lines().map(str::trim);
    let sentence = lines.next().unwrap_or_default().to_owned();
    lines.filter(|line| line.starts_with("tip: ")).fold(sentence, |all, tip| format!("{all}\n  {tip}"))
}

/// Reads the configuration of the binary.
pub fn load<I, T>(arguments: I, environment: &dyn Fn(&str) -> Option<String>) -> Result<(Config, Log), LoadError>
where
    I: IntoIterator<Item = T>,
    T: Into<OsString> + Clone,
{
    let sources = Sources::collect(arguments, environment)?;
    Ok((read_config(&sources, environment)?, read_log(&sources)?))
}

fn read_config(sources: &Sources, environment: &dyn Fn(&str) -> Option<String>) -> Result<Config, ConfigError> {
    let defaults = Config::default();
    let dev = sources.switch("dev")?;
    Ok(Config {
        listen: read_listen(sources, dev)?,
        peer_socket: true,
        media_port: sources.read("media-port", port)?.unwrap_or(defaults.media_port),
        announce: sources.read_all("announce", host)?.unwrap_or_default(),
        public_url: sources.read("public-url", str::parse)?,
        api_token: read_api_token(sources, dev)?,
        data_dir: sources.read("data-dir", path)?.unwrap_or_else(|| default_data_dir(environment)),
        tls: read_tls(sources)?,
        trusted_proxies: sources.read_all("trusted-proxy", str::parse)?.unwrap_or(defaults.trusted_proxies),
        workers: sources.read("workers", |text| number(text, 1, 256))?.unwrap_or(defaults.workers),
        metrics: sources.read("metrics-listen", str::parse)?.unwrap_or(defaults.metrics),
        webhook_allow: sources.read_all("webhook-allow", str::parse)?.unwrap_or_default(),
        webhook_secret: read_secret(sources, "webhook-secret", "webhook-secret-file")?,
        limits: Limits {
            rooms: sources.read("max-rooms", |text| number(text, 1, 1_000_000))?.unwrap_or(defaults.limits.rooms),
            peers_per_room: sources.read("max-peers-per-room", |text| number(text, 1, 10_000))?.unwrap_or(defaults.limits.peers_per_room),
        },
        fault_injection: sources.switch("fault-injection")?,
    })
}

fn read_listen(sources: &Sources, dev: bool) -> Result<ListenAddress, ConfigError> {
    let listen = sources.read("listen", str::parse::<ListenAddress>)?;
    if !dev {
        return Ok(listen.unwrap_or(Config::default().listen));
    }
    match listen.unwrap_or(ListenAddress::One(([127, 0, 0, 1], 5002).into())) {
        ListenAddress::One(address) if address.ip().is_loopback() => Ok(ListenAddress::One(address)),
        _ => Err(ConfigError::new(&sources.origin("listen"), "with --dev, whose token everybody knows, it must be a loopback address")),
    }
}

fn read_api_token(sources: &Sources, dev: bool) -> Result<Option<Secret>, ConfigError> {
    let given = read_secret(sources, "api-token", "api-token-file")?;
    Ok(given.or_else(|| dev.then(|| Secret("development".to_owned()))))
}

fn read_secret(sources: &Sources, value: &'static str, file: &'static str) -> Result<Option<Secret>, ConfigError> {
    let given = sources.read(value, token)?;
    let filed = sources.read(file, |name| {
        let text = std::fs::read_to_string(name).map_err(|error| format!("cannot read {name}: {error}"))?;
        token(text.trim())
    })?;
    match (given, filed) {
        (Some(_), Some(_)) => Err(ConfigError::new(&sources.origin(file), &format!("give either --{value} or this file, not both"))),
        (given, filed) => Ok(given.or(filed)),
    }
}

fn read_tls(sources: &Sources) -> Result<Tls, ConfigError> {
    let on = sources.read("tls", |text| match text {
        "auto" => Ok(true),
        "off" => Ok(false),
        other => Err(format!("\"{other}\" is neither auto nor off")),
    })?;
    match (sources.read("tls-cert", path)?, sources.read("tls-key", path)?) {
        (Some(_), None) => Err(ConfigError::new(&sources.origin("tls-cert"), "needs --tls-key, too")),
        (None, Some(_)) => Err(ConfigError::new(&sources.origin("tls-key"), "needs --tls-cert, too")),
        (Some(_), Some(_)) if on == Some(false) => Err(ConfigError::new(&sources.origin("tls"), "is off although a certificate is given")),
        (Some(certificate), Some(key)) => {
            check_files(sources, &certificate, &key)?;
            Ok(Tls::Files { certificate, key })
        }
        (None, None) => Ok(if on == Some(false) { Tls::Off } else { Tls::SelfSigned }),
    }
}

/// Proves that certificate and key can be used, so that a wrong file is a wrong value of the option that names it.
fn check_files(sources: &Sources, certificate: &Path, key: &Path) -> Result<(), ConfigError> {
    let Err(error) = ServerTls::from_pem_files(certificate, key) else { return Ok(()) };
    let wrong_key = match &error {
        TlsError::NoKey => true,
        TlsError::Unreadable { path, .. } => path != certificate,
        _ => false,
    };
    let (name, path) = if wrong_key { ("tls-key", key) } else { ("tls-cert", certificate) };
    let message = match error {
        TlsError::Unreadable { .. } => error.to_string(),
        _ => format!("{}: {error}", path.display()),
    };
    Err(ConfigError::new(&sources.origin(name), &message))
}

fn read_log(sources: &Sources) -> Result<Log, ConfigError> {
    let filter = sources.read("log-level", |text| {
        text.parse::<tracing_subscriber::EnvFilter>().map(|_| text.to_owned()).map_err(|_| format!("\"{text}\" is no log level"))
    })?;
    let format = sources.read("log-format", |text| match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        other => Err(format!("\"{other}\" is neither text nor json")),
    })?;
    Ok(Log { filter: filter.unwrap_or_else(|| "info".to_owned()), format: format.unwrap_or(LogFormat::Text) })
}

fn port(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| format!("\"{text}\" is no port between 0 and 65535"))
}

fn number(text: &str, least: usize, most: usize) -> Result<usize, String> {
    let wrong = || format!("\"{text}\" is no number between {least} and {most}");
    text.parse().ok().filter(|number| (least..=most).contains(number)).ok_or_else(wrong)
}

fn path(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() { Err("the path is empty".to_owned()) } else { Ok(text.into()) }
}

fn token(text: &str) -> Result<Secret, String> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("the token is empty or has characters that no HTTP header carries".to_owned());
    }
    Ok(Secret(text.to_owned()))
}

fn host(text: &str) -> Result<String, String> {
    let is_name = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'));
    if is_name || text.parse::<IpAddr>().is_ok() {
        Ok(text.to_owned())
    } else {
        Err(format!("\"{text}\" is neither an IP address nor a name"))
    }
}

/// Where a service keeps its state: given by systemd, or by the XDG base directory specification, else the system's.
fn default_data_dir(environment: &dyn Fn(&str) -> Option<String>) -> PathBuf {
    let set = |name: &str| environment(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(directory) = set("STATE_DIRECTORY") {
        return directory;
    }
    let state = set("XDG_STATE_HOME").or_else(|| set("HOME").map(|home| home.join(".local/state")));
    state.unwrap_or_else(|| PathBuf::from("/var/lib")).join("jellyfish")
}
