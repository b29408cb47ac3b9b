//! A back end that asks for a room again and again, on a fresh connection each time.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::server::TOKEN;

/// Pause between requests.
const PERIOD: Duration = Duration::from_millis(10);
/// An answer that takes longer counts as this long, and the run as failed.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long answers took, sorted.
pub(crate) struct Latencies(Vec<Duration>);

impl Latencies {
    /// The latency that this share of the answers did not exceed.
    pub(crate) fn quantile(&self, share: f64) -> Duration {
        let last = self.0.len().saturating_sub(1);
        self.0.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }
}

/// Asks for the room for so long.
pub(crate) async fn measure(server: SocketAddr, room: &str, window: Duration) -> Result<Latencies> {
    let end = Instant::now() + window;
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut latencies = Vec::new();
    while Instant::now() < end {
        ticks.tick().await;
        let start = Instant::now();
        timeout(PATIENCE, ask(server, room)).await??;
        latencies.push(start.elapsed());
    }
    latencies.sort();
    Ok(Latencies(latencies))
}

async fn ask(server: SocketAddr, room: &str) -> Result<()> {
    let mut stream = TcpStream::connect(server).await?;
    let request = format!("GET /room/{room} HTTP/1.1\r\nhost: {server}\r\nauthorization: Bearer {TOKEN}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    ensure!(answer.starts_with("HTTP/1.1 200"), "GET /room/{room}: {answer}");
    Ok(())
}
