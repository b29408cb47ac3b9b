//! Breaking rooms, peers and workers on purpose, so that recovery can be tested from outside. Routed only with `--fault-injection`.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;

use super::error::ApiError;
use super::generation::Generation;
use super::rooms::{Named, named};
use crate::app::App;
use crate::rooms::{RoomCommand, RoomError};

pub(super) async fn crash_room(State(app): State<Arc<App>>, path: Named<String>) -> Result<Response, ApiError> {
    let name = named(path)?;
    match app.workers.command(RoomCommand::Crash { room: Generation::Archived.room_id(&name)?, peer: None }).await {
        Ok(_) | Err(RoomError::Crashed) => Ok(StatusCode::NO_CONTENT.into_response()),
        Err(error) => Err(ApiError::from_room(error, &name, "")),
    }
}

pub(super) async fn crash_peer(State(app): State<Arc<App>>, path: Named<(String, String)>) -> Result<Response, ApiError> {
    let (name, peer) = named(path)?;
    let command = RoomCommand::Crash { room: Generation::Archived.room_id(&name)?, peer: Some(peer.as_str().into()) };
    app.workers.command(command).await.map_err(|error| ApiError::from_room(error, &name, &peer))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Breaks the worker that the room lives on. Answered at once, before it is broken.
pub(super) async fn crash_worker(State(app): State<Arc<App>>, path: Named<String>) -> Result<Response, ApiError> {
    let name = named(path)?;
    app.workers.break_worker(&Generation::Archived.room_id(&name)?).await.map_err(|error| ApiError::from_room(error, &name, ""))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
