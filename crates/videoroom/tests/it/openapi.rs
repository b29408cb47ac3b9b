//! The committed description of the API is the real one, and it is served.

use serde_json::Value;

use crate::support::System;

/// With `UPDATE_GENERATED` in the environment it writes the document instead; `cargo xtask gen` does that.
#[test]
fn the_committed_openapi_document_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi/videoroom.json");
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::write(path, videoroom::openapi()).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap();
    assert_eq!(committed, videoroom::openapi(), "run `cargo xtask gen`");
}

#[test]
fn it_describes_all_routes() {
    let description: Value = serde_json::from_str(&videoroom::openapi()).unwrap();
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
    let paths = description["paths"].as_object().unwrap();
    let expected = [
        "/api/links",
        "/api/room/{name}",
        "/api/room/{name}/exist",
        "/api/rooms/{name}",
        "/api/rooms/{name}/join",
        "/healthz",
        "/openapi.json",
    ];
    assert_eq!(paths.keys().map(String::as_str).collect::<std::collections::BTreeSet<_>>(), expected.into());
}

#[tokio::test]
async fn it_is_served_without_a_token() {
    let system = System::with_scripted(&[]).await;
    let answer = system.web.get("/openapi.json").await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"));
    assert_eq!(answer.text, videoroom::openapi());
}
