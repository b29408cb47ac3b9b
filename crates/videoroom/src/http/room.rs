//! Looking at a room before joining it.

use axum::Json;
use axum::extract::{Extension, Path, State, rejection::PathRejection};
use serde::Serialize;
use utoipa::ToSchema;

use super::join::room_name;
use super::{ApiError, App, Requester};

/// A room, as seen from outside.
#[derive(Serialize, ToSchema)]
pub(super) struct RoomAnswer {
    /// Its name, trimmed and in Unicode NFC.
    #[schema(example = "standup")]
    room: String,
    /// Whether somebody has opened it.
    exists: bool,
    /// Whether nobody can join it now.
    full: bool,
    /// People connected now, at most 20.
    people: Vec<PersonAnswer>,
}

/// Somebody in a room.
#[derive(Serialize, ToSchema)]
pub(super) struct PersonAnswer {
    /// The person's name.
    #[schema(example = "Ana")]
    name: String,
}

/// Who is in a room now.
#[utoipa::path(get, path = "/api/rooms/{name}", operation_id = "room", tag = "rooms",
    params(("name" = String, Path, description = "Name of the room")),
    responses((status = 200, description = "The room; one that nobody has opened does not exist", body = RoomAnswer),
              (status = 400, description = "`invalid_room_name`", body = super::error::ErrorBody),
              (status = 429, description = "`too_many_requests`; `Retry-After` says when", body = super::error::ErrorBody),
              (status = 500, description = "`internal`: the server broke while it answered", body = super::error::ErrorBody),
              (status = 503, description = "`media_server_unavailable`", body = super::error::ErrorBody)))]
pub(super) async fn read(
    State(app): State<App>,
    Extension(requester): Extension<Requester>,
    room: Result<Path<String>, PathRejection>,
) -> Result<Json<RoomAnswer>, ApiError> {
    let room = room_name(room)?;
    app.count_look(&requester)?;
    let view = app.0.meetings.view(&room).await?;
    let people = view.people.into_iter().map(|name| PersonAnswer { name }).collect();
    Ok(Json(RoomAnswer { room: room.as_str().to_owned(), exists: view.exists, full: view.full, people }))
}
