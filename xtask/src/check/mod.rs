//! `cargo xtask check`: rules that a machine can hold.

#![allow(clippy::case_sensitive_file_extension_comparisons, reason = "the repository has no upper-case extensions")]

mod conformance;
mod dependencies;
mod fuzz;
mod generated;
mod licences;
mod limits;
mod sizes;
mod test_names;

use std::time::Instant;

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::build::npm_install;
use crate::process::run as run_program;
use crate::workspace::Workspace;

/// A rule of the repository.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Rule {
    /// Code is formatted
    Format,
    /// Clippy, ESLint and the TypeScript compiler have nothing to say
    Lint,
    /// Crates depend on each other only as the architecture says; one crypto provider
    Dependencies,
    /// Files stay small
    Sizes,
    /// Every dependency has a licence we can ship
    Licences,
    /// Generated files are up to date
    Generated,
    /// The OpenAPI documents are those of the servers; builds the tests
    Openapi,
    /// docs/conformance.md names a test for every row
    Conformance,
    /// docs/limits.md names a test for every limit
    Limits,
    /// Every fuzz target has a corpus that a test replays, and a row in its README
    Fuzz,
}

/// Checks the named rules, or all; reports every broken one.
pub(crate) fn run(workspace: &Workspace, rules: &[Rule]) -> Result<()> {
    npm_install(workspace)?;
    let rules = if rules.is_empty() { Rule::value_variants() } else { rules };
    let mut broken = Vec::new();
    for rule in rules {
        let name = rule.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned());
        let start = Instant::now();
        match check(workspace, *rule) {
            Ok(()) => println!("check {name}: ok ({:.1} s)", start.elapsed().as_secs_f64()),
            Err(error) => {
                println!("check {name}: BROKEN\n{error:#}");
                broken.push(name);
            }
        }
    }
    if !broken.is_empty() {
        bail!("broken rules: {}", broken.join(", "));
    }
    Ok(())
}

fn check(workspace: &Workspace, rule: Rule) -> Result<()> {
    match rule {
        Rule::Format => format(workspace),
        Rule::Lint => lint(workspace),
        Rule::Dependencies => dependencies::check(workspace),
        Rule::Sizes => sizes::check(workspace),
        Rule::Licences => licences::check(workspace),
        Rule::Generated => generated::check(workspace),
        Rule::Openapi => generated::openapi(workspace),
        Rule::Conformance => conformance::check(workspace),
        Rule::Limits => limits::check(workspace),
        Rule::Fuzz => fuzz::check(workspace),
    }
}

fn format(workspace: &Workspace) -> Result<()> {
    run_program(workspace, "cargo", &["fmt", "--all", "--check"])?;
    // A workspace of its own, which nothing here builds.
    run_program(workspace, "cargo", &["fmt", "--manifest-path", "fuzz/Cargo.toml", "--check"])?;
    run_program(workspace, "npm", &["run", "--silent", "format:check"])
}

fn lint(workspace: &Workspace) -> Result<()> {
    run_program(workspace, "cargo", &["clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "--deny", "warnings"])?;
    run_program(workspace, "npm", &["run", "--silent", "typecheck"])?;
    run_program(workspace, "npm", &["run", "--silent", "lint"])
}

/// Fails with the list when it is not empty.
fn fail_with(problems: &[String]) -> Result<()> {
    if !problems.is_empty() {
        bail!("{}", problems.join("\n"));
    }
    Ok(())
}
