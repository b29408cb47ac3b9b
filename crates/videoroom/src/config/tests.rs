#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::Debug;

use net::tcp::ServerTls;
use std::path::Path;

use super::*;

/// Loads as the program does: flags in one line, variables as `NAME=value`.
fn load_with(flags: &str, variables: &[&str]) -> Result<Config, LoadError> {
    let environment: Vec<_> =
        variables.iter().map(|pair| pair.split_once('=').unwrap()).map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
    load(std::iter::once("videoroom").chain(flags.split_whitespace()), &environment)
}

fn good(flags: &str, variables: &[&str]) -> Config {
    load_with(flags, variables).unwrap()
}

fn error(flags: &str, variables: &[&str]) -> String {
    load_with(flags, variables).unwrap_err().to_string()
}

fn embedded(config: Config) -> Embedded {
    match config.media {
        Media::Embedded(embedded) => embedded,
        Media::Elsewhere { .. } => panic!("elsewhere"),
    }
}

/// A configuration file that goes away with the test.
struct File(PathBuf);

impl File {
    fn new(name: &str, text: &str) -> Self {
        let path = std::env::temp_dir().join(format!("videoroom-config-{}-{name}.toml", std::process::id()));
        std::fs::write(&path, text).unwrap();
        Self(path)
    }

    fn flag(&self) -> String {
        format!("--config {}", self.0.display())
    }
}

impl Drop for File {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).unwrap();
    }
}

#[test]
fn the_defaults_are_those_of_the_contract() {
    let config = good("", &["HOME=/home/ana"]);
    assert_eq!(config.listen, ListenAddress::All(8080));
    assert_eq!(config.tls, Tls::SelfSigned);
    assert_eq!(config.public.frame_ancestors, "'none'");
    assert_eq!(config.public.base_path.as_str(), "/");
    assert_eq!(config.data_dir, Path::new("/home/ana/.local/state/videoroom"));
    assert_eq!(config.log, Log { filter: "info".into(), format: LogFormat::Text });
    assert!(config.public.trusted_proxies.iter().any(|network| network.contains([127, 0, 0, 9].into())));
    assert!(config.remarks.is_empty());
    let media = embedded(config);
    assert_eq!(media.api_listen.to_string(), "127.0.0.1:5002");
    assert_eq!(media.metrics_listen, None, "beside the API");
    assert_eq!((media.server.media_port, media.server.announce.len(), media.server.workers), (50_000, 0, None));
}

#[test]
fn flags_win_over_variables_and_those_over_the_file() {
    let file = File::new("order", "media_port = 1\nworkers = 1\nlisten = \"1\"\ntrusted_proxy = [\"10.0.0.0/8\", \"fd00::/8\"]\n");
    let config = good(&format!("--media-port 3 {}", file.flag()), &["VIDEOROOM_MEDIA_PORT=2", "VIDEOROOM_WORKERS=2"]);
    assert_eq!(config.listen, ListenAddress::All(1));
    assert_eq!(config.public.trusted_proxies.len(), 2);
    let media = embedded(config);
    assert_eq!((media.server.media_port, media.server.workers), (3, Some(2)));
}

#[test]
fn the_last_of_equal_flags_counts_and_lists_grow() {
    let config = good("--media-port 1 --trusted-proxy 10.0.0.0/8 --media-port 2 --trusted-proxy fd00::/8", &[]);
    assert_eq!(config.public.trusted_proxies.len(), 2);
    assert_eq!(embedded(config).server.media_port, 2);
    let config = good("", &["VIDEOROOM_ANNOUNCE=203.0.113.7, media.example"]);
    assert_eq!(embedded(config).server.announce, ["203.0.113.7", "media.example"]);
}

/// A directory with `self-signed.pem`, which holds certificate and key.
fn pem() -> (tempfile::TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    ServerTls::self_signed(directory.path(), &["localhost".to_owned()]).unwrap();
    let path = directory.path().join("self-signed.pem").to_str().unwrap().to_owned();
    (directory, path)
}

#[test]
fn a_certificate_that_cannot_be_used_names_its_place() {
    let (directory, good) = pem();
    let garbage = directory.path().join("garbage.pem").to_str().unwrap().to_owned();
    std::fs::write(&garbage, "garbage").unwrap();
    for (certificate, key, expected) in [
        ("/nowhere.pem", good.as_str(), "--tls-cert: cannot read /nowhere.pem: "),
        (&good, "/nowhere.pem", "--tls-key: cannot read /nowhere.pem: "),
        (&garbage, &good, &format!("--tls-cert: {garbage}: no certificate")),
        (&good, &garbage, &format!("--tls-key: {garbage}: no private key")),
    ] {
        let error = error(&format!("--tls-cert {certificate} --tls-key {key}"), &[]);
        assert!(error.starts_with(expected), "{error}");
    }
    let variable = error(&format!("--tls-key {good}"), &[&format!("VIDEOROOM_TLS_CERT={garbage}")]);
    assert!(variable.starts_with("VIDEOROOM_TLS_CERT: "), "{variable}");
}

