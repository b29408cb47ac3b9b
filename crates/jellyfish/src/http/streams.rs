//! What the hosted service has beside meetings. There is no media behind it here: the answer is an error in the shape of its
//! generation, never a token.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use protocol::rest::{Data, ErrorBody, MoqPaths, RecordComposition, RoomType, StreamConfig, TrackForwarding, sentences};
use serde_json::json;

use super::components;
use super::error::{ApiError, json as answer};
use super::generation::Generation;
use super::params::Params;
use super::rooms::{Named, named};
use crate::app::App;
use crate::rooms::{Answer, RoomCommand};

const NO_LIVESTREAMS: &str = "Livestreams are disabled on this Fishjam";
const NO_MOQ: &str = "MoQ is disabled on this Fishjam";
const NO_RECORDINGS: &str = "Recordings are disabled on this Fishjam";

/// Ask for the token of a streamer
#[utoipa::path(
    post, path = "/room/{room_id}/streamer", operation_id = "generate_streamer_token", tag = "livestream",
    params(("room_id" = String, Path, description = "Id of the room")),
    responses((status = 404, description = "No such room, or one that is no livestream", body = ErrorBody))
)]
pub(super) async fn streamer(state: State<Arc<App>>, generation: Generation, path: Named<String>) -> ApiError {
    no_stream_token(state, generation, path).await
}

/// Ask for the token of a viewer
#[utoipa::path(
    post, path = "/room/{room_id}/viewer", operation_id = "generate_viewer_token", tag = "livestream",
    params(("room_id" = String, Path, description = "Id of the room")),
    responses((status = 404, description = "No such room, or one that is no livestream", body = ErrorBody))
)]
pub(super) async fn viewer(state: State<Arc<App>>, generation: Generation, path: Named<String>) -> ApiError {
    no_stream_token(state, generation, path).await
}

async fn no_stream_token(State(app): State<Arc<App>>, generation: Generation, path: Named<String>) -> ApiError {
    let kind = async {
        let name = named(path)?;
        match app.workers.command(RoomCommand::Room { room: generation.room_id(&name)? }).await {
            Ok(Answer::Room(room)) => Ok((name, room.settings.room_type)),
            Ok(_) => Err(ApiError::Phrase(StatusCode::INTERNAL_SERVER_ERROR)),
            Err(error) => Err(generation.room_error(error, &name, "")),
        }
    };
    match kind.await {
        Ok((_, RoomType::Livestream | RoomType::Broadcaster | RoomType::AudioOnlyLivestream)) => ApiError::bad_request(NO_LIVESTREAMS),
        Ok((name, _)) => ApiError::not_found(format!("Room {name} is no livestream")),
        Err(error) => error,
    }
}

/// Ask for a room's tracks to be forwarded elsewhere
#[utoipa::path(
    post, path = "/room/{room_id}/track_forwardings", operation_id = "create_track_forwarding", tag = "livestream",
    params(("room_id" = String, Path, description = "Id of the room")),
    request_body = TrackForwarding,
    responses((status = 400, description = "Switched off here", body = ErrorBody))
)]
pub(super) async fn track_forwardings(State(app): State<Arc<App>>, generation: Generation, path: Named<String>) -> ApiError {
    let room = named(path).and_then(|name| Ok((generation.room_id(&name)?, name)));
    match room {
        Ok((room, _)) if app.workers.has_room(&room) => ApiError::bad_request("Track forwarding is disabled on this Fishjam"),
        Ok((_, name)) => ApiError::not_found(sentences::room_not_found(&name)),
        Err(error) => error,
    }
}

/// List all livestreams: there are none
#[utoipa::path(
    get, path = "/livestream", operation_id = "get_all_streams", tag = "livestream",
    responses((status = 200, description = "An empty list", body = Data<Vec<String>>))
)]
pub(super) async fn livestreams() -> Response {
    answer(StatusCode::OK, &json!({"data": []}))
}

/// Ask for a livestream
#[utoipa::path(
    post, path = "/livestream", operation_id = "create_stream", tag = "livestream",
    request_body(content = Option<StreamConfig>),
    responses((status = 400, description = "Switched off here", body = ErrorBody))
)]
pub(super) async fn create_livestream() -> ApiError {
    ApiError::bad_request(NO_LIVESTREAMS)
}

/// Show a livestream: there is none
#[utoipa::path(
    get, path = "/livestream/{id}", operation_id = "get_stream", tag = "livestream",
    params(("id" = String, Path, description = "Id of the livestream")),
    responses((status = 404, description = "No such livestream", body = ErrorBody))
)]
pub(super) async fn show_livestream() -> ApiError {
    no_livestream()
}

