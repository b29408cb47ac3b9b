//! The media server in this process. It is used as one elsewhere is: over its REST interface and its notifications.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use jellyfish::config::{Metrics, Tls};
use server_sdk::Error;

use crate::config::{Config, Embedded};
use crate::server::{MediaServer, Sockets};

/// Why the media server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The port of its API cannot be opened.
    #[error("{0}; choose another one for the media server's API with --api-listen")]
    Api(net::tcp::BindError),
    /// The port of its metrics cannot be opened.
    #[error("{0}; choose another one for metrics with --metrics-listen")]
    Metrics(net::tcp::BindError),
    /// Its own reason, with the flag that helps.
    #[error(transparent)]
    Media(jellyfish::StartError),
    /// The client of its API cannot be made.
    #[error(transparent)]
    Client(#[from] Error),
}

/// A running embedded media server.
pub struct Running(jellyfish::Running);

/// Starts it.
pub async fn start(config: &Config, embedded: &Embedded) -> Result<Running, StartError> {
    let running = jellyfish::start(settings(config, embedded)).await.map_err(|error| match error {
        jellyfish::StartError::Api(error) => StartError::Api(error),
        jellyfish::StartError::Metrics(error) => StartError::Metrics(error),
        error => StartError::Media(error),
    })?;
    tracing::info!(api = %running.api_addr(), media_port = running.media_port(), "the media server runs");
    Ok(Running(running))
}

fn settings(config: &Config, embedded: &Embedded) -> jellyfish::config::Config {
    let defaults = jellyfish::config::Config::default();
    jellyfish::config::Config {
        listen: embedded.api_listen,
        peer_socket: false,
        public_url: config.public.url.clone(),
        data_dir: config.data_dir.clone(),
        tls: Tls::Off,
        trusted_proxies: config.public.trusted_proxies.clone(),
        metrics: embedded.metrics_listen.map_or(Metrics::OnApi, Metrics::On),
        ..defaults.with(embedded.server.clone())
    }
}

impl Running {
    /// Where the Backend of this process finds it.
    pub fn media_server(&self) -> Result<MediaServer, StartError> {
        let api = self.0.api_addr();
        // An API on all addresses is reached over loopback.
        let ip = match api.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        let address = format!("http://{}", SocketAddr::new(ip, api.port()));
        Ok(MediaServer::new(&address, self.0.api_token().reveal(), Sockets::Here(self.0.peer_socket_router()))?)
    }

    /// Adds what `page` returns to the page of metrics.
    pub fn add_metrics(&self, page: impl Fn() -> String + Send + Sync + 'static) {
        self.0.add_metrics(page);
    }

    /// The UDP port of media.
    pub fn media_port(&self) -> u16 {
        self.0.media_port()
    }

    /// Where its API is served.
    pub fn api_addr(&self) -> SocketAddr {
        self.0.api_addr()
    }

    /// Where its metrics are served.
    pub fn metrics_addr(&self) -> Option<SocketAddr> {
        self.0.metrics_addr()
    }

    /// Tells all clients, and ends.
    pub async fn shutdown(self) {
        self.0.shutdown().await;
    }
}
