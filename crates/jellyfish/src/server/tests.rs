//! What is answered once the workers have ended.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use ::http::{Method, Request, StatusCode};
use axum::body::{Body, to_bytes};
use tower::ServiceExt as _;

use super::*;
use crate::rooms::{RoomCommand, RoomError, RoomSettings};

async fn server(data_dir: &tempfile::TempDir) -> Running {
    let config = Config {
        listen: net::tcp::ListenAddress::One(([127, 0, 0, 1], 0).into()),
        media_port: 0,
        api_token: Some(Secret::new("token")),
        data_dir: data_dir.path().to_owned(),
        tls: Tls::Off,
        workers: 1,
        metrics: Metrics::Off,
        ..Config::default()
    };
    start(config).await.unwrap()
}

#[tokio::test]
async fn a_stopped_worker_is_no_missing_room() {
    let data_dir = tempfile::tempdir().unwrap();
    let server = server(&data_dir).await;
    let (app, router) = (Arc::clone(server.app()), server.api_router());
    app.workers.create_room("room".into(), RoomSettings::default()).await.unwrap();
    server.shutdown().await;
    assert_eq!(app.workers.command(RoomCommand::Room { room: "room".into() }).await, Err(RoomError::Stopping));
    for (method, path) in
        [(Method::GET, "/room/room"), (Method::DELETE, "/room/room"), (Method::POST, "/room/room/peer"), (Method::POST, "/room")]
    {
        let request = Request::builder().method(method.clone()).uri(path).header("authorization", "Bearer token");
        let request = request.header("content-type", "application/json").body(Body::from(r#"{"type": "webrtc", "options": {}}"#)).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), 1024).await.unwrap();
        let body = String::from_utf8_lossy(&body);
        assert_eq!((status, body.as_ref()), (StatusCode::SERVICE_UNAVAILABLE, r#"{"errors":"The server is stopping"}"#), "{method} {path}");
    }
}
