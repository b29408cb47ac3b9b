//! Starting other programs.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

/// A command in the repository's root.
pub(crate) fn command(workspace: &Workspace, program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(&workspace.root);
    command
}

/// Says what is run, runs it, and fails when it fails.
pub(crate) fn run(workspace: &Workspace, program: &str, arguments: &[&str]) -> Result<()> {
    run_command(command(workspace, program, arguments))
}

/// The same for a prepared command.
pub(crate) fn run_command(mut command: Command) -> Result<()> {
    let line = describe(&command);
    println!("> {line}");
    let status = command.status().with_context(|| format!("cannot start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed: {status}");
    }
    Ok(())
}

/// What a command prints.
pub(crate) fn output(workspace: &Workspace, program: &str, arguments: &[&str]) -> Result<String> {
    let mut command = command(workspace, program, arguments);
    let line = describe(&command);
    let output = command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot start `{line}`"))?;
    if !output.status.success() {
        bail!("`{line}` failed: {}", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{line}` does not print UTF-8"))
}

/// Whether a program is on the path.
pub(crate) fn exists(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|paths| std::env::split_paths(&paths).any(|dir| dir.join(program).is_file()))
}

fn describe(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}
