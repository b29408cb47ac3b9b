//! Every error of the public API.

use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;

use crate::support::{System, Web, with_both};

with_both! {
    wrong_requests_are_told_apart;
}

async fn wrong_requests_are_told_apart(system: System) {
    let ana = json!({"name": "Ana"}).to_string();
    let named = |name: &str| json!({"name": name}).to_string();
    let long = "a".repeat(65);
    for (room, body, status, code) in [
        ("a%2Fb", ana.clone(), 400, "invalid_room_name"),
        ("%20", ana.clone(), 400, "invalid_room_name"),
        ("", ana.clone(), 400, "invalid_room_name"),
        ("%FF", ana.clone(), 400, "invalid_room_name"),
        ("%00", ana.clone(), 400, "invalid_room_name"),
        ("%F0%9F%9A%80", ana.clone(), 400, "invalid_room_name"),
        (long.as_str(), ana.clone(), 400, "invalid_room_name"),
        ("r", named(""), 400, "invalid_name"),
        ("r", named(" \u{202e}\n "), 400, "invalid_name"),
        ("r", named(&long), 400, "invalid_name"),
        ("r", String::new(), 400, "invalid_request"),
        ("r", "name=Ana".to_owned(), 400, "invalid_request"),
        ("r", "[]".to_owned(), 400, "invalid_request"),
        ("r", "{}".to_owned(), 400, "invalid_request"),
        ("r", json!({"name": 5}).to_string(), 400, "invalid_request"),
        ("r", json!({"name": null}).to_string(), 400, "invalid_request"),
        ("r", ana[..ana.len() - 1].to_owned(), 400, "invalid_request"),
    ] {
        let answer = system.web.send(Method::POST, &format!("/api/rooms/{room}/join"), &[], body).await;
        answer.expect_error(status, code);
    }
    assert!(system.media.rooms().await.unwrap().is_empty(), "no wrong request makes a room");

    system.web.get("/api/rooms/a%2Fb").await.expect_error(400, "invalid_room_name");
    for path in ["/nothing", "/api", "/api/rooms", "/api/rooms/r/nothing", "/room", "/room/a/b", "/room/", "/assets/nothing.js", "/socket"]
    {
        system.web.get(path).await.expect_error(404, "not_found");
    }
    system.web.send(Method::GET, "/api/rooms/r/join", &[], "").await.expect_error(405, "method_not_allowed");
    system.web.send(Method::DELETE, "/api/rooms/r", &[], "").await.expect_error(405, "method_not_allowed");
    let page = system.web.send(Method::GET, "/nothing", &[("accept", "text/html,*/*")], "").await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (404, "text/html; charset=utf-8"));
    assert!(page.text.contains("<h1>"), "{page:?}");
}

#[tokio::test]
async fn metrics_are_beside_the_api_or_on_a_port_of_their_own() {
    let data = TempDir::new().unwrap();
    for flags in [&[] as &[_], &["--metrics-listen", "127.0.0.1:0"]] {
        let product = testkit::servers::product(data.path(), flags).await;
        let media = product.media().unwrap();
        let metrics = media.metrics_addr().unwrap();
        assert_eq!(metrics == media.api_addr(), flags.is_empty());
        let page = Web::new(metrics).send(Method::GET, "/metrics", &[], "").await;
        assert!(page.status == 200 && page.text.contains("fishjam_rooms 0"), "{page:?}");
        if !flags.is_empty() {
            assert_eq!(Web::new(media.api_addr()).send(Method::GET, "/metrics", &[], "").await.status, 404);
        }
        product.shutdown().await;
    }
}

#[tokio::test]
async fn the_media_servers_api_is_not_on_the_public_port() {
    let system = System::with_jellyfish(&[]).await;
    let bearer = format!("Bearer {}", testkit::servers::API_TOKEN);
    for path in ["/health", "/room", "/socket/server/websocket", "/metrics"] {
        let answer = system.web.send(Method::GET, path, &[("authorization", &bearer)], "").await;
        assert_eq!(answer.status, 404, "{path}: {answer:?}");
    }
    let page = system.web.send(Method::GET, "/room/r", &[("authorization", &bearer)], "").await;
    assert!(page.text.contains("<html"), "a page, not the REST resource");
}
