//! `docs/conformance.md`: every row of the two wire references names its test, or stands on the allow-list.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};

use super::fail_with;
use crate::process::output;
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
    // Against the last commit: a row that has found its test never loses it again unseen.
    if let Ok(committed) = output(workspace, "git", &["show", &format!("HEAD:{ALLOW_LIST}")]) {
        let (before, _) = allow_list(&committed)?;
        if limit > before {
            problems.push(format!("{ALLOW_LIST} grew from {before} to {limit}: it may only shrink"));
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

/// Names of all tests: Rust functions below a test attribute or inside a macro that makes tests, titles of `test(…)` and `it(…)` in
/// TypeScript.
fn test_sources(workspace: &Workspace) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for file in workspace.files()? {
        if file.ends_with(".rs") {
            names.extend(rust_tests(&workspace.read(&file)?));
        } else if [".test.ts", ".test.tsx", ".spec.ts"].iter().any(|ending| file.ends_with(ending)) {
            names.extend(typescript_tests(&workspace.read(&file)?));
        }
    }
    Ok(names)
}

fn rust_tests(text: &str) -> BTreeSet<String> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let is_test = |line: &str| line.starts_with("#[test]") || line.starts_with("#[tokio::test");
    let marked = lines.iter().enumerate().filter(|(_, line)| is_test(line));
    let function = |start: usize| lines[start..].iter().find_map(|line| line.strip_prefix("async fn ").or(line.strip_prefix("fn ")));
    marked.filter_map(|(start, _)| function(start)?.split(['(', '<']).next().map(str::to_owned)).collect()
}

fn typescript_tests(text: &str) -> BTreeSet<String> {
    let calls = ["test(", "it("].iter().flat_map(|call| text.split(call).skip(1));
    let titles = calls.filter_map(|rest| {
        let quote = rest.trim_start().chars().next().filter(|first| ['\'', '"', '`'].contains(first))?;
        rest.trim_start()[1..].split(quote).next().map(str::to_owned)
    });
    titles.collect()
}

#[cfg(test)]
mod tests {
    use super::{rust_tests, typescript_tests};

    #[test]
    fn helpers_are_no_tests() {
        let text = "fn helper() {}\n#[test]\n#[cfg(unix)]\nfn one() {}\n    #[tokio::test]\n    async fn two() {}\n";
        assert!(rust_tests(text).iter().eq(["one", "two"]));
        let text = "const x = 'no test';\ntest('first', () => {});\n  it(\n    `second`,\n";
        assert!(typescript_tests(text).iter().eq(["first", "second"]));
    }
}
