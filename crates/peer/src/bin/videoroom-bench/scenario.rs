//! Who sends to whom, and what it costs the server.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::BITRATE;
use crate::room::{Room, Totals};
use crate::server::Server;

/// Time for the encoders' first keyframes and the handshakes to be over.
const SETTLE: Duration = Duration::from_secs(3);

/// Length of the measurement without media.
const IDLE: Duration = Duration::from_secs(5);

/// A room's shape.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scenario {
    peers: usize,
    publishers: usize,
}

/// What a scenario cost.
pub(crate) struct Outcome {
    pub(crate) name: String,
    pub(crate) window: Duration,
    pub(crate) forwarded: u64,
    pub(crate) bytes: u64,
    pub(crate) ingress: u64,
    /// Packets lost on each stream that lost any.
    pub(crate) lost: Vec<u64>,
    pub(crate) violations: u32,
    pub(crate) cpu: Duration,
    /// Share of the CPU time spent in the kernel, 0 to 1.
    pub(crate) kernel: f64,
    pub(crate) resident_before: u64,
    pub(crate) resident_after: u64,
    pub(crate) peers: usize,
    /// CPU time per second and peer once all videos are paused.
    pub(crate) idle: Duration,
}

impl Outcome {
    /// CPU time of the server per forwarded packet; everything it did meanwhile counts.
    pub(crate) fn cpu_per_packet(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.forwarded.max(1) as f64
    }
}

impl Scenario {
    /// One publisher and `viewers` viewers.
    pub(crate) fn one_to_many(viewers: usize) -> Self {
        Self { peers: viewers + 1, publishers: 1 }
    }

    /// Everybody sends to everybody.
    pub(crate) fn all_to_all(peers: usize) -> Self {
        Self { peers, publishers: peers }
    }

    pub(crate) fn name(&self) -> String {
        if self.publishers == 1 { format!("1→{}", self.peers - 1) } else { format!("{0}×{0}", self.peers) }
    }

    pub(crate) async fn run(&self, server: &Server, window: Duration) -> Result<Outcome> {
        let resident_before = server.resident()?;
        let room = Room::fill(server, self.peers, self.publishers, BITRATE).await?;
        let publishers = self.publishers;
        room.all_seen(|number| if number < publishers { publishers - 1 } else { publishers }).await?;
        tokio::time::sleep(SETTLE).await;

        let (start, cpu, ticks, before) = (Instant::now(), server.cpu()?, server.ticks()?, room.totals().await?);
        tokio::time::sleep(window).await;
        let (window, cpu, now, after) = (start.elapsed(), server.cpu()?.saturating_sub(cpu), server.ticks()?, room.totals().await?);

        let (user, system) = (now.0 - ticks.0, now.1 - ticks.1);
        let resident_after = server.resident()?;
        room.pause().await?;
        tokio::time::sleep(SETTLE).await;
        let idle = idle(server, self.peers).await?;
        room.leave().await;
        let outcome = Outcome {
            name: self.name(),
            window,
            forwarded: after.received - before.received,
            bytes: after.bytes - before.bytes,
            ingress: after.sent - before.sent,
            lost: lost(&before, &after),
            violations: after.violations,
            cpu,
            kernel: system as f64 / (user + system).max(1) as f64,
            resident_before,
            resident_after,
            peers: self.peers,
            idle,
        };
        ensure!(outcome.forwarded > 0, "nothing was forwarded");
        Ok(outcome)
    }
}

/// CPU time of the server per second and peer while nothing is sent.
async fn idle(server: &Server, peers: usize) -> Result<Duration> {
    let (start, cpu) = (Instant::now(), server.cpu()?);
    tokio::time::sleep(IDLE).await;
    let spent = server.cpu()?.saturating_sub(cpu);
    Ok(spent.div_f64(start.elapsed().as_secs_f64() * peers as f64))
}

/// What was missing at the end and not at the beginning; a packet on its way then may make up for one missing before.
fn lost(before: &Totals, after: &Totals) -> Vec<u64> {
    let grown = before.lost.iter().zip(&after.lost).map(|(before, after)| after.saturating_sub(*before));
    grown.filter(|lost| *lost > 0).collect()
}
