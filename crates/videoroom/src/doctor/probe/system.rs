//! Clock, limits and the data directory.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::SystemTime;

use nix::sys::resource::{Resource, getrlimit};
use nix::sys::socket::{setsockopt, sockopt};
use nix::unistd::{AccessFlags, Uid, access};

use super::super::system::{BufferFacts, ClockFacts, DirectoryFacts, DirectoryState};

/// The clock.
pub(in super::super) fn clock() -> ClockFacts {
    let made = std::env::current_exe().and_then(fs::metadata).and_then(|program| program.modified());
    ClockFacts { now: SystemTime::now(), made: made.ok(), kept: net::clock::is_kept_right() }
}

/// The largest socket buffers.
pub(in super::super) fn buffers() -> BufferFacts {
    let limit = |name: &str| fs::read_to_string(format!("/proc/sys/net/core/{name}")).ok()?.trim().parse().ok();
    BufferFacts { receive: limit("rmem_max"), send: limit("wmem_max"), privileged: may_exceed() }
}

/// Whether this process may have larger buffers than the limit (socket(7), `SO_RCVBUFFORCE`), found by trying.
fn may_exceed() -> bool {
    const WANTED: usize = 8 * 1024 * 1024;
    let socket = std::net::UdpSocket::bind((std::net::Ipv4Addr::LOCALHOST, 0));
    socket.is_ok_and(|socket| setsockopt(&socket, sockopt::RcvBufForce, &WANTED).is_ok())
}

/// How many files the process may have open once it has raised its limit; `None`: any number.
pub(in super::super) fn files() -> Option<u64> {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).ok()?;
    (hard != nix::sys::resource::RLIM_INFINITY).then_some(hard)
}

/// The data directory. It is not made.
pub(in super::super) fn directory(path: &Path) -> DirectoryFacts {
    DirectoryFacts { path: path.to_owned(), state: directory_state(path) }
}

fn directory_state(path: &Path) -> DirectoryState {
    let usable = AccessFlags::W_OK | AccessFlags::X_OK;
    match fs::metadata(path) {
        Ok(found) if !found.is_dir() => DirectoryState::Unusable("it is no directory".to_owned()),
        Ok(found) => match access(path, usable) {
            Ok(()) => {
                // One of ours that is open to others is closed at the start.
                let closable = found.uid() == Uid::effective().as_raw() && found.mode() & 0o1000 == 0;
                DirectoryState::Usable { shared: found.mode() & 0o077 != 0 && !closable }
            }
            Err(error) => DirectoryState::Unusable(error.desc().to_owned()),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let Some(existing) = path.ancestors().skip(1).find(|folder| folder.exists()) else { return DirectoryState::Absent };
            match access(if existing.as_os_str().is_empty() { Path::new(".") } else { existing }, usable) {
                Ok(()) => DirectoryState::Absent,
                Err(error) => DirectoryState::Unusable(format!("it cannot be made in {}: {}", existing.display(), error.desc())),
            }
        }
        Err(error) => DirectoryState::Unusable(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn a_data_directory_is_looked_at_and_not_made() {
        let root = tempfile::TempDir::new().unwrap();
        fs::write(root.path().join("file"), "").unwrap();
        assert!(matches!(directory(root.path()).state, DirectoryState::Usable { shared: false }));
        assert!(matches!(directory(&root.path().join("a/b")).state, DirectoryState::Absent));
        assert!(matches!(directory(&root.path().join("file")).state, DirectoryState::Unusable(_)));
        assert!(matches!(directory(&root.path().join("file/a")).state, DirectoryState::Unusable(_)));
        assert!(matches!(directory(Path::new("/tmp")).state, DirectoryState::Usable { shared: true }));
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }
}
