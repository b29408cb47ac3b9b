#![allow(clippy::unwrap_used, reason = "a test may panic")]

use net::tcp::ListenAddress;

use super::super::{Config, LoadError, Loaded, LogFormat, Metrics, PROGRAM, load};
use super::*;

/// Loads with variables, written `NAME=value`.
fn loaded(variables: &[&str]) -> Result<Loaded, LoadError> {
    let pairs = variables.iter().map(|pair| pair.split_once('=').unwrap());
    let environment: Vec<_> = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    load(["jellyfish"], &environment)
}

fn config(variables: &[&str]) -> Config {
    loaded(variables).unwrap().config
}

/// What is wrong with them.
fn wrong(variables: &[&str]) -> String {
    match loaded(variables) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("accepted: {variables:?}"),
    }
}

fn listen(text: &str) -> ListenAddress {
    text.parse().unwrap()
}

#[test]
fn config_170_addresses_are_literal_or_end_the_start() {
    assert_eq!(config(&["FJ_IP=0.0.0.0"]).listen, listen("0.0.0.0:8080"));
    assert_eq!(config(&["FJ_IP=::1", "FJ_PORT=5"]).listen, listen("[::1]:5"));
    assert_eq!(config(&["JF_METRICS_IP=10.0.0.1"]).metrics, Metrics::On(listen("10.0.0.1:9568")));
    assert_eq!(config(&["FJ_WEBRTC_TURN_IP=192.0.2.1"]).announce, ["192.0.2.1"]);
    assert_eq!(config(&["FJ_IP="]).listen, config(&[]).listen);
    for name in ["FJ_IP", "JF_METRICS_IP", "FJ_WEBRTC_TURN_IP"] {
        assert_eq!(wrong(&[&format!("{name}=media.example.org")]), format!("{name}: \"media.example.org\" is no IP address"));
    }
}

#[test]
fn config_171_host_names_are_names_or_addresses() {
    config(&["FJ_WEBRTC_TURN_LISTEN_IP=localhost"]);
    config(&["FJ_WEBRTC_TURN_LISTEN_IP=0.0.0.0"]);
    assert!(wrong(&["FJ_WEBRTC_TURN_LISTEN_IP=not a name"]).starts_with("FJ_WEBRTC_TURN_LISTEN_IP: "));
    assert_eq!(config(&["FJ_HOST=media.example.org/path"]).public_url.unwrap().to_string(), "http://media.example.org/path");
    assert_eq!(config(&["FJ_HOST=media.example.org:443"]).public_url.unwrap().to_string(), "https://media.example.org:443");
    assert!(wrong(&["FJ_HOST=a b"]).starts_with("FJ_HOST: "));
    assert_eq!(
        wrong(&["FJ_HOST=https://media.example.org"]),
        "FJ_HOST: \"https://media.example.org\" must have no scheme: media.example.org"
    );
}

#[test]
fn config_172_ports_and_ranges_are_real_or_end_the_start() {
    assert_eq!(config(&["JF_PORT=9090"]).listen, listen("127.0.0.1:9090"));
    assert_eq!(config(&["FJ_PORT=1", "JF_PORT=9090"]).listen, listen("127.0.0.1:1"), "the newer name wins");
    assert_eq!(config(&["FJ_PORT=1", "JELLYFISH_LISTEN=2"]).listen, listen("2"), "ours wins");
    assert_eq!(config(&["FJ_WEBRTC_TURN_PORT_RANGE=51000-51100"]).media_port, 51_000);
    for name in ["FJ_PORT", "JF_METRICS_PORT", "FJ_WEBRTC_TURN_TCP_PORT"] {
        for value in ["0", "65536", "x", "-1"] {
            assert_eq!(wrong(&[&format!("{name}={value}")]), format!("{name}: \"{value}\" is no port from 1 to 65535"));
        }
    }
    for range in ["50000", "2-1", "1-65536", "a-b", "1-2-3"] {
        assert!(wrong(&[&format!("FJ_WEBRTC_TURN_PORT_RANGE={range}")]).starts_with("FJ_WEBRTC_TURN_PORT_RANGE: "), "{range}");
    }
}

