//! The data directory: secrets that must outlive the process, readable by the owner only.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use thiserror::Error;

use crate::random;

/// Bytes of a secret.
const SECRET_BYTES: usize = 32;

/// Why the directory cannot be used.
#[derive(Debug, Error)]
pub enum DataDirError {
    /// The system refuses something.
    #[error("cannot use {path} in the data directory: {source}; make it writable or choose another one with --data-dir")]
    Refused {
        /// The file or directory.
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
}

/// An open data directory.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
}

impl DataDir {
    /// Opens it, making it when it is missing. One of ours that others can enter is closed to them.
    pub(crate) fn open(path: &Path) -> Result<Self, DataDirError> {
        let open = || -> io::Result<()> {
            DirBuilder::new().recursive(true).mode(0o700).create(path)?;
            if !close_to_others(path)? {
                tracing::warn!("others can enter the data directory, which is not ours to close: choose a private one with --data-dir");
            }
            Ok(())
        };
        open().map_err(|source| DataDirError::Refused { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned() })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the file of that name is.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The secret of that name: 32 random bytes as base64url text, made at the first call. Two processes that start at the
    /// same moment agree on one.
    pub(crate) fn secret(&self, name: &str) -> Result<String, DataDirError> {
        let path = self.file(name);
        self.read_or_make(&path).map_err(|source| match source.kind() {
            io::ErrorKind::InvalidData => DataDirError::Damaged { path },
            _ => DataDirError::Refused { path, source },
        })
    }

    fn read_or_make(&self, path: &Path) -> io::Result<String> {
        match read_secret(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            found => return found,
        }
        // Written beside and linked into place, so that a secret is never seen half written nor replaced.
        let draft = self.path.join(format!(".{}", random::id()));
        let secret = URL_SAFE_NO_PAD.encode(random::bytes::<SECRET_BYTES>());
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        file.write_all(secret.as_bytes())?;
        file.sync_all()?;
        let linked = fs::hard_link(&draft, path);
        fs::remove_file(&draft)?;
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => read_secret(path),
        }
    }
}

/// Takes the permissions of others away, unless the directory belongs to somebody else, or is one that everybody uses, such as
/// `/tmp`. Whether others are kept out.
fn close_to_others(directory: &Path) -> io::Result<bool> {
    const OTHERS: u32 = 0o077;
    const STICKY: u32 = 0o1000;
    let found = fs::metadata(directory)?;
    if found.mode() & OTHERS == 0 {
        return Ok(true);
    }
    // A file made here tells who we are.
    let probe = directory.join(format!(".{}", random::id()));
    let own = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&probe)?.metadata();
    fs::remove_file(&probe)?;
    if found.uid() != own?.uid() || found.mode() & STICKY != 0 {
        return Ok(false);
    }
    fs::set_permissions(directory, fs::Permissions::from_mode(0o700))?;
    Ok(true)
}

fn read_secret(path: &Path) -> io::Result<String> {
    // Some editors put a line feed at the end.
    let text = fs::read_to_string(path)?.trim_end().to_owned();
    match URL_SAFE_NO_PAD.decode(&text) {
        Ok(bytes) if bytes.len() == SECRET_BYTES => Ok(text),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
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
        assert_eq!(fs::read_dir(&path).unwrap().count(), 2);
    }

    #[test]
    fn a_directory_that_others_can_enter_is_closed_unless_everybody_uses_it() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("open");
        fs::create_dir(&path).unwrap();
        for (before, after) in [(0o755, 0o700), (0o770, 0o700), (0o700, 0o700), (0o1777, 0o1777)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(before)).unwrap();
            DataDir::open(&path).unwrap();
            assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, after, "{before:o}");
            assert_eq!(fs::read_dir(&path).unwrap().count(), 0, "nothing is left behind");
        }
    }

    #[test]
    fn a_directory_that_cannot_be_made_is_named_with_the_cure() {
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
}