#[test]
fn every_setting_is_read_from_everywhere() {
    let (_directory, pem) = pem();
    let values = |name: &str| match name {
        "tls-cert" | "tls-key" => pem.as_str(),
        "listen" | "api-listen" | "metrics-listen" => "127.0.0.1:7",
        "public-url" | "media-server" | "frame-ancestors" | "acme-directory" => "https://a.example",
        "acme-staging" => "true",
        "acme-email" => "a@b.example",
        "tls" => "off",
        "trusted-proxy" | "webhook-allow" => "10.0.0.0/8",
        "base-path" => "/meet",
        "log-format" => "json",
        "log-level" => "debug",
        "announce" => "203.0.113.7",
        "media-port" | "workers" | "max-peers" => "7",
        _ => "x",
    };
    // What one setting needs beside it.
    let beside = |name: &str| match name {
        "tls-cert" => format!("--tls-key {pem}"),
        "tls-key" => format!("--tls-cert {pem}"),
        "media-server" => "--media-server-token x".to_owned(),
        name if name.starts_with("acme-") => "--tls-domain a.example".to_owned(),
        _ => String::new(),
    };
    for setting in PROGRAM.settings.iter().filter(|setting| !setting.name.ends_with("-file") && setting.name != "config") {
        let (name, value, beside) = (setting.name, values(setting.name), beside(setting.name));
        let shown = |config: Config| format!("{:?}", Config { remarks: Vec::new(), ..config });
        let given = if setting.value.is_empty() { String::new() } else { value.to_owned() };
        let flag = shown(good(&format!("--{name} {given} {beside}"), &[]));
        let from_variable = shown(good(&beside, &[&format!("{}={value}", PROGRAM.variable(name))]));
        let file = File::new(name, &format!("{} = \"{value}\"\n", name.replace('-', "_")));
        let from_file = shown(good(&format!("{} {beside}", file.flag()), &[]));
        assert_eq!((&flag, &flag), (&from_variable, &from_file), "{name}");
        if (beside.is_empty() || name.starts_with("acme-")) && !name.contains("token") {
            assert_ne!(flag, shown(good(&beside, &[])), "--{name} does nothing");
        }
    }
}

#[test]
fn empty_variables_count_as_unset() {
    let empty: Vec<String> = PROGRAM.settings.iter().map(|setting| format!("{}=", PROGRAM.variable(setting.name))).collect();
    let empty: Vec<&str> = empty.iter().map(String::as_str).chain(["VIDEOROOM_UNKNOWN="]).collect();
    let file = File::new("empty-variables", "media_port = 1\n");
    let config = good(&file.flag(), &empty);
    assert_eq!(format!("{config:?}"), format!("{:?}", good(&file.flag(), &[])));
    assert_eq!(embedded(config).server.media_port, 1, "the file counts");
}

#[test]
fn a_wrong_value_names_its_place() {
    for (flags, variables, expected) in [
        ("--listen nowhere", &[] as &[&str], "--listen: \"nowhere\" is not ADDR:PORT or PORT"),
        ("", &["VIDEOROOM_MEDIA_PORT=70000"], "VIDEOROOM_MEDIA_PORT: \"70000\" is no port from 0 to 65535"),
        ("--workers 0", &[], "--workers: \"0\" is no number from 1 to 256"),
        ("--tls on", &[], "--tls: \"on\" is not one of: auto, off"),
        ("--tls-cert x", &[], "--tls-cert: --tls-key, the certificate's private key, is missing"),
        ("--tls off --tls-cert x --tls-key x", &[], "--tls: it is off although --tls-cert is given; leave one of them out"),
        ("--trusted-proxy 10.0.0.0/40", &[], "--trusted-proxy: \"10.0.0.0/40\" is neither an address nor a range such as 10.0.0.0/8"),
        ("--public-url meet.example.org", &[], "--public-url: \"meet.example.org\" is no address such as https://meet.example.org"),
        ("--base-path meet", &[], "--base-path: \"meet\" is no path such as /meet"),
        ("--announce a;b", &[], "--announce: \"a;b\" is neither an IP address nor a host name"),
        ("--media-server http://a", &[], "--media-server: --media-server-token or --media-server-token-file is missing"),
        ("--api-token a --api-token-file b", &[], "--api-token-file: cannot read b: No such file or directory (os error 2)"),
        ("--log-format xml", &[], "--log-format: \"xml\" is not one of: text, json"),
        ("--log-level", &["VIDEOROOM_X=1"], "a value is required for '--log-level <LEVEL>'"),
        ("", &["VIDEOROOM_LOG_LEVEL=loud=quiet"], "VIDEOROOM_LOG_LEVEL: \"loud=quiet\" is none of error, warn, info, debug, trace"),
        ("--frame-ancestors *;script-src", &[], "--frame-ancestors: \"*;script-src\" is neither none, self, nor an origin"),
        ("--config /nowhere.toml", &[], "--config: cannot read /nowhere.toml: No such file or directory (os error 2)"),
        ("", &["VIDEOROOM_CONFIG=/nowhere.toml"], "VIDEOROOM_CONFIG: cannot read /nowhere.toml"),
        ("--no-such-flag", &[], "unexpected argument '--no-such-flag'"),
    ] {
        let error = error(flags, variables);
        assert!(error.contains(expected), "{flags} {variables:?}: {error}");
    }
}

