//! The REST interface.

use axum::body::{Body, to_bytes};
use axum::extract::{MatchedPath, Path, RawQuery, Request, State as AxumState};
use axum::http::{Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use protocol::rest::{Data, ErrorBody, PeerCreated, RoomConfig, RoomCreated, sentences};
use serde_json::{Value, json};

use super::state::Refusal;
use super::{Shared, TOKEN};

/// Longest body that is read.
const MAX_BODY: usize = 1 << 20;

pub(super) fn router(shared: Shared) -> Router {
    Router::new()
        .route("/health", get(health))
        .route("/room", get(list_rooms).post(create_room))
        .route("/room/{room}", get(read_room).delete(delete_room))
        .route("/room/{room}/peer", post(add_peer))
        .route("/room/{room}/peer/{peer}", delete(delete_peer))
        .route_layer(middleware::from_fn_with_state(shared.clone(), guard))
        .with_state(shared)
}

/// Authentication, then what tests ordered, then the real handler.
async fn guard(AxumState(shared): AxumState<Shared>, request: Request, next: Next) -> Response {
    let token = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|v| v.strip_prefix("Bearer "));
    match token {
        None => return refuse((401, sentences::MISSING_TOKEN.into())),
        Some(token) if token != TOKEN => return refuse((401, sentences::INVALID_TOKEN.into())),
        Some(_) => {}
    }
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str).replace("{room}", "{id}");
    let method = if request.method() == Method::HEAD { Method::GET } else { request.method().clone() };
    let route = format!("{method} {path}");
    let room = request.uri().path().split('/').nth(2).map(str::to_owned);
    let delay = shared.lock().delay(&route);
    if let Some(delay) = delay {
        tokio::time::sleep(delay).await;
    }
    let ordered = shared.lock().request(&route, room.as_deref());
    if let Some((status, body)) = ordered {
        let status = StatusCode::from_u16(status).expect("tests order valid statuses");
        return (status, [(header::CONTENT_TYPE, "application/json")], body).into_response();
    }
    next.run(request).await
}

async fn health() -> Response {
    let distribution = json!({"enabled": false, "nodeStatus": "DOWN", "nodesInCluster": 0});
    data(StatusCode::OK, json!({"status": "UP", "uptime": 1, "version": "0.6.3", "gitCommit": "dev", "distribution": distribution}))
}

async fn list_rooms(AxumState(shared): AxumState<Shared>) -> Response {
    data(StatusCode::OK, shared.lock().rooms())
}

async fn create_room(AxumState(shared): AxumState<Shared>, body: Body) -> Response {
    let config: RoomConfig = match json_body(body).await {
        Ok(config) => config,
        Err(refusal) => return refuse(refusal),
    };
    let address = "localhost:5002".to_owned();
    match shared.lock().create_room(config) {
        Ok(room) => data(StatusCode::CREATED, RoomCreated { room, fishjam_address: Some(address), jellyfish_address: None }),
        Err(refusal) => refuse(refusal),
    }
}

async fn read_room(AxumState(shared): AxumState<Shared>, Path(room): Path<String>) -> Response {
    match shared.lock().room(&room) {
        Some(room) => data(StatusCode::OK, room),
        None => refuse((404, sentences::room_not_found(&room))),
    }
}

async fn delete_room(AxumState(shared): AxumState<Shared>, Path(room): Path<String>) -> Response {
    empty(shared.lock().delete_room(&room))
}

async fn add_peer(AxumState(shared): AxumState<Shared>, Path(room): Path<String>, body: Body) -> Response {
    let body: Value = match json_body(body).await {
        Ok(body) => body,
        Err(refusal) => return refuse(refusal),
    };
    match body.get("type").and_then(Value::as_str) {
        Some("webrtc") => {}
        Some(_) => return refuse((400, sentences::INVALID_PEER_TYPE.into())),
        None => return refuse((400, sentences::INVALID_BODY.into())),
    }
    let metadata = body.pointer("/options/metadata").cloned();
    match shared.lock().add_peer(&room, metadata) {
        Ok((peer, token)) => {
            let peer_websocket_url = Some("localhost:5002/socket/peer/websocket".to_owned());
            data(StatusCode::CREATED, PeerCreated { peer, token, peer_websocket_url })
        }
        Err(refusal) => refuse(refusal),
    }
}

async fn delete_peer(
    AxumState(shared): AxumState<Shared>,
    Path((room, peer)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Response {
    let reason = query.as_deref().and_then(|query| query.strip_prefix("reason=")).map(str::to_owned);
    empty(shared.lock().delete_peer(&room, &peer, reason))
}

async fn json_body<T: serde::de::DeserializeOwned>(body: Body) -> Result<T, Refusal> {
    let bytes = to_bytes(body, MAX_BODY).await.map_err(|error| (413, error.to_string()))?;
    let bytes = if bytes.is_empty() { b"{}".as_slice().into() } else { bytes };
    serde_json::from_slice(&bytes).map_err(|_| (400, sentences::INVALID_BODY.into()))
}

fn data<T: serde::Serialize>(status: StatusCode, data: T) -> Response {
    (status, Json(Data { data })).into_response()
}

fn empty(result: Result<(), Refusal>) -> Response {
    match result {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => refuse(refusal),
    }
}

fn refuse((status, errors): Refusal) -> Response {
    let status = StatusCode::from_u16(status).expect("refusals have valid statuses");
    (status, Json(ErrorBody { errors })).into_response()
}
