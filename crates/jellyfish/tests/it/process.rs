//! The program: how it starts, and how it does not.

use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, UdpSocket};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use protocol::proto::server_message::{AuthRequest, Content};
use serde_json::json;

use crate::program::{Ended, Program};
use crate::support::{PATIENCE, Socket, TOKEN, server_message};

pub(crate) fn jellyfish(data_dir: &std::path::Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jellyfish"));
    command
        .args(["--data-dir", data_dir.to_str().unwrap(), "--metrics-listen", "off", "--tls", "off"])
        .args(arguments)
        .env_clear()
        .stdin(Stdio::null());
    command
}

fn refused(data_dir: &std::path::Path, arguments: &[&str]) -> (i32, String) {
    let Output { status, stderr, stdout } = jellyfish(data_dir, arguments).output().unwrap();
    assert!(stdout.is_empty(), "{}", String::from_utf8_lossy(&stdout));
    let text = String::from_utf8(stderr).unwrap();
    let sentence = text.lines().find(|line| line.starts_with("error: ")).unwrap_or_else(|| panic!("{text}")).to_owned();
    (status.code().unwrap(), sentence)
}

#[test]
fn ports_in_use_name_the_port_and_the_flag() {
    let dir = tempfile::tempdir().unwrap();
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = tcp.local_addr().unwrap();
    let (code, sentence) = refused(dir.path(), &["--listen", &address.to_string(), "--media-port", "0"]);
    assert_eq!(code, 1);
    assert_eq!(sentence, format!("error: TCP port {} is in use; choose another one with --listen", address.port()));
    let udp = UdpSocket::bind("0.0.0.0:0").unwrap();
    let port = udp.local_addr().unwrap().port().to_string();
    let (code, sentence) = refused(dir.path(), &["--listen", "127.0.0.1:0", "--media-port", &port]);
    assert_eq!(code, 1);
    assert!(sentence.contains(&port) && sentence.contains("--media-port"), "{sentence}");
}

#[test]
fn a_data_directory_that_cannot_be_written_is_named_with_the_cure() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    let (code, sentence) = refused(&file.join("data"), &["--listen", "127.0.0.1:0", "--media-port", "0"]);
    assert_eq!(code, 1);
    assert!(sentence.contains("file/data") && sentence.contains("--data-dir"), "{sentence}");
}

#[test]
fn wrong_configuration_exits_with_2() {
    let dir = tempfile::tempdir().unwrap();
    let (code, sentence) = refused(dir.path(), &["--media-port", "70000"]);
    assert_eq!((code, sentence.contains("--media-port")), (2, true), "{sentence}");
    let (code, sentence) = refused(dir.path(), &["--no-such-flag"]);
    assert_eq!((code, sentence.contains("--no-such-flag")), (2, true), "{sentence}");
    let output = jellyfish(dir.path(), &["--worker", "1"]).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(text, "error: unexpected argument '--worker' found\n  tip: a similar argument exists: '--workers'\n");
    let output = jellyfish(dir.path(), &[]).env("JELLYFISH_WORKERS", "none").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("JELLYFISH_WORKERS"));
}

#[test]
fn variables_of_the_archived_server_are_pointed_out() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = jellyfish(dir.path(), &["--listen", "127.0.0.1:0", "--media-port", "0", "--fault-injection"]);
    command
        .env("JELLYFISH_LISTN", "1")
        .env("FJ_PORT", "4711")
        .env("JF_SERVER_API_TOKEN", "sesame")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = Ended(command.spawn().unwrap());
    let ready = BufReader::new(child.0.stdout.take().unwrap()).lines().next().unwrap().unwrap();
    assert!(ready.starts_with("ready: "), "{ready}");
    let pid = child.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    let log = std::io::read_to_string(child.0.stderr.take().unwrap()).unwrap();
    let remarks: Vec<&str> = log.lines().filter(|line| line.contains("FJ_PORT")).collect();
    assert!(remarks.len() == 1 && remarks[0].contains("WARN") && remarks[0].contains("JELLYFISH_LISTEN"), "{log}");
    let token = log.lines().filter(|line| line.contains("WARN") && line.contains("JF_SERVER_API_TOKEN") && line.contains("--api-token"));
    assert_eq!(token.count(), 1, "{log}");
    assert_eq!(log.lines().filter(|line| line.contains("WARN") && line.contains("JELLYFISH_LISTN")).count(), 1, "{log}");
    assert!(!log.contains("4711") && !log.contains("sesame"), "{log}");
    assert_eq!(log.lines().filter(|line| line.contains("WARN") && line.contains("fault injection is on")).count(), 1, "{log}");
}

#[test]
fn help_and_version_succeed() {
    let dir = tempfile::tempdir().unwrap();
    let output = jellyfish(dir.path(), &["--help"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && text.contains("--announce") && text.contains("JELLYFISH_MEDIA_PORT"), "{text}");
    let output = jellyfish(dir.path(), &["--version"]).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("jellyfish {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn it_says_when_it_is_ready_and_stops_in_time_when_told() {
    for signal in ["-TERM", "-INT"] {
        let dir = tempfile::tempdir().unwrap();
        let mut child =
            Ended(jellyfish(dir.path(), &["--listen", "127.0.0.1:0", "--media-port", "0"]).stdout(Stdio::piped()).spawn().unwrap());
        let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines();
        let line = lines.next().unwrap().unwrap();
        assert!(line.starts_with("ready: http://127.0.0.1:"), "{line}");
        let started = Instant::now();
        let pid = child.0.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        assert_eq!(child.0.wait().unwrap().code(), Some(0));
        assert!(started.elapsed() < Duration::from_secs(5));
        assert!(lines.next().is_none(), "the readiness is the last line");
        assert!(dir.path().join("api-token").exists() && dir.path().join("token-secret").exists());
    }
}

#[tokio::test]
async fn whoever_is_connected_is_told_that_the_server_ends() {
    for signal in ["-TERM", "-INT"] {
        let server = Program::start(2);
        let room = server.room(json!({})).await;
        let (_, token) = server.peer(&room).await;
        let mut client = server.client(&token).await;
        let mut silent = server.socket().await;
        let mut back_end = Socket::at(server.address, "/socket/server/websocket", &[]).await;
        back_end.send(server_message(Content::AuthRequest(AuthRequest { token: TOKEN.to_owned() }))).await;
        back_end.frame().await;
        let publisher = server.join(&room).await;
        publisher.publish_video(300_000).await.unwrap();
        let mut viewer = server.join(&room).await;
        assert!(viewer.wait_for(PATIENCE, |event| matches!(event, peer::Event::FirstPacket { .. })).await.is_some(), "media flows");

        let told = Instant::now();
        server.terminate(signal);
        let going_away = (1001, String::new());
        let closed = async |mut peer: peer::Peer| match peer.wait_for(PATIENCE, |event| matches!(event, peer::Event::Closed { .. })).await {
            Some(peer::Event::Closed { code, reason }) => (code, reason),
            other => panic!("not closed: {other:?}"),
        };
        let closes = tokio::join!(client.closed(), silent.closed(), back_end.closed(), closed(publisher), closed(viewer));
        assert_eq!(<[_; 5]>::from(closes), std::array::from_fn(|_| going_away.clone()));
        assert_eq!(server.ended().await.code(), Some(0));
        assert!(told.elapsed() < Duration::from_secs(5), "{:?}", told.elapsed());
    }
}
