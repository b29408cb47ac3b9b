//! The table.

use std::fmt;
use std::time::Duration;

use crate::baseline::{Baseline, PAYLOAD};
use crate::memory::Memory;
use crate::scenario::Outcome;

/// All figures of one run.
pub(crate) struct Report {
    pub(crate) window: Duration,
    pub(crate) baseline: Baseline,
    pub(crate) scenarios: Vec<Outcome>,
    pub(crate) memory: Memory,
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = |time: Duration| time.as_secs_f64() * 1e6;
        let floor = micros(self.baseline.encrypt_and_send);
        writeln!(
            out,
            "| Forwarding, {} s each | packets/s in | packets/s out | Mbit/s out | lost | server CPU µs per forwarded packet | of it kernel | × plain loop | CPU of a core | µs per second and peer once paused |",
            self.window.as_secs()
        )?;
        writeln!(out, "|---|---|---|---|---|---|---|---|---|---|")?;
        for outcome in &self.scenarios {
            let seconds = outcome.window.as_secs_f64();
            let rate = |count: u64| count as f64 / seconds;
            writeln!(
                out,
                "| {} | {:.0} | {:.0} | {:.1} | {} of {} | **{:.2}** | {:.0} % | {:.1} | {:.1} % | {:.0} |",
                outcome.name,
                rate(outcome.ingress),
                rate(outcome.forwarded),
                rate(outcome.bytes) * 8.0 / 1e6,
                outcome.lost.iter().sum::<u64>(),
                outcome.forwarded,
                outcome.cpu_per_packet(),
                outcome.kernel * 100.0,
                outcome.cpu_per_packet() / floor,
                outcome.cpu.as_secs_f64() / seconds * 100.0,
                micros(outcome.idle),
            )?;
        }
        writeln!(out, "\n| Plain loop, one packet of {PAYLOAD} bytes | CPU µs |\n|---|---|")?;
        writeln!(out, "| AES-128-GCM | {:.2} |", micros(self.baseline.encrypt))?;
        writeln!(out, "| AES-128-GCM and `sendto` to loopback | {floor:.2} |")?;
        writeln!(out, "\n| Resident memory | |\n|---|---|")?;
        writeln!(out, "| idle server | {:.1} MiB |", self.memory.idle as f64 / 1024.0)?;
        writeln!(out, "| per empty room | {:.1} KiB |", self.memory.per_room)?;
        writeln!(out, "| per connected peer without media | {:.1} KiB |", self.memory.per_peer)?;
        for outcome in &self.scenarios {
            let grown = outcome.resident_after.saturating_sub(outcome.resident_before) as f64;
            writeln!(
                out,
                "| per peer of {} (with all buffers of the first media) | {:.0} KiB |",
                outcome.name,
                grown / outcome.peers as f64
            )?;
        }
        for outcome in self.scenarios.iter().filter(|outcome| !outcome.lost.is_empty()) {
            let worst = outcome.lost.iter().max().copied().unwrap_or(0);
            writeln!(out, "\n{}: {} streams lost packets, the worst of them {worst}.", outcome.name, outcome.lost.len())?;
        }
        for outcome in self.scenarios.iter().filter(|outcome| outcome.violations > 0) {
            writeln!(out, "\n{}: the server broke the protocol's rules {} times.", outcome.name, outcome.violations)?;
        }
        Ok(())
    }
}
