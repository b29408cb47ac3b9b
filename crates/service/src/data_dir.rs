//! The data directory: secrets that must outlive the process, readable by the owner only.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Bytes of a secret.
const SECRET_BYTES: usize = 32;

/// Why the directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// It cannot be made or written.
    #[error("cannot write {path} in the data directory: {source}; make it writable, or choose another one with --data-dir")]
    Unwritable {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file in it cannot be read.
    #[error("cannot read {path}: {source}; make it readable, or choose another data directory with --data-dir")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file in it holds no secret as it was written: signing with whatever it holds would be weak.
    #[error("{path} is damaged; delete it, then a new secret is made at the next start")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The system has no randomness.
    #[error("the system gives no random numbers for a secret")]
    Randomness,
}

/// Where a program keeps its state: systemd's directory, else that of the XDG Base Directory Specification, else the system's.
pub fn platform_directory(program: &str, environment: &[(String, String)]) -> PathBuf {
    let get = |name: &str| environment.iter().find(|(known, value)| known == name && !value.is_empty()).map(|(_, value)| value);
    if let Some(directory) = get("STATE_DIRECTORY").and_then(|list| list.split(':').next()) {
        return PathBuf::from(directory);
    }
    let state = get("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let state = state.or_else(|| get("HOME").map(|home| Path::new(home).join(".local/state")));
    state.unwrap_or_else(|| PathBuf::from("/var/lib")).join(program)
}

/// An open data directory.
#[derive(Clone, Debug)]
pub struct DataDir {
    path: PathBuf,
    shared: bool,
}

impl DataDir {
    /// Makes the directory when it is missing, and proves that it can be written. One of ours that others can enter is closed
    /// to them.
    pub fn open(path: &Path) -> Result<Self, DataDirError> {
        let unwritable = |source| DataDirError::Unwritable { path: path.to_owned(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(unwritable)?;
        let probe = aside(path)?;
        write_new(&probe, b"").map_err(unwritable)?;
        let closed = close_to_others(path, &probe);
        fs::remove_file(&probe).map_err(unwritable)?;
        Ok(Self { path: path.to_owned(), shared: !closed.map_err(unwritable)? })
    }

    /// Warns in the log when others can enter the directory.
    pub fn warn_if_shared(&self) {
        if self.shared {
            tracing::warn!("others can enter the data directory, which is not ours to close: choose a private one with --data-dir");
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the file of that name is.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The secret of that name: 32 random bytes as base64url text, made at the first call. Two processes that start at the
    /// same moment agree on one.
    pub fn secret(&self, name: &str) -> Result<String, DataDirError> {
        let path = self.file(name);
        match read_secret(&path) {
            Err(DataDirError::Unreadable { source, .. }) if source.kind() == ErrorKind::NotFound => self.make_secret(&path),
            found => found,
        }
    }

    /// Writes a file, readable by the owner only. It is seen whole or not at all, also after a crash.
    pub fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let aside = aside(&self.path).map_err(io::Error::other)?;
        let written = write_new(&aside, bytes).and_then(|()| fs::rename(&aside, self.file(name)));
        if written.is_err() {
            // Nothing may be there to remove.
            let _ = fs::remove_file(&aside);
        }
        written
    }

    fn make_secret(&self, path: &Path) -> Result<String, DataDirError> {
        // Written aside and linked into place, so that a secret is never seen half written nor replaced.
        let aside = aside(&self.path)?;
        let unwritable = |source| DataDirError::Unwritable { path: path.to_owned(), source };
        let secret = URL_SAFE_NO_PAD.encode(random::<SECRET_BYTES>()?);
        write_new(&aside, secret.as_bytes()).map_err(unwritable)?;
        let linked = fs::hard_link(&aside, path);
        fs::remove_file(&aside).map_err(unwritable)?;
        match linked {
            Err(source) if source.kind() != ErrorKind::AlreadyExists => Err(unwritable(source)),
            _ => read_secret(path),
        }
    }
}

/// Takes the permissions of others away, unless the directory is not the owner's of `own`, a file made by this process, or is
/// one that everybody uses, such as `/tmp`. Whether others are kept out.
fn close_to_others(directory: &Path, own: &Path) -> io::Result<bool> {
    const OTHERS: u32 = 0o077;
    const STICKY: u32 = 0o1000;
    let (found, own) = (fs::metadata(directory)?, fs::metadata(own)?);
    if found.mode() & OTHERS == 0 {
        return Ok(true);
    }
    if found.uid() != own.uid() || found.mode() & STICKY != 0 {
        return Ok(false);
    }
    fs::set_permissions(directory, fs::Permissions::from_mode(0o700))?;
    Ok(true)
}

fn read_secret(path: &Path) -> Result<String, DataDirError> {
    let damaged = || DataDirError::Damaged { path: path.to_owned() };
    let text = fs::read_to_string(path).map_err(|source| match source.kind() {
        ErrorKind::InvalidData => damaged(),
        _ => DataDirError::Unreadable { path: path.to_owned(), source },
    })?;
    // Some editors put a line feed at the end.
    let text = text.trim_end().to_owned();
    match URL_SAFE_NO_PAD.decode(&text) {
        Ok(bytes) if bytes.len() == SECRET_BYTES => Ok(text),
        _ => Err(damaged()),
    }
}

/// A file of this process alone.
fn aside(directory: &Path) -> Result<PathBuf, DataDirError> {
    Ok(directory.join(format!(".{}", URL_SAFE_NO_PAD.encode(random::<16>()?))))
}

fn random<const N: usize>() -> Result<[u8; N], DataDirError> {
    let mut bytes = [0; N];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| DataDirError::Randomness)?;
    Ok(bytes)
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn secrets_are_kept_and_private() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("a/b");
        let secret = DataDir::open(&path).unwrap().secret("token-secret").unwrap();
        assert_eq!(secret.len(), 43);
        assert_eq!(DataDir::open(&path).unwrap().secret("token-secret").unwrap(), secret);
        assert_ne!(DataDir::open(&path).unwrap().secret("api-token").unwrap(), secret);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(fs::metadata(path.join("token-secret")).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&path).unwrap().count(), 2, "nothing else is left behind");
    }

    #[test]
    fn a_directory_that_others_can_enter_is_closed_unless_everybody_uses_it() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("open");
        fs::create_dir(&path).unwrap();
        for (before, after, shared) in [(0o755, 0o700, false), (0o770, 0o700, false), (0o700, 0o700, false), (0o1777, 0o1777, true)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(before)).unwrap();
            assert_eq!(DataDir::open(&path).unwrap().shared, shared, "{before:o}");
            assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, after, "{before:o}");
            assert_eq!(fs::read_dir(&path).unwrap().count(), 0, "nothing is left behind");
        }
    }

    #[test]
    fn a_place_that_cannot_be_written_is_said_with_the_cure() {
        let parent = tempfile::tempdir().unwrap();
        let file = parent.path().join("file");
        fs::write(&file, "").unwrap();
        let message = DataDir::open(&file.join("dir")).unwrap_err().to_string();
        assert!(message.contains("--data-dir") && message.contains("file/dir"), "{message}");
    }

    #[test]
    fn a_secret_in_any_other_form_than_ours_is_damaged() {
        let parent = tempfile::tempdir().unwrap();
        let directory = DataDir::open(parent.path()).unwrap();
        let secret = directory.secret("key").unwrap();
        let with_space = format!(" {secret}");
        for damaged in ["", "short", &secret[1..], &format!("{secret}A"), &with_space, &secret.replace(|_| true, "+"), "\u{e9}"] {
            fs::write(directory.file("key"), damaged).unwrap();
            let error = directory.secret("key").unwrap_err();
            assert!(matches!(error, DataDirError::Damaged { .. }), "{damaged:?}: {error}");
        }
        fs::write(directory.file("key"), b"\xff\xfe").unwrap();
        let error = directory.secret("key").unwrap_err().to_string();
        assert!(error.ends_with("/key is damaged; delete it, then a new secret is made at the next start"), "{error}");
        fs::write(directory.file("key"), format!("{secret}\n")).unwrap();
        assert_eq!(directory.secret("key").unwrap(), secret);
    }

    #[test]
    fn files_are_replaced_whole_and_private() {
        let parent = tempfile::tempdir().unwrap();
        let directory = DataDir::open(parent.path()).unwrap();
        for text in ["one", "two"] {
            directory.write("file", text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(directory.file("file")).unwrap(), text);
        }
        assert_eq!(fs::metadata(directory.file("file")).unwrap().mode() & 0o777, 0o600);
        fs::create_dir(directory.file("taken")).unwrap();
        directory.write("taken", b"x").unwrap_err();
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2, "nothing is left behind");
    }

    #[test]
    fn the_directory_follows_the_platform() {
        for (variables, expected) in [
            (&[("STATE_DIRECTORY", "/var/lib/private/v:/other"), ("HOME", "/root")] as &[_], "/var/lib/private/v"),
            (&[("XDG_STATE_HOME", "/state"), ("HOME", "/home/a")], "/state/thing"),
            (&[("XDG_STATE_HOME", "relative"), ("HOME", "/home/a")], "/home/a/.local/state/thing"),
            (&[], "/var/lib/thing"),
        ] {
            let environment: Vec<_> = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            assert_eq!(platform_directory("thing", &environment), Path::new(expected));
        }
    }
}
