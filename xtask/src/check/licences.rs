//! Licences of everything that is shipped.

use anyhow::{Context, Result};
use cargo_metadata::MetadataCommand;
use serde_json::Value;

use super::fail_with;
use crate::workspace::Workspace;

/// What may be shipped in a binary under Apache-2.0. Fonts are OFL.
const ALLOWED: [&str; 14] = [
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "MPL-2.0",
    "Unicode-3.0",
    "Zlib",
    "CC0-1.0",
    "0BSD",
    "CDLA-Permissive-2.0",
];
/// Allowed for files of the page only.
const ALLOWED_IN_PAGE: [&str; 1] = ["OFL-1.1"];
/// aws-lc-sys also carries code under the OpenSSL licence's permissive successor terms, named in its own expression.
const ALLOWED_PACKAGES: [(&str, &str); 1] = [(
    "aws-lc-sys",
    "ISC AND (Apache-2.0 OR ISC) AND Apache-2.0 AND MIT AND BSD-3-Clause AND (Apache-2.0 OR ISC OR MIT) AND (Apache-2.0 OR ISC OR MIT-0)",
)];

pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let mut problems = crates(workspace)?;
    problems.extend(page(workspace)?);
    fail_with(&problems)
}

fn crates(workspace: &Workspace) -> Result<Vec<String>> {
    let metadata = MetadataCommand::new()
        .current_dir(&workspace.root)
        .other_options(["--locked".to_owned(), "--filter-platform".to_owned(), "x86_64-unknown-linux-gnu".to_owned()])
        .exec()
        .context("cargo metadata fails")?;
    let resolve = metadata.resolve.as_ref().context("cargo metadata has no dependency graph")?;
    let used = metadata.packages.iter().filter(|package| resolve.nodes.iter().any(|node| node.id == package.id));
    Ok(used
        .filter_map(|package| {
            let name = package.name.as_str();
            let licence = package.license.as_deref().unwrap_or("none");
            let known = ALLOWED_PACKAGES.contains(&(name, licence)) || allows(licence, &|one| ALLOWED.contains(&one));
            (!known).then(|| format!("crate {name} {}: licence {licence}", package.version))
        })
        .collect())
}

fn page(workspace: &Workspace) -> Result<Vec<String>> {
    let lock: Value = serde_json::from_str(&workspace.read("package-lock.json")?).context("package-lock.json is no JSON")?;
    let packages = lock["packages"].as_object().context("package-lock.json names no packages")?;
    let allowed = |one: &str| ALLOWED.contains(&one) || ALLOWED_IN_PAGE.contains(&one);
    let shipped =
        packages.iter().filter(|(path, package)| path.contains("node_modules/") && package["dev"] != true && package["link"] != true);
    Ok(shipped
        .filter_map(|(path, package)| {
            let licence = package["license"].as_str().unwrap_or("none");
            (!allows(licence, &allowed)).then(|| format!("npm package {path}: licence {licence}"))
        })
        .collect())
}

/// Whether an SPDX expression can be satisfied with allowed licences. What is no expression cannot.
fn allows(expression: &str, allowed: &dyn Fn(&str) -> bool) -> bool {
    let expression = expression.replace('/', " OR ");
    let tokens = tokens(&expression);
    let mut position = 0;
    alternatives(&tokens, &mut position, allowed) == Some(true) && position == tokens.len()
}

fn tokens(expression: &str) -> Vec<String> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ");
    let mut tokens: Vec<String> = Vec::new();
    let mut words = spaced.split_whitespace();
    while let Some(word) = words.next() {
        match (word, tokens.last_mut()) {
            ("WITH", Some(last)) => {
                last.push_str(" WITH ");
                last.push_str(words.next().unwrap_or_default());
            }
            _ => tokens.push(word.to_owned()),
        }
    }
    tokens
}

fn alternatives(tokens: &[String], position: &mut usize, allowed: &dyn Fn(&str) -> bool) -> Option<bool> {
    let mut any = conjunction(tokens, position, allowed)?;
    while tokens.get(*position).is_some_and(|token| token == "OR") {
        *position += 1;
        any |= conjunction(tokens, position, allowed)?;
    }
    Some(any)
}

fn conjunction(tokens: &[String], position: &mut usize, allowed: &dyn Fn(&str) -> bool) -> Option<bool> {
    let mut all = single(tokens, position, allowed)?;
    while tokens.get(*position).is_some_and(|token| token == "AND") {
        *position += 1;
        all &= single(tokens, position, allowed)?;
    }
    Some(all)
}

/// A licence, or an expression in brackets. `None`: neither.
fn single(tokens: &[String], position: &mut usize, allowed: &dyn Fn(&str) -> bool) -> Option<bool> {
    let token = tokens.get(*position)?;
    *position += 1;
    if token != "(" {
        return Some(allowed(token));
    }
    let inner = alternatives(tokens, position, allowed)?;
    let is_closed = tokens.get(*position).is_some_and(|token| token == ")");
    *position += 1;
    is_closed.then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::allows;

    #[test]
    fn expressions_are_read() {
        let allowed = |one: &str| ["MIT", "Apache-2.0", "ISC"].contains(&one);
        for good in ["MIT", "MIT OR GPL-3.0", "GPL-3.0/MIT", "(MIT OR GPL-3.0) AND ISC", "MIT AND (GPL-2.0 OR (ISC AND MIT))"] {
            assert!(allows(good, &allowed), "{good}");
        }
        for bad in ["GPL-3.0", "MIT AND GPL-3.0", "none", "", "MIT OR", "Apache-2.0 WITH X", "MIT ISC"] {
            assert!(!allows(bad, &allowed), "{bad}");
        }
    }
}
