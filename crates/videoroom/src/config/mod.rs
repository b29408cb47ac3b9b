//! Configuration: one tree, from flags, environment and file.

mod settings;
mod values;

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::path::PathBuf;

use net::tcp::ListenAddress;
use service::data_dir::platform_directory;
use service::media_server::{self, MediaServer};
use service::settings::Sources;
use service::values::{number, path, secret};
use service::{log, tls};

pub use service::log::{Log, LogFormat};
pub use service::settings::{LoadError, SettingError};
pub use service::tls::Tls;
pub use service::values::{Network, PublicUrl, Secret};
pub use values::BasePath;

use crate::rooms::RoomSettings;
use settings::PROGRAM;

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
    /// What it is started with wherever it runs.
    pub server: MediaServer,
}

/// Reads the configuration. `environment` is that of the process, or a test's.
pub fn load<I, T>(arguments: I, environment: &[(String, String)]) -> Result<Config, LoadError>
where
    I: IntoIterator<Item = T>,
    T: Into<OsString> + Clone,
{
    let sources = Sources::collect(&PROGRAM, arguments, environment)?;
    Ok(read(&sources, environment)?)
}

fn read(sources: &Sources, environment: &[(String, String)]) -> Result<Config, SettingError> {
    let config = Config {
        listen: sources.read("listen", str::parse)?.unwrap_or(ListenAddress::All(8080)),
        tls: tls::read(sources)?,
        public: read_public(sources)?,
        media: read_media(sources)?,
        rooms: RoomSettings { max_peers: sources.read("max-peers", |text| number(text, 1, 10_000))? },
        data_dir: sources.read("data-dir", path)?.unwrap_or_else(|| platform_directory(PROGRAM.name, environment)),
        log: log::read(sources)?,
        remarks: Vec::new(),
    };
    let remarks = remarks(&config, sources);
    Ok(Config { remarks, ..config })
}

fn read_public(sources: &Sources) -> Result<Public, SettingError> {
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

fn read_media(sources: &Sources) -> Result<Media, SettingError> {
    let token = secret(sources, "media-server-token", "media-server-token-file")?;
    let Some(url) = sources.read("media-server", str::parse::<PublicUrl>)? else {
        return Ok(Media::Embedded(Embedded {
            api_listen: sources.read("api-listen", str::parse)?.unwrap_or(ListenAddress::One(([127, 0, 0, 1], 5002).into())),
            metrics_listen: sources.read("metrics-listen", str::parse)?,
            server: media_server::read(sources)?,
        }));
    };
    let token = token.ok_or_else(|| sources.problem("media-server", "--media-server-token or --media-server-token-file is missing"))?;
    Ok(Media::Elsewhere { url, token })
}

fn remarks(config: &Config, sources: &Sources) -> Vec<String> {
    let mut remarks = Vec::new();
    let embedded_only = [&["api-listen", "metrics-listen"], media_server::NAMES.as_slice()].concat();
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
    remarks.extend(tls::remarks(&config.tls, sources));
    remarks.extend(sources.unknown_remarks());
    remarks
}
