//! Certificate files: loaded again when they change, or at SIGHUP.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use net::tcp::{ServerTls, read_pem_files};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{MissedTickBehavior, interval};

/// What tells a file from an earlier one under the same path, whatever links lie in between; `None` while it is not there.
type Mark = Option<(u64, u64, u64, i64, i64)>;

/// Both files.
type Marks = [Mark; 2];

pub(super) struct Files {
    certificate: PathBuf,
    key: PathBuf,
    watch: Watch,
}

impl Files {
    /// The files as they are now count as loaded.
    pub(super) fn new(certificate: &Path, key: &Path) -> Self {
        let watch = Watch::new(marks(certificate, key));
        Self { certificate: certificate.to_owned(), key: key.to_owned(), watch }
    }

    pub(super) async fn keep(self, tls: &ServerTls, pause: Duration) {
        let Self { certificate, key, mut watch } = self;
        let mut hang_ups = signal(SignalKind::hangup()).inspect_err(|error| tracing::warn!(%error, "SIGHUP cannot be received")).ok();
        let mut ticks = interval(pause);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => if !watch.has_changed(marks(&certificate, &key)) { continue },
                () = received(&mut hang_ups) => watch = Watch::new(marks(&certificate, &key)),
            }
            let loaded = read_pem_files(&certificate, &key).and_then(|(chain, key)| tls.replace_pem(&chain, &key));
            match loaded {
                Ok(()) => tracing::info!("the certificate files were loaded again"),
                Err(error) => tracing::warn!(
                    file = %certificate.display(),
                    %error,
                    "the changed certificate files cannot be used and the certificate before stays; see --tls-cert and --tls-key"
                ),
            }
        }
    }
}

async fn received(signals: &mut Option<Signal>) {
    let received = match signals {
        Some(signals) => signals.recv().await,
        None => None,
    };
    if received.is_none() {
        std::future::pending::<()>().await;
    }
}

fn marks(certificate: &Path, key: &Path) -> Marks {
    [certificate, key].map(|path| {
        let found = fs::metadata(path).ok()?;
        Some((found.dev(), found.ino(), found.size(), found.mtime(), found.mtime_nsec()))
    })
}

/// Says when files are to be loaded: once after each change, and not in the middle of one. Programs that renew certificates
/// replace the two files one after the other.
#[derive(Debug)]
struct Watch {
    loaded: Marks,
    last: Marks,
}

impl Watch {
    fn new(loaded: Marks) -> Self {
        Self { loaded, last: loaded }
    }

    fn has_changed(&mut self, now: Marks) -> bool {
        let settled = now == self.last;
        self.last = now;
        let changed = settled && now != self.loaded;
        if changed {
            self.loaded = now;
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_counts_once_and_when_it_is_complete() {
        let state = |certificate: u64, key: u64| [certificate, key].map(|inode| Some((1, inode, 1, 1, 1)));
        let mut watch = Watch::new(state(1, 1));
        assert!(!watch.has_changed(state(1, 1)));
        assert!(!watch.has_changed(state(2, 1)), "the key may follow");
        assert!(!watch.has_changed(state(2, 2)), "more may follow");
        assert!(watch.has_changed(state(2, 2)));
        assert!(!watch.has_changed(state(2, 2)), "once");
        let gone = [None, state(2, 2)[1]];
        assert!(!watch.has_changed(gone) && watch.has_changed(gone) && !watch.has_changed(gone));
        assert!(!watch.has_changed(state(2, 2)) && watch.has_changed(state(2, 2)), "it is back");
    }
}
