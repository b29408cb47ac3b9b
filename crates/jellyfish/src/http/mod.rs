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
mod openapi;
mod params;
mod peers;
mod rooms;
mod settings;
mod upgrade;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{delete, get, post};
use http::StatusCode;

pub(crate) use components::TYPES as COMPONENT_TYPES;
pub use current::MAX_WISHES;
pub use envelope::{BODY_TIMEOUT, MAX_BODY, MAX_DRAINED_BODY};
pub use openapi::openapi;
pub use settings::{MAX_REASON, MAX_ROOM_ID};

use crate::app::App;
use crate::metrics;
use error::ApiError;

/// Path of the metrics.
const METRICS: &str = "/metrics";

/// Path of the clients' socket.
const PEER_SOCKET: &str = "/socket/peer/websocket";

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
    let mut open = Router::new()
        .route("/openapi.json", get(openapi::show))
        .route("/validate", get(current::validate))
        .route("/hls/{room_id}/{filename}", get(components::no_file))
        .route("/recording/{recording_id}/{filename}", get(components::no_file))
        .route("/socket/server/websocket", get(upgrade::server));
    if offer.peer_socket {
        open = open.route(PEER_SOCKET, get(upgrade::peer));
    }
    if offer.metrics {
        open = open.route(METRICS, get(metrics_page));
    }
    let routes = open.merge(authenticated(app)).fallback(not_found).method_not_allowed_fallback(not_found);
    envelope::around(routes.with_state(Arc::clone(app)))
}

/// Only the clients' socket.
pub(crate) fn peer_socket(app: &Arc<App>) -> Router {
    Router::new().route(PEER_SOCKET, get(upgrade::peer)).with_state(Arc::clone(app))
}

/// What the metrics port serves.
pub(crate) fn metrics(app: &Arc<App>) -> Router {
    let absent = || async { error::text(StatusCode::NOT_FOUND, "Not Found") };
    Router::new().route(METRICS, get(metrics_page)).fallback(absent).with_state(Arc::clone(app))
}

async fn metrics_page(State(app): State<Arc<App>>) -> Response {
    metrics::page(&app).await
}

fn authenticated(app: &Arc<App>) -> Router<Arc<App>> {
    let mut routes = Router::new()
        .route("/health", get(health::show))
        .route("/room", get(rooms::list).post(rooms::create))
        .route("/room/{room_id}", get(rooms::show).delete(rooms::delete))
        .route("/room/{room_id}/peer", post(peers::add))
        .route("/room/{room_id}/peer/{id}", delete(peers::delete))
        .route("/room/{room_id}/peer/{id}/refresh_token", post(current::refresh_token))
        .route("/room/{room_id}/peer/{id}/subscribe_peer", post(current::subscribe_peer))
        .route("/room/{room_id}/peer/{id}/subscribe_tracks", post(current::subscribe_tracks))
        .route("/room/{room_id}/streamer", post(current::streamer))
        .route("/room/{room_id}/viewer", post(current::viewer))
        .route("/room/{room_id}/track_forwardings", post(current::track_forwardings))
        .route("/room/{room_id}/component", post(components::add))
        .route("/room/{room_id}/component/{id}", delete(components::delete))
        .route("/room/{room_id}/component/{id}/subscribe", post(components::subscribe))
        .route("/sip/{room_id}/{component_id}/call", post(components::dial).delete(components::end_call))
        .route("/recording", get(components::recordings))
        .route("/recording/{recording_id}", delete(components::no_recording))
        .route("/livestream", get(current::livestreams).post(current::create_livestream))
        .route("/livestream/{id}", get(current::no_livestream).delete(current::no_livestream))
        .route("/livestream/{id}/streamer", post(current::no_livestream))
        .route("/livestream/{id}/viewer", post(current::no_livestream))
        .route("/livestream/{id}/streamer/{token_id}", delete(current::no_livestream))
        .route("/livestream/{id}/viewer/{token_id}", delete(current::no_livestream))
        .route("/moq/access", post(current::moq_access))
        .route("/recordings", get(current::recordings).post(current::create_recording))
        .route("/recordings/{recording_id}", get(components::no_recording).delete(components::no_recording))
        .route("/recordings/{recording_id}/stop", post(components::no_recording));
    if app.fault_injection {
        routes = routes
            .route("/fault/room/{room_id}", post(faults::crash_room))
            .route("/fault/room/{room_id}/peer/{id}", post(faults::crash_peer))
            .route("/fault/room/{room_id}/worker", post(faults::crash_worker));
    }
    routes.route_layer(from_fn_with_state(Arc::clone(app), auth::check))
}

async fn not_found() -> Response {
    axum::response::IntoResponse::into_response(ApiError::Phrase(StatusCode::NOT_FOUND))
}
