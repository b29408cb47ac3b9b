//! `fuzz`: every target is complete, although nothing here builds one.

use std::collections::BTreeMap;

use anyhow::Result;

use super::fail_with;
use crate::workspace::Workspace;

/// A corpus beyond it is work for `cargo fuzz cmin`.
const MAX_FILES: usize = 200;
/// Bytes of all its files.
const MAX_BYTES: u64 = 200_000;

pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let (manifest, readme) = (workspace.read("fuzz/Cargo.toml")?, workspace.read("fuzz/README.md")?);
    let files = workspace.files()?;
    let mut seams = String::new();
    for file in files.iter().filter(|file| file.starts_with("crates/") && file.ends_with(".rs")) {
        seams.push_str(&workspace.read(file)?);
    }
    let mut corpora: BTreeMap<&str, (usize, u64)> = BTreeMap::new();
    for file in &files {
        if let Some((target, _)) = file.strip_prefix("fuzz/corpus/").and_then(|path| path.split_once('/')) {
            let (count, bytes) = corpora.entry(target).or_default();
            *count += 1;
            *bytes += std::fs::metadata(workspace.root.join(file))?.len();
        }
    }
    let targets = files.iter().filter_map(|file| file.strip_prefix("fuzz/fuzz_targets/")?.strip_suffix(".rs"));
    let targets: Vec<&str> = targets.collect();
    let mut problems: Vec<String> = targets
        .iter()
        .flat_map(|target| {
            let missing = [
                (manifest.contains(&format!("name = \"{target}\"")), "no [[bin]] in fuzz/Cargo.toml"),
                (readme.contains(&format!("| `{target}` |")), "no row in fuzz/README.md"),
                (corpora.contains_key(target), "no corpus"),
                (seams.contains(&format!("replay(\"{target}\"")), "no test that replays its corpus"),
            ];
            missing.into_iter().filter(|(is_there, _)| !is_there).map(move |(_, what)| format!("fuzz target {target}: {what}"))
        })
        .collect();
    for (target, (count, bytes)) in corpora {
        if !targets.contains(&target) {
            problems.push(format!("fuzz/corpus/{target} is of no target"));
        }
        if count > MAX_FILES || bytes > MAX_BYTES {
            problems.push(format!("fuzz/corpus/{target}: {count} files with {bytes} bytes, more than {MAX_FILES} or {MAX_BYTES}"));
        }
    }
    fail_with(&problems)
}