#[test]
fn config_173_booleans_are_true_or_false_or_end_the_start() {
    assert_eq!(
        (config(&[]).webrtc, config(&["FJ_WEBRTC_USED=false"]).webrtc, config(&["JF_WEBRTC_USED=TRUE"]).webrtc),
        (true, false, true)
    );
    assert_eq!(loaded(&["FJ_STRUCTURED_LOGGING=true"]).unwrap().log.format, LogFormat::Json);
    assert_eq!(loaded(&["FJ_STRUCTURED_LOGGING=False"]).unwrap().log.format, LogFormat::Text);
    for name in ["FJ_WEBRTC_USED", "FJ_STRUCTURED_LOGGING", "FJ_DIST_ENABLED", "JF_FEATURE_FLAG_REQUEST_ROUTING_ENABLED"] {
        assert_eq!(wrong(&[&format!("{name}=yes")]), format!("{name}: \"yes\" is neither true nor false"));
    }
}

#[test]
fn config_174_origins_in_every_form_start_and_are_explained() {
    for origins in ["true", "false", ":conn", "//example.org", "//*.example.com https://a.b:8"] {
        let remarks = loaded(&[&format!("FJ_CHECK_ORIGIN={origins}")]).unwrap().remarks;
        assert_eq!(remarks, ["FJ_CHECK_ORIGIN has no effect: clients of any origin are served, because the token is what admits them"]);
    }
}

#[test]
fn config_175_certificate_and_key_come_together() {
    assert!(wrong(&["FJ_SSL_CERT_PATH=/c.pem"]).starts_with("FJ_SSL_CERT_PATH: "));
    assert!(wrong(&["JF_SSL_KEY_PATH=/k.pem"]).starts_with("JF_SSL_KEY_PATH: "));
    assert!(wrong(&["FJ_SSL_CERT_PATH=/no/c.pem", "FJ_SSL_KEY_PATH=/no/k.pem"]).contains("/no/"));
}

#[test]
fn config_176_components_are_known_names() {
    for names in ["", "hls", "  hls   rtsp file sip recording ", "file"] {
        config(&[&format!("FJ_COMPONENTS_USED={names}"), "FJ_SIP_IP=192.0.2.1"]);
    }
    assert_eq!(wrong(&["FJ_COMPONENTS_USED=hls nope"]), "FJ_COMPONENTS_USED: \"nope\" is no component");
}

#[test]
fn config_177_a_sip_address_matters_only_with_sip() {
    config(&["FJ_SIP_IP=nope"]);
    config(&["FJ_SIP_IP=nope", "FJ_COMPONENTS_USED=hls"]);
    assert_eq!(wrong(&["FJ_SIP_IP=nope", "FJ_COMPONENTS_USED=sip"]), "FJ_SIP_IP: \"nope\" is no IP address");
    assert_eq!(wrong(&["FJ_COMPONENTS_USED=sip"]), "FJ_COMPONENTS_USED: with sip, FJ_SIP_IP must be set");
}

#[test]
fn config_178_storage_credentials_are_complete_or_absent() {
    config(&["FJ_S3_PATH_PREFIX=a"]);
    config(&["FJ_S3_BUCKET=a", "FJ_S3_REGION=b", "JF_S3_ACCESS_KEY_ID=c", "FJ_S3_SECRET_ACCESS_KEY=d"]);
    assert_eq!(wrong(&["FJ_S3_BUCKET=a", "FJ_S3_REGION=b"]), "FJ_S3_BUCKET: FJ_S3_ACCESS_KEY_ID must be set, too");
}

