//! Where things are.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::process::output;

/// The repository and its target directory.
pub(crate) struct Workspace {
    /// The repository's root.
    pub(crate) root: PathBuf,
    /// `$CARGO_TARGET_DIR`, or `target` below the root.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// The workspace that this tool was built in.
    pub(crate) fn locate() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask lies below the repository's root")?.to_owned();
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
        Ok(Self { root, target })
    }

    /// A binary of a profile's directory.
    pub(crate) fn binary(&self, profile: &str, name: &str) -> PathBuf {
        self.target.join(profile).join(name)
    }

    /// All files under version control or about to be, below the root, with `/` as separator.
    pub(crate) fn files(&self) -> Result<Vec<String>> {
        let list = output(self, "git", &["ls-files", "--cached", "--others", "--exclude-standard"])?;
        Ok(list.lines().filter(|file| self.root.join(file).is_file()).map(str::to_owned).collect())
    }

    /// Text of a file below the root.
    pub(crate) fn read(&self, file: &str) -> Result<String> {
        std::fs::read_to_string(self.root.join(file)).with_context(|| format!("cannot read {file}"))
    }
}
