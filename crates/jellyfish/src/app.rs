//! What all requests and sockets share.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use aws_lc_rs::{constant_time, digest};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::candidates::{Approach, Reach};
use crate::config::Network;
use crate::figures::{Connections, HttpTraffic};
use crate::metrics::MorePage;
use crate::notifications::Notifications;
use crate::sockets::ToldInRooms;
use crate::token::TokenKey;
use crate::webhooks::{Targets, Webhooks};
use crate::workers::Workers;

/// The running server, seen from its requests.
pub(crate) struct App {
    pub(crate) workers: Workers,
    pub(crate) notifications: Notifications,
    pub(crate) webhooks: Webhooks,
    pub(crate) webhook_targets: Arc<Targets>,
    pub(crate) token_key: TokenKey,
    /// SHA-256 of the API token: comparing digests tells nothing about the token's length either.
    pub(crate) api_token: [u8; 32],
    /// `host[:port][/path]` under which the world knows the server.
    pub(crate) address: String,
    /// Where the operator says that clients reach it.
    pub(crate) public_url: Option<String>,
    pub(crate) reach: Reach,
    pub(crate) trusted_proxies: Vec<Network>,
    pub(crate) fault_injection: bool,
    /// Whether peers can be added.
    pub(crate) webrtc: bool,
    /// What clients have told to everybody in their room.
    pub(crate) told: ToldInRooms,
    /// How sockets of clients began.
    pub(crate) connections: Connections,
    /// What goes through the API port.
    pub(crate) http_traffic: Arc<HttpTraffic>,
    /// What the embedding program adds to the metrics.
    pub(crate) more_metrics: OnceLock<MorePage>,
    pub(crate) started: Instant,
    /// Cancelled when the server stops: sockets say good-bye.
    pub(crate) closing: CancellationToken,
    /// Tasks that the end of the server waits for.
    pub(crate) tasks: TaskTracker,
}

impl App {
    /// Whether this is the API token; takes the same time whatever the answer.
    pub(crate) fn is_api_token(&self, token: &str) -> bool {
        constant_time::verify_slices_are_equal(&hash(token), &self.api_token).is_ok()
    }

    /// Where a client that came this way can send media.
    pub(crate) fn candidates(&self, approach: Approach) -> Vec<SocketAddr> {
        // Read anew each time: addresses come and go with networks.
        let interfaces = net::interfaces::local_addresses().unwrap_or_else(|error| {
            tracing::warn!(%error, "the addresses of this machine cannot be read");
            self.reach.interfaces.clone()
        });
        Reach { interfaces, ..self.reach.clone() }.candidates(approach)
    }

    /// Whether forwarding headers from this address count.
    pub(crate) fn trusts(&self, proxy: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|network| network.contains(proxy))
    }
}

/// SHA-256.
pub(crate) fn hash(text: &str) -> [u8; 32] {
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    digest.as_ref().try_into().expect("a SHA-256 digest has 32 bytes")
}
