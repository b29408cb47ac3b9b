//! The product: start-up and shutdown of everything that one process runs.

use std::time::Duration;

use crate::config::{Config, Media};
use crate::embedded;
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
    Ok(Product { backend: bound.serve(config, used), media })
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
