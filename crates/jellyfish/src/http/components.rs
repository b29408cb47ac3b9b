//! Components and recordings, as a server answers on which every component is disabled.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use protocol::rest::sentences;
use serde_json::{Value, json};
use sfu::RoomId;

use super::error::{ApiError, json as answer};
use super::params::Params;
use super::rooms::{Named, named, room_id};
use crate::app::App;

const TYPES: [&str; 5] = ["hls", "rtsp", "file", "sip", "recording"];

pub(super) async fn add(
    State(app): State<Arc<App>>,
    path: Named<String>,
    Extension(params): Extension<Params>,
) -> Result<Response, ApiError> {
    let name = named(path)?;
    let Some(kind) = params.get("type") else { return Err(ApiError::bad_request(sentences::INVALID_BODY)) };
    let Some(kind) = kind.as_str().filter(|kind| TYPES.contains(kind)) else {
        return Err(ApiError::bad_request("Invalid component type"));
    };
    existing_room(&app, &name)?;
    Err(ApiError::bad_request(format!("Components of type {kind} are disabled on this Fishjam")))
}

pub(super) async fn delete(State(app): State<Arc<App>>, path: Named<(String, String)>) -> Result<Response, ApiError> {
    let (name, component) = named(path)?;
    existing_room(&app, &name)?;
    Err(ApiError::not_found(no_component(&component)))
}

pub(super) async fn subscribe(
    State(app): State<Arc<App>>,
    path: Named<(String, String)>,
    Extension(params): Extension<Params>,
) -> Result<Response, ApiError> {
    use_component(&app, named(path)?, params.get("origins"))
}

pub(super) async fn dial(
    State(app): State<Arc<App>>,
    path: Named<(String, String)>,
    Extension(params): Extension<Params>,
) -> Result<Response, ApiError> {
    use_component(&app, named(path)?, params.get("phoneNumber"))
}

pub(super) async fn end_call(State(app): State<Arc<App>>, path: Named<(String, String)>) -> Result<Response, ApiError> {
    use_component(&app, named(path)?, Some(&Value::Null))
}

fn use_component(app: &App, (name, component): (String, String), required: Option<&Value>) -> Result<Response, ApiError> {
    if required.is_none() {
        return Err(ApiError::bad_request(sentences::INVALID_BODY));
    }
    existing_room(app, &name)?;
    Err(ApiError::bad_request(no_component(&component)))
}

pub(super) async fn recordings() -> Response {
    answer(StatusCode::OK, &json!({"data": []}))
}

pub(super) async fn no_recording() -> ApiError {
    ApiError::not_found("Recording not found")
}

pub(super) async fn no_file() -> ApiError {
    ApiError::not_found("File not found")
}

fn existing_room(app: &App, name: &str) -> Result<RoomId, ApiError> {
    let room = room_id(name)?;
    if app.workers.has_room(&room) { Ok(room) } else { Err(ApiError::not_found(sentences::room_not_found(name))) }
}

fn no_component(id: &str) -> String {
    format!("Component {id} does not exist")
}
