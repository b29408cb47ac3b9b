//! Joining a room.

use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, Path, State, rejection::PathRejection};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{ApiError, App, Requester, body};
use crate::rooms::{DisplayName, NameError, RoomName};

/// Who wants to join.
#[derive(Deserialize, ToSchema)]
pub(super) struct JoinRequest {
    /// The person's name, 1 to 64 characters after trimming.
    #[schema(value_type = String, example = "Ana")]
    name: Value,
    /// What an earlier join returned: the person takes the place of their former self.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    identity: Value,
}

/// Access to a room.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct JoinAnswer {
    /// Authenticates the peer to the media server; a secret.
    token: String,
    /// WebSocket URL of the media server.
    #[schema(example = "wss://meet.example.org/socket/peer/websocket")]
    url: String,
    /// The peer's id in the media server.
    peer_id: String,
    /// The room's name, trimmed and in Unicode NFC.
    #[schema(example = "standup")]
    room: String,
    /// To be given back at the next join of the same person; a secret.
    identity: String,
}

/// Lets somebody into a room, which is created when it does not exist.
#[utoipa::path(post, path = "/api/rooms/{name}/join", operation_id = "join", tag = "rooms",
    params(("name" = String, Path, description = "Name of the room: 1 to 64 letters, marks, digits, spaces, `-`, `_`, `.`")),
    request_body = JoinRequest,
    responses((status = 200, description = "Access to the room", body = JoinAnswer),
              (status = 400, description = "`invalid_room_name`, `invalid_name` or `invalid_request`", body = super::error::ErrorBody),
              (status = 409, description = "`room_full`", body = super::error::ErrorBody),
              (status = 408, description = "`invalid_request`: the body did not come in time", body = super::error::ErrorBody),
              (status = 413, description = "`invalid_request`: the body is too long", body = super::error::ErrorBody),
              (status = 429, description = "`too_many_requests`; `Retry-After` says when", body = super::error::ErrorBody),
              (status = 500, description = "`internal`: the server broke while it answered", body = super::error::ErrorBody),
              (status = 503, description = "`media_server_unavailable`", body = super::error::ErrorBody)))]
pub(super) async fn join(
    State(app): State<App>,
    Extension(requester): Extension<Requester>,
    room: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<JoinAnswer>, ApiError> {
    let answer = answer(&app, &requester, room, &headers, body).await;
    app.0.joins.count(&answer);
    answer.map(Json)
}

async fn answer(
    app: &App,
    requester: &Requester,
    room: Result<Path<String>, PathRejection>,
    headers: &HeaderMap,
    body: Body,
) -> Result<JoinAnswer, ApiError> {
    let body = body::read(headers, body).await?;
    let room = room_name(room)?;
    let request: JoinRequest =
        serde_json::from_slice(&body).map_err(|_| ApiError::InvalidRequest("The body is no JSON object with a name".into()))?;
    let name = request.name.as_str().ok_or_else(|| ApiError::InvalidRequest("The name is no string".into()))?;
    let name = DisplayName::parse(name).map_err(ApiError::InvalidName)?;
    let joined = app.let_in(requester, &room, Some(&name), request.identity.as_str()).await?;
    let url = app.0.media.websocket_url(&app.0.forwarding, requester, &app.0.probe).await;
    Ok(JoinAnswer {
        token: joined.peer.token,
        url,
        peer_id: joined.peer.peer.id,
        room: room.as_str().to_owned(),
        identity: joined.identity.as_str().to_owned(),
    })
}

/// A join whose path has an empty room name.
pub(super) async fn without_room() -> ApiError {
    ApiError::InvalidRoomName(NameError::Empty)
}

/// The room's name from the path, percent-decoded.
pub(super) fn room_name(path: Result<Path<String>, PathRejection>) -> Result<RoomName, ApiError> {
    let Path(text) = path.map_err(|_| ApiError::InvalidRoomName(NameError::Character))?;
    RoomName::parse(&text).map_err(ApiError::InvalidRoomName)
}
