//! The one table of options: flags, environment variables and file keys are made from it.

/// An option.
pub(super) struct Spec {
    /// Name of the flag without dashes. The variable is `JELLYFISH_` and the name in upper case, the key the name, both with `_`.
    pub(super) name: &'static str,
    /// What the help calls its value; empty for a switch.
    pub(super) value: &'static str,
    /// May be given more than once; in a variable separated by commas, in the file as an array.
    pub(super) many: bool,
    /// Not shown in the help.
    pub(super) hidden: bool,
    /// Help.
    pub(super) help: &'static str,
}

const fn one(name: &'static str, value: &'static str, help: &'static str) -> Spec {
    Spec { name, value, many: false, hidden: false, help }
}

const fn many(name: &'static str, value: &'static str, help: &'static str) -> Spec {
    Spec { name, value, many: true, hidden: false, help }
}

/// All options.
pub(super) const OPTIONS: &[Spec] = &[
    one("listen", "ADDR:PORT", "TCP port of the REST API and of the clients' and back ends' sockets [default: all addresses, 5002]"),
    one("media-port", "PORT", "UDP port of all media, on all addresses, IPv4 and IPv6 [default: 50000]"),
    many(
        "announce",
        "ADDR",
        "Address (IP or name) that clients are told to send media to; needed where this machine cannot know its public address, for example behind a router [default: detected]",
    ),
    one(
        "public-url",
        "URL",
        "Address under which clients reach the TCP port, for example https://media.example.org [default: from --listen]",
    ),
    one("api-token", "TOKEN", "Bearer token of the REST API and of back ends' sockets [default: random, kept in the data directory]"),
    one("api-token-file", "FILE", "File that holds the API token"),
    one("data-dir", "DIR", "Directory for secrets and certificates, readable by the owner only [default: the platform's state directory]"),
    one(
        "tls",
        "auto|off",
        "auto: the TCP port speaks HTTP and HTTPS, with the given certificate or a self-signed one; off: HTTP only [default: auto]",
    ),
    one("tls-cert", "FILE", "Certificate chain, PEM; together with --tls-key"),
    one("tls-key", "FILE", "Private key, PEM; together with --tls-cert"),
    many("trusted-proxy", "CIDR", "Network of proxies whose X-Forwarded-… and Forwarded headers count [default: loopback]"),
    many(
        "webhook-allow",
        "CIDR",
        "Network that is not public (loopback, private, link-local) and that webhooks may reach all the same [default: none]",
    ),
    one("webhook-secret", "SECRET", "Key of the webhooks' signatures [default: random, kept in the data directory]"),
    one("webhook-secret-file", "FILE", "File that holds the key of the webhooks' signatures"),
    one("workers", "N", "Media worker threads [default: one per core]"),
    one("metrics-listen", "ADDR:PORT", "TCP port of the Prometheus metrics, or off [default: 127.0.0.1:9568]"),
    one("max-rooms", "N", "Most rooms at once; beyond it creation is answered with 503 [default: 10000]"),
    one("max-peers-per-room", "N", "Most peers of one room; beyond it addition is answered with 503 [default: 500]"),
    one("log-level", "LEVEL", "error, warn, info, debug, trace, or filters such as info,sfu=debug [default: info]"),
    one("log-format", "text|json", "Form of the log on standard error [default: text]"),
    one("config", "FILE", "TOML file with the same options: the flags' names with _ instead of -"),
    one("dev", "", "For development: the API token is `development`, and only this machine is served"),
    Spec {
        name: "fault-injection",
        value: "",
        many: false,
        hidden: true,
        help: "For tests: back ends may break rooms and peers on purpose",
    },
];
