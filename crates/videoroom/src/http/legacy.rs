//! The interface of the original Videoroom, for its users.

use axum::Json;
use axum::extract::{Extension, Path, State, rejection::PathRejection};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::LegacyErrorBody;
use super::join::room_name;
use super::{ApiError, App, Requester};

/// Answer to [`token`].
#[derive(Serialize, ToSchema)]
pub(super) struct LegacyAnswer {
    data: LegacyAccess,
}

/// Access to a room.
#[derive(Serialize, ToSchema)]
struct LegacyAccess {
    /// Authenticates the peer to the media server; a secret.
    token: String,
    /// Public address of the media server, without scheme.
    #[schema(example = "meet.example.org")]
    fishjam_address: String,
}

/// Every site may use this interface, as with the original.
const ANY_ORIGIN: (header::HeaderName, &str) = (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");

/// Lets somebody into a room, as the original Videoroom did. Use `POST /api/rooms/{name}/join` instead.
#[utoipa::path(get, path = "/api/room/{name}", operation_id = "legacy_token", tag = "legacy",
    params(("name" = String, Path, description = "Name of the room")),
    responses((status = 200, description = "Access to the room", body = LegacyAnswer),
              (status = 400, description = "The name cannot be used", body = LegacyErrorBody),
              (status = 409, description = "The room is full", body = LegacyErrorBody),
              (status = 429, description = "Too many joins from this address", body = LegacyErrorBody),
              (status = 500, description = "The server broke while it answered", body = LegacyErrorBody),
              (status = 503, description = "The media server is not available", body = LegacyErrorBody)))]
pub(super) async fn token(
    State(app): State<App>,
    Extension(requester): Extension<Requester>,
    room: Result<Path<String>, PathRejection>,
) -> Response {
    let access = async {
        let room = room_name(room)?;
        let joined = app.let_in(&requester, &room, None, None).await?;
        let fishjam_address = app.0.media.without_scheme(&app.0.forwarding, &requester, &app.0.probe).await;
        Ok(LegacyAccess { token: joined.peer.token, fishjam_address })
    };
    let access = access.await;
    app.0.joins.count(&access);
    let answer = match access {
        Ok(data) => Json(LegacyAnswer { data }).into_response(),
        Err(error) => ApiError::into_legacy_response(error),
    };
    ([ANY_ORIGIN], answer).into_response()
}

/// Whether a room exists, as the original Videoroom said it.
#[utoipa::path(get, path = "/api/room/{name}/exist", operation_id = "legacy_exist", tag = "legacy",
    params(("name" = String, Path, description = "Name of the room")),
    responses((status = 200, description = "The room exists", body = String, content_type = "text/plain"),
              (status = 204, description = "It does not"),
              (status = 400, description = "The name cannot be used", body = LegacyErrorBody),
              (status = 429, description = "Too many questions from this address", body = LegacyErrorBody),
              (status = 500, description = "The server broke while it answered", body = LegacyErrorBody),
              (status = 503, description = "The media server is not available", body = LegacyErrorBody)))]
pub(super) async fn exist(
    State(app): State<App>,
    Extension(requester): Extension<Requester>,
    room: Result<Path<String>, PathRejection>,
) -> Response {
    let view = async {
        let room = room_name(room)?;
        app.count_look(&requester)?;
        Ok(app.0.meetings.view(&room).await?)
    };
    let answer = match view.await {
        Ok(view) if view.exists => "Room exists".into_response(),
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => ApiError::into_legacy_response(error),
    };
    ([ANY_ORIGIN], answer).into_response()
}
