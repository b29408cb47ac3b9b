//! `jellyfish healthcheck`: asks a running server on this machine whether it is well.

use std::io;
use std::path::PathBuf;

use service::healthcheck::{Question, Unwell, configured_address};
use thiserror::Error;

use crate::config::{Config, Secret};
use crate::server::API_TOKEN;

/// Why the server does not count as well.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HealthError {
    /// The token that the server made is not to be had.
    #[error("cannot read {path}, the API token of the server: {source}; give the flags that the server has")]
    Token {
        /// Where it should be.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What the server answered, if anything.
    #[error(transparent)]
    Unwell(#[from] Unwell),
}

/// Asks the server that was started with this configuration.
pub async fn ask(config: &Config) -> Result<(), HealthError> {
    let token = config.api_token.clone().map_or_else(|| kept_token(config), Ok)?;
    Ok(question(&token).ask(configured_address(&config.listen)).await?)
}

/// The token that the server made at its first start.
fn kept_token(config: &Config) -> Result<Secret, HealthError> {
    let path = config.data_dir.join(API_TOKEN);
    let text = std::fs::read_to_string(&path).map_err(|source| HealthError::Token { path, source })?;
    Ok(Secret::new(text.trim()))
}

/// How a server with this token is asked: every media worker has to answer.
pub(crate) fn question(token: &Secret) -> Question {
    Question { path: "/health".to_owned(), token: Some(token.clone()), expected: "\"status\":\"UP\"" }
}
