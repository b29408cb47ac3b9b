//! `docs/limits.md`: every limit names a test, which exists in the module and crate that the row says.

use anyhow::{Context, Result, ensure};

use super::fail_with;
use super::test_names::TestNames;
use crate::workspace::Workspace;

const TABLE: &str = "docs/limits.md";

/// Beginnings of headings, and the crate of the tests below them that name none.
const CRATES: [(&str, &str); 3] = [("Media server", "jellyfish"), ("Backend", "videoroom"), ("Every TCP port", "net")];

/// A test that a row names.
#[derive(Debug, PartialEq, Eq)]
struct Named<'a> {
    limit: &'a str,
    krate: &'a str,
    path: &'a str,
}

pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let text = workspace.read(TABLE)?;
    let tests = TestNames::read(workspace)?;
    let mut problems = Vec::new();
    for Named { limit, krate, path } in named(&text)? {
        let name = path.rsplit("::").next().unwrap_or(path);
        if !tests.files(name).any(|file| is_there(file, krate, path)) {
            problems.push(format!("{TABLE}, {limit}: crate {krate} has no test `{path}`"));
        }
    }
    fail_with(&problems)
}

/// All tests that rows `| limit | value | beyond it | tests |` name, in back-ticks; a crate in parentheses behind a test is its own.
fn named(text: &str) -> Result<Vec<Named<'_>>> {
    let mut named = Vec::new();
    let mut usual = None;
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            usual = CRATES.iter().find(|(beginning, _)| heading.starts_with(beginning)).map(|(_, krate)| *krate);
        }
        if !line.starts_with('|') || line.starts_with("| What |") || line.starts_with("| --- |") {
            continue;
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        ensure!(cells.len() == 6, "{TABLE}: a row has four cells, not like this: {line}");
        let before = named.len();
        let mut parts = cells[4].split('`');
        let mut text = parts.next().unwrap_or_default();
        while let (Some(code), Some(after)) = (parts.next(), parts.next()) {
            match named.last_mut() {
                Some(Named { krate, .. }) if text.ends_with('(') => *krate = code,
                _ => {
                    let krate = usual.with_context(|| format!("{TABLE}: no crate is known for the tests of this row: {line}"))?;
                    named.push(Named { limit: cells[1], krate, path: code });
                }
            }
            text = after;
        }
        ensure!(named.len() > before, "{TABLE}: {} names no test", cells[1]);
    }
    Ok(named)
}

/// Whether a test of that path can stand in the file. Modules of tests may be left out, as may outer modules.
fn is_there(file: &str, krate: &str, path: &str) -> bool {
    let Some(inner) = file.strip_prefix("crates/").and_then(|file| file.strip_prefix(krate)) else { return false };
    let inner = inner.strip_prefix("/src/").or_else(|| inner.strip_prefix("/tests/it/"));
    let Some(inner) = inner.and_then(|inner| inner.strip_suffix(".rs")) else { return false };
    let modules = |parts: &mut dyn Iterator<Item = &str>| -> Vec<String> {
        let parts = parts.filter(|part| !["tests", "mod"].contains(part));
        parts.map(|part| part.trim_end_matches("_tests").to_owned()).collect()
    };
    let mut outside = path.split("::").collect::<Vec<_>>();
    outside.pop();
    modules(&mut inner.split('/')).ends_with(&modules(&mut outside.into_iter()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::{Named, is_there, named};

    #[test]
    fn rows_name_tests_of_their_section_or_of_another_crate() {
        let text = "## Media server: REST\n\n| What | Limit | Beyond it | Test |\n| --- | --- | --- | --- |\n\
                    | Body | 64 KiB | `413` | `limits::body`, `http::tests::slow` |\n| Tracks | 16 | no | `tracks` (`sfu`) |\n";
        let row = |limit, krate, path| Named { limit, krate, path };
        let expected =
            [row("Body", "jellyfish", "limits::body"), row("Body", "jellyfish", "http::tests::slow"), row("Tracks", "sfu", "tracks")];
        assert_eq!(named(text).unwrap(), expected);
        named("## Backend\n| Body | 64 KiB | 413 | by hand |\n").unwrap_err();
        named("## Something else\n| Body | 64 KiB | 413 | `limits::body` |\n").unwrap_err();
    }

    #[test]
    fn a_test_stands_in_the_module_of_its_path() {
        for (file, krate, path) in [
            ("crates/jellyfish/tests/it/limits.rs", "jellyfish", "limits::body"),
            ("crates/jellyfish/src/rooms/tests/resume.rs", "jellyfish", "rooms::tests::resume::kept"),
            ("crates/jellyfish/src/webhooks/outbox_tests.rs", "jellyfish", "webhooks::outbox::tests::full"),
            ("crates/sfu/src/reach/addresses_tests.rs", "sfu", "addresses_tests::bounded"),
            ("crates/jellyfish/src/workers/inbox.rs", "jellyfish", "inbox::tests::full"),
        ] {
            assert!(is_there(file, krate, path), "{path} in {file}");
        }
        assert!(!is_there("crates/jellyfish/tests/it/limits.rs", "net", "limits::body"));
        assert!(!is_there("crates/jellyfish/tests/it/rest.rs", "jellyfish", "limits::body"));
    }
}
