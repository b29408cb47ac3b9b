//! `/room/{room_id}/peer`.

use std::sync::Arc;
use std::time::SystemTime;

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use protocol::rest::{AddPeer, Data, PeerCreated, sentences};
use sfu::{PeerId, RoomId};

use super::error::{ApiError, json};
use super::params::Params;
use super::rooms::{Named, named, room_id};
use super::settings;
use crate::app::App;
use crate::random;
use crate::rooms::{Answer, PeerSettings, RoomCommand, RoomError, translate};
use crate::token::Bearer;

/// Add a peer and make a token for it
#[utoipa::path(
    post, path = "/room/{room_id}/peer", operation_id = "add_peer", tag = "peer", request_body(content = AddPeer),
    params(("room_id" = String, Path, description = "Id of the room")),
    responses(
        (status = 201, description = "Added", body = Data<PeerCreated>),
        (status = 400, description = "A wrong body, or an id with characters that no room id has", body = protocol::rest::ErrorBody),
        (status = 401, description = "No or a wrong token", body = protocol::rest::ErrorBody),
        (status = 404, description = "No such room", body = protocol::rest::ErrorBody),
        (status = 503, description = "The room holds as many peers as it may", body = protocol::rest::ErrorBody),
    )
)]
pub(super) async fn add(
    State(app): State<Arc<App>>,
    path: Named<String>,
    Extension(params): Extension<Params>,
) -> Result<Response, ApiError> {
    let name = named(path)?;
    match params.get("type").map(|kind| kind.as_str()) {
        None => return Err(ApiError::bad_request(sentences::INVALID_BODY)),
        Some(Some("webrtc")) => {}
        Some(_) => return Err(ApiError::bad_request(sentences::INVALID_PEER_TYPE)),
    }
    let room = room_id(&name)?;
    let settings = match settings::peer_settings(&params) {
        Ok(settings) => settings,
        // The room is looked at before the options.
        Err(error) => return Err(why_not(&app, room, &name).await.unwrap_or(error)),
    };
    add_peer(&app, room, &name, settings).await
}

async fn add_peer(app: &App, room: RoomId, name: &str, settings: PeerSettings) -> Result<Response, ApiError> {
    let peer = PeerId::from(random::id());
    let added = app.workers.command(RoomCommand::AddPeer { room: room.clone(), peer: peer.clone(), settings }).await;
    let snapshot = match added {
        Ok(Answer::Peer(snapshot)) => snapshot,
        Ok(_) => return Err(ApiError::Phrase(StatusCode::INTERNAL_SERVER_ERROR)),
        Err(error) => return Err(ApiError::from_room(error, name, peer.as_str())),
    };
    let created = PeerCreated {
        peer: translate::rest_peer(&snapshot),
        token: app.token_key.sign(SystemTime::now(), &Bearer { room, peer }),
        peer_websocket_url: Some(format!("{}/socket/peer/websocket", app.address)),
    };
    Ok(json(StatusCode::CREATED, &Data { data: created }))
}

/// Why no peer could be added to the room, whatever its options.
async fn why_not(app: &App, room: RoomId, name: &str) -> Option<ApiError> {
    match app.workers.command(RoomCommand::Room { room }).await {
        Ok(Answer::Room(room)) => {
            let limit = room.settings.max_peers?;
            (room.peers.len() >= limit as usize).then(|| ApiError::from_room(RoomError::PeerLimit, name, ""))
        }
        Ok(_) => None,
        Err(error) => Some(ApiError::from_room(error, name, "")),
    }
}

/// Delete a peer; it is disconnected
#[utoipa::path(
    delete, path = "/room/{room_id}/peer/{id}", operation_id = "delete_peer", tag = "peer",
    params(("room_id" = String, Path, description = "Id of the room"), ("id" = String, Path, description = "Id of the peer")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 400, description = "The room id has characters that no room id has", body = protocol::rest::ErrorBody),
        (status = 401, description = "No or a wrong token", body = protocol::rest::ErrorBody),
        (status = 404, description = "No such room or peer", body = protocol::rest::ErrorBody),
    )
)]
pub(super) async fn delete(State(app): State<Arc<App>>, path: Named<(String, String)>) -> Result<Response, ApiError> {
    let (name, peer) = named(path)?;
    let command = RoomCommand::DeletePeer { room: room_id(&name)?, peer: peer.as_str().into() };
    app.workers.command(command).await.map_err(|error| ApiError::from_room(error, &name, &peer))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
