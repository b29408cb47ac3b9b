//! `cargo xtask test sdk`: published back-end SDKs, unmodified, against the built media server.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{command, exists, run_command};
use crate::workspace::Workspace;
use crate::{packages, process};

/// A published Python SDK, or schemathesis, which reads the OpenAPI documents: its file of pinned requirements, and its tests.
const PYTHON: [(&str, &str); 5] = [
    ("jellyfish-0.4.0", "archived"),
    ("fishjam-0.5.0", "archived"),
    ("fishjam-0.7.0", "between"),
    ("fishjam-0.31.1", "living"),
    ("schemathesis-4.32.5", "documents"),
];

/// Below the repository's root.
const PYTHON_TESTS: &str = "sdk-tests/python";

/// Runs the tests of every SDK.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    // The same build as for the browser tests: a build of the binaries alone would choose other features.
    process::run(workspace, "cargo", &["test", "--profile", "checked", "--locked", "--workspace", "--no-run"])?;
    install_python(workspace)?;
    for (requirements, tests) in PYTHON {
        let python = environment(workspace, requirements)?;
        let mut suite = command(workspace, &python, &["-m", "pytest", "--quiet", "-p", "no:cacheprovider", tests]);
        suite.current_dir(workspace.root.join(PYTHON_TESTS));
        suite.env("PYTHONDONTWRITEBYTECODE", "1");
        run_command(with_programs(workspace, suite))?;
    }
    let suite = command(workspace, "npm", &["run", "--silent", "test", "--workspace", "@videoroom/sdk-tests"]);
    run_command(with_programs(workspace, suite))
}

/// Names the built programs to a suite.
fn with_programs(workspace: &Workspace, mut suite: Command) -> Command {
    suite.env("JELLYFISH_BIN", workspace.binary("checked", "jellyfish"));
    suite.env("VIDEOROOM_BIN", workspace.binary("checked", "videoroom"));
    suite.env("PEER_BIN", workspace.binary("checked", "videoroom-peer"));
    suite
}

/// A Python that can make virtual environments; Debian keeps that apart.
fn install_python(workspace: &Workspace) -> Result<()> {
    if exists("python3") {
        let mut can = command(workspace, "python3", &["-c", "import ensurepip, venv"]);
        if can.stderr(std::process::Stdio::null()).status().context("cannot start python3")?.success() {
            return Ok(());
        }
    }
    if !exists("apt-get") {
        bail!("the tests of the Python SDKs need Python 3 with `venv`: install it, or name other parts of the tests");
    }
    packages::install(workspace, "the tests of the Python SDKs", &["python3", "python3-venv"])
}

/// The interpreter of a virtual environment with exactly these requirements; kept in the target directory until they change.
fn environment(workspace: &Workspace, requirements: &str) -> Result<PathBuf> {
    let file = format!("{PYTHON_TESTS}/requirements/{requirements}.txt");
    let wanted = workspace.read(&file)?;
    let dir = workspace.target.join("sdk-tests").join(requirements);
    let (python, installed) = (dir.join("bin").join("python"), dir.join("installed.txt"));
    if std::fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        return Ok(python);
    }
    if dir.exists() {
        std::fs::remove_dir_all(&dir).with_context(|| format!("cannot remove {}", dir.display()))?;
    }
    let mut venv = command(workspace, "python3", &["-m", "venv"]);
    venv.arg(&dir);
    run_command(venv)?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--requirement", &file];
    run_command(command(workspace, &python, &install))?;
    write(&installed, &wanted)?;
    Ok(python)
}

fn write(file: &Path, text: &str) -> Result<()> {
    std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
}