/// End a livestream: there is none
#[utoipa::path(
    delete, path = "/livestream/{id}", operation_id = "delete_stream", tag = "livestream",
    params(("id" = String, Path, description = "Id of the livestream")),
    responses((status = 404, description = "No such livestream", body = ErrorBody))
)]
pub(super) async fn delete_livestream() -> ApiError {
    no_livestream()
}

/// Let somebody send a livestream: there is none
#[utoipa::path(
    post, path = "/livestream/{id}/streamer", operation_id = "create_streamer", tag = "livestream",
    params(("id" = String, Path, description = "Id of the livestream")),
    responses((status = 404, description = "No such livestream", body = ErrorBody))
)]
pub(super) async fn add_streamer() -> ApiError {
    no_livestream()
}

/// Let somebody watch a livestream: there is none
#[utoipa::path(
    post, path = "/livestream/{id}/viewer", operation_id = "create_viewer", tag = "livestream",
    params(("id" = String, Path, description = "Id of the livestream")),
    responses((status = 404, description = "No such livestream", body = ErrorBody))
)]
pub(super) async fn add_viewer() -> ApiError {
    no_livestream()
}

/// Take the right to send a livestream back: there is none
#[utoipa::path(
    delete, path = "/livestream/{id}/streamer/{streamer_id}", operation_id = "delete_streamer", tag = "livestream",
    params(("id" = String, Path, description = "Id of the livestream"), ("streamer_id" = String, Path, description = "Id of the streamer")),
    responses((status = 404, description = "No such livestream", body = ErrorBody))
)]
pub(super) async fn delete_streamer() -> ApiError {
    no_livestream()
}

/// Take the right to watch a livestream back: there is none
#[utoipa::path(
    delete, path = "/livestream/{id}/viewer/{viewer_id}", operation_id = "delete_viewer", tag = "livestream",
    params(("id" = String, Path, description = "Id of the livestream"), ("viewer_id" = String, Path, description = "Id of the viewer")),
    responses((status = 404, description = "No such livestream", body = ErrorBody))
)]
pub(super) async fn delete_viewer() -> ApiError {
    no_livestream()
}

fn no_livestream() -> ApiError {
    ApiError::not_found("Livestream not found")
}

/// Ask for access to MoQ paths
#[utoipa::path(
    post, path = "/moq/access", operation_id = "create_moq_access", tag = "livestream",
    request_body = MoqPaths,
    responses((status = 400, description = "No path, or switched off here", body = ErrorBody))
)]
pub(super) async fn moq_access(Extension(params): Extension<Params>) -> ApiError {
    if params.get("publishPath").is_none() && params.get("subscribePath").is_none() {
        return ApiError::bad_request("Expected publishPath or subscribePath");
    }
    ApiError::bad_request(NO_MOQ)
}

/// List all recordings of compositions: there are none
#[utoipa::path(
    get, path = "/recordings", operation_id = "list_recordings", tag = "recording",
    responses((status = 200, description = "An empty list", body = Data<Vec<String>>))
)]
pub(super) async fn recordings() -> Response {
    answer(StatusCode::OK, &json!({"data": []}))
}

/// Ask for a recording of a composition
#[utoipa::path(
    post, path = "/recordings", operation_id = "create_recording", tag = "recording",
    request_body = RecordComposition,
    responses((status = 400, description = "Switched off here", body = ErrorBody))
)]
pub(super) async fn create_recording() -> ApiError {
    ApiError::bad_request(NO_RECORDINGS)
}

/// Show a recording of a composition: there is none
#[utoipa::path(
    get, path = "/recordings/{recording_id}", operation_id = "get_recording", tag = "recording",
    params(("recording_id" = String, Path, description = "Id of the recording")),
    responses((status = 404, description = "No such recording", body = ErrorBody))
)]
pub(super) async fn show_recording() -> ApiError {
    components::no_recording()
}

/// Delete a recording of a composition: there is none
#[utoipa::path(
    delete, path = "/recordings/{recording_id}", operation_id = "delete_composition_recording", tag = "recording",
    params(("recording_id" = String, Path, description = "Id of the recording")),
    responses((status = 404, description = "No such recording", body = ErrorBody))
)]
pub(super) async fn delete_recording() -> ApiError {
    components::no_recording()
}

/// End a recording of a composition: there is none
#[utoipa::path(
    post, path = "/recordings/{recording_id}/stop", operation_id = "stop_recording", tag = "recording",
    params(("recording_id" = String, Path, description = "Id of the recording")),
    responses((status = 404, description = "No such recording", body = ErrorBody))
)]
pub(super) async fn stop_recording() -> ApiError {
    components::no_recording()
}
