//! Whether joins can be served.

use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use server_sdk::{Client, Error};
use tokio::sync::Mutex;
use utoipa::ToSchema;

use super::App;
use crate::config::PublicUrl;

/// An answer this old is good enough for a health check. Shorter asks the media server more often.
const FRESH: Duration = Duration::from_secs(1);
/// An answer this old is good enough for what seldom changes, the media server's public address.
const RECENT: Duration = Duration::from_secs(30);
/// Longest wait for the media server. A health check has to answer before who asks gives up.
const PATIENCE: Duration = Duration::from_secs(2);

/// Asks the media server how it is, not more often than needed.
pub(crate) struct Probe {
    client: Client,
    last: Mutex<Last>,
}

#[derive(Default)]
struct Last {
    at: Option<Instant>,
    up: bool,
    /// The last one that was told; kept while the media server is down.
    public_url: Option<PublicUrl>,
}

impl Probe {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, last: Mutex::default() }
    }

    async fn is_up(&self) -> bool {
        let mut last = self.last.lock().await;
        self.refresh(&mut last, FRESH).await;
        last.up
    }

    /// The address that clients of the media server use, when it was told one.
    pub(super) async fn public_url(&self) -> Option<PublicUrl> {
        let mut last = self.last.lock().await;
        let age = if last.up { RECENT } else { FRESH };
        self.refresh(&mut last, age).await;
        last.public_url.clone()
    }

    async fn refresh(&self, last: &mut Last, age: Duration) {
        if last.at.is_some_and(|at| at.elapsed() < age) {
            return;
        }
        let answer = tokio::time::timeout(PATIENCE, self.client.health()).await;
        let answer = answer.unwrap_or_else(|_| Err(Error::Transport("it does not answer in time".into())));
        match answer {
            Ok(health) => {
                last.up = true;
                last.public_url = health.public_url.and_then(|url| url.parse().ok());
            }
            Err(error) => {
                if last.up || last.at.is_none() {
                    tracing::warn!(%error, "the media server is not well");
                }
                last.up = false;
            }
        }
        last.at = Some(Instant::now());
    }
}

/// Health of this server.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Health {
    /// `ok` when joins can be served, else `degraded`.
    #[schema(example = "ok")]
    status: &'static str,
    /// `up` when the media server answers, else `down`.
    #[schema(example = "up")]
    media_server: &'static str,
    /// Version of this server.
    version: &'static str,
}

/// Whether joins can be served.
#[utoipa::path(get, path = "/healthz", operation_id = "health", tag = "service",
    responses((status = 200, description = "Joins can be served", body = Health),
              (status = 503, description = "The media server cannot be reached", body = Health)))]
pub(super) async fn healthz(State(app): State<App>) -> Response {
    let version = env!("CARGO_PKG_VERSION");
    if app.0.probe.is_up().await {
        Json(Health { status: "ok", media_server: "up", version }).into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, Json(Health { status: "degraded", media_server: "down", version })).into_response()
    }
}
