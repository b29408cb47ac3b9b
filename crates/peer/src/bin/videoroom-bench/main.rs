//! Figures of a media server: CPU time per forwarded packet, loss, and memory, next to a plain loop that encrypts and
//! sends packets of the same size.
//!
//! Starts the given server binary on ports of its own, fills rooms with headless peers, and prints a table in Markdown.
//! The server has a core of its own, where there are several: its clients would be other machines.
//! It ends by itself.

mod baseline;
mod cores;
mod load;
mod memory;
mod report;
mod room;
mod scenario;
mod server;
mod siege;

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Parser;

use cores::ServerCore;
use load::Load;
use report::Report;
use scenario::Scenario;
use server::Server;
use siege::Siege;

/// Bits per second of each video.
const BITRATE: u32 = 500_000;
/// Time within which everything must be over, the measurements themselves aside.
const OVERHEAD: Duration = Duration::from_mins(2);

/// Measures a media server: CPU per forwarded packet, loss, memory; or what attacks or back ends cost.
#[derive(Debug, Parser)]
#[command(version)]
struct Options {
    /// The media server's binary.
    #[arg(long, value_name = "PATH")]
    server: PathBuf,
    /// Length of each measurement.
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Measure what attacks cost others, instead.
    #[arg(long)]
    siege: bool,
    /// Measure what back ends cost, instead: many rooms, many notifications.
    #[arg(long, conflicts_with = "siege")]
    load: bool,
    /// Further flags for the server, after `--`.
    #[arg(last = true, value_name = "FLAGS")]
    server_flags: Vec<String>,
}

fn main() -> Result<()> {
    let options = Options::parse();
    // Before any other thread exists, so that all clients stay off it.
    let core = ServerCore::reserve()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let measuring = if options.load { load::LENGTH } else { Duration::from_secs(options.seconds * if options.siege { 8 } else { 3 }) };
    let limit = OVERHEAD + measuring;
    let report = runtime.block_on(async {
        tokio::time::timeout(limit, Box::pin(text(&options, core))).await.with_context(|| format!("not done within {limit:?}"))?
    })?;
    write!(std::io::stdout(), "{report}")?;
    Ok(())
}

async fn text(options: &Options, core: Option<ServerCore>) -> Result<String> {
    if options.load {
        return Ok(Load::put(&options.server, &options.server_flags, core).await?.to_string());
    }
    if options.siege {
        let window = Duration::from_secs(options.seconds);
        return Ok(Siege::lay(&options.server, &options.server_flags, core, window).await?.to_string());
    }
    Ok(measure(options, core).await?.to_string())
}

async fn measure(options: &Options, core: Option<ServerCore>) -> Result<Report> {
    let window = Duration::from_secs(options.seconds);
    let baseline = tokio::task::spawn_blocking(baseline::measure).await??;
    let mut scenarios = Vec::new();
    for scenario in [Scenario::one_to_many(20), Scenario::all_to_all(8)] {
        // Each has a fresh server, so that neither inherits the other's memory.
        let server = Server::start(&options.server, &options.server_flags, core).await?;
        scenarios.push(scenario.run(&server, window).await.with_context(|| format!("scenario {}", scenario.name()))?);
    }
    let memory = memory::measure(&Server::start(&options.server, &options.server_flags, core).await?).await.context("memory")?;
    Ok(Report { window, baseline, scenarios, memory })
}
