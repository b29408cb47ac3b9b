//! `docs/conformance.md`: every row of the two wire references names its test, or stands on the allow-list.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};

use super::fail_with;
use crate::workspace::Workspace;

const TABLE: &str = "docs/conformance.md";
/// Rows without a test. Its first line limits its length, and only ever sinks.
const ALLOW_LIST: &str = "docs/conformance-open.txt";
/// Prefix of the row ids and how many rows each reference has: S for signalling, M for the media server's API.
const REFERENCES: [(&str, usize); 2] = [("S", 120), ("M", 204)];

pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let rows = rows(&workspace.read(TABLE)?)?;
    let (limit, open) = allow_list(&workspace.read(ALLOW_LIST)?)?;
    let tests = test_sources(workspace)?;
    let mut problems = Vec::new();
    for id in REFERENCES.iter().flat_map(|(prefix, count)| (1..=*count).map(move |number| format!("{prefix}{number}"))) {
        match (rows.get(&id), open.contains(&id)) {
            (None, _) => problems.push(format!("{TABLE} has no row {id}")),
            (Some(names), false) if names.is_empty() => problems.push(format!("row {id} names no test")),
            (Some(names), true) if !names.is_empty() => problems.push(format!("row {id} names a test: remove it from {ALLOW_LIST}")),
            (Some(names), _) => {
                let missing = names.iter().filter(|name| !tests.contains(name.as_str()));
                problems.extend(missing.map(|name| format!("row {id}: there is no test `{name}`")));
            }
        }
    }
    if open.len() != limit {
        problems.push(format!("{ALLOW_LIST} has {} rows and says {limit}: it may only shrink", open.len()));
    }
    fail_with(&problems)
}

/// Rows `| id | wording | tests |`; the tests stand in back-ticks, separated by commas.
fn rows(text: &str) -> Result<BTreeMap<String, Vec<String>>> {
    let mut rows = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("| S") || line.starts_with("| M")) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        ensure!(cells.len() == 5, "{TABLE}: a row has three cells, not like this: {line}");
        let tests = cells[3].split('`').skip(1).step_by(2).map(str::to_owned).collect();
        ensure!(rows.insert(cells[1].to_owned(), tests).is_none(), "{TABLE}: row {} stands twice", cells[1]);
    }
    Ok(rows)
}

fn allow_list(text: &str) -> Result<(usize, BTreeSet<String>)> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let limit = lines.next().and_then(|line| line.strip_prefix("limit ")).and_then(|limit| limit.parse().ok());
    Ok((limit.with_context(|| format!("{ALLOW_LIST} does not begin with `limit N`"))?, lines.map(str::to_owned).collect()))
}

/// Names of all tests: Rust functions, and quoted titles in TypeScript.
fn test_sources(workspace: &Workspace) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for file in workspace.files()? {
        let text = if file.ends_with(".rs") || file.ends_with(".test.ts") || file.ends_with(".test.tsx") || file.ends_with(".spec.ts") {
            workspace.read(&file)?
        } else {
            continue;
        };
        if file.ends_with(".rs") {
            let functions = text.split("fn ").skip(1).filter_map(|rest| rest.split(['(', '<']).next());
            names.extend(functions.map(str::to_owned));
        } else {
            names.extend(text.split(['\'', '"', '`']).map(str::to_owned));
        }
    }
    Ok(names)
}
