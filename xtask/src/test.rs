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
    Ok(())
}

fn browser(workspace: &Workspace) -> Result<()> {
    // Tests and binaries share one build; a build of the binaries alone would choose other features and compile most of it anew.
    process::run(workspace, "cargo", &["test", "--profile", "checked", "--locked", "--workspace", "--no-run"])?;
    let mut suite = command(workspace, "npm", &["run", "--silent", "test", "--workspace", "@videoroom/e2e"]);
    suite.env("VIDEOROOM_BIN", workspace.binary("checked", "videoroom"));
    suite.env("JELLYFISH_BIN", workspace.binary("checked", "jellyfish"));
    run_command(suite)
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
