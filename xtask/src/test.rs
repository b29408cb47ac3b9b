//! `cargo xtask test`: installs what the tests need and runs them.

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::process::{command, exists, run_command};
use crate::workspace::Workspace;
use crate::{build, packages, process, sdk};

/// A part of the test suite.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// Rust: unit, simulation and integration tests
    Rust,
    /// TypeScript unit tests
    Web,
    /// Real browsers against the real binaries
    Browser,
    /// Published back-end SDKs, unmodified, against the real media server
    Sdk,
    /// The systemd unit and the images, without a running systemd or container engine
    Deploy,
}

/// Debian packages by the program that shows their presence.
const PACKAGES: [(&str, &str); 6] = [
    ("chromium", "chromium"),
    ("firefox-esr", "firefox-esr"),
    ("ip", "iproute2"),
    ("nft", "nftables"),
    ("unshare", "util-linux"),
    ("fc-list", "fontconfig"),
];

/// What the Rust tests need: a proxy in front of the Backend, and two machines on a network.
const NETWORK: [(&str, &str); 4] = [("nginx", "nginx"), ("curl", "curl"), ("ip", "iproute2"), ("unshare", "util-linux")];

/// What trying the unit and the images needs.
const DEPLOY: [(&str, &str); 5] =
    [("systemd-analyze", "systemd"), ("strace", "strace"), ("curl", "curl"), ("ip", "iproute2"), ("unshare", "util-linux")];

/// Runs the named parts, or all of them.
pub(crate) fn run(workspace: &Workspace, parts: &[Part]) -> Result<()> {
    let wanted = |part| parts.is_empty() || parts.contains(&part);
    if wanted(Part::Browser) {
        install_browsers(workspace)?;
    }
    build::page(workspace)?;
    if wanted(Part::Web) {
        process::run(workspace, "npm", &["run", "--silent", "test"])?;
    }
    if wanted(Part::Rust) {
        install(workspace, "the Rust tests", &NETWORK)?;
        process::run(workspace, "cargo", &["test", "--profile", "checked", "--locked", "--workspace"])?;
    }
    if wanted(Part::Browser) {
        browser(workspace)?;
    }
    if wanted(Part::Sdk) {
        sdk::run(workspace)?;
    }
    if wanted(Part::Deploy) {
        deploy(workspace)?;
    }
    Ok(())
}

fn browser(workspace: &Workspace) -> Result<()> {
    binaries(workspace)?;
    // On one network, and with a NAT between the hosts.
    for script in ["test", "test:nat"] {
        let mut suite = command(workspace, "npm", &["run", "--silent", script, "--workspace", "@videoroom/e2e"]);
        suite.env("VIDEOROOM_BIN", workspace.binary("checked", "videoroom"));
        suite.env("JELLYFISH_BIN", workspace.binary("checked", "jellyfish"));
        run_command(suite)?;
    }
    Ok(())
}

/// Tests and binaries share one build; a build of the binaries alone would choose other features and compile most of it anew.
fn binaries(workspace: &Workspace) -> Result<()> {
    process::run(workspace, "cargo", &["test", "--profile", "checked", "--locked", "--workspace", "--no-run"])
}

fn deploy(workspace: &Workspace) -> Result<()> {
    install(workspace, "the tests of the unit and the images", &DEPLOY)?;
    binaries(workspace)?;
    let binary = |name| workspace.binary("checked", name);
    let mut unit = command(workspace, "deploy/try-unit.sh", &[]);
    unit.args([binary("videoroom"), binary("videoroom-peer")]);
    run_command(unit)?;
    if process::output(workspace, "id", &["-u"])?.trim() != "0" {
        println!("the images are not tried: only root can take their user's part");
        return Ok(());
    }
    for name in ["videoroom", "jellyfish"] {
        let mut image = command(workspace, "deploy/try-image.sh", &[]);
        image.arg(binary(name));
        run_command(image)?;
    }
    Ok(())
}

/// Debian's browsers; the test runner's own downloads are never needed.
pub(crate) fn install_browsers(workspace: &Workspace) -> Result<()> {
    install(workspace, "the browser tests", &PACKAGES)
}

fn install(workspace: &Workspace, purpose: &str, packages: &[(&str, &str)]) -> Result<()> {
    let missing: Vec<&str> = packages.iter().filter(|(program, _)| !on_path(program)).map(|(_, package)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    if !exists("apt-get") {
        bail!("{purpose} need {list}: install them, or run the other parts of `cargo xtask test` by their names");
    }
    packages::install(workspace, purpose, &missing)
}

/// Administration programs may stand outside an ordinary user's path.
fn on_path(program: &str) -> bool {
    exists(program) || ["/usr/sbin", "/sbin"].iter().any(|dir| std::path::Path::new(dir).join(program).is_file())
}
