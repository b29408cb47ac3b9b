//! Configuration: one tree, from flags, environment and file.

mod help;
mod settings;
mod sources;
mod values;

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use net::tcp::{ListenAddress, ServerTls, TlsError};
use tracing_subscriber::EnvFilter;

pub use values::{BasePath, Network, PublicUrl, Secret};

use crate::rooms::RoomSettings;
use sources::Sources;

/// Everything the product is started with.
#[derive(Clone, Debug)]
pub struct Config {
    /// The public TCP port.
    pub listen: ListenAddress,
    /// Encryption of the public port.
    pub tls: Tls,
    /// How the world reaches the public port.
    pub public: Public,
    /// The media server.
    pub media: Media,
    /// What rooms are created with.
    pub rooms: RoomSettings,
    /// Where secrets and certificates are kept.
    pub data_dir: PathBuf,
    /// Logging.
    pub log: Log,
    /// Sentences about settings that have no effect, or that look like mistakes.
    pub remarks: Vec<String>,
}

/// Encryption of the public port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tls {
    /// HTTP only.
    Off,
    /// HTTP and HTTPS with a self-signed certificate, kept in the data directory.
    SelfSigned,
    /// HTTP and HTTPS with this certificate.
    Files {
        /// Certificate chain, PEM.
        certificate: PathBuf,
        /// Private key, PEM.
        key: PathBuf,
    },
}

/// How the world reaches the public port.
#[derive(Clone, Debug)]
pub struct Public {
    /// The address that links carry; without it that of each request.
    pub url: Option<PublicUrl>,
    /// The path that everything public is below.
    pub base_path: BasePath,
    /// Proxies whose forwarding headers count.
    pub trusted_proxies: Vec<Network>,
    /// Sources of the `frame-ancestors` directive (Content Security Policy level 3, section 6.4.2).
    pub frame_ancestors: String,
}

/// The media server.
#[derive(Clone, Debug)]
pub enum Media {
    /// In this process.
    Embedded(Embedded),
    /// Somewhere else.
    Elsewhere {
        /// Address of its REST interface.
        url: PublicUrl,
        /// Its API token.
        token: Secret,
    },
}

/// The embedded media server.
#[derive(Clone, Debug)]
pub struct Embedded {
    /// TCP port of its REST interface and notifications.
    pub api_listen: ListenAddress,
    /// TCP port of its Prometheus metrics; `None`: they are served on [`Embedded::api_listen`].
    pub metrics_listen: Option<ListenAddress>,
    /// Its API token; `None`: a random one, kept in the data directory.
    pub api_token: Option<Secret>,
    /// UDP port of all media.
    pub media_port: u16,
    /// Addresses or names that clients are told to send media to; empty: those of the interfaces.
    pub announce: Vec<String>,
    /// Media worker threads; `None`: one for each core.
    pub workers: Option<usize>,
    /// Networks that are not public and that webhooks may reach all the same.
    pub webhook_allow: Vec<Network>,
    /// Key of the webhooks' signatures; `None`: a random one, kept in the data directory.
    pub webhook_secret: Option<Secret>,
}

/// Form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Logging.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// A level, or filters as `tracing-subscriber` reads them.
    pub filter: String,
    /// Its form.
    pub format: LogFormat,
}

