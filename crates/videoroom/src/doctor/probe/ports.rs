//! Opening the ports for a moment.

use net::tcp::{self, Acceptor, ListenAddress};
use net::udp::{self, UdpOptions};

use super::super::ports::{PortFacts, PortState, Transport};
use super::holder::holder;
use crate::config::{Config, Media};
use crate::healthcheck;

/// Tries each port that the product would open.
pub(in super::super) async fn ports(config: &Config) -> Vec<PortFacts> {
    let running = healthcheck::ask(config).await.is_ok();
    let tcp = |subject, flag, listen: &ListenAddress| {
        let state = try_tcp(listen);
        let address = listen.to_string();
        let address = address.strip_prefix("*:").unwrap_or(&address).to_owned();
        PortFacts { subject, transport: Transport::Tcp, address, flag, state, running }
    };
    let mut found = vec![tcp("public port", "--listen", &config.listen)];
    if let Media::Embedded(embedded) = &config.media {
        let (transport, address) = (Transport::Udp, embedded.server.media_port.to_string());
        let state = try_udp(embedded.server.media_port);
        found.push(PortFacts { subject: "media port", transport, address, flag: "--media-port", state, running });
        found.push(tcp("API port", "--api-listen", &embedded.api_listen));
        found.extend(embedded.metrics_listen.as_ref().map(|listen| tcp("metrics port", "--metrics-listen", listen)));
    }
    found
}

fn try_tcp(listen: &ListenAddress) -> PortState {
    match Acceptor::bind(listen, tcp::Limits::default()) {
        Ok(_) => PortState::Free,
        Err(tcp::BindError::PortInUse { .. }) => PortState::Held(holder(Transport::Tcp, listen.port())),
        Err(tcp::BindError::Denied { .. }) => PortState::Denied,
        Err(error) => PortState::Unusable(error.to_string()),
    }
}

fn try_udp(port: u16) -> PortState {
    match udp::bind(&UdpOptions::new(port)) {
        Ok(_) => PortState::Free,
        Err(udp::BindError::PortInUse { .. }) => PortState::Held(holder(Transport::Udp, port)),
        Err(udp::BindError::Denied { .. }) => PortState::Denied,
        Err(error) => PortState::Unusable(error.to_string()),
    }
}
