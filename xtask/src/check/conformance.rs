//! `docs/conformance.md`: every row of the two wire references names its test, or stands on the allow-list.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};

use super::fail_with;
use super::test_names::TestNames;
use crate::process::output;
use crate::workspace::Workspace;

const TABLE: &str = "docs/conformance.md";
/// Rows without a test, in groups, each with the reason above it.
const ALLOW_LIST: &str = "docs/conformance-open.txt";
/// How many rows the allow-list has. Lower it whenever a row has found its test; it is never raised.
const OPEN_ROWS: usize = 116;
/// Prefix of the row ids and how many rows each reference has: S for signalling, M for the media server's API.
const REFERENCES: [(&str, usize); 2] = [("S", 120), ("M", 204)];
/// Branches that a change begins from.
const TRUNKS: [&str; 2] = ["origin/main", "main"];

pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let rows = rows(&workspace.read(TABLE)?)?;
    let list = workspace.read(ALLOW_LIST)?;
    let open = allow_list(&list);
    let tests = TestNames::read(workspace)?;
    let mut problems = unexplained(&list);
    problems.extend(open.iter().filter(|id| !rows.contains_key(*id)).map(|id| format!("{ALLOW_LIST}: {TABLE} has no row {id}")));
    for id in REFERENCES.iter().flat_map(|(prefix, count)| (1..=*count).map(move |number| format!("{prefix}{number}"))) {
        match (rows.get(&id), open.contains(&id)) {
            (None, _) => problems.push(format!("{TABLE} has no row {id}")),
            (Some(names), false) if names.is_empty() => problems.push(format!("row {id} names no test")),
            (Some(names), true) if !names.is_empty() => problems.push(format!("row {id} names a test: remove it from {ALLOW_LIST}")),
            (Some(names), _) => {
                let missing = names.iter().filter(|name| !tests.contains(name));
                problems.extend(missing.map(|name| format!("row {id}: there is no test `{name}`")));
            }
        }
    }
    if open.len() != OPEN_ROWS {
        problems.push(format!(
            "{ALLOW_LIST} has {} rows, not {OPEN_ROWS}: it only shrinks, and OPEN_ROWS in {} with it",
            open.len(),
            file!()
        ));
    }
    for commit in earlier_commits(workspace) {
        let before = list_at(workspace, &commit)?;
        let new = open.iter().filter(|id| before.as_ref().is_some_and(|before| !before.contains(*id)));
        problems.extend(new.map(|id| format!("{ALLOW_LIST}: row {id} was not open at {commit}, and the list only shrinks")));
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

/// Ids of open rows: one on a line, beside comments. Lists of earlier commits also have a line with their length.
fn allow_list(text: &str) -> BTreeSet<String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#') && !line.starts_with("limit "));
    lines.map(str::to_owned).collect()
}

/// Groups are separated by empty lines; each begins with the reason why its rows are open.
fn unexplained(text: &str) -> Vec<String> {
    let groups = text.split("\n\n").map(str::trim).filter(|group| !group.is_empty() && !group.starts_with("# "));
    groups.map(|group| format!("{ALLOW_LIST}: no comment says why {} is open", group.lines().next().unwrap_or_default())).collect()
}

/// The last commits, and where this branch left the trunk, as far as the clone has them.
fn earlier_commits(workspace: &Workspace) -> BTreeSet<String> {
    let resolve = |name: &str| output(workspace, "git", &["rev-parse", "--verify", "--quiet", &format!("{name}^{{commit}}")]).ok();
    let bases = TRUNKS.iter().filter_map(|trunk| output(workspace, "git", &["merge-base", "HEAD", resolve(trunk)?.trim()]).ok());
    let commits = ["HEAD", "HEAD^"].iter().filter_map(|name| resolve(name)).chain(bases);
    commits.map(|commit| commit.trim().to_owned()).collect()
}

/// The rows that were open then; `None`: there was no list.
fn list_at(workspace: &Workspace, commit: &str) -> Result<Option<BTreeSet<String>>> {
    if output(workspace, "git", &["ls-tree", "--name-only", commit, ALLOW_LIST])?.trim().is_empty() {
        return Ok(None);
    }
    Ok(Some(allow_list(&output(workspace, "git", &["show", &format!("{commit}:{ALLOW_LIST}")])?)))
}

#[cfg(test)]
mod tests {
    use super::{allow_list, unexplained};

    #[test]
    fn every_group_of_open_rows_has_its_reason() {
        let text = "# What this is.\n\n# Not built yet.\nS1\nS2\n\nS3\nS4\n\n# Later.\nM1\n";
        assert!(allow_list(text).iter().eq(["M1", "S1", "S2", "S3", "S4"]));
        let problems = unexplained(text);
        assert!(problems.len() == 1 && problems[0].ends_with("why S3 is open"), "{problems:?}");
    }
}
