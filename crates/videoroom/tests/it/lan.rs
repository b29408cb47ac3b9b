//! Two machines on a network, in namespaces of their own.

use std::collections::HashMap;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::support::is_root;

/// What `lan.sh` saw.
fn seen() -> HashMap<String, String> {
    let data = TempDir::new().unwrap();
    let mut command = Command::new("unshare");
    if !is_root() {
        command.args(["--map-current-user", "--keep-caps"]);
    }
    command
        .args(["--net", "--pid", "--fork", "--kill-child", "--mount-proc", "sh"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/lan.sh"));
    command.arg(env!("CARGO_BIN_EXE_videoroom")).arg(data.path()).stdin(Stdio::null());
    command.env_remove("http_proxy").env_remove("https_proxy");
    let output = command.output().expect("unshare is installed: cargo xtask test does it");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text.lines().filter_map(|line| line.split_once(": ")).map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

#[test]
fn another_machine_reaches_the_printed_address_over_https() {
    let seen = seen();
    let expect = |key: &str, value: &str| assert_eq!(seen.get(key).map(String::as_str), Some(value), "{key} in {seen:?}");
    expect("ready", "http://localhost:8080");
    expect("printed", "https://10.88.0.1:8080");
    // The certificate is for that address: the client verifies it.
    expect("page", "200 text/html; charset=utf-8");
    expect("plain", "307 https://10.88.0.1:8080/room/r");
    expect("links here", r#"{"links":["https://10.88.0.1:8080"]}"#);
    expect("links there", r#"{"links":[]}"#);
    expect("links by a lie", r#"{"links":[]}"#);
    expect("moved", "yes");
}
