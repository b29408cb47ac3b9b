//! The self-signed certificate: it follows the names and addresses of this machine.

use std::time::Duration;

use net::tcp::{ServerTls, TlsError, self_signed_pem};
use tokio::time::{MissedTickBehavior, interval};

use super::Names;
use crate::data_dir::DataDir;

pub(super) struct Own {
    data_dir: DataDir,
    names: Names,
}

impl Own {
    pub(super) fn new(data_dir: &DataDir, names: Names) -> Self {
        Self { data_dir: data_dir.clone(), names }
    }

    pub(super) fn tls(&self) -> Result<ServerTls, TlsError> {
        ServerTls::self_signed(self.data_dir.path(), &(self.names)())
    }

    /// Makes another one when this machine has got names or addresses that the shown one lacks, or when it is about to expire.
    pub(super) async fn keep(&self, tls: &ServerTls, pause: Duration) {
        let mut ticks = interval(pause);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut shown = tls.certificate();
        let mut failed = false;
        loop {
            ticks.tick().await;
            let taken =
                self_signed_pem(self.data_dir.path(), &(self.names)()).and_then(|pem| tls.replace_pem(pem.as_bytes(), pem.as_bytes()));
            match &taken {
                Ok(()) if tls.certificate() != shown => {
                    shown = tls.certificate();
                    tracing::info!(
                        "a new self-signed certificate is shown, because this machine's addresses changed or the old one was old"
                    );
                }
                Err(error) if !failed => tracing::warn!(%error, "the self-signed certificate cannot be renewed"),
                _ => {}
            }
            failed = taken.is_err();
        }
    }
}
