#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::Write as _;

use super::*;

/// Upstream's program had an address and a port where this one has one value.
fn address(values: &[Option<&str>]) -> Option<Vec<String>> {
    match values {
        [ip, Some(port)] if port.parse::<u16>().is_ok() => Some(vec![format!("{}:{port}", ip.unwrap_or("*"))]),
        _ => None,
    }
}

static PROGRAM: Program = Program {
    name: "thing",
    version: "1.2.3",
    about: "A thing.",
    after_help: "Good luck.",
    prefix: "THING_",
    settings: &[
        Setting::one("Net", "listen", "ADDR:PORT", "Where"),
        Setting::many("Net", "trusted-proxy", "CIDR", "Whom"),
        Setting::one("Net", "media-port", "PORT", "Which"),
        Setting::switch("Other", "dev", "For development"),
        Setting::switch("Other", "secret-switch", "For nobody").hide(),
        Setting::one("Other", "config", "FILE", "File"),
    ],
    aliases: Aliases { prefixes: &["FJ_", "JF_"], table: &[Alias { setting: "listen", variables: &["IP", "PORT"], convert: address }] },
};

fn collect(flags: &str, variables: &[&str]) -> Result<Sources, LoadError> {
    let pairs = variables.iter().map(|pair| pair.split_once('=').unwrap());
    let environment: Vec<_> = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    Sources::collect(&PROGRAM, std::iter::once("thing").chain(flags.split_whitespace()), &environment)
}

fn text(sources: &Sources, name: &'static str) -> Option<String> {
    sources.read(name, str::parse::<String>).unwrap()
}

fn file(text: &str) -> (tempfile::NamedTempFile, String) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let flag = format!("--config {}", file.path().display());
    (file, flag)
}

#[test]
fn the_order_is_flag_variable_newer_alias_older_alias_file() {
    let (_file, flag) = file("listen = \"file\"\n");
    let mut variables = vec!["THING_LISTEN=own", "FJ_PORT=1", "JF_PORT=2", "JF_IP=192.0.2.7"];
    let listen = |flags: &str, variables: &[&str]| text(&collect(flags, variables).unwrap(), "listen");
    assert_eq!(listen(&format!("--listen flag {flag}"), &variables).as_deref(), Some("flag"));
    assert_eq!(listen(&flag, &variables).as_deref(), Some("own"));
    variables.remove(0);
    assert_eq!(listen(&flag, &variables).as_deref(), Some("192.0.2.7:1"), "each variable under its newest name");
    variables.remove(0);
    assert_eq!(listen(&flag, &variables).as_deref(), Some("192.0.2.7:2"));
    assert_eq!(listen(&flag, &["JF_IP=192.0.2.7"]).as_deref(), Some("file"), "an alias may give nothing");
    assert_eq!(listen(&flag, &["JF_PORT="]).as_deref(), Some("file"), "an empty variable counts as unset");
    assert_eq!(listen("", &[]), None);
}

#[test]
fn a_problem_names_the_place_where_the_value_was_given() {
    let (file, flag) = file("media_port = 7\n");
    let origin = |flags: &str, variables: &[&str], name| collect(flags, variables).unwrap().problem(name, "no").to_string();
    assert_eq!(origin("--listen 1", &[], "listen"), "--listen: no");
    assert_eq!(origin("", &["THING_MEDIA_PORT=1"], "media-port"), "THING_MEDIA_PORT: no");
    assert_eq!(origin("", &["FJ_PORT=1", "JF_IP=::"], "listen"), "JF_IP and FJ_PORT: no");
    assert_eq!(origin(&flag, &[], "media-port"), format!("media_port in {}: no", file.path().display()));
    assert_eq!(origin("", &[], "media-port"), "--media-port: no");
}

#[test]
fn lists_grow_and_the_last_of_equal_flags_counts() {
    let all = |flags: &str, variables: &[&str]| {
        collect(flags, variables).unwrap().read_all("trusted-proxy", str::parse::<String>).unwrap().unwrap()
    };
    assert_eq!(all("--trusted-proxy a --trusted-proxy b", &["THING_TRUSTED_PROXY=c"]), ["a", "b"]);
    assert_eq!(all("", &["THING_TRUSTED_PROXY=c, d,"]), ["c", "d"]);
    let (_file, flag) = file("trusted_proxy = [\"e\", \"f\"]\n");
    assert_eq!(all(&flag, &[]), ["e", "f"]);
    assert_eq!(text(&collect("--listen a --listen b", &[]).unwrap(), "listen").as_deref(), Some("b"));
}

#[test]
fn switches_are_on_or_off() {
    let on = |flags: &str, variables: &[&str]| collect(flags, variables).unwrap().switch("dev").map_err(|error| error.to_string());
    assert_eq!(on("--dev", &[]), Ok(true));
    assert_eq!(on("", &[]), Ok(false));
    assert_eq!((on("", &["THING_DEV=true"]), on("", &["THING_DEV=0"])), (Ok(true), Ok(false)));
    assert_eq!(on("", &["THING_DEV=yes"]).unwrap_err(), "THING_DEV: \"yes\" is neither true nor false");
    let (_file, flag) = file("dev = true\n");
    assert_eq!(on(&flag, &[]), Ok(true));
}

#[test]
fn a_wrong_file_names_its_key() {
    for (text, expected) in [
        ("no_such_key = 1", "no_such_key in "),
        ("trusted-proxy = []", "trusted-proxy in "),
        ("listen = true", ": expected a string or a number"),
        ("trusted_proxy = 5.5", ": expected an array of strings"),
        ("dev = []", ": expected true or false"),
        ("= 1", " is no TOML: "),
        ("config = \"other.toml\"", "config in "),
    ] {
        let (_file, flag) = file(text);
        let error = collect(&flag, &[]).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
    let error = collect("", &["THING_CONFIG=/nowhere.toml"]).unwrap_err().to_string();
    assert!(error.starts_with("THING_CONFIG: cannot read /nowhere.toml: "), "{error}");
}

#[test]
fn variables_that_only_look_like_ours_are_known() {
    let sources = collect("", &["THING_LISTN=1", "THING_LISTEN=1", "THING_EMPTY=", "OTHER=1"]).unwrap();
    assert_eq!(sources.unknown_remarks(), ["the environment variable THING_LISTN is not one of ours; see --help"]);
}

#[test]
fn the_help_has_everything_but_what_is_hidden() {
    let LoadError::CommandLine(help) = collect("--help", &[]).unwrap_err() else { panic!("no help") };
    let text = help.to_string();
    for part in ["A thing.", "--listen <ADDR:PORT>", "Net:", "Other:", "--dev", "Good luck."] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("secret-switch"), "{text}");
}
