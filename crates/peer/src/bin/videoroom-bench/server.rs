//! The measured server: a process of its own, and what the kernel says about it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::cores::ServerCore;

/// Bearer token of the measured server.
pub(crate) const TOKEN: &str = "bench-token";
/// Servers started so far, for names of their own.
static STARTED: AtomicUsize = AtomicUsize::new(0);
const START: Duration = Duration::from_secs(20);

/// A running server; killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    data: PathBuf,
}

impl Server {
    pub(crate) async fn start(binary: &Path, flags: &[String], core: Option<ServerCore>) -> Result<Self> {
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let data = std::env::temp_dir().join(format!("videoroom-bench-{}-{number}", std::process::id()));
        fs::create_dir_all(&data)?;
        let mut command = Command::new(binary);
        command
            .args(["--listen", "127.0.0.1:0", "--media-port", "0", "--announce", "127.0.0.1", "--tls", "off"])
            .args(["--metrics-listen", "off", "--api-token", TOKEN, "--log-level", "warn", "--data-dir"])
            .arg(&data)
            .args(flags)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let child = match core {
            Some(core) => core.start(|| command.spawn()),
            None => command.spawn().map_err(Into::into),
        };
        let mut child = child.with_context(|| format!("cannot start {}", binary.display()))?;
        let output = child.stdout.take().context("the server has no standard output")?;
        let mut server = Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)), data };
        let ready = tokio::task::spawn_blocking(move || ready_line(BufReader::new(output)));
        let url = tokio::time::timeout(START, ready).await.context("the server is not ready in time")???;
        let authority =
            url.split_once("://").map_or(url.as_str(), |(_, rest)| rest).trim_end_matches('/').replace("localhost", "127.0.0.1");
        server.address = authority.parse().with_context(|| format!("no address in \"{url}\""))?;
        Ok(server)
    }

    pub(crate) fn web_socket(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// CPU time of all threads, user and system.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        let mut total = Duration::ZERO;
        for thread in fs::read_dir(format!("/proc/{}/task", self.child.id())).context("the server is gone")? {
            total += schedstat(&thread?.path().join("schedstat"))?;
        }
        Ok(total)
    }

    /// Clock ticks in user mode and in the kernel, whose ratio tells where the time goes.
    pub(crate) fn ticks(&self) -> Result<(u64, u64)> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name, in parentheses, may hold anything; the numbers follow it (proc_pid_stat(5)).
        let fields: Vec<&str> = stat.rsplit_once(')').context("unreadable stat")?.1.split_whitespace().collect();
        let field = |index: usize| fields.get(index).and_then(|text| text.parse().ok()).context("unreadable stat");
        Ok((field(11)?, field(12)?))
    }

    /// Resident memory in KiB.
    pub(crate) fn resident(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end or to remove.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.data);
    }
}

/// Reads the server's output up to the line that says where it serves, and goes on reading behind it so that the server
/// never blocks.
fn ready_line(mut output: BufReader<std::process::ChildStdout>) -> Result<String> {
    let mut line = String::new();
    loop {
        line.clear();
        if output.read_line(&mut line)? == 0 {
            bail!("the server ended before it was ready");
        }
        if let Some(url) = line.strip_prefix("ready: ") {
            let url = url.trim().to_owned();
            std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
            return Ok(url);
        }
    }
}

/// CPU time of the calling thread.
pub(crate) fn thread_cpu() -> Result<Duration> {
    schedstat(Path::new("/proc/thread-self/schedstat"))
}

/// The first number of a `schedstat` file: time on a CPU in nanoseconds.
fn schedstat(path: &Path) -> Result<Duration> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let nanoseconds = text.split_whitespace().next().context("an empty schedstat")?;
    Ok(Duration::from_nanos(nanoseconds.parse()?))
}
