//! Components and recordings, as a server answers on which every component is disabled.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use protocol::rest::{AddComponent, Data, Dial, ErrorBody, SubscribeComponent, sentences};
use serde_json::{Value, json};
use sfu::RoomId;

use super::error::{ApiError, json as answer};
use super::generation::Generation;
use super::params::Params;
use super::rooms::{Named, named};
use crate::app::App;

/// Types of components that the archived server knew.
pub(crate) const TYPES: [&str; 5] = ["hls", "rtsp", "file", "sip", "recording"];

/// Ask for a component: all types are switched off here
#[utoipa::path(
    post, path = "/room/{room_id}/component", operation_id = "add_component", tag = "component",
    params(("room_id" = String, Path, description = "Id of the room")),
    request_body = AddComponent,
    responses((status = 400, description = "Components of this type are disabled, or there is no such type", body = ErrorBody))
)]
pub(super) async fn add(
    State(app): State<Arc<App>>,
    generation: Generation,
    path: Named<String>,
    Extension(params): Extension<Params>,
) -> Result<Response, ApiError> {
    let name = named(path)?;
    let Some(kind) = params.given("type") else { return Err(ApiError::bad_request(sentences::INVALID_BODY)) };
    let Some(kind) = kind.as_str().filter(|kind| TYPES.contains(kind)) else {
        return Err(ApiError::bad_request("Invalid component type"));
    };
    existing_room(&app, generation, &name)?;
    Err(ApiError::bad_request(format!("Components of type {kind} are disabled on this Fishjam")))
}

/// Delete a component: there is none
#[utoipa::path(
    delete, path = "/room/{room_id}/component/{id}", operation_id = "delete_component", tag = "component",
    params(("room_id" = String, Path, description = "Id of the room"), ("id" = String, Path, description = "Id of the component")),
    responses((status = 404, description = "No such room or component", body = ErrorBody))
)]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    generation: Generation,
    path: Named<(String, String)>,
) -> Result<Response, ApiError> {
    let (name, component) = named(path)?;
    existing_room(&app, generation, &name)?;
    Err(ApiError::not_found(no_component(&component)))
}

/// Subscribe a component: there is none
#[utoipa::path(
    post, path = "/room/{room_id}/component/{id}/subscribe", operation_id = "subscribe_to", tag = "component",
    params(("room_id" = String, Path, description = "Id of the room"), ("id" = String, Path, description = "Id of the component")),
    request_body = SubscribeComponent,
    responses((status = 400, description = "No such component", body = ErrorBody), (status = 404, description = "No such room", body = ErrorBody))
)]
pub(super) async fn subscribe(
    State(app): State<Arc<App>>,
    generation: Generation,
    path: Named<(String, String)>,
    Extension(params): Extension<Params>,
) -> Result<Response, ApiError> {
    use_component(&app, generation, named(path)?, params.given("origins"))
}

/// Call somebody from a component: there is none
#[utoipa::path(
    post, path = "/sip/{room_id}/{component_id}/call", operation_id = "dial", tag = "component",
    params(("room_id" = String, Path, description = "Id of the room"), ("component_id" = String, Path, description = "Id of the component")),
    request_body = Dial,
    responses((status = 400, description = "No such component", body = ErrorBody), (status = 404, description = "No such room", body = ErrorBody))
)]
pub(super) async fn dial(
    State(app): State<Arc<App>>,
    generation: Generation,
    path: Named<(String, String)>,
    Extension(params): Extension<Params>,
) -> Result<Response, ApiError> {
    use_component(&app, generation, named(path)?, params.given("phoneNumber"))
}

/// End the call of a component: there is none
#[utoipa::path(
    delete, path = "/sip/{room_id}/{component_id}/call", operation_id = "end_call", tag = "component",
    params(("room_id" = String, Path, description = "Id of the room"), ("component_id" = String, Path, description = "Id of the component")),
    responses((status = 400, description = "No such component", body = ErrorBody), (status = 404, description = "No such room", body = ErrorBody))
)]
pub(super) async fn end_call(
    State(app): State<Arc<App>>,
    generation: Generation,
    path: Named<(String, String)>,
) -> Result<Response, ApiError> {
    use_component(&app, generation, named(path)?, Some(&Value::Null))
}

