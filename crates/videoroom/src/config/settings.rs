//! All settings. Each is a flag, an environment variable and a key of the file.

use service::settings::{Aliases, Program, Setting};
use service::{log, media_server, tls};

const ABOUT: &str = "Self-hosted video meetings: open a link, type a name, talk.";

const AFTER: &str = "\
Every flag is also an environment variable (--media-port is VIDEOROOM_MEDIA_PORT; lists are separated by commas) and a key of
the file given by --config (media_port = 50000). The flag wins over the variable, the variable over the file. An empty variable
counts as unset.

Once it serves, the last line on standard output is `ready: <URL>`. Exit status: 0 after SIGTERM or SIGINT, 2 for a wrong
setting, 1 for anything else that keeps it from running.

Two commands start nothing and take the same flags: `videoroom doctor …` says what will not work on this machine, and the cure;
`videoroom healthcheck …` asks a running server how it is.

Open to the world: the TCP port of --listen and the UDP port of --media-port.

Examples:
  videoroom                                      try it here and on the local network
  videoroom --announce 203.0.113.7 --tls-domain meet.example.org --listen 443
                                                 on the internet, with a certificate by Let's Encrypt
  videoroom --tls off --public-url https://meet.example.org --announce 203.0.113.7
                                                 behind a proxy on the same machine that speaks HTTPS
  videoroom --media-server https://media.example.org --media-server-token-file token
                                                 page and join API only";

const PUBLIC: &str = "The public port: page, join API, signalling";
const TLS: &str = "Encryption";
const PROXY: &str = "Behind a proxy";
const MEDIA: &str = "Media";
const API: &str = "The embedded media server's API, for other programs on this machine";
const SPLIT: &str = "A media server elsewhere";
const SERVICE: &str = "Service";

/// The program.
pub(super) static PROGRAM: Program = Program {
    name: "videoroom",
    version: env!("CARGO_PKG_VERSION"),
    about: ABOUT,
    after_help: AFTER,
    prefix: "VIDEOROOM_",
    settings: SETTINGS,
    aliases: Aliases::NONE,
};

/// In the order of the help.
const SETTINGS: &[Setting] = &[
    Setting::one(PUBLIC, "listen", "ADDR:PORT", "TCP port for browsers; a port alone means all addresses [default: 8080]"),
    Setting::one(
        PUBLIC,
        "public-url",
        "URL",
        "Address under which people reach the page, when it is not the one they typed: https://meet.example.org [default: that of each request]",
    ),
    Setting::one(PUBLIC, "max-peers", "N", "Most people in a room [default: no limit but the media server's]"),
    Setting::many(
        PUBLIC,
        "frame-ancestors",
        "ORIGIN",
        "Sites that may show the page in a frame: https://intranet.example.org, self, or none [default: none]",
    ),
    Setting::one(
        TLS,
        "tls",
        "auto|off",
        "auto: the public port speaks HTTP and HTTPS, with the certificate below or a self-signed one; browsers on other machines are sent to \
         HTTPS, because they give camera and microphone to nothing else. off: HTTP only, for a proxy in front [default: auto]",
    ),
    tls::certificate_setting(TLS),
    tls::key_setting(TLS),
    tls::domain_setting(TLS),
    tls::email_setting(TLS),
    tls::staging_setting(TLS),
    tls::directory_setting(TLS),
    tls::ca_file_setting(TLS),
    Setting::many(
        PROXY,
        "trusted-proxy",
        "CIDR",
        "Proxies whose X-Forwarded-For, -Proto, -Host and Forwarded headers count [default: loopback]",
    ),
    Setting::one(PROXY, "base-path", "PATH", "Everything public is below this path [default: /]"),
    media_server::media_port_setting(MEDIA, "UDP port for sound and picture; open it to the world [default: 50000]"),
    media_server::announce_setting(
        MEDIA,
        "Address or name that browsers send media to; needed behind NAT and in containers [default: this machine's addresses]",
    ),
    media_server::workers_setting(MEDIA, "Media worker threads [default: one for each core]"),
    Setting::one(
        API,
        "api-listen",
        "ADDR:PORT",
        "TCP port of its REST API, notifications and metrics; keep it private [default: 127.0.0.1:5002]",
    ),
    Setting::one(
        API,
        "metrics-listen",
        "ADDR:PORT",
        "TCP port of its Prometheus metrics, at /metrics; keep it private [default: that of --api-listen]",
    ),
    media_server::api_token_setting(API, "Bearer token of the API [default: a random one, kept in the data directory]"),
    media_server::api_token_file_setting(API, "File that holds the token"),
    media_server::webhook_allow_setting(API),
    media_server::webhook_secret_setting(API, "Key of the webhooks' signatures [default: a random one, kept in the data directory]"),
    media_server::webhook_secret_file_setting(API, "File that holds the key"),
    Setting::one(SPLIT, "media-server", "URL", "Use the media server at this address; none is started here"),
    Setting::one(SPLIT, "media-server-token", "TOKEN", "Its API token"),
    Setting::one(SPLIT, "media-server-token-file", "FILE", "File that holds its API token"),
    Setting::one(
        SERVICE,
        "data-dir",
        "DIR",
        "Secrets and certificates, readable by the owner only [default: ~/.local/state/videoroom, or systemd's state directory]",
    ),
    log::level_setting(SERVICE),
    log::format_setting(SERVICE),
    Setting::one(SERVICE, "config", "FILE", "TOML file with settings: keys are the names of the flags with _ for -"),
];
