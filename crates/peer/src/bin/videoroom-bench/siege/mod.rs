//! What strangers and broken clients cost everybody else: a meeting and a back end go on while somebody attacks.

mod attack;
mod probe;

use std::fmt;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use peer::rest;

use crate::cores::ServerCore;
use crate::room::Room;
use crate::server::{Server, TOKEN};
use attack::Attack;
use probe::Latencies;

/// Viewers of the bystanders' video, and its bits per second.
const VIEWERS: usize = 3;
const BITRATE: u32 = 500_000;

/// Time for the first keyframes and handshakes to be over.
const SETTLE: Duration = Duration::from_secs(2);

/// Answers to others stay faster than this.
const AIM: Duration = Duration::from_millis(100);

/// One attack and what others noticed.
struct Outcome {
    attack: Attack,
    attempts: u64,
    latencies: Latencies,
    forwarded: u64,
    lost: u64,
    resident: u64,
}

/// All attacks, each against a fresh server.
pub(crate) struct Siege {
    window: Duration,
    outcomes: Vec<Outcome>,
}

impl Siege {
    pub(crate) async fn lay(binary: &Path, flags: &[String], core: Option<ServerCore>, window: Duration) -> Result<Self> {
        let mut outcomes = Vec::new();
        for attack in Attack::ALL {
            let server = Server::start(binary, flags, core).await?;
            outcomes.push(endure(&server, attack, window).await.with_context(|| format!("{attack}"))?);
        }
        Ok(Self { window, outcomes })
    }
}

async fn endure(server: &Server, attack: Attack, window: Duration) -> Result<Outcome> {
    let meeting = Room::fill(server, VIEWERS + 1, 1, BITRATE).await?;
    meeting.all_seen(|number| usize::from(number > 0)).await?;
    tokio::time::sleep(SETTLE).await;
    let room = rest::create_room(server.address, TOKEN).await?;
    let before = meeting.totals().await?;
    let attackers = attack.start(server.address).await?;
    let latencies = probe::measure(server.address, &room, window).await?;
    let attempts = attackers.stop();
    let after = meeting.totals().await?;
    let resident = server.resident()?;
    meeting.leave().await;
    ensure!(after.received > before.received, "the meeting stood still");
    let lost = before.lost.iter().zip(&after.lost).map(|(before, after)| after.saturating_sub(*before)).sum();
    Ok(Outcome { attack, attempts, latencies, forwarded: after.received - before.received, lost, resident })
}

impl fmt::Display for Siege {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = |time: Duration| time.as_secs_f64() * 1e3;
        writeln!(
            out,
            "| Attack, {} s each | Attempts | Others' REST p50, p99, worst ms (aim < {}) | Requests | Packets lost | Resident MiB |",
            self.window.as_secs(),
            AIM.as_millis()
        )?;
        writeln!(out, "|---|---|---|---|---|---|")?;
        for outcome in &self.outcomes {
            let latencies = &outcome.latencies;
            writeln!(
                out,
                "| {} | {} | {:.1}, {:.1}, {:.1} | {} | {} of {} | {:.1} |",
                outcome.attack,
                outcome.attempts,
                millis(latencies.quantile(0.5)),
                millis(latencies.quantile(0.99)),
                millis(latencies.quantile(1.0)),
                latencies.count(),
                outcome.lost,
                outcome.forwarded,
                outcome.resident as f64 / 1024.0,
            )?;
        }
        Ok(())
    }
}