/// A setting has a value that it cannot have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{origin}: {message}")]
pub struct ConfigError {
    /// The flag, variable or key.
    pub origin: String,
    /// What is wrong with it.
    pub message: String,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A wrong value.
    #[error(transparent)]
    Value(#[from] ConfigError),
    /// The command line is wrong, or asks for help or the version.
    #[error(transparent)]
    CommandLine(#[from] clap::Error),
}

/// Reads the configuration. `environment` is that of the process, or a test's.
pub fn load<I, T>(arguments: I, environment: &[(String, String)]) -> Result<Config, LoadError>
where
    I: IntoIterator<Item = T>,
    T: Into<OsString> + Clone,
{
    let sources = Sources::collect(arguments, environment)?;
    Ok(read(&sources, environment)?)
}

fn read(sources: &Sources, environment: &[(String, String)]) -> Result<Config, ConfigError> {
    let data_dir = match sources.read("data-dir", non_empty)? {
        Some(path) => PathBuf::from(path),
        None => default_data_dir(environment),
    };
    let config = Config {
        listen: sources.read("listen", str::parse)?.unwrap_or(ListenAddress::All(8080)),
        tls: read_tls(sources)?,
        public: read_public(sources)?,
        media: read_media(sources)?,
        rooms: RoomSettings { max_peers: sources.read("max-peers", |text| values::number(text, 1, 10_000))? },
        data_dir,
        log: read_log(sources)?,
        remarks: Vec::new(),
    };
    let remarks = remarks(&config, sources);
    Ok(Config { remarks, ..config })
}

fn read_tls(sources: &Sources) -> Result<Tls, ConfigError> {
    let on = sources.read("tls", |text| values::choice(text, &[("auto", true), ("off", false)]))?;
    match (sources.read("tls-cert", non_empty)?, sources.read("tls-key", non_empty)?) {
        (Some(_), None) => Err(sources.problem("tls-cert", "--tls-key, the certificate's private key, is missing")),
        (None, Some(_)) => Err(sources.problem("tls-key", "--tls-cert, the key's certificate, is missing")),
        (Some(_), Some(_)) if on == Some(false) => {
            Err(sources.problem("tls", "it is off although --tls-cert is given; leave one of them out"))
        }
        (Some(certificate), Some(key)) => {
            let (certificate, key) = (PathBuf::from(certificate), PathBuf::from(key));
            check_files(sources, &certificate, &key)?;
            Ok(Tls::Files { certificate, key })
        }
        (None, None) => Ok(if on == Some(false) { Tls::Off } else { Tls::SelfSigned }),
    }
}

/// Proves that certificate and key can be used, so that a wrong file is a wrong value of the setting that names it.
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
    Err(sources.problem(name, &message))
}

fn read_public(sources: &Sources) -> Result<Public, ConfigError> {
    let frame_ancestors = sources.read_all("frame-ancestors", values::frame_ancestor)?.unwrap_or_default();
    if frame_ancestors.len() > 1 && frame_ancestors.iter().any(|source| source == "'none'") {
        return Err(sources.problem("frame-ancestors", "\"none\" stands alone"));
    }
    Ok(Public {
        url: sources.read("public-url", str::parse)?,
        base_path: sources.read("base-path", str::parse)?.unwrap_or_default(),
        trusted_proxies: sources.read_all("trusted-proxy", str::parse)?.unwrap_or_else(Network::loopback),
        frame_ancestors: if frame_ancestors.is_empty() { "'none'".to_owned() } else { frame_ancestors.join(" ") },
    })
}

fn read_media(sources: &Sources) -> Result<Media, ConfigError> {
    let token = read_secret(sources, "media-server-token", "media-server-token-file")?;
    let Some(url) = sources.read("media-server", str::parse::<PublicUrl>)? else {
        return Ok(Media::Embedded(Embedded {
            api_listen: sources.read("api-listen", str::parse)?.unwrap_or(ListenAddress::One(([127, 0, 0, 1], 5002).into())),
            metrics_listen: sources.read("metrics-listen", str::parse)?,
            api_token: read_secret(sources, "api-token", "api-token-file")?,
            media_port: sources.read("media-port", values::port)?.unwrap_or(50_000),
            announce: sources.read_all("announce", values::host)?.unwrap_or_default(),
            workers: sources.read("workers", |text| values::number(text, 1, 256))?.map(|number| number as usize),
            webhook_allow: sources.read_all("webhook-allow", str::parse)?.unwrap_or_default(),
            webhook_secret: read_secret(sources, "webhook-secret", "webhook-secret-file")?,
        }));
    };
    let token = token.ok_or_else(|| sources.problem("media-server", "--media-server-token or --media-server-token-file is missing"))?;
    Ok(Media::Elsewhere { url, token })
}

fn read_secret(sources: &Sources, value: &'static str, file: &'static str) -> Result<Option<Secret>, ConfigError> {
    let given = sources.read(value, str::parse)?;
    let filed = sources.read(file, |name| {
        let text = std::fs::read_to_string(name).map_err(|error| format!("cannot read {name}: {error}"))?;
        text.trim().parse::<Secret>().map_err(|error| format!("{name}: {error}"))
    })?;
    match (given, filed) {
        (Some(_), Some(_)) => Err(sources.problem(file, &format!("--{value} is given too; leave one of them out"))),
        (given, filed) => Ok(given.or(filed)),
    }
}

fn read_log(sources: &Sources) -> Result<Log, ConfigError> {
    let filter = sources.read("log-level", |text| match text.parse::<EnvFilter>() {
        Ok(_) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(format!("\"{text}\" is none of error, warn, info, debug, trace")),
    })?;
    let format = sources.read("log-format", |text| values::choice(text, &[("text", LogFormat::Text), ("json", LogFormat::Json)]))?;
    Ok(Log { filter: filter.unwrap_or_else(|| "info".to_owned()), format: format.unwrap_or(LogFormat::Text) })
}

fn remarks(config: &Config, sources: &Sources) -> Vec<String> {
    let mut remarks = Vec::new();
    let embedded_only = [
        "api-listen",
        "metrics-listen",
        "api-token",
        "api-token-file",
        "media-port",
        "announce",
        "workers",
        "webhook-allow",
        "webhook-secret",
        "webhook-secret-file",
    ];
    let elsewhere_only = ["media-server-token", "media-server-token-file"];
    let (idle, why) = match config.media {
        Media::Elsewhere { .. } => (embedded_only.as_slice(), "with --media-server no media server is started here"),
        Media::Embedded(_) => (elsewhere_only.as_slice(), "without --media-server the embedded media server is used"),
    };
    remarks.extend(idle.iter().filter_map(|name| sources.given(name)).map(|origin| format!("{origin} has no effect: {why}")));
    if let Media::Elsewhere { url, .. } = &config.media
        && !url.is_https()
        && (config.tls != Tls::Off || config.public.url.as_ref().is_some_and(PublicUrl::is_https))
    {
        remarks.push(format!(
            "the media server's address {url} is plain http: browsers do not connect to it from an https page, unless the media server has an https --public-url"
        ));
    }
    remarks
        .extend(sources.unknown_variables().iter().map(|name| format!("the environment variable {name} is not one of ours; see --help")));
    remarks
}

fn non_empty(text: &str) -> Result<String, String> {
    if text.is_empty() { Err("it is empty".to_owned()) } else { Ok(text.to_owned()) }
}

/// The platform's state directory: systemd's, that of the XDG Base Directory Specification, or the system's for root.
fn default_data_dir(environment: &[(String, String)]) -> PathBuf {
    let get = |name: &str| environment.iter().find(|(known, value)| known == name && !value.is_empty()).map(|(_, value)| value);
    if let Some(directory) = get("STATE_DIRECTORY").and_then(|list| list.split(':').next()) {
        return PathBuf::from(directory);
    }
    let state = get("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let state = state.or_else(|| get("HOME").map(|home| Path::new(home).join(".local/state")));
    state.map_or_else(|| PathBuf::from("/var/lib/videoroom"), |state| state.join("videoroom"))
}
