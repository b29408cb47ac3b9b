//! Where browsers connect to the media server.

use super::Probe;
use super::requester::{Forwarding, Requester};
use crate::config::{BasePath, PublicUrl};

/// Path of the clients' socket.
const SOCKET: &str = "/socket/peer/websocket";

/// Where the clients' socket is.
#[derive(Clone, Debug)]
pub(crate) enum MediaAddress {
    /// On the public port, below this path.
    Here(BasePath),
    /// At the public address of another media server, or at this one when it does not say.
    Elsewhere(PublicUrl),
}

impl MediaAddress {
    /// The complete WebSocket URL for this requester.
    pub(super) async fn websocket_url(&self, forwarding: &Forwarding, requester: &Requester, probe: &Probe) -> String {
        let (https, address) = self.address(forwarding, requester, probe).await;
        format!("{}://{address}{SOCKET}", if https { "wss" } else { "ws" })
    }

    /// `host[:port][/path]`, as users of the original know it.
    pub(super) async fn without_scheme(&self, forwarding: &Forwarding, requester: &Requester, probe: &Probe) -> String {
        self.address(forwarding, requester, probe).await.1
    }

    /// Sources for `connect-src` beside the page's own origin: sockets, and requests that find out whether anybody answers there.
    /// Not all browsers count sockets of the same host as `'self'`.
    pub(super) async fn page_sources(&self, forwarding: &Forwarding, requester: &Requester, probe: &Probe) -> String {
        let (https, address) = self.address(forwarding, requester, probe).await;
        let host = address.split('/').next().unwrap_or_default();
        match self {
            Self::Here(_) if host == requester.host => format!("ws://{host} wss://{host}"),
            Self::Here(_) => {
                format!("ws://{host} wss://{host} http://{host} https://{host} ws://{} wss://{}", requester.host, requester.host)
            }
            Self::Elsewhere(_) if https => format!("wss://{host} https://{host}"),
            Self::Elsewhere(_) => format!("ws://{host} wss://{host} http://{host} https://{host}"),
        }
    }

    async fn address(&self, forwarding: &Forwarding, requester: &Requester, probe: &Probe) -> (bool, String) {
        match self {
            Self::Here(base_path) => {
                let (https, host, path) = forwarding.origin(requester);
                let path = if path.is_empty() { base_path.prefix() } else { &path };
                (https, format!("{host}{path}"))
            }
            Self::Elsewhere(configured) => {
                let told = probe.public_url().await;
                let url = told.as_ref().unwrap_or(configured);
                (url.is_https(), format!("{}{}", url.authority(), url.path()))
            }
        }
    }
}
