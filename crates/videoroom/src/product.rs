//! The product: start-up and shutdown of everything that one process runs.

use std::time::Duration;

use service::healthcheck::Question;

use crate::config::{Config, Media};
use crate::embedded;
use crate::healthcheck::{self, Unwell};
use crate::server::{self, MediaServer, Sockets};

/// Longest time to end in. Process managers kill after their own limit, often 10 s.
const SHUTDOWN: Duration = Duration::from_millis(4_800);

/// Why it does not start: one sentence with the cure.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The Backend's reason.
    #[error(transparent)]
    Backend(#[from] server::StartError),
    /// The embedded media server's reason.
    #[error(transparent)]
    Media(#[from] embedded::StartError),
    /// The address of the media server cannot be used.
    #[error("{0}; see --media-server")]
    MediaServer(#[from] server_sdk::Error),
}

/// Everything, running.
pub struct Product {
    backend: server::Running,
    media: Option<embedded::Running>,
    health: Question,
}

/// Starts everything, on the current tokio runtime. When it returns the public port serves.
///
/// The order: the public port first, because that it is taken is the most likely trouble; then the media server, because
/// the Backend needs its address and token; then the Backend serves.
pub async fn start(config: &Config) -> Result<Product, StartError> {
    for remark in &config.remarks {
        tracing::warn!("{remark}");
    }
    let bound = server::bind(config)?;
    let (media, used) = match &config.media {
        Media::Embedded(settings) => {
            let running = embedded::start(config, settings).await?;
            let used = running.media_server()?;
            (Some(running), used)
        }
        Media::Elsewhere { url, token } => (None, MediaServer::new(&url.to_string(), token.reveal(), Sockets::Elsewhere(url.clone()))?),
    };
    let backend = bound.serve(config, used);
    if let Some(media) = &media {
        media.add_metrics(backend.metrics());
    }
    Ok(Product { backend, media, health: healthcheck::question(config) })
}

impl Product {
    /// The Backend.
    pub fn backend(&self) -> &server::Running {
        &self.backend
    }

    /// The embedded media server, if there is one.
    pub fn media(&self) -> Option<&embedded::Running> {
        self.media.as_ref()
    }

    /// Whether the public port answers over HTTP, and every worker of the embedded media server with it. A media server
    /// elsewhere does not count: starting this process anew would not help it.
    pub async fn is_well(&self) -> bool {
        let answer = self.health.ask(self.backend.local_addr()).await;
        match answer {
            Err(Unwell::Degraded { .. }) => self.media.is_none(),
            answer => answer.is_ok(),
        }
    }

    /// Ends everything within five seconds. Clients are told by the media server.
    pub async fn shutdown(self) {
        let media = async {
            if let Some(media) = self.media {
                media.shutdown().await;
            }
        };
        let all = async { tokio::join!(media, self.backend.shutdown()) };
        if tokio::time::timeout(SHUTDOWN, all).await.is_err() {
            tracing::warn!("not everything ended in time");
        }
    }
}
