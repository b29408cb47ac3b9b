//! `/room`.

use std::sync::Arc;

use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use protocol::rest::{Data, Room, RoomConfig, RoomCreated, sentences};
use serde_json::{Value, json};

use super::error::{ApiError, json as answer};
use super::generation::Generation;
use super::params::Params;
use super::settings::NewRoom;
use crate::app::App;
use crate::rooms::{Answer, RoomCommand};
use crate::workers::CreateError;

/// A path parameter, decoded; text that is no UTF-8 names nothing.
pub(super) type Named<T> = Result<Path<T>, PathRejection>;

pub(super) fn named<T>(path: Named<T>) -> Result<T, ApiError> {
    path.map(|Path(value)| value).map_err(|_| ApiError::Phrase(StatusCode::BAD_REQUEST))
}

/// Create a room
#[utoipa::path(
    post, path = "/room", operation_id = "create_room", tag = "room", request_body(content = Option<RoomConfig>),
    responses(
        (status = 201, description = "Created", body = Data<RoomCreated>),
        (status = 400, description = "A wrong option, or the id is taken", body = protocol::rest::ErrorBody),
        (status = 401, description = "No or a wrong token", body = protocol::rest::ErrorBody),
        (status = 503, description = "The server holds as many rooms as it may", body = protocol::rest::ErrorBody),
    )
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    generation: Generation,
    Extension(params): Extension<Params>,
) -> Result<Response, ApiError> {
    let NewRoom { id, requested, settings } = NewRoom::read(&params, generation, &app.webhook_targets)?;
    let room = app.workers.create_room(id, settings).await.map_err(|error| match error {
        CreateError::Exists => ApiError::bad_request(sentences::room_exists(&requested)),
        CreateError::TooMany => ApiError::unavailable(format!("Cannot add room with id \"{requested}\" - reached rooms limit")),
        CreateError::Stopping => ApiError::stopping(),
        CreateError::Broken => ApiError::bad_request(format!("Cannot add room with id \"{requested}\" - unexpected error")),
    })?;
    let mut created = json!({"room": generation.room(room)});
    if let Some(address) = generation.room_address(&app.address) {
        // Both names that it has had.
        created["fishjam_address"] = address.clone().into();
        created["jellyfish_address"] = address.into();
    }
    Ok(answer(StatusCode::CREATED, &Data { data: created }))
}

/// List all rooms
#[utoipa::path(
    get, path = "/room", operation_id = "get_all_rooms", tag = "room",
    responses(
        (status = 200, description = "All rooms", body = Data<Vec<Room>>),
        (status = 401, description = "No or a wrong token", body = protocol::rest::ErrorBody),
    )
)]
pub(super) async fn list(State(app): State<Arc<App>>, generation: Generation) -> Response {
    let rooms: Vec<Value> = app.workers.rooms().await.into_iter().map(|room| generation.room(room)).collect();
    answer(StatusCode::OK, &Data { data: rooms })
}

/// Show a room
#[utoipa::path(
    get, path = "/room/{room_id}", operation_id = "get_room", tag = "room",
    params(("room_id" = String, Path, description = "Id of the room")),
    responses(
        (status = 200, description = "The room", body = Data<Room>),
        (status = 400, description = "The id has characters that no room id has", body = protocol::rest::ErrorBody),
        (status = 401, description = "No or a wrong token", body = protocol::rest::ErrorBody),
        (status = 404, description = "No such room", body = protocol::rest::ErrorBody),
    )
)]
pub(super) async fn show(State(app): State<Arc<App>>, generation: Generation, path: Named<String>) -> Result<Response, ApiError> {
    let name = named(path)?;
    match app.workers.command(RoomCommand::Room { room: generation.room_id(&name)? }).await {
        Ok(Answer::Room(room)) => Ok(answer(StatusCode::OK, &Data { data: generation.room(*room) })),
        Ok(_) => Err(ApiError::Phrase(StatusCode::INTERNAL_SERVER_ERROR)),
        Err(error) => Err(generation.room_error(error, &name, "")),
    }
}

/// Delete a room; its peers are disconnected
#[utoipa::path(
    delete, path = "/room/{room_id}", operation_id = "delete_room", tag = "room",
    params(("room_id" = String, Path, description = "Id of the room")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 400, description = "The id has characters that no room id has", body = protocol::rest::ErrorBody),
        (status = 401, description = "No or a wrong token", body = protocol::rest::ErrorBody),
        (status = 404, description = "No such room", body = protocol::rest::ErrorBody),
    )
)]
pub(super) async fn delete(State(app): State<Arc<App>>, generation: Generation, path: Named<String>) -> Result<Response, ApiError> {
    let name = named(path)?;
    let command = RoomCommand::DeleteRoom { room: generation.room_id(&name)?, tell_disconnected: generation.tells_disconnected() };
    app.workers.command(command).await.map_err(|error| generation.room_error(error, &name, ""))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
