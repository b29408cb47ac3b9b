//! `videoroom doctor` and `videoroom healthcheck`.

use std::process::Output;

use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::program::{LOOPBACK, Process, command};

/// Runs a command of the program to its end.
fn run(word: &str, data: &TempDir, flags: &[&str]) -> (Option<i32>, String, String) {
    // The command comes first.
    let with_flags = command(&data.path().join("data"), flags);
    let mut with_command = std::process::Command::new(with_flags.get_program());
    let Output { status, stdout, stderr } = with_command.env_clear().arg(word).args(with_flags.get_args()).output().unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn the_doctor_finds_nothing_wrong_and_leaves_nothing_behind() {
    let data = TempDir::new().unwrap();
    let (status, table, _) = run("doctor", &data, &LOOPBACK);
    assert_eq!(status, Some(0), "{table}");
    for subject in ["public port", "media port", "API port", "data directory", "certificate", "addresses", "clock", "open files"] {
        let line = table.lines().find(|line| line.contains(subject)).unwrap_or_else(|| panic!("{subject} in {table}"));
        assert!(line.starts_with("ok") || subject == "clock", "{line}");
    }
    assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), 0, "nothing was made");
}

#[test]
fn the_doctor_names_who_holds_a_port_and_the_cure() {
    let data = TempDir::new().unwrap();
    let (tcp, udp) = (std::net::TcpListener::bind("127.0.0.1:0").unwrap(), std::net::UdpSocket::bind("0.0.0.0:0").unwrap());
    let (address, port) = (tcp.local_addr().unwrap().to_string(), udp.local_addr().unwrap().port().to_string());
    let (status, table, _) = run("doctor", &data, &["--listen", &address, "--api-listen", "127.0.0.1:0", "--media-port", &port]);
    assert_eq!(status, Some(1), "{table}");
    let held = format!("(process {})", std::process::id());
    for expected in [format!("TCP port {address} is in use by"), format!("UDP port {port} is in use by"), held] {
        assert!(table.contains(&expected), "{expected} in {table}");
    }
    assert!(table.contains("choose another one with --listen") && table.contains("choose another one with --media-port"), "{table}");
    assert!(table.contains("2 problems to solve first"), "{table}");
}

#[test]
fn the_doctor_asks_a_media_server_elsewhere() {
    let data = TempDir::new().unwrap();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("http://{nobody}");
    let flags = ["--listen", "127.0.0.1:0", "--tls", "off", "--media-server", &url, "--media-server-token", "0123456789abcdef"];
    let (status, table, _) = run("doctor", &data, &flags);
    assert_eq!(status, Some(1), "{table}");
    assert!(table.contains(&format!("{url} cannot be reached")), "{table}");
    assert!(!table.contains("0123456789abcdef"), "{table}");
}

#[tokio::test]
async fn a_running_server_is_no_problem_for_the_doctor_and_well_for_the_health_check() {
    let data = TempDir::new().unwrap();
    let process = Process::start(&data.path().join("data"), &LOOPBACK);
    let address = process.address().to_string();
    let flags = ["--listen", &address, "--api-listen", "127.0.0.1:0"];
    let (status, table, _) = run("doctor", &data, &flags);
    assert_eq!(status, Some(0), "{table}");
    assert!(table.contains("is held by the videoroom that runs already"), "{table}");
    let (status, output, errors) = run("healthcheck", &data, &flags);
    assert_eq!((status, output.as_str(), errors.as_str()), (Some(0), "", ""));
    process.end(Signal::SIGTERM).await;
    let (status, _, errors) = run("healthcheck", &data, &flags);
    assert_eq!(status, Some(1));
    assert!(errors.starts_with("error: nothing answers at"), "{errors}");
}

#[test]
fn a_wrong_setting_is_one_for_all_commands() {
    let data = TempDir::new().unwrap();
    for word in ["doctor", "healthcheck"] {
        let (status, output, errors) = run(word, &data, &["--listen", "nowhere"]);
        assert_eq!((status, output.as_str()), (Some(2), ""));
        assert_eq!(errors, "error: --listen: \"nowhere\" is not ADDR:PORT or PORT\n");
    }
}
