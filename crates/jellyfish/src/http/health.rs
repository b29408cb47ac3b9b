//! `/health`.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use protocol::rest::{Data, Distribution, Health};
use tokio::time::timeout;

use super::error::{ApiError, json};
use crate::app::App;

/// The commit that the binary was built from, told by who builds it.
const GIT_COMMIT: Option<&str> = option_env!("JELLYFISH_GIT_COMMIT");

/// A worker that is busy with a large room answers within milliseconds.
const WORKERS_PATIENCE: Duration = Duration::from_secs(1);

/// State of the server
#[utoipa::path(
    get, path = "/health", operation_id = "healthcheck", tag = "health",
    responses(
        (status = 200, description = "It is up", body = Data<Health>),
        (status = 401, description = "No or a wrong token", body = protocol::rest::ErrorBody),
        (status = 503, description = "A media worker does not answer", body = protocol::rest::ErrorBody),
    )
)]
pub(super) async fn show(State(app): State<Arc<App>>) -> Response {
    let answering = timeout(WORKERS_PATIENCE, app.workers.stats()).await.map_or(0, |stats| stats.len());
    if answering < app.workers.count() {
        return ApiError::unavailable("A media worker does not answer").into_response();
    }
    let health = Health {
        status: "UP".to_owned(),
        uptime: app.started.elapsed().as_secs(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        git_commit: GIT_COMMIT.and_then(|commit| commit.get(..7)).unwrap_or("dev").to_owned(),
        distribution: Distribution { enabled: false, node_status: "DOWN".to_owned(), nodes_in_cluster: 0 },
        public_url: app.public_url.clone(),
    };
    json(StatusCode::OK, &Data { data: health })
}