#[test]
fn a_wrong_file_names_its_key() {
    for (name, text, expected) in [
        ("unknown", "no_such_key = 1", "no_such_key in "),
        ("dashes", "media-port = 1", "media-port in "),
        ("type", "media_port = true", ": expected a string or a number"),
        ("list", "announce = 5.5", ": expected an array of strings"),
        ("value", "media_port = 70000", ": \"70000\" is no port"),
        ("syntax", "= 1", " is no TOML: "),
        ("nested", "config = \"other.toml\"", "config in "),
    ] {
        let file = File::new(name, text);
        let error = error(&file.flag(), &[]);
        assert!(error.contains(expected), "{name}: {error}");
    }
}

#[test]
fn what_has_no_effect_is_said() {
    let remarks = |flags: &str, variables: &[&str]| good(flags, variables).remarks.join("\n");
    let split = "--media-server https://media.example --media-server-token x";
    assert!(remarks(&format!("{split} --media-port 1"), &[]).contains("--media-port has no effect"));
    assert!(remarks("--media-server-token x", &[]).contains("--media-server-token has no effect"));
    assert!(remarks("", &["VIDEOROOM_MEDIAPORT=1"]).contains("VIDEOROOM_MEDIAPORT"));
    assert!(remarks("--media-server http://media.example --media-server-token x", &[]).contains("plain http"));
    assert_eq!(remarks(split, &[]), "");
    assert_eq!(remarks(&format!("{split} --tls off").replace("https", "http"), &[]), "");
}

/// Operators' scripts rely on these names; what the media server has as a program of its own is declared for both.
#[test]
fn the_names_of_settings_stay() {
    let names: Vec<&str> = PROGRAM.settings.iter().map(|setting| setting.name).collect();
    let expected = "listen public-url max-peers frame-ancestors tls tls-cert tls-key tls-domain acme-email acme-staging acme-directory \
                    acme-ca-file trusted-proxy base-path media-port announce workers api-listen metrics-listen api-token api-token-file \
                    webhook-allow webhook-secret webhook-secret-file media-server media-server-token media-server-token-file data-dir \
                    log-level log-format config";
    assert_eq!(names.join(" "), expected);
    assert_eq!(PROGRAM.variable("api-token-file"), "VIDEOROOM_API_TOKEN_FILE");
    let Err(LoadError::CommandLine(help)) = load_with("--help", &[]) else { panic!("no help") };
    let help = help.to_string();
    for part in [
        "--media-port <PORT>",
        "UDP port for sound and picture; open it to the world [default: 50000]",
        "--announce <ADDR>",
        "--workers <N>",
        "--api-token <TOKEN>",
        "--webhook-allow <CIDR>",
        "--webhook-secret-file <FILE>",
    ] {
        assert!(help.contains(part), "{part} in {help}");
    }
}

#[test]
fn secrets_do_not_show() {
    let config = good("--api-token sesame", &[]);
    assert!(!format!("{config:?}").contains("sesame"));
    assert_eq!(embedded(config).server.api_token.unwrap().reveal(), "sesame");
}

fn parses<T: std::str::FromStr<Err: Debug> + PartialEq + Debug>(text: &str) -> Option<T> {
    text.parse().ok()
}

#[test]
fn paths_are_normalised() {
    for (text, expected) in
        [("/", Some("/")), ("/meet", Some("/meet/")), ("/a//b/", Some("/a/b/")), ("", None), ("/a b", None), ("/..", None)]
    {
        assert_eq!(parses::<BasePath>(text).as_ref().map(BasePath::as_str), expected, "{text}");
    }
}
