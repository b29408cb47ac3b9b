#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::Write as _;

use net::tcp::ServerTls;

use super::*;

fn load_with(arguments: &[&str], environment: &[(&str, &str)]) -> Result<Loaded, LoadError> {
    let environment: Vec<_> = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let arguments = std::iter::once("jellyfish").chain(arguments.iter().copied());
    load(arguments, &environment)
}

fn message(arguments: &[&str], environment: &[(&str, &str)]) -> String {
    match load_with(arguments, environment) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("accepted: {arguments:?} {environment:?}"),
    }
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

#[test]
fn flag_wins_over_variable_wins_over_file() {
    let file = file("media_port = 1\nworkers = 3\nannounce = [\"a.example\", \"192.0.2.1\"]\nlog_format = \"json\"\n");
    let path = file.path().to_str().unwrap();
    let environment = [("JELLYFISH_MEDIA_PORT", "2"), ("JELLYFISH_WORKERS", "4"), ("JELLYFISH_CONFIG", path)];
    let Loaded { config, log, .. } = load_with(&["--media-port", "5"], &environment).unwrap();
    assert_eq!((config.media_port, config.workers), (5, 4));
    assert_eq!(config.announce, ["a.example", "192.0.2.1"]);
    assert_eq!(log.format, LogFormat::Json);
}

#[test]
fn empty_variables_count_as_unset() {
    let file = file("media_port = 1\n");
    let path = file.path().to_str().unwrap();
    let names: Vec<String> = PROGRAM.settings.iter().map(|setting| PROGRAM.variable(setting.name)).collect();
    let environment: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    let config = load_with(&["--config", path], &environment).unwrap().config;
    assert_eq!(config.media_port, 1, "the file counts");
    let unset = load_with(&["--config", path], &[]).unwrap().config;
    assert_eq!(format!("{config:?}"), format!("{unset:?}"));
}

#[test]
fn wrong_values_name_their_origin() {
    assert!(message(&["--media-port", "70000"], &[]).starts_with("--media-port: "));
    assert!(message(&[], &[("JELLYFISH_WORKERS", "0")]).starts_with("JELLYFISH_WORKERS: "));
    assert!(message(&["--tls", "maybe"], &[]).starts_with("--tls: "));
    assert!(message(&["--tls-cert", "c.pem"], &[]).starts_with("--tls-cert: "));
    assert!(message(&["--announce", "a b"], &[]).starts_with("--announce: "));
    assert!(message(&["--public-url", "x"], &[]).starts_with("--public-url: "));
    assert!(message(&["--trusted-proxy", "x"], &[]).starts_with("--trusted-proxy: "));
    assert!(message(&["--log-level", "a=b=c"], &[]).starts_with("--log-level: "));
    assert!(message(&["--api-token", ""], &[]).starts_with("--api-token: "));
    assert!(message(&["--dev", "--listen", "0.0.0.0:5002"], &[]).starts_with("--listen: "));
    let unknown = file("media_prot = 1\n");
    let text = message(&["--config", unknown.path().to_str().unwrap()], &[]);
    assert!(text.starts_with("media_prot in "), "{text}");
    let wrong = file("media_port = [1]\n");
    let text = message(&["--config", wrong.path().to_str().unwrap()], &[]);
    assert!(text.starts_with("media_port in "), "{text}");
    assert!(message(&["--config", "/nonexistent/file"], &[]).starts_with("--config: "));
}

#[test]
fn a_certificate_that_cannot_be_used_names_its_place() {
    let directory = tempfile::tempdir().unwrap();
    ServerTls::self_signed(directory.path(), &["localhost".to_owned()]).unwrap();
    let pem = directory.path().join("self-signed.pem");
    let (good, garbage) = (pem.to_str().unwrap(), file("garbage"));
    let garbage = garbage.path().to_str().unwrap();
    assert!(load_with(&["--tls-cert", good, "--tls-key", good], &[]).is_ok());
    for (certificate, key, expected) in [
        ("/nowhere.pem", good, "--tls-cert: cannot read /nowhere.pem: "),
        (good, "/nowhere.pem", "--tls-key: cannot read /nowhere.pem: "),
        (garbage, good, &format!("--tls-cert: {garbage}: no certificate")),
        (good, garbage, &format!("--tls-key: {garbage}: no private key")),
    ] {
        let message = message(&["--tls-cert", certificate, "--tls-key", key], &[]);
        assert!(message.starts_with(expected), "{message}");
    }
    let variable = message(&["--tls-key", good], &[("JELLYFISH_TLS_CERT", garbage)]);
    assert!(variable.starts_with("JELLYFISH_TLS_CERT: "), "{variable}");
}

#[test]
fn unknown_flags_are_errors_of_the_command_line() {
    let Err(LoadError::CommandLine(error)) = load_with(&["--nope"], &[]) else { panic!("accepted") };
    assert_eq!(error.exit_code(), 2);
    let Err(LoadError::CommandLine(help)) = load_with(&["--help"], &[]) else { panic!("no help") };
    assert_eq!(help.exit_code(), 0);
    let text = help.to_string();
    assert!(text.contains("JELLYFISH_MEDIA_PORT") && !text.contains("fault-injection"), "{text}");
}

/// Operators' scripts rely on these names; those that the product has, too, are declared for both.
#[test]
fn the_names_of_settings_stay() {
    let names: Vec<&str> = PROGRAM.settings.iter().map(|setting| setting.name).collect();
    let expected = "listen media-port announce public-url api-token api-token-file token-secret token-secret-file data-dir tls tls-cert \
                    tls-key tls-domain acme-email acme-staging acme-directory acme-ca-file trusted-proxy webhook-allow webhook-secret \
                    webhook-secret-file webrtc workers metrics-listen max-rooms max-peers-per-room log-level log-format config dev \
                    fault-injection";
    assert_eq!(names.join(" "), expected);
    assert_eq!(PROGRAM.variable("api-token-file"), "JELLYFISH_API_TOKEN_FILE");
    let Err(LoadError::CommandLine(help)) = load_with(&["--help"], &[]) else { panic!("no help") };
    let help = help.to_string();
    for part in [
        "--media-port <PORT>",
        "UDP port of all media, on all addresses, IPv4 and IPv6 [default: 50000]",
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
fn dev_is_for_this_machine() {
    let config = load_with(&["--dev"], &[]).unwrap().config;
    assert_eq!(config.api_token, Some(Secret::new("development")));
    assert_eq!(config.listen, ListenAddress::One(([127, 0, 0, 1], 5002).into()));
}
