//! Installing Debian's packages.

use anyhow::Result;

use crate::process::{self, command, run_command};
use crate::workspace::Workspace;

/// Installs packages, with `sudo` for an ordinary user.
pub(crate) fn install(workspace: &Workspace, purpose: &str, packages: &[&str]) -> Result<()> {
    println!("> installing {} for {purpose}", packages.join(" "));
    let prefix: &[&str] = if is_root(workspace)? { &[] } else { &["sudo"] };
    apt(workspace, prefix, &["update", "-qq"])?;
    let mut install = vec!["install", "-y", "-qq", "--no-install-recommends"];
    install.extend(packages);
    apt(workspace, prefix, &install)
}

fn apt(workspace: &Workspace, prefix: &[&str], arguments: &[&str]) -> Result<()> {
    let mut words = prefix.to_vec();
    words.push("apt-get");
    words.extend(arguments);
    let mut apt = command(workspace, words[0], &words[1..]);
    apt.env("DEBIAN_FRONTEND", "noninteractive");
    run_command(apt)
}

fn is_root(workspace: &Workspace) -> Result<bool> {
    Ok(process::output(workspace, "id", &["-u"])?.trim() == "0")
}
