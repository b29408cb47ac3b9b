//! All settings. Each is a flag, an environment variable and a key of the file.

/// One setting.
pub(super) struct Setting {
    /// The flag without dashes.
    pub(super) name: &'static str,
    /// What stands for the value in the help.
    pub(super) value: &'static str,
    /// May be given more than once; a variable holds a list with commas, the file an array.
    pub(super) many: bool,
    /// Heading in the help.
    pub(super) group: &'static str,
    /// What it does, and its default.
    pub(super) help: &'static str,
}

const fn one(group: &'static str, name: &'static str, value: &'static str, help: &'static str) -> Setting {
    Setting { name, value, many: false, group, help }
}

const fn many(group: &'static str, name: &'static str, value: &'static str, help: &'static str) -> Setting {
    Setting { name, value, many: true, group, help }
}

const PUBLIC: &str = "The public port: page, join API, signalling";
const TLS: &str = "Encryption";
const PROXY: &str = "Behind a proxy";
const MEDIA: &str = "Media";
const API: &str = "The embedded media server's API, for other programs on this machine";
const SPLIT: &str = "A media server elsewhere";
const SERVICE: &str = "Service";

/// In the order of the help.
pub(super) const SETTINGS: &[Setting] = &[
    one(PUBLIC, "listen", "ADDR:PORT", "TCP port for browsers; a port alone means all addresses [default: 8080]"),
    one(
        PUBLIC,
        "public-url",
        "URL",
        "Address under which people reach the page, when it is not the one they typed: https://meet.example.org [default: that of each request]",
    ),
    one(PUBLIC, "max-peers", "N", "Most people in a room [default: no limit but the media server's]"),
    many(
        PUBLIC,
        "frame-ancestors",
        "ORIGIN",
        "Sites that may show the page in a frame: https://intranet.example.org, self, or none [default: none]",
    ),
    one(
        TLS,
        "tls",
        "auto|off",
        "auto: the public port speaks HTTP and HTTPS, with the certificate below or a self-signed one; browsers on other machines are sent to \
         HTTPS, because they give camera and microphone to nothing else. off: HTTP only, for a proxy in front [default: auto]",
    ),
    one(TLS, "tls-cert", "FILE", "Certificate chain, PEM"),
    one(TLS, "tls-key", "FILE", "Private key of the certificate, PEM"),
    many(PROXY, "trusted-proxy", "CIDR", "Proxies whose X-Forwarded-For, -Proto, -Host and Forwarded headers count [default: loopback]"),
    one(PROXY, "base-path", "PATH", "Everything public is below this path [default: /]"),
    one(MEDIA, "media-port", "PORT", "UDP port for sound and picture; open it to the world [default: 50000]"),
    many(
        MEDIA,
        "announce",
        "ADDR",
        "Address or name that browsers send media to; needed behind NAT and in containers [default: this machine's addresses]",
    ),
    one(MEDIA, "workers", "N", "Media worker threads [default: one for each core]"),
    one(API, "api-listen", "ADDR:PORT", "TCP port of its REST API, notifications and metrics; keep it private [default: 127.0.0.1:5002]"),
    one(
        API,
        "metrics-listen",
        "ADDR:PORT",
        "TCP port of its Prometheus metrics, at /metrics; keep it private [default: that of --api-listen]",
    ),
    one(API, "api-token", "TOKEN", "Bearer token of the API [default: a random one, kept in the data directory]"),
    one(API, "api-token-file", "FILE", "File that holds the token"),
    many(
        API,
        "webhook-allow",
        "CIDR",
        "Network that is not public (loopback, private, link-local) and that webhooks may reach all the same [default: none]",
    ),
    one(API, "webhook-secret", "SECRET", "Key of the webhooks' signatures [default: a random one, kept in the data directory]"),
    one(API, "webhook-secret-file", "FILE", "File that holds the key"),
    one(SPLIT, "media-server", "URL", "Use the media server at this address; none is started here"),
    one(SPLIT, "media-server-token", "TOKEN", "Its API token"),
    one(SPLIT, "media-server-token-file", "FILE", "File that holds its API token"),
    one(
        SERVICE,
        "data-dir",
        "DIR",
        "Secrets and certificates, readable by the owner only [default: ~/.local/state/videoroom, or systemd's state directory]",
    ),
    one(SERVICE, "log-level", "LEVEL", "error, warn, info, debug or trace, or filters such as info,videoroom=debug [default: info]"),
    one(SERVICE, "log-format", "text|json", "Form of the log, which goes to standard error [default: text]"),
    one(SERVICE, "config", "FILE", "TOML file with settings: keys are the names of the flags with _ for -"),
];

/// The environment variable of a setting.
pub(super) fn variable(name: &str) -> String {
    format!("{VARIABLE_PREFIX}{}", name.to_uppercase().replace('-', "_"))
}

/// What our variables begin with.
pub(super) const VARIABLE_PREFIX: &str = "VIDEOROOM_";
