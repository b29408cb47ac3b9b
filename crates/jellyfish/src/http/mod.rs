//! The HTTP interface: routes, and what surrounds them.

mod approach;
mod auth;
mod components;
mod current;
mod envelope;
mod error;
mod faults;
mod generation;
mod health;
pub(crate) mod multipart;
mod openapi;
mod params;
mod peers;
mod rooms;
mod routes;
mod settings;
mod streams;
mod upgrade;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use http::StatusCode;

pub(crate) use components::TYPES as COMPONENT_TYPES;
pub use current::MAX_WISHES;
pub use envelope::{BODY_TIMEOUT, MAX_BODY, MAX_DRAINED_BODY};
pub use openapi::openapi;
pub use settings::{MAX_REASON, MAX_ROOM_ID};

use crate::app::App;
use crate::metrics;
use error::ApiError;
use routes::Route;

/// What the API port serves beside the REST interface and the back ends' socket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offer {
    /// The clients' socket.
    pub(crate) peer_socket: bool,
    /// The metrics.
    pub(crate) metrics: bool,
}

/// Everything that the API port serves.
pub(crate) fn api(app: &Arc<App>, offer: Offer) -> Router {
    let mut open = routes::open();
    open.extend(offer.peer_socket.then(routes::peer_socket));
    open.extend(offer.metrics.then(routes::metrics));
    let mut authenticated = routes::authenticated();
    if app.fault_injection {
        authenticated.extend(routes::faults());
    }
    let authenticated = router(authenticated).route_layer(from_fn_with_state(Arc::clone(app), auth::check));
    let routes = router(open).merge(authenticated).fallback(not_found).method_not_allowed_fallback(not_found);
    envelope::around(routes.with_state(Arc::clone(app)), Arc::clone(&app.http_traffic))
}

/// Only the clients' socket.
pub(crate) fn peer_socket(app: &Arc<App>) -> Router {
    router(vec![routes::peer_socket()]).with_state(Arc::clone(app))
}

/// What the metrics port serves.
pub(crate) fn metrics(app: &Arc<App>) -> Router {
    let absent = || async { error::text(StatusCode::NOT_FOUND, "Not Found") };
    router(vec![routes::metrics()]).fallback(absent).with_state(Arc::clone(app))
}

fn router(routes: Vec<Route>) -> Router<Arc<App>> {
    routes.into_iter().fold(Router::new(), |router, Route { path, serve, .. }| router.route(path, serve))
}

/// Figures of the server for Prometheus
///
/// On this port only where the metrics have none of their own (`--metrics-listen`).
#[utoipa::path(
    get, path = "/metrics", operation_id = "metrics", tag = "health", security(()),
    responses(
        (status = 200, description = "Figures in the text format of Prometheus", body = String, content_type = "text/plain"),
        (status = 404, description = "They are on another port", body = protocol::rest::PhraseBody),
    )
)]
async fn metrics_page(State(app): State<Arc<App>>) -> Response {
    metrics::page(&app).await
}

async fn not_found() -> Response {
    axum::response::IntoResponse::into_response(ApiError::Phrase(StatusCode::NOT_FOUND))
}
