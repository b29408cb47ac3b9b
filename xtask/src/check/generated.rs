//! Committed generated files equal what the generators write now.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use prost_types::DescriptorProto;

use super::fail_with;
use crate::generate;
use crate::process::run_command;
use crate::wire;
use crate::workspace::Workspace;

/// The document of our additions to the published protobuf messages.
const ADDITIONS: &str = "docs/protocol.md";
/// Numbers of our own fields begin here.
const OURS: i32 = 100;

pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let fresh = workspace.target.join("generated");
    if fresh.exists() {
        fs::remove_dir_all(&fresh).context("cannot clear the directory for freshly generated files")?;
    }
    generate::rust(&workspace.root, &fresh.join("rust"))?;
    generate::typescript(&workspace.root, &fresh.join("typescript"))?;
    let mut problems = compare(&fresh.join("rust"), &generate::rust_out(&workspace.root))?;
    problems.extend(compare(&fresh.join("typescript"), &generate::typescript_out(&workspace.root))?);
    problems.extend(undocumented(workspace)?);
    problems.extend(wire::problems(&workspace.root)?);
    fail_with(&problems)
}

/// The committed OpenAPI documents are those of the servers.
pub(super) fn openapi(workspace: &Workspace) -> Result<()> {
    let compared = run_command(generate::openapi_documents(workspace));
    compared.context("docs/openapi is not what the servers serve: run `cargo xtask gen` and commit it")
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

/// Our own fields of protobuf messages that the document of our additions does not have beside their message.
fn undocumented(workspace: &Workspace) -> Result<Vec<String>> {
    let document = workspace.read(ADDITIONS)?;
    let mut problems = Vec::new();
    for file in generate::descriptors(&workspace.root)?.file {
        let package = file.package().trim_start_matches("fishjam").trim_start_matches('.');
        for message in &file.message_type {
            look_at(package, message, &document, &mut problems);
        }
    }
    Ok(problems)
}

fn look_at(outer: &str, message: &DescriptorProto, document: &str, problems: &mut Vec<String>) {
    let name = if outer.is_empty() { message.name().to_owned() } else { format!("{outer}.{}", message.name()) };
    for field in message.field.iter().filter(|field| field.number() >= OURS) {
        let (place, field) = (format!("`{name}`"), format!("`{} = {}`", field.name(), field.number()));
        if !document.lines().any(|line| line.contains(&place) && line.contains(&field)) {
            problems.push(format!("{ADDITIONS} says nothing about {field} of {place}"));
        }
    }
    for nested in &message.nested_type {
        look_at(&name, nested, document, problems);
    }
}
