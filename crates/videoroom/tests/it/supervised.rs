//! Under a service manager.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use nix::sys::signal::Signal;
use tempfile::TempDir;

use crate::program::{LOOPBACK, Process, command};

struct Manager(UnixDatagram);

impl Manager {
    fn heard(&self) -> String {
        let mut buffer = [0; 64];
        let length = self.0.recv(&mut buffer).expect("the manager is told something");
        String::from_utf8(buffer[..length].to_vec()).unwrap()
    }

    fn heard_next(&self, wanted: &str) {
        for _ in 0..1_000 {
            if self.heard() == wanted {
                return;
            }
        }
        panic!("{wanted} was never told");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_service_manager_hears_when_it_serves_lives_and_ends() {
    let data = TempDir::new().unwrap();
    let path = data.path().join("notify");
    let manager = Manager(UnixDatagram::bind(&path).unwrap());
    manager.0.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
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
