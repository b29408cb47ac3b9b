//! The binary: readiness, exit statuses, signals.

use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::program::{LOOPBACK, Process, command, run};
use crate::support::PeerSocket;

#[tokio::test]
async fn it_says_when_it_serves_and_ends_when_asked() {
    let data = TempDir::new().unwrap();
    let process = Process::start(data.path(), &LOOPBACK);
    assert!(process.ready.starts_with("http://127.0.0.1:"), "{}", process.ready);
    let access = process.web().join("secret room", "Ana").await;
    let socket = PeerSocket::connect(&access).await.unwrap();
    let (close, log) = tokio::join!(socket.close(), process.end(Signal::SIGTERM));
    assert_eq!(close, Ok((1001, String::new())), "clients are told");
    for secret in [access.token.as_str(), &access.identity, "secret room", "Ana", "127.0.0.1:0"] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
    Process::start(data.path(), &LOOPBACK).end(Signal::SIGINT).await;
}

#[tokio::test]
async fn an_announced_name_that_is_not_known_yet_does_not_keep_it_from_running() {
    let data = TempDir::new().unwrap();
    let process = Process::start(data.path(), &[&LOOPBACK[..], &["--announce", "no-such-host.invalid"]].concat());
    process.web().join("room", "Ana").await;
    let log = process.end(Signal::SIGTERM).await;
    assert_eq!(log.lines().filter(|line| line.contains("WARN") && line.contains("no-such-host.invalid")).count(), 1, "{log}");
}

#[tokio::test]
async fn a_damaged_self_signed_certificate_is_replaced_with_one_warning() {
    let data = TempDir::new().unwrap();
    std::fs::write(data.path().join("self-signed.pem"), "garbage").unwrap();
    for warnings in [1, 0] {
        let log = Process::start(data.path(), &LOOPBACK).end(Signal::SIGTERM).await;
        assert_eq!(log.lines().filter(|line| line.contains("WARN") && line.contains("self-signed.pem")).count(), warnings, "{log}");
    }
}

#[tokio::test]
async fn people_keep_their_identity_over_a_restart() {
    let data = TempDir::new().unwrap();
    let process = Process::start(data.path(), &LOOPBACK);
    let ana = process.web().join("r", "Ana").await;
    process.end(Signal::SIGTERM).await;
    let process = Process::start(data.path(), &LOOPBACK);
    assert_eq!(process.web().rejoin("r", "Ana", &ana.identity).await.identity, ana.identity);
    process.end(Signal::SIGTERM).await;
}

#[test]
fn a_wrong_setting_is_one_sentence_and_status_2() {
    let data = TempDir::new().unwrap();
    for (flags, expected) in [
        (&["--listen", "nowhere"] as &[_], "error: --listen: \"nowhere\" is not ADDR:PORT or PORT\n"),
        (&["--media-server", "http://a"], "error: --media-server: --media-server-token or --media-server-token-file is missing\n"),
        (&["--listn", "1"], "error: unexpected argument '--listn' found\n  tip: a similar argument exists: '--listen'\n"),
        (&["--listen"], "error: a value is required for '--listen <ADDR:PORT>' but none was supplied\n"),
        (
            &["--tls-cert", "/nowhere.pem", "--tls-key", "/nowhere.pem"],
            "error: --tls-cert: cannot read /nowhere.pem: No such file or directory (os error 2)\n",
        ),
    ] {
        let output = run(data.path(), flags);
        assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(2), expected));
        assert!(output.stdout.is_empty());
    }
    let unknown = run(data.path(), &["--no-such-flag"]);
    assert!(unknown.status.code() == Some(2) && String::from_utf8_lossy(&unknown.stderr).contains("--no-such-flag"));
    let variable = command(data.path(), &[]).env("VIDEOROOM_TLS", "on").output().unwrap();
    assert_eq!(variable.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&variable.stderr).contains("VIDEOROOM_TLS"));
}

#[test]
fn what_keeps_it_from_running_is_said_with_the_cure() {
    let data = TempDir::new().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (address, port) = (taken.local_addr().unwrap().to_string(), taken.local_addr().unwrap().port());
    let udp = std::net::UdpSocket::bind("0.0.0.0:0").unwrap();
    let udp_port = udp.local_addr().unwrap().port().to_string();
    std::fs::write(data.path().join("file"), "").unwrap();
    let inside_file = data.path().join("file/inside");
    for (flags, expected) in [
        (vec!["--listen", &address], vec![format!("TCP port {port} is in use"), "--listen".into()]),
        (vec!["--listen", "127.0.0.1:0", "--api-listen", &address], vec![format!("TCP port {port} is in use"), "--api-listen".into()]),
        ([&LOOPBACK[..], &["--media-port", &udp_port]].concat(), vec![udp_port.clone(), "--media-port".into()]),
        ([&LOOPBACK[..], &["--data-dir", inside_file.to_str().unwrap()]].concat(), vec!["file/inside".into(), "--data-dir".into()]),
    ] {
        let output = run(data.path(), &flags);
        let error = String::from_utf8_lossy(&output.stderr);
        let sentence = error.lines().find(|line| line.starts_with("error: ")).unwrap_or_else(|| panic!("{flags:?}: {error}"));
        assert_eq!(output.status.code(), Some(1), "{flags:?}: {error}");
        for part in expected {
            assert!(sentence.contains(&part), "{part} in {sentence}");
        }
        // What the system said is said once.
        assert!(sentence.matches("(os error ").count() <= 1, "{sentence}");
    }
}

#[test]
fn help_and_version_teach() {
    let data = TempDir::new().unwrap();
    let help = run(data.path(), &["--help"]);
    let text = String::from_utf8_lossy(&help.stdout);
    assert!(help.status.success());
    for part in ["--listen <ADDR:PORT>", "VIDEOROOM_MEDIA_PORT", "Behind a proxy", "ready: <URL>", "Examples:"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let version = run(data.path(), &["--version"]);
    assert_eq!(String::from_utf8_lossy(&version.stdout).trim(), format!("videoroom {}", env!("CARGO_PKG_VERSION")));
}
