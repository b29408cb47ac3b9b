//! From a request to a WebSocket.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use net::tcp::ConnInfo;

use super::approach;
use super::error::ApiError;
use crate::app::App;
use crate::sockets::{self, MAX_FRAME};

/// Bytes read from a socket at once. The library clears a buffer of this size before each read and keeps it for as long as the
/// socket lives: its default of 128 KiB would be most of an idle client's cost. Longer frames take several reads.
const READ_BUFFER: usize = 4 * 1024;

type Upgrade = Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

/// Where clients connect with their tokens
///
/// Frames are binary and hold a `PeerMessage` each: see `crates/protocol/proto/peer_message.proto` and docs/protocol.md.
#[utoipa::path(
    get, path = "/socket/peer/websocket", operation_id = "peer_socket", tag = "socket", security(()),
    responses((status = 101, description = "The connection is a WebSocket from now on"))
)]
pub(super) async fn peer(
    State(app): State<Arc<App>>,
    connection: Option<Extension<ConnInfo>>,
    headers: HeaderMap,
    upgrade: Upgrade,
) -> Result<Response, ApiError> {
    let approach = approach::of(|ip| app.trusts(ip), connection.as_deref(), &headers);
    let upgrade = bounded(upgrade)?;
    Ok(upgrade.on_upgrade(move |socket| {
        let tasks = app.tasks.clone();
        tasks.track_future(sockets::peer::serve(socket, app, approach))
    }))
}

/// Where back ends listen to notifications
///
/// Frames are binary and hold a `ServerMessage` each: see `crates/protocol/proto/server_message.proto`. The API token comes in the first
/// one.
#[utoipa::path(
    get, path = "/socket/server/websocket", operation_id = "server_socket", tag = "socket", security(()),
    responses((status = 101, description = "The connection is a WebSocket from now on"))
)]
pub(super) async fn server(State(app): State<Arc<App>>, upgrade: Upgrade) -> Result<Response, ApiError> {
    let upgrade = bounded(upgrade)?;
    Ok(upgrade.on_upgrade(move |socket| {
        let tasks = app.tasks.clone();
        tasks.track_future(sockets::server::serve(socket, app))
    }))
}

fn bounded(upgrade: Upgrade) -> Result<WebSocketUpgrade, ApiError> {
    let upgrade = upgrade.map_err(|_| ApiError::Phrase(StatusCode::BAD_REQUEST))?;
    Ok(upgrade.read_buffer_size(READ_BUFFER).max_message_size(MAX_FRAME).max_frame_size(MAX_FRAME))
}
