//! `/room/{room_id}/peer`.

use std::sync::Arc;
use std::time::SystemTime;

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;
use net::tcp::ConnInfo;
use protocol::rest::{AddPeer, Data, PeerCreated, sentences};
use serde_json::json;
use sfu::{PeerId, RoomId};

use super::error::{ApiError, json as answer};
use super::generation::Generation;
use super::params::Params;
use super::rooms::{Named, named};
use super::settings;
use crate::app::App;
use crate::random;
use crate::rooms::{Answer, PeerSettings, PeerSnapshot, RoomCommand, RoomError};
use crate::token::Bearer;

/// The one type of peer that there is media for.
const WEBRTC: &str = "webrtc";

/// Add a peer and make a token for it
#[utoipa::path(
    post, path = "/room/{room_id}/peer", operation_id = "add_peer", tag = "peer", request_body(content = AddPeer),
    params(("room_id" = String, Path, description = "Id of the room")),
    responses(
        (status = 201, description = "Added", body = Data<PeerCreated>),
        (status = 400, description = "A wrong body, or an id with characters that no room id has", body = protocol::rest::ErrorBody),
        (status = 401, description = "No or a wrong token", body = protocol::rest::ErrorBody),
        (status = 404, description = "No such room", body = protocol::rest::ErrorBody),
        (status = 409, description = "The room holds as many peers as it may; told to today's SDKs", body = protocol::rest::ErrorBody),
        (status = 503, description = "The room holds as many peers as it may; told to the archived generation", body = protocol::rest::ErrorBody),
    )
)]
pub(super) async fn add(
    State(app): State<Arc<App>>,
    generation: Generation,
    connection: Option<Extension<ConnInfo>>,
    path: Named<String>,
    Extension(params): Extension<Params>,
) -> Result<Response, ApiError> {
    let name = named(path)?;
    let Some(kind) = params.given("type") else { return Err(ApiError::bad_request(sentences::INVALID_BODY)) };
    let kind = kind.as_str().filter(|kind| *kind == WEBRTC || generation.knows_peer_type(kind));
    let kind = kind.ok_or_else(|| ApiError::bad_request(sentences::INVALID_PEER_TYPE))?;
    let room = generation.room_id(&name)?;
    if kind != WEBRTC || !app.webrtc {
        let disabled = ApiError::bad_request(sentences::peer_type_disabled(kind));
        return Err(if app.workers.has_room(&room) { disabled } else { generation.room_error(RoomError::RoomNotFound, &name, "") });
    }
    let settings = match settings::peer_settings(&params) {
        Ok(settings) => settings,
        // The room is looked at before the options.
        Err(error) => return Err(why_not(&app, generation, room, &name).await.unwrap_or(error)),
    };
    let is_secure = app.public_url.as_ref().map_or(connection.is_some_and(|connection| connection.tls), |url| url.starts_with("https:"));
    let socket_url = generation.socket_url(&app.address, is_secure);
    let (snapshot, token) = add_peer(&app, generation, room, &name, settings).await?;
    let created = json!({"peer": generation.peer(&snapshot), "token": token, "peer_websocket_url": socket_url});
    Ok(answer(StatusCode::CREATED, &Data { data: created }))
}

async fn add_peer(
    app: &App,
    generation: Generation,
    room: RoomId,
    name: &str,
    settings: PeerSettings,
) -> Result<(PeerSnapshot, String), ApiError> {
    let peer = PeerId::from(random::id());
    let added = app.workers.command(RoomCommand::AddPeer { room: room.clone(), peer: peer.clone(), settings }).await;
    match added {
        Ok(Answer::Peer(snapshot)) => Ok((*snapshot, app.token_key.sign(SystemTime::now(), &Bearer { room, peer }))),
        Ok(_) => Err(ApiError::Phrase(StatusCode::INTERNAL_SERVER_ERROR)),
        Err(error) => Err(generation.room_error(error, name, peer.as_str())),
    }
}

/// Why no peer could be added to the room, whatever its options.
async fn why_not(app: &App, generation: Generation, room: RoomId, name: &str) -> Option<ApiError> {
    match app.workers.command(RoomCommand::Room { room }).await {
        Ok(Answer::Room(room)) => {
            let limit = room.settings.max_peers?;
            (room.peers.len() as u64 >= limit).then(|| generation.room_error(RoomError::PeerLimit, name, ""))
        }
        Ok(_) => None,
        Err(error) => Some(generation.room_error(error, name, "")),
    }
}

/// Delete a peer; it is disconnected
#[utoipa::path(
    delete, path = "/room/{room_id}/peer/{id}", operation_id = "delete_peer", tag = "peer",
    params(
        ("room_id" = String, Path, description = "Id of the room"),
        ("id" = String, Path, description = "Id of the peer"),
        ("reason" = Option<String>, Query, pattern = "^[a-zA-Z0-9._-]{1,64}$", description = "Told to the client before its socket is closed: 1 to 64 characters of `a-z A-Z 0-9 - _ .`. `replaced`: the same person joined elsewhere. An addition to the archived server's interface"),
    ),
    responses(
        (status = 204, description = "Deleted"),
        (status = 400, description = "The room id has characters that no room id has, or the reason has some that no reason has", body = protocol::rest::ErrorBody),
        (status = 401, description = "No or a wrong token", body = protocol::rest::ErrorBody),
        (status = 404, description = "No such room or peer", body = protocol::rest::ErrorBody),
    )
)]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    generation: Generation,
    path: Named<(String, String)>,
    Extension(params): Extension<Params>,
) -> Result<Response, ApiError> {
    let (name, peer) = named(path)?;
    let room = generation.room_id(&name)?;
    let reason = settings::removal_reason(&params)?;
    let command = RoomCommand::DeletePeer { room, peer: peer.as_str().into(), reason };
    app.workers.command(command).await.map_err(|error| generation.room_error(error, &name, &peer))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
