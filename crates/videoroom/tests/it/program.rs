//! The binary as a process.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use testkit::eventually;

use crate::support::Web;

/// Free ports of loopback.
pub(crate) const LOOPBACK: [&str; 4] = ["--listen", "127.0.0.1:0", "--api-listen", "127.0.0.1:0"];

/// The program with these flags, a free media port, and no environment.
pub(crate) fn command(data_dir: &Path, flags: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_videoroom"));
    command.env_clear().arg("--data-dir").arg(data_dir).args(["--media-port", "0", "--workers", "1"]).args(flags);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it to its end, which has to come by itself.
pub(crate) fn run(data_dir: &Path, flags: &[&str]) -> Output {
    command(data_dir, flags).output().unwrap()
}

/// A running process, with the address that it printed. It is killed when the test fails.
pub(crate) struct Process {
    child: Child,
    pub(crate) ready: String,
    log: Log,
}

/// What a process writes to standard error.
struct Log {
    text: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Process {
    pub(crate) fn start(data_dir: &Path, flags: &[&str]) -> Self {
        Self::run(command(data_dir, flags))
    }

    pub(crate) fn run(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let errors = BufReader::new(child.stderr.take().unwrap());
        let text: Arc<Mutex<String>> = Arc::default();
        let written = Arc::clone(&text);
        let reader = std::thread::spawn(move || {
            for line in errors.lines().map_while(Result::ok) {
                let mut text = written.lock().unwrap();
                text.push_str(&line);
                text.push('\n');
            }
        });
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let ready = lines.find_map(|line| line.strip_prefix("ready: ").map(str::to_owned));
        let ready = ready.unwrap_or_else(|| panic!("no ready line: {}", child.wait().unwrap()));
        Self { child, ready, log: Log { text, reader: Some(reader) } }
    }

    pub(crate) fn web(&self) -> Web {
        Web::new(self.address())
    }

    /// The id of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn log_so_far(&self) -> String {
        self.log.text.lock().unwrap().clone()
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.ready.trim_start_matches("http://").parse().unwrap()
    }

    /// Ends it as a crash does.
    pub(crate) fn crash(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end; its log.
    pub(crate) async fn end(mut self, signal: Signal) -> String {
        let asked = Instant::now();
        kill(Pid::from_raw(self.child.id() as i32), signal).unwrap();
        let status = eventually("the process ends", async || self.child.try_wait().unwrap().ok_or("still running".to_owned())).await;
        assert!(status.success(), "{status}");
        assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
        self.log.reader.take().unwrap().join().unwrap();
        self.log_so_far()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A process that has ended needs no killing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