fn use_component(
    app: &App,
    generation: Generation,
    (name, component): (String, String),
    required: Option<&Value>,
) -> Result<Response, ApiError> {
    if required.is_none() {
        return Err(ApiError::bad_request(sentences::INVALID_BODY));
    }
    existing_room(app, generation, &name)?;
    Err(ApiError::bad_request(no_component(&component)))
}

/// List all recordings: there are none
#[utoipa::path(
    get, path = "/recording", operation_id = "get_recordings", tag = "recording",
    responses((status = 200, description = "An empty list", body = Data<Vec<String>>))
)]
pub(super) async fn recordings() -> Response {
    answer(StatusCode::OK, &json!({"data": []}))
}

/// Delete a recording: there is none
#[utoipa::path(
    delete, path = "/recording/{recording_id}", operation_id = "delete_recording", tag = "recording",
    params(("recording_id" = String, Path, description = "Id of the recording")),
    responses(
        (status = 400, description = "The id is malformed or leads out of the recordings", body = ErrorBody),
        (status = 404, description = "No such recording", body = ErrorBody),
    )
)]
pub(super) async fn delete_recording(path: Named<String>) -> ApiError {
    match named(path) {
        Ok(id) if leads_out(&id) => ApiError::bad_request(format!("Invalid recording id, got: {id}")),
        Ok(_) => no_recording(),
        Err(error) => error,
    }
}

/// Whatever is asked about one recording.
pub(super) fn no_recording() -> ApiError {
    ApiError::not_found("Recording not found")
}

/// Get a file of a stream: there is none
#[utoipa::path(
    get, path = "/hls/{room_id}/{filename}", operation_id = "getHlsContent", tag = "component", security(()),
    params(("room_id" = String, Path, description = "Id of the room"), ("filename" = String, Path, description = "Name of the file")),
    responses((status = 404, description = "No such file", body = ErrorBody))
)]
pub(super) async fn hls_file() -> ApiError {
    no_file()
}

/// Get a file of a recording: there is none
#[utoipa::path(
    get, path = "/recording/{recording_id}/{filename}", operation_id = "getRecordingContent", tag = "recording", security(()),
    params(("recording_id" = String, Path, description = "Id of the recording"), ("filename" = String, Path, description = "Name of the file")),
    responses(
        (status = 400, description = "The id is malformed or leads out of the recordings", body = ErrorBody),
        (status = 404, description = "No such file", body = ErrorBody),
    )
)]
pub(super) async fn recording_file(path: Named<(String, String)>) -> ApiError {
    match named(path) {
        Ok((id, _)) if leads_out(&id) => ApiError::bad_request(format!("Invalid recording, got: {id}")),
        Ok(_) => no_file(),
        Err(error) => error,
    }
}

/// Whether the id, taken as a path from the directory of all recordings, leads out of it or back to itself.
fn leads_out(id: &str) -> bool {
    let step = |depth: usize, part: &str| match part {
        "" | "." => Some(depth),
        ".." => depth.checked_sub(1),
        _ => Some(depth + 1),
    };
    id.split('/').try_fold(0, step).unwrap_or(0) == 0
}

fn no_file() -> ApiError {
    ApiError::not_found("File not found")
}

fn existing_room(app: &App, generation: Generation, name: &str) -> Result<RoomId, ApiError> {
    let room = generation.room_id(name)?;
    if app.workers.has_room(&room) { Ok(room) } else { Err(ApiError::not_found(sentences::room_not_found(name))) }
}

fn no_component(id: &str) -> String {
    format!("Component {id} does not exist")
}

#[cfg(test)]
mod tests {
    use super::leads_out;

    #[test]
    fn ids_that_lead_out_of_the_recordings_are_known() {
        for (id, out) in [
            ("r", false),
            ("..r", false),
            ("a/../b", false),
            ("/r", false),
            (".", true),
            ("..", true),
            ("./.", true),
            ("../r", true),
            ("a/..", true),
            ("a/../../b", true),
        ] {
            assert_eq!(leads_out(id), out, "{id}");
        }
    }
}
