//! Every route of the API port: one table for the router and for the test that holds the description against it.

use std::sync::Arc;

use axum::handler::Handler;
use axum::routing::{self, MethodRouter};
use http::Method;

use super::{components, current, faults, health, metrics_page, openapi, peers, rooms, streams, upgrade};
use crate::app::App;

/// Path of the metrics.
pub(super) const METRICS: &str = "/metrics";

/// Path of the clients' socket.
pub(super) const PEER_SOCKET: &str = "/socket/peer/websocket";

/// One route.
pub(super) struct Route {
    #[cfg_attr(not(test), expect(dead_code, reason = "only the description is held against it"))]
    pub(super) method: Method,
    pub(super) path: &'static str,
    pub(super) serve: MethodRouter<Arc<App>>,
}

fn get<H: Handler<T, Arc<App>>, T: 'static>(path: &'static str, handler: H) -> Route {
    Route { method: Method::GET, path, serve: routing::get(handler) }
}

fn post<H: Handler<T, Arc<App>>, T: 'static>(path: &'static str, handler: H) -> Route {
    Route { method: Method::POST, path, serve: routing::post(handler) }
}

fn delete<H: Handler<T, Arc<App>>, T: 'static>(path: &'static str, handler: H) -> Route {
    Route { method: Method::DELETE, path, serve: routing::delete(handler) }
}

/// Routes that ask for no token, or in their own way.
pub(super) fn open() -> Vec<Route> {
    vec![
        get("/openapi.json", openapi::show),
        get("/validate", current::validate),
        get("/hls/{room_id}/{filename}", components::hls_file),
        get("/recording/{recording_id}/{filename}", components::recording_file),
        get("/socket/server/websocket", upgrade::server),
    ]
}

/// The clients' socket, which the embedding program may serve elsewhere.
pub(super) fn peer_socket() -> Route {
    get(PEER_SOCKET, upgrade::peer)
}

/// The metrics, where they have no port of their own.
pub(super) fn metrics() -> Route {
    get(METRICS, metrics_page)
}

/// Routes that ask for the API token.
pub(super) fn authenticated() -> Vec<Route> {
    vec![
        get("/health", health::show),
        get("/room", rooms::list),
        post("/room", rooms::create),
        get("/room/{room_id}", rooms::show),
        delete("/room/{room_id}", rooms::delete),
        post("/room/{room_id}/peer", peers::add),
        delete("/room/{room_id}/peer/{id}", peers::delete),
        post("/room/{room_id}/peer/{id}/refresh_token", current::refresh_token),
        post("/room/{room_id}/peer/{id}/subscribe_peer", current::subscribe_peer),
        post("/room/{room_id}/peer/{id}/subscribe_tracks", current::subscribe_tracks),
        post("/room/{room_id}/streamer", streams::streamer),
        post("/room/{room_id}/viewer", streams::viewer),
        post("/room/{room_id}/track_forwardings", streams::track_forwardings),
        post("/room/{room_id}/component", components::add),
        delete("/room/{room_id}/component/{id}", components::delete),
        post("/room/{room_id}/component/{id}/subscribe", components::subscribe),
        post("/sip/{room_id}/{component_id}/call", components::dial),
        delete("/sip/{room_id}/{component_id}/call", components::end_call),
        get("/recording", components::recordings),
        delete("/recording/{recording_id}", components::delete_recording),
        get("/livestream", streams::livestreams),
        post("/livestream", streams::create_livestream),
        get("/livestream/{id}", streams::show_livestream),
        delete("/livestream/{id}", streams::delete_livestream),
        post("/livestream/{id}/streamer", streams::add_streamer),
        post("/livestream/{id}/viewer", streams::add_viewer),
        delete("/livestream/{id}/streamer/{streamer_id}", streams::delete_streamer),
        delete("/livestream/{id}/viewer/{viewer_id}", streams::delete_viewer),
        post("/moq/access", streams::moq_access),
        get("/recordings", streams::recordings),
        post("/recordings", streams::create_recording),
        get("/recordings/{recording_id}", streams::show_recording),
        delete("/recordings/{recording_id}", streams::delete_recording),
        post("/recordings/{recording_id}/stop", streams::stop_recording),
    ]
}

/// Routes for tests that break something on purpose. Nobody else has them, and they are not described.
pub(super) fn faults() -> Vec<Route> {
    vec![
        post("/fault/room/{room_id}", faults::crash_room),
        post("/fault/room/{room_id}/peer/{id}", faults::crash_peer),
        post("/fault/room/{room_id}/worker", faults::crash_worker),
    ]
}
