//! The data directory: secrets of this installation, readable by the owner only.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
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
        let probe = path.join(format!(".probe-{}", std::process::id()));
        write_new(&probe, "").map_err(unwritable)?;
        let closed = close_to_others(path, &probe);
        fs::remove_file(&probe).map_err(unwritable)?;
        Ok(Self { path: path.to_owned(), shared: !closed.map_err(unwritable)? })
    }

    /// Whether others can enter it, because it belongs to somebody else.
    pub(crate) fn is_shared(&self) -> bool {
        self.shared
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The secret of this name, made when it is missing. It consists of URL-safe characters.
    pub fn secret(&self, name: &str) -> Result<String, DataDirError> {
        let path = self.path.join(name);
        match read_secret(&path) {
            Err(DataDirError::Unreadable { source, .. }) if source.kind() == ErrorKind::NotFound => make_secret(&path),
            found => found,
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
    fn a_directory_that_others_can_enter_is_closed_unless_everybody_uses_it() {
        let place = Temporary::new("open");
        fs::create_dir_all(&place.0).unwrap();
        let mode = || fs::metadata(&place.0).unwrap().permissions().mode() & 0o7777;
        for (before, after, shared) in [(0o755, 0o700, false), (0o770, 0o700, false), (0o700, 0o700, false), (0o1777, 0o1777, true)] {
            fs::set_permissions(&place.0, fs::Permissions::from_mode(before)).unwrap();
            assert_eq!(DataDir::open(&place.0).unwrap().is_shared(), shared, "{before:o}");
            assert_eq!(mode(), after, "{before:o}");
            assert_eq!(fs::read_dir(&place.0).unwrap().count(), 0, "nothing is left behind");
        }
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
