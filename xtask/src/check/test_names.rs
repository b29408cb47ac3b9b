//! Names of all tests, and the files in which they stand.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use crate::workspace::Workspace;

/// A macro of tests that makes several of each function whose name it is given.
const MULTIPLIER: &str = "with_both! {";

/// All tests of the repository.
pub(super) struct TestNames {
    files_by_name: BTreeMap<String, BTreeSet<String>>,
}

impl TestNames {
    /// Rust functions below a test attribute or named to a macro that makes tests; titles of `test(…)` and `it(…)` in TypeScript.
    pub(super) fn read(workspace: &Workspace) -> Result<Self> {
        let mut files_by_name: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for file in workspace.files()? {
            let names = if file.ends_with(".rs") {
                rust_tests(&workspace.read(&file)?)
            } else if [".test.ts", ".test.tsx", ".spec.ts"].iter().any(|ending| file.ends_with(ending)) {
                typescript_tests(&workspace.read(&file)?)
            } else {
                continue;
            };
            for name in names {
                files_by_name.entry(name).or_default().insert(file.clone());
            }
        }
        Ok(Self { files_by_name })
    }

    /// Whether there is a test of that name.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.files_by_name.contains_key(name)
    }

    /// The files that have a test of that name.
    pub(super) fn files(&self, name: &str) -> impl Iterator<Item = &str> {
        self.files_by_name.get(name).into_iter().flatten().map(String::as_str)
    }
}

fn rust_tests(text: &str) -> BTreeSet<String> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let is_test = |line: &str| line.starts_with("#[test]") || line.starts_with("#[tokio::test");
    let marked = lines.iter().enumerate().filter(|(_, line)| is_test(line));
    let function = |start: usize| lines[start..].iter().find_map(|line| line.strip_prefix("async fn ").or(line.strip_prefix("fn ")));
    let mut names: BTreeSet<String> =
        marked.filter_map(|(start, _)| function(start)?.split(['(', '<']).next().map(str::to_owned)).collect();
    let multiplied = text.split(MULTIPLIER).skip(1).filter_map(|rest| rest.split('}').next());
    names.extend(multiplied.flat_map(|list| list.split(';')).filter_map(|item| item.split_whitespace().next()).map(str::to_owned));
    names
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

    #[test]
    fn what_a_macro_makes_tests_of_is_one() {
        let text = "with_both! {\n    plain;\n    flagged [\"--max-peers\", \"2\"];\n}\n\nasync fn plain(system: System) {}\n";
        assert!(rust_tests(text).iter().eq(["flagged", "plain"]));
    }
}
