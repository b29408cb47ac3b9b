//! The settings that a media server has as a program of its own and within another one. Their help is each program's own.

use crate::settings::{Setting, SettingError, Sources};
use crate::values::{Network, Secret, host, number, port, secret};

/// All of them, by name.
pub const NAMES: [&str; 8] =
    ["media-port", "announce", "workers", "api-token", "api-token-file", "webhook-allow", "webhook-secret", "webhook-secret-file"];

/// UDP port of all media when none is given.
pub const MEDIA_PORT: u16 = 50_000;

/// `--media-port`, for a program's table.
pub const fn media_port_setting(group: &'static str, help: &'static str) -> Setting {
    Setting::one(group, "media-port", "PORT", help)
}

/// `--announce`, for a program's table.
pub const fn announce_setting(group: &'static str, help: &'static str) -> Setting {
    Setting::many(group, "announce", "ADDR", help)
}

/// `--workers`, for a program's table.
pub const fn workers_setting(group: &'static str, help: &'static str) -> Setting {
    Setting::one(group, "workers", "N", help)
}

/// `--api-token`, for a program's table.
pub const fn api_token_setting(group: &'static str, help: &'static str) -> Setting {
    Setting::one(group, "api-token", "TOKEN", help)
}

/// `--api-token-file`, for a program's table.
pub const fn api_token_file_setting(group: &'static str, help: &'static str) -> Setting {
    Setting::one(group, "api-token-file", "FILE", help)
}

/// `--webhook-allow`, for a program's table.
pub const fn webhook_allow_setting(group: &'static str) -> Setting {
    Setting::many(
        group,
        "webhook-allow",
        "CIDR",
        "Network that is not public (loopback, private, link-local) and that webhooks may reach all the same [default: none]",
    )
}

/// `--webhook-secret`, for a program's table.
pub const fn webhook_secret_setting(group: &'static str, help: &'static str) -> Setting {
    Setting::one(group, "webhook-secret", "SECRET", help)
}

/// `--webhook-secret-file`, for a program's table.
pub const fn webhook_secret_file_setting(group: &'static str, help: &'static str) -> Setting {
    Setting::one(group, "webhook-secret-file", "FILE", help)
}

/// Their values.
#[derive(Clone, Debug)]
pub struct MediaServer {
    /// UDP port of all media.
    pub media_port: u16,
    /// Addresses or names that clients are told to send media to; empty: those of the interfaces.
    pub announce: Vec<String>,
    /// Media worker threads; `None`: one for each core.
    pub workers: Option<usize>,
    /// Token of the REST API; `None`: a random one, kept in the data directory.
    pub api_token: Option<Secret>,
    /// Networks that are not public and that webhooks may reach all the same.
    pub webhook_allow: Vec<Network>,
    /// Key of the webhooks' signatures; `None`: a random one, kept in the data directory.
    pub webhook_secret: Option<Secret>,
}

/// Reads the settings.
pub fn read(sources: &Sources) -> Result<MediaServer, SettingError> {
    Ok(MediaServer {
        media_port: sources.read("media-port", port)?.unwrap_or(MEDIA_PORT),
        announce: sources.read_all("announce", host)?.unwrap_or_default(),
        workers: sources.read("workers", |text| number(text, 1, 256))?,
        api_token: secret(sources, "api-token", "api-token-file")?,
        webhook_allow: sources.read_all("webhook-allow", str::parse)?.unwrap_or_default(),
        webhook_secret: secret(sources, "webhook-secret", "webhook-secret-file")?,
    })
}
