//! What only today's SDKs ask for, and there is something behind.

use std::sync::Arc;
use std::time::SystemTime;

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode};
use protocol::rest::{Data, ErrorBody, SubscribeTracks, TokenRefreshed, sentences};
use serde_json::Value;
use sfu::Wishes;

use super::auth;
use super::error::{ApiError, json as answer};
use super::generation::Generation;
use super::params::Params;
use super::rooms::{Named, named};
use crate::app::App;
use crate::rooms::{RoomCommand, RoomError};
use crate::token::Bearer;

/// Most peers or tracks named in one request.
pub const MAX_WISHES: usize = 1000;

/// Tell whether the token is right
///
/// A wrong one is answered with 404, the only status that all SDKs understand here.
#[utoipa::path(
    get, path = "/validate", operation_id = "validate", tag = "health", security((), ("bearer" = [])),
    responses((status = 200, description = "It is"), (status = 404, description = "It is not", body = ErrorBody))
)]
pub(super) async fn validate(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, ApiError> {
    match auth::bearer(&headers) {
        Some(token) if app.is_api_token(token) => Ok(StatusCode::OK.into_response()),
        _ => Err(ApiError::not_found(sentences::INVALID_TOKEN)),
    }
}

/// Make another token for a peer
#[utoipa::path(
    post, path = "/room/{room_id}/peer/{id}/refresh_token", operation_id = "refresh_token", tag = "peer",
    params(("room_id" = String, Path, description = "Id of the room"), ("id" = String, Path, description = "Id of the peer")),
    responses((status = 201, description = "Made; the older ones stay good", body = Data<TokenRefreshed>))
)]
pub(super) async fn refresh_token(
    State(app): State<Arc<App>>,
    generation: Generation,
    path: Named<(String, String)>,
) -> Result<Response, ApiError> {
    let (name, peer) = named(path)?;
    let bearer = Bearer { room: generation.room_id(&name)?, peer: peer.as_str().into() };
    let command = RoomCommand::Lookup { room: bearer.room.clone(), peer: bearer.peer.clone() };
    match app.workers.command(command).await {
        Ok(_) | Err(RoomError::PeerConnected { .. }) => {
            let token = app.token_key.sign(SystemTime::now(), &bearer);
            Ok(answer(StatusCode::CREATED, &Data { data: TokenRefreshed { token } }))
        }
        Err(error) => Err(generation.room_error(error, &name, &peer)),
    }
}

/// Let a peer in manual mode get all tracks of another one, those to come included
#[utoipa::path(
    post, path = "/room/{room_id}/peer/{id}/subscribe_peer", operation_id = "subscribe_peer", tag = "peer",
    params(
        ("room_id" = String, Path, description = "Id of the room"),
        ("id" = String, Path, description = "Id of the peer that receives"),
        ("peer_id" = String, Query, description = "Id of the peer that sends"),
    ),
    responses((status = 200, description = "Subscribed"))
)]
pub(super) async fn subscribe_peer(
    State(app): State<Arc<App>>,
    generation: Generation,
    path: Named<(String, String)>,
    Extension(params): Extension<Params>,
) -> Result<Response, ApiError> {
    let Some(other) = params.get("peer_id").and_then(Value::as_str) else { return Err(ApiError::bad_request(sentences::INVALID_BODY)) };
    let wishes = Wishes { peers: [other.into()].into(), tracks: [].into() };
    subscribe(&app, generation, named(path)?, wishes, other).await
}

/// Let a peer in manual mode get some tracks
#[utoipa::path(
    post, path = "/room/{room_id}/peer/{id}/subscribe_tracks", operation_id = "subscribe_tracks", tag = "peer",
    request_body(content = SubscribeTracks),
    params(("room_id" = String, Path, description = "Id of the room"), ("id" = String, Path, description = "Id of the peer that receives")),
    responses((status = 200, description = "Subscribed"))
)]
pub(super) async fn subscribe_tracks(
    State(app): State<Arc<App>>,
    generation: Generation,
    path: Named<(String, String)>,
    Extension(params): Extension<Params>,
) -> Result<Response, ApiError> {
    let wrong = || ApiError::bad_request(sentences::INVALID_BODY);
    let ids = params.get("track_ids").and_then(Value::as_array).filter(|ids| ids.len() <= MAX_WISHES).ok_or_else(wrong)?;
    let tracks = ids.iter().map(|id| id.as_str().map(sfu::TrackId::from)).collect::<Option<_>>().ok_or_else(wrong)?;
    subscribe(&app, generation, named(path)?, Wishes { peers: [].into(), tracks }, "").await
}

async fn subscribe(
    app: &App,
    generation: Generation,
    (name, peer): (String, String),
    wishes: Wishes,
    other: &str,
) -> Result<Response, ApiError> {
    let room = generation.room_id(&name)?;
    let command = RoomCommand::Subscribe { room, peer: peer.as_str().into(), wishes };
    match app.workers.command(command).await {
        Ok(_) => Ok(StatusCode::OK.into_response()),
        Err(RoomError::WishNotFound) if other.is_empty() => Err(ApiError::not_found("One of the tracks does not exist")),
        Err(RoomError::WishNotFound) => Err(ApiError::not_found(sentences::peer_not_found(other))),
        Err(error) => Err(generation.room_error(error, &name, &peer)),
    }
}
