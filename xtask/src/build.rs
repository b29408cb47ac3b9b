//! `cargo xtask build` and `run`.

use std::os::unix::process::CommandExt as _;

use anyhow::{Context, Result, ensure};

use crate::process::{command, exists, run};
use crate::workspace::Workspace;

/// Installs the page's dependencies when the lock file changed since the last time.
pub(crate) fn npm_install(workspace: &Workspace) -> Result<()> {
    ensure!(exists("npm"), "npm is missing: install Node.js 20.19 or newer (https://nodejs.org), then try again");
    let lock = std::fs::metadata(workspace.root.join("package-lock.json")).context("package-lock.json is missing")?.modified()?;
    let installed = std::fs::metadata(workspace.root.join("node_modules/.package-lock.json")).and_then(|file| file.modified());
    if installed.is_ok_and(|installed| installed >= lock) {
        return Ok(());
    }
    run(workspace, "npm", &["ci", "--no-fund", "--no-audit"])
}

/// Builds the page that `videoroom` embeds.
pub(crate) fn page(workspace: &Workspace) -> Result<()> {
    npm_install(workspace)?;
    run(workspace, "npm", &["run", "--silent", "build"])
}

/// Builds the page and the release binaries.
pub(crate) fn release(workspace: &Workspace) -> Result<()> {
    page(workspace)?;
    run(workspace, "cargo", &["build", "--release", "--locked", "--package", "videoroom", "--package", "jellyfish", "--bins"])
}

/// Builds everything and becomes `videoroom`.
pub(crate) fn run_videoroom(workspace: &Workspace, flags: &[String]) -> Result<()> {
    release(workspace)?;
    let binary = workspace.binary("release", "videoroom");
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    // Replaces this process, so that signals reach the server itself.
    Err(command(workspace, &binary, &flags).exec()).with_context(|| format!("cannot start {}", binary.display()))
}
