//! Which crate may know which, and what the sans-IO crates must not touch.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

use super::fail_with;
use crate::process::output;
use crate::workspace::Workspace;

/// Allowed edges of ordinary dependencies. `testkit` is for tests and may be a dev-dependency of anybody.
const EDGES: [(&str, &[&str]); 11] = [
    ("protocol", &[]),
    ("sfu", &[]),
    ("turn", &[]),
    ("net", &[]),
    ("service", &["net"]),
    ("jellyfish", &["protocol", "sfu", "turn", "net", "service"]),
    ("server-sdk", &["protocol"]),
    ("videoroom", &["server-sdk", "protocol", "net", "service", "jellyfish"]),
    ("peer", &["protocol", "net"]),
    ("loadtest", &["peer", "server-sdk", "protocol"]),
    ("testkit", &["jellyfish", "videoroom", "peer", "protocol", "net"]),
];

/// Crypto that must not be in the tree beside aws-lc-rs.
const OTHER_CRYPTO: [&str; 6] = ["ring", "openssl", "openssl-sys", "native-tls", "boring", "mbedtls"];

/// Words that must not stand in a source file of these folders, but for the named files.
const WORDS: [(&str, &[&str], &[&str]); 4] = [
    ("crates/sfu/src/", &["str0m"], &["crates/sfu/src/peer/rtc/"]),
    ("crates/sfu/src/", &["Instant::now", "SystemTime::now", "std::thread", "UdpSocket"], &[]),
    ("crates/protocol/src/", &["Instant::now", "SystemTime::now", "std::thread", "std::net", "std::fs"], &[]),
    ("crates/videoroom/src/", &["jellyfish::"], &["crates/videoroom/src/main.rs", "crates/videoroom/src/embedded.rs"]),
];

pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let metadata = MetadataCommand::new()
        .current_dir(&workspace.root)
        .other_options(["--locked".to_owned(), "--filter-platform".to_owned(), "x86_64-unknown-linux-gnu".to_owned()])
        .exec()
        .context("cargo metadata fails")?;
    let mut problems = edges(&metadata);
    problems.extend(crypto(workspace)?);
    problems.extend(words(workspace)?);
    fail_with(&problems)
}

fn edges(metadata: &Metadata) -> Vec<String> {
    let mut problems = Vec::new();
    for package in metadata.workspace_packages().into_iter().filter(|package| package.name.as_str() != "xtask") {
        let Some((_, allowed)) = EDGES.iter().find(|(name, _)| *name == package.name.as_str()) else {
            problems.push(format!("crate {} has no place in the architecture: add it to {}", package.name, file!()));
            continue;
        };
        let ours = package.dependencies.iter().filter(|dependency| dependency.path.is_some());
        for dependency in ours.filter(|dependency| dependency.kind == DependencyKind::Normal) {
            if !allowed.contains(&dependency.name.as_str()) {
                problems.push(format!("{} must not depend on {}", package.name, dependency.name));
            }
        }
    }
    problems
}

/// `cargo tree` knows what is really built; `cargo metadata` also lists what a feature of another platform would bring.
fn crypto(workspace: &Workspace) -> Result<Vec<String>> {
    let tree =
        output(workspace, "cargo", &["tree", "--workspace", "--locked", "--edges", "normal,build,dev", "--prefix", "none", "--no-dedupe"])?;
    let names: BTreeSet<(&str, &str)> =
        tree.lines().filter_map(|line| line.split_once(' ')).map(|(n, v)| (n, v.split(' ').next().unwrap_or(v))).collect();
    let others = names.iter().filter(|(name, _)| OTHER_CRYPTO.contains(name));
    let mut problems: Vec<String> =
        others.map(|(name, version)| format!("{name} {version} is in the tree: aws-lc-rs is the only crypto provider")).collect();
    let providers = names.iter().filter(|(name, _)| *name == "aws-lc-rs").count();
    if providers != 1 {
        problems.push(format!("aws-lc-rs is in the tree {providers} times, not once"));
    }
    Ok(problems)
}

fn words(workspace: &Workspace) -> Result<Vec<String>> {
    let files = workspace.files()?;
    let mut problems = Vec::new();
    for (folder, words, except) in WORDS {
        let sources = files.iter().filter(|file| file.starts_with(folder) && is_production(file));
        for file in sources.filter(|file| !except.iter().any(|path| file.starts_with(path))) {
            let text = workspace.read(file)?;
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let lines = code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"));
            for (number, line) in lines {
                let found = words.iter().find(|word| line.contains(*word));
                problems.extend(found.map(|word| format!("{file}:{}: `{word}` has no place here", number + 1)));
            }
        }
    }
    Ok(problems)
}

fn is_production(file: &str) -> bool {
    file.ends_with(".rs") && !file.contains("/gen/") && !file.ends_with("tests.rs") && !file.contains("/tests/")
}
