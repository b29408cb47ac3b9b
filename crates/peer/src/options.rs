//! How a peer behaves.

use std::net::IpAddr;
use std::time::Duration;

/// How a peer behaves.
#[derive(Debug, Clone)]
pub struct PeerOptions {
    /// Its metadata, JSON text; an empty text stands for "none given".
    pub metadata: String,
    /// What it says about its SDK when it authenticates.
    pub sdk_version: String,
    /// The address its media comes from; by default the one the WebSocket uses.
    pub media_address: Option<IpAddr>,
    /// How long it waits for the server: for the welcome, for the answer to a change.
    pub patience: Duration,
    /// Frames per second of its video.
    pub frame_rate: u32,
    /// Share of received media datagrams it throws away, 0.0 to 1.0, as a bad network would.
    pub receive_loss: f64,
    /// Whether it announces that it can go on over another WebSocket. Then [`crate::Peer::resume`] works.
    pub resume: bool,
}

impl Default for PeerOptions {
    fn default() -> Self {
        Self {
            metadata: "{}".to_owned(),
            sdk_version: "web-0.25.1".to_owned(),
            media_address: None,
            patience: Duration::from_secs(10),
            frame_rate: 30,
            receive_loss: 0.0,
            resume: false,
        }
    }
}

impl PeerOptions {
    /// The same with this metadata.
    #[must_use]
    pub fn metadata(mut self, json: impl Into<String>) -> Self {
        self.metadata = json.into();
        self
    }
}

/// The WebSocket's URL: `base` itself when it names the path already, else with the path added as the published SDK does.
pub(crate) fn socket_url(base: &str) -> String {
    const PATH: &str = "socket/peer/websocket";
    let base = match base.split_once("://") {
        Some(("http", rest)) => format!("ws://{rest}"),
        Some(("https", rest)) => format!("wss://{rest}"),
        Some(_) => base.to_owned(),
        None => format!("ws://{base}"),
    };
    if base.ends_with(PATH) {
        return base;
    }
    format!("{}/{PATH}", base.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::socket_url;

    #[test]
    fn the_path_is_added_once() {
        let full = "ws://host:5002/socket/peer/websocket";
        for base in ["ws://host:5002", "ws://host:5002/", "http://host:5002", "host:5002", full] {
            assert_eq!(socket_url(base), full, "{base}");
        }
        assert_eq!(socket_url("https://host/base/"), "wss://host/base/socket/peer/websocket");
    }
}
