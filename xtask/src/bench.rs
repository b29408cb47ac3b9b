//! `cargo xtask bench`: figures of the release build.

use std::time::Instant;

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::process::{command, output, run, run_command};
use crate::workspace::Workspace;
use crate::{build, test};

/// A part of the measurements.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Sizes of the binaries and of the page's scripts
    Size,
    /// Server CPU per forwarded packet, memory per room and peer
    Media,
    /// What attacks cost everybody else: REST latency and lost packets
    Siege,
    /// What back ends cost: 1,000 rooms, 10,000 notifications a second, rooms made and removed for a minute
    Load,
    /// Click on "Join" to the first remote frame, in a browser
    Join,
    /// A cold release build, in a directory of its own
    ColdBuild,
}

/// Runs the named parts, or all but the cold build.
pub(crate) fn run_parts(workspace: &Workspace, parts: &[Part]) -> Result<()> {
    let wanted = |part| parts.contains(&part) || (parts.is_empty() && part != Part::ColdBuild);
    println!("machine: {}", machine()?);
    if wanted(Part::ColdBuild) {
        cold_build(workspace)?;
    }
    build::release(workspace)?;
    if wanted(Part::Size) {
        sizes(workspace)?;
    }
    if wanted(Part::Media) {
        videoroom_bench(workspace, &[])?;
    }
    if wanted(Part::Siege) {
        videoroom_bench(workspace, &["--siege"])?;
    }
    if wanted(Part::Load) {
        videoroom_bench(workspace, &["--load"])?;
    }
    if wanted(Part::Join) {
        test::install_browsers(workspace)?;
        let mut bench = command(workspace, "npm", &["run", "--silent", "bench", "--workspace", "@videoroom/e2e"]);
        bench.env("VIDEOROOM_BIN", workspace.binary("release", "videoroom"));
        bench.env("JELLYFISH_BIN", workspace.binary("release", "jellyfish"));
        run_command(bench)?;
    }
    Ok(())
}

fn videoroom_bench(workspace: &Workspace, flags: &[&str]) -> Result<()> {
    run(workspace, "cargo", &["build", "--release", "--locked", "--package", "peer", "--bins"])?;
    let mut bench = command(workspace, workspace.binary("release", "videoroom-bench"), flags);
    bench.arg("--server").arg(workspace.binary("release", "jellyfish"));
    run_command(bench)
}

fn machine() -> Result<String> {
    let info = std::fs::read_to_string("/proc/cpuinfo").context("cannot read /proc/cpuinfo")?;
    let model =
        info.lines().find_map(|line| line.strip_prefix("model name")).map_or("unknown", |rest| rest.trim_start_matches([' ', '\t', ':']));
    Ok(format!("{model}, {} cores", std::thread::available_parallelism()?))
}

fn cold_build(workspace: &Workspace) -> Result<()> {
    let target = workspace.target.join("cold");
    if target.exists() {
        std::fs::remove_dir_all(&target)?;
    }
    let mut cargo = command(workspace, "cargo", &["build", "--release", "--locked", "--package", "videoroom"]);
    cargo.env("CARGO_TARGET_DIR", &target);
    let start = Instant::now();
    run_command(cargo)?;
    println!("cold release build of videoroom: {:.0} s", start.elapsed().as_secs_f64());
    std::fs::remove_dir_all(&target).context("cannot remove the cold build")
}

fn sizes(workspace: &Workspace) -> Result<()> {
    for name in ["videoroom", "jellyfish"] {
        let bytes = std::fs::metadata(workspace.binary("release", name))?.len();
        println!("{name}: {:.1} MiB", bytes as f64 / f64::from(1 << 20));
    }
    let script = "cd web/app/dist/assets && for f in *.js; do printf '%s %s\\n' \"$(gzip -9c \"$f\" | wc -c)\" \"$f\"; done";
    println!("scripts of the page, gzip bytes:\n{}", output(workspace, "sh", &["-c", script])?);
    Ok(())
}
