//! A media server that fails, restarts and forgets.

use protocol::rest::sentences;
use reqwest::Method;
use serde_json::json;
use testkit::eventually;

use crate::support::{PeerSocket, System, id};

const ADD_PEER: &str = "POST /room/{id}/peer";

#[tokio::test]
async fn a_room_that_vanishes_on_the_way_is_made_again() {
    let system = System::with_scripted(&[]).await;
    system.script().vanish_before(ADD_PEER, 3);
    let access = system.web.join("r", "Ana").await;
    assert_eq!(system.room("r").await.unwrap().peers[0].id, access.peer);
    assert_eq!(system.script().requests(ADD_PEER), 4);

    system.script().vanish_before("GET /room/{id}", 1);
    system.web.rejoin("r", "Ana", &access.identity).await;
}

#[tokio::test]
async fn a_room_that_always_vanishes_is_given_up() {
    let system = System::with_scripted(&[]).await;
    system.script().vanish_before(ADD_PEER, 1_000);
    system.web.post_join("r", &json!({"name": "Ana"})).await.expect_error(503, "media_server_unavailable");
    assert!(system.script().requests(ADD_PEER) <= 10, "attempts are bounded");
}

#[tokio::test]
async fn the_body_tells_a_full_room_from_a_server_in_trouble() {
    let system = System::with_scripted(&[]).await;
    let answer = |sentence: &str| json!({"errors": sentence}).to_string();
    for (status, body, expected_status, code) in [
        (503, answer(&sentences::peer_limit(&id("r"))), 409, "room_full"),
        (503, answer("Unable to reach Fishjam instance holding room r"), 503, "media_server_unavailable"),
        (503, "<html>proxy error</html>".to_owned(), 503, "media_server_unavailable"),
        (500, json!({"errors": {"detail": "Internal Server Error"}}).to_string(), 503, "media_server_unavailable"),
        (401, answer(sentences::INVALID_TOKEN), 503, "media_server_unavailable"),
        (400, answer("Peers of type webrtc are disabled on this Fishjam"), 500, "internal"),
        (201, "not what it should be".to_owned(), 503, "media_server_unavailable"),
    ] {
        system.script().answer_next(ADD_PEER, 1, status, &body);
        system.web.post_join("r", &json!({"name": "Ana"})).await.expect_error(expected_status, code);
    }
    system.web.join("r", "Ana").await;
}

#[tokio::test]
async fn health_follows_the_media_server() {
    let system = System::with_scripted(&[]).await;
    let healthy = system.web.get("/healthz").await;
    assert_eq!((healthy.status.as_u16(), healthy.json()["status"].as_str()), (200, Some("ok")));
    system.script().answer_next("GET /health", 1_000, 503, "");
    let sick = eventually("the trouble is noticed", async || match system.web.get("/healthz").await {
        answer if answer.status == 503 => Ok(answer),
        answer => Err(format!("{answer:?}")),
    })
    .await;
    assert_eq!(sick.json()["status"], "degraded");
}

#[tokio::test]
async fn the_page_is_served_while_the_media_server_is_down() {
    let system = System::with_scripted(&[]).await;
    system.script().answer_next("POST /room", 1, 503, "");
    let down = system.web.post_join("r", &json!({"name": "Ana"})).await;
    down.expect_error(503, "media_server_unavailable");
    assert_eq!(system.web.get("/").await.status, 200);
    let legacy = system.web.send(Method::GET, "/api/room/r", &[], "").await;
    assert_eq!(legacy.status, 200, "it is well again");
}

#[tokio::test]
async fn people_come_back_after_the_media_server_forgot_everything() {
    let system = System::with_scripted(&[]).await;
    let ana = system.web.join("r", "Ana").await;
    let socket = PeerSocket::connect(&ana).await.unwrap();
    system.script().forget_everything();
    socket.closed().await;
    assert_eq!(PeerSocket::connect(&ana).await.err().as_deref(), Some("room not found"));
    let again = system.web.rejoin("r", "Ana", &ana.identity).await;
    PeerSocket::connect(&again).await.unwrap().leave().await;
}

#[tokio::test]
async fn a_crashed_room_is_made_again() {
    let system = System::with_scripted(&[]).await;
    let ana = system.web.join("r", "Ana").await;
    let socket = PeerSocket::connect(&ana).await.unwrap();
    system.script().crash_room(&id("r"));
    assert_eq!(socket.closed().await, "Internal server error");
    let again = system.web.rejoin("r", "Ana", &ana.identity).await;
    PeerSocket::connect(&again).await.unwrap().leave().await;
    system.gone("r").await;
}