#[test]
fn config_179_cluster_variables_are_right_and_have_no_effect() {
    let on = "FJ_DIST_ENABLED=true";
    let dns = [on, "FJ_DIST_STRATEGY_NAME=DNS", "FJ_DIST_MODE=name", "FJ_DIST_QUERY=nodes.example.org"];
    let nodes = "FJ_DIST_NODES=fishjam@10.0.0.2 fishjam@10.0.0.3";
    let with = |more: &[&'static str]| [&dns[..], more].concat();
    for right in [
        vec![on],
        vec![on, "JF_DIST_STRATEGY_NAME=NODES_LIST", "FJ_DIST_MODE=sname", "FJ_DIST_NODE_NAME=fishjam@one", "FJ_DIST_COOKIE=c", nodes],
        with(&[]),
        with(&["FJ_DIST_NODE_NAME=fishjam@localhost", "FJ_DIST_POLLING_INTERVAL=5000"]),
        // What is wrong matters only where it is used.
        vec!["FJ_DIST_NODE_NAME=one", "FJ_DIST_STRATEGY_NAME=nope", "FJ_DIST_POLLING_INTERVAL=0"],
        vec![on, "FJ_DIST_POLLING_INTERVAL=0"],
    ] {
        let remarks = loaded(&right).unwrap().remarks;
        let why = "has no effect: there is no clustering; each server is its own";
        assert!(remarks.len() == right.len() && remarks.iter().all(|remark| remark.ends_with(why)), "{remarks:?}");
    }
    for (variables, expected) in [
        (vec!["JF_DIST_MODE=x"], "JF_DIST_MODE: \"x\" is neither sname nor name"),
        (vec![on, "FJ_DIST_STRATEGY_NAME=EPMD"], "FJ_DIST_STRATEGY_NAME: \"EPMD\" is neither NODES_LIST nor DNS"),
        (vec![on, "FJ_DIST_NODE_NAME=one"], "FJ_DIST_NODE_NAME: \"one\" is no name such as fishjam@10.0.0.1"),
        (vec![on, "FJ_DIST_NODE_NAME=a@b@c"], "FJ_DIST_NODE_NAME: \"a@b@c\" is no name such as fishjam@10.0.0.1"),
        (vec![on, dns[1]], "FJ_DIST_ENABLED: with DNS, FJ_DIST_MODE must be name"),
        (vec![on, dns[1], "FJ_DIST_MODE=sname", dns[3]], "FJ_DIST_ENABLED: with DNS, FJ_DIST_MODE must be name"),
        (vec![on, dns[1], dns[2]], "FJ_DIST_ENABLED: with DNS, FJ_DIST_QUERY must be set"),
        (with(&["FJ_DIST_POLLING_INTERVAL=0"]), "FJ_DIST_POLLING_INTERVAL: \"0\" is no positive number"),
        (with(&["FJ_DIST_POLLING_INTERVAL=abc"]), "FJ_DIST_POLLING_INTERVAL: \"abc\" is no positive number"),
    ] {
        assert_eq!(wrong(&variables), expected, "{variables:?}");
    }
    assert!(wrong(&with(&["FJ_DIST_NODE_NAME=fishjam@not a host"])).starts_with("FJ_DIST_NODE_NAME: "));
}

#[test]
fn config_180_an_unknown_log_level_is_info() {
    for (given, filter) in [("debug", "debug"), ("warning", "warn"), ("error", "error"), ("verbose", "info"), ("warn", "info")] {
        assert_eq!(loaded(&[&format!("FJ_LOG_LEVEL={given}")]).unwrap().log.filter, filter);
    }
    let remarks = loaded(&["JF_LOG_LEVEL=verbose"]).unwrap().remarks;
    assert_eq!(remarks[1], "JF_LOG_LEVEL is none of info, debug, warning and error: info is used");
}

#[test]
fn secrets_are_taken_and_not_told() {
    let loaded = loaded(&["FJ_SERVER_API_TOKEN=sesame", "JF_SECRET_KEY_BASE=base"]).unwrap();
    assert_eq!(loaded.config.api_token.unwrap().reveal(), "sesame");
    assert_eq!(loaded.config.token_secret.unwrap().reveal(), "base");
    assert!(!loaded.remarks.iter().any(|remark| remark.contains("sesame") || remark.contains("base")), "{:?}", loaded.remarks);
}

/// Every variable that its documents have, as in their compose files, and those of its first versions.
const DEPLOYMENT: [&str; 39] = [
    "HOST=media.example.org:443",
    "IP=0.0.0.0",
    "PORT=8080",
    "SERVER_API_TOKEN=token",
    "SECRET_KEY_BASE=key",
    "CHECK_ORIGIN=//*.example.com https://a.b:8",
    "RESOURCES_BASE_PATH=/app/fishjam_resources",
    "OUTPUT_BASE_PATH=/app/jellyfish_output",
    "COMPONENTS_USED=rtsp file hls  recording sip",
    "SIP_USED=true",
    "SIP_IP=192.0.2.1",
    "METRICS_IP=0.0.0.0",
    "METRICS_PORT=9568",
    "LOG_LEVEL=warning",
    "STRUCTURED_LOGGING=true",
    "GIT_COMMIT=abcdef1",
    "WEBRTC_USED=true",
    "WEBRTC_TURN_IP=192.0.2.1",
    "WEBRTC_TURN_LISTEN_IP=0.0.0.0",
    "WEBRTC_TURN_PORT_RANGE=50000-50050",
    "WEBRTC_TURN_TCP_PORT=49999",
    "INTEGRATED_TURN_IP=192.0.2.1",
    "INTEGRATED_TURN_PORT_RANGE=50000-50050",
    "S3_BUCKET=bucket",
    "S3_REGION=region",
    "S3_ACCESS_KEY_ID=id",
    "S3_SECRET_ACCESS_KEY=key",
    "S3_PATH_PREFIX=prefix",
    "DIST_ENABLED=true",
    "DIST_MODE=name",
    "DIST_STRATEGY_NAME=DNS",
    "DIST_NODE_NAME=fishjam@10.0.0.1",
    "DIST_COOKIE=cookie",
    "DIST_NODES=fishjam@10.0.0.1 fishjam@10.0.0.2",
    "DIST_QUERY=media.example.org",
    "DIST_POLLING_INTERVAL=5000",
    "DIST_MIN_PORT=9000",
    "DIST_MAX_PORT=9000",
    "FEATURE_FLAG_REQUEST_ROUTING_ENABLED=true",
];

#[test]
fn deployments_of_the_archived_server_start_unchanged_and_hear_of_each_name() {
    for prefix in PREFIXES {
        let variables = DEPLOYMENT.map(|variable| format!("{prefix}{variable}"));
        let loaded = loaded(&variables.each_ref().map(String::as_str)).unwrap();
        for variable in &variables {
            let name = variable.split('=').next().unwrap();
            let told = loaded.remarks.iter().filter(|remark| remark.starts_with(&format!("{name} "))).collect::<Vec<_>>();
            assert!(told.len() == 1 && !told[0].contains("does not know it"), "{name}: {told:?}");
        }
        assert_eq!(loaded.config.listen, listen("0.0.0.0:8080"));
        assert_eq!(loaded.config.metrics, Metrics::On(listen("0.0.0.0:9568")));
        assert_eq!(loaded.config.public_url.unwrap().to_string(), "https://media.example.org:443");
        assert_eq!((loaded.config.media_port, loaded.config.announce), (50_000, vec!["192.0.2.1".to_owned()]));
    }
}

#[test]
fn each_is_told_with_our_name_or_why_it_means_nothing() {
    let remarks = loaded(&["JF_PORT=9", "FJ_DIST_MODE=name", "HOME=/", "FJORD=x", "FJ_SSL_KEYS=x"]).unwrap().remarks;
    assert_eq!(
        remarks,
        [
            "FJ_DIST_MODE has no effect: there is no clustering; each server is its own",
            "FJ_SSL_KEYS has no effect: this server does not know it",
            "JF_PORT is a name of the archived server; here it is --listen or JELLYFISH_LISTEN",
        ]
    );
    for alias in ALIASES.table {
        assert!(PROGRAM.settings.iter().any(|setting| setting.name == alias.setting), "{}", alias.setting);
    }
}
