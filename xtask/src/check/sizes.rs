//! Files stay small enough to read at one sitting.

use anyhow::{Context, Result};

use super::fail_with;
use crate::workspace::Workspace;

/// Most lines of a source file without an entry in the allow-list.
const BUDGET: usize = 600;
/// File, most lines, reason.
const ALLOW_LIST: &str = "xtask/size-allow.toml";

pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let allowed: toml::Table = workspace.read(ALLOW_LIST)?.parse().with_context(|| format!("{ALLOW_LIST} is no TOML"))?;
    let mut problems = Vec::new();
    let files = workspace.files()?;
    for file in files.iter().filter(|file| is_source(file)) {
        let lines = workspace.read(file)?.lines().count();
        let entry = allowed.get(file).and_then(toml::Value::as_integer);
        let limit = entry.map_or(BUDGET, |limit| usize::try_from(limit).unwrap_or(BUDGET));
        if lines > limit {
            problems.push(format!("{file} has {lines} lines, more than {limit}: split it, or give the reason in {ALLOW_LIST}"));
        } else if entry.is_some() && lines <= BUDGET {
            problems.push(format!("{file} has only {lines} lines: remove it from {ALLOW_LIST}"));
        }
    }
    let gone = allowed.keys().filter(|file| !files.contains(file));
    problems.extend(gone.map(|file| format!("{file} is gone: remove it from {ALLOW_LIST}")));
    fail_with(&problems)
}

fn is_source(file: &str) -> bool {
    let extension = file.rsplit('.').next().unwrap_or_default();
    ["rs", "ts", "tsx", "mjs", "js", "css"].contains(&extension) && !file.contains("/gen/")
}
