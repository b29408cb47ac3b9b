//! `videoroom healthcheck`: asks a running server on this machine whether it can serve joins.

use service::healthcheck::{Question, configured_address};

pub use service::healthcheck::Unwell;

use crate::config::Config;

/// Asks the server that was started with this configuration.
pub async fn ask(config: &Config) -> Result<(), Unwell> {
    question(config).ask(configured_address(&config.listen)).await
}

/// How a server with this configuration is asked.
pub(crate) fn question(config: &Config) -> Question {
    let path = format!("{}/healthz", config.public.base_path.prefix());
    Question { path, token: None, expected: "\"status\":\"ok\"" }
}
