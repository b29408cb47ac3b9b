//! The data directory: secrets of this installation, readable by the owner only.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Bytes of a secret that is made here.
const SECRET_BYTES: usize = 32;
/// Shortest text that counts as a secret; shorter is a damaged file.
const MIN_TEXT: usize = 16;

/// Why the data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// It cannot be made or written.
    #[error("cannot write to the data directory {path}: {source}; make it writable, or choose another one with --data-dir")]
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
    /// A file in it holds no secret.
    #[error("{path} is damaged; delete it, then a new secret is made at the next start")]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// The system has no randomness.
    #[error("the system gives no random numbers for a secret")]
    Randomness,
}

/// The opened data directory.
#[derive(Debug)]
pub struct DataDir(PathBuf);

impl DataDir {
    /// Makes the directory when it is missing, and proves that it can be written.
    pub fn open(path: &Path) -> Result<Self, DataDirError> {
        let unwritable = |source| DataDirError::Unwritable { path: path.to_owned(), source };
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(unwritable)?;
        let probe = path.join(format!(".probe-{}", std::process::id()));
        write_new(&probe, "").and_then(|()| fs::remove_file(&probe)).map_err(unwritable)?;
        Ok(Self(path.to_owned()))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The secret of this name, made when it is missing. It consists of URL-safe characters.
    pub fn secret(&self, name: &str) -> Result<String, DataDirError> {
        let path = self.0.join(name);
        match read_secret(&path) {
            Err(DataDirError::Unreadable { source, .. }) if source.kind() == ErrorKind::NotFound => make_secret(&path),
            found => found,
        }
    }
}

fn read_secret(path: &Path) -> Result<String, DataDirError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::InvalidData => return Err(DataDirError::Damaged { path: path.to_owned() }),
        Err(source) => return Err(DataDirError::Unreadable { path: path.to_owned(), source }),
    };
    let text = text.trim();
    let good = text.len() >= MIN_TEXT && text.bytes().all(|byte| byte.is_ascii_graphic());
    if good { Ok(text.to_owned()) } else { Err(DataDirError::Damaged { path: path.to_owned() }) }
}

fn make_secret(path: &Path) -> Result<String, DataDirError> {
    let mut bytes = [0; SECRET_BYTES];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| DataDirError::Randomness)?;
    let secret = URL_SAFE_NO_PAD.encode(bytes);
    // Written aside and linked into place: never seen half written, and two processes that start at once agree on one.
    let aside = path.with_extension(format!("new-{}", std::process::id()));
    let unwritable = |source| DataDirError::Unwritable { path: path.to_owned(), source };
    write_new(&aside, &format!("{secret}\n")).map_err(unwritable)?;
    let linked = fs::hard_link(&aside, path);
    fs::remove_file(&aside).map_err(unwritable)?;
    match linked {
        Ok(()) => Ok(secret),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => read_secret(path),
        Err(source) => Err(unwritable(source)),
    }
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    // What an earlier process of this id left behind may have other permissions.
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use std::os::unix::fs::PermissionsExt;

    use super::*;

    struct Temporary(PathBuf);

    impl Temporary {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("videoroom-data-{}-{name}", std::process::id()));
            Self(path)
        }
    }

    impl Drop for Temporary {
        fn drop(&mut self) {
            // A test that made nothing leaves nothing.
            drop(fs::remove_dir_all(&self.0));
        }
    }

    #[test]
    fn secrets_stay_the_same_and_belong_to_the_owner() {
        let place = Temporary::new("secrets");
        let directory = DataDir::open(&place.0.join("deep/er")).unwrap();
        let one = directory.secret("one").unwrap();
        assert_eq!(directory.secret("one").unwrap(), one);
        assert_eq!(DataDir::open(directory.path()).unwrap().secret("one").unwrap(), one);
        assert_ne!(directory.secret("other").unwrap(), one);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(directory.path()), mode(&directory.path().join("one"))), (0o700, 0o600));
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2, "nothing else is left behind");
    }

    #[test]
    fn a_damaged_secret_is_an_error_and_not_a_weak_key() {
        let place = Temporary::new("damaged");
        let directory = DataDir::open(&place.0).unwrap();
        for damaged in
            [b"".as_slice(), b"short\n", b"with spaces in the middle", b"\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe"]
        {
            fs::write(place.0.join("key"), damaged).unwrap();
            assert!(matches!(directory.secret("key"), Err(DataDirError::Damaged { .. })), "{damaged:?}");
        }
    }

    #[test]
    fn a_place_that_cannot_be_written_is_said_with_the_cure() {
        let place = Temporary::new("unwritable");
        fs::create_dir_all(&place.0).unwrap();
        fs::write(place.0.join("file"), "").unwrap();
        let error = DataDir::open(&place.0.join("file/inside")).unwrap_err().to_string();
        assert!(error.contains("--data-dir") && error.contains("file/inside"), "{error}");
    }
}
