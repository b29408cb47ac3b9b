//! Committed generated files equal what the generators write now. The OpenAPI documents are compared by tests of their crates.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use super::fail_with;
use crate::generate;
use crate::workspace::Workspace;

pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let fresh = workspace.target.join("generated");
    if fresh.exists() {
        fs::remove_dir_all(&fresh).context("cannot clear the directory for freshly generated files")?;
    }
    generate::rust(&workspace.root, &fresh.join("rust"))?;
    generate::typescript(&workspace.root, &fresh.join("typescript"))?;
    let mut problems = compare(&fresh.join("rust"), &generate::rust_out(&workspace.root))?;
    problems.extend(compare(&fresh.join("typescript"), &generate::typescript_out(&workspace.root))?);
    fail_with(&problems)
}

fn compare(fresh: &Path, committed: &Path) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for entry in fs::read_dir(fresh)? {
        let entry = entry?;
        let old = committed.join(entry.file_name());
        if fs::read(&old).ok() != Some(fs::read(entry.path())?) {
            problems.push(format!("{} is out of date: run `cargo xtask gen`", old.display()));
        }
    }
    for entry in fs::read_dir(committed)? {
        let entry = entry?;
        if !fresh.join(entry.file_name()).exists() {
            problems.push(format!("{} is no longer generated: remove it", entry.path().display()));
        }
    }
    Ok(problems)
}
