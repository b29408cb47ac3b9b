//! Under a service manager.

use nix::sys::signal::Signal;
use tempfile::TempDir;
use testkit::Manager;

use crate::program::{LOOPBACK, Process, command};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_service_manager_hears_when_it_serves_lives_and_ends() {
    let data = TempDir::new().unwrap();
    let path = data.path().join("notify");
    let manager = Manager::at(&path);
    let mut program = command(&data.path().join("data"), &LOOPBACK);
    program.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "100000");
    let process = Process::run(program);
    assert_eq!(manager.heard(), "READY=1");
    manager.heard_next("WATCHDOG=1");
    manager.heard_next("WATCHDOG=1");
    process.end(Signal::SIGTERM).await;
    manager.heard_next("STOPPING=1");
}

#[tokio::test]
async fn the_state_directory_of_the_manager_is_used() {
    let data = TempDir::new().unwrap();
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_videoroom"));
    program.env_clear().env("STATE_DIRECTORY", data.path()).args(["--media-port", "0", "--workers", "1"]).args(LOOPBACK);
    program.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    Process::run(program).end(Signal::SIGTERM).await;
    assert!(data.path().join("identity-secret").exists());
}
