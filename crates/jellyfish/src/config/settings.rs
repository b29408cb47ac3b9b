//! All settings. Each is a flag, an environment variable and a key of the file.

use service::settings::{Program, Setting};
use service::{log, media_server, tls};

use super::archived::ALIASES;

const AFTER: &str = "\
Every flag is also an environment variable (--media-port is JELLYFISH_MEDIA_PORT; lists are separated by commas) and a key of
the file given by --config (media_port = 50000). The flag wins over the variable, the variable over the file. An empty variable
counts as unset.

One command starts nothing and takes the same flags: `jellyfish healthcheck …` asks a running server how it is.

Once it serves, it prints `ready: <URL>` on standard output. Open two ports to the world: the TCP port of --listen \
(API and signalling) and the UDP port of --media-port (media).

Examples:
  jellyfish --dev                                   try it on this machine, API token `development`
  jellyfish --announce 203.0.113.7 --public-url https://media.example.org --tls-cert c.pem --tls-key k.pem";

const API: &str = "API and signalling";
const TLS: &str = "Encryption";
const WEBHOOKS: &str = "Webhooks";
const MEDIA: &str = "Media";
const SERVICE: &str = "Service";

/// The program.
pub(super) static PROGRAM: Program = Program {
    name: "jellyfish",
    version: env!("CARGO_PKG_VERSION"),
    about: "Media server: rooms, peers and tracks for meetings, over WebRTC",
    after_help: AFTER,
    prefix: "JELLYFISH_",
    settings: SETTINGS,
    aliases: ALIASES,
};

/// In the order of the help.
const SETTINGS: &[Setting] = &[
    Setting::one(
        API,
        "listen",
        "ADDR:PORT",
        "TCP port of the REST API and of the clients' and back ends' sockets [default: all addresses, 5002]",
    ),
    media_server::media_port_setting(MEDIA, "UDP port of all media, on all addresses, IPv4 and IPv6 [default: 50000]"),
    media_server::announce_setting(
        MEDIA,
        "Address (IP or name) that clients are told to send media to; needed where this machine cannot know its public address, for example behind a router [default: detected]",
    ),
    Setting::one(
        API,
        "public-url",
        "URL",
        "Address under which clients reach the TCP port, for example https://media.example.org [default: from --listen]",
    ),
    media_server::api_token_setting(
        API,
        "Bearer token of the REST API and of back ends' sockets [default: random, kept in the data directory]",
    ),
    media_server::api_token_file_setting(API, "File that holds the API token"),
    Setting::one(
        API,
        "token-secret",
        "SECRET",
        "Key that signs clients' tokens, to be the same on servers that take over from each other [default: random, kept in the data directory]",
    ),
    Setting::one(API, "token-secret-file", "FILE", "File that holds the key of clients' tokens"),
    Setting::one(
        SERVICE,
        "data-dir",
        "DIR",
        "Directory for secrets and certificates, readable by the owner only [default: the platform's state directory]",
    ),
    Setting::one(
        TLS,
        "tls",
        "auto|off",
        "auto: the TCP port speaks HTTP and HTTPS, with the given certificate or a self-signed one; off: HTTP only [default: auto]",
    ),
    tls::certificate_setting(TLS),
    tls::key_setting(TLS),
    tls::domain_setting(TLS),
    tls::email_setting(TLS),
    tls::staging_setting(TLS),
    tls::directory_setting(TLS),
    tls::ca_file_setting(TLS),
    Setting::many(API, "trusted-proxy", "CIDR", "Network of proxies whose X-Forwarded-… and Forwarded headers count [default: loopback]"),
    media_server::webhook_allow_setting(WEBHOOKS),
    media_server::webhook_secret_setting(WEBHOOKS, "Key of the webhooks' signatures [default: random, kept in the data directory]"),
    media_server::webhook_secret_file_setting(WEBHOOKS, "File that holds the key of the webhooks' signatures"),
    Setting::one(MEDIA, "webrtc", "on|off", "off: no peers can be added; who asks for one is answered with 400 [default: on]"),
    media_server::workers_setting(MEDIA, "Media worker threads [default: one per core]"),
    Setting::one(SERVICE, "metrics-listen", "ADDR:PORT", "TCP port of the Prometheus metrics, or off [default: 127.0.0.1:9568]"),
    Setting::one(MEDIA, "max-rooms", "N", "Most rooms at once; beyond it creation is answered with 503 [default: 10000]"),
    Setting::one(MEDIA, "max-peers-per-room", "N", "Most peers of one room; beyond it addition is answered with 503 [default: 500]"),
    log::level_setting(SERVICE),
    log::format_setting(SERVICE),
    Setting::one(SERVICE, "config", "FILE", "TOML file with the same options: the flags' names with _ instead of -"),
    Setting::switch(SERVICE, "dev", "For development: the API token is `development`, and only this machine is served"),
    Setting::switch(SERVICE, "fault-injection", "For tests: back ends may break rooms and peers on purpose").hide(),
];
