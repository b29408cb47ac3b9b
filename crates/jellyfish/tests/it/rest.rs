use std::time::Instant;

use protocol::signalling::protobuf::encode_auth_request;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{PATIENCE, Server, Socket, TOKEN, answer, errors};

#[tokio::test]
async fn rest_1_2_4_wrong_and_missing_tokens_are_unauthorized() {
    let server = Server::start().await;
    let wrong = answer(server.bare(Method::POST, "/room").bearer_auth("nope")).await;
    assert_eq!(wrong, (StatusCode::UNAUTHORIZED, errors("Invalid token")));
    let missing = answer(server.bare(Method::POST, "/room")).await;
    assert_eq!(missing, (StatusCode::UNAUTHORIZED, errors("Missing token")));
    for header in ["bearer test-token", "Bearer", "Basic test-token"] {
        let odd = answer(server.bare(Method::GET, "/room").header("authorization", header)).await;
        assert_eq!(odd, (StatusCode::UNAUTHORIZED, errors("Missing token")), "{header}");
    }
    let spaces = answer(server.bare(Method::GET, "/room").header("authorization", "Bearer  test-token")).await;
    assert_eq!(spaces, (StatusCode::UNAUTHORIZED, errors("Invalid token")));
    assert_eq!(server.get("/room").await, (StatusCode::OK, json!({"data": []})));
}

#[tokio::test]
async fn rest_3_9_21_a_default_room_is_created_and_listed() {
    let server = Server::start().await;
    assert_eq!(server.get("/room").await.1, json!({"data": []}));
    let (status, body) = server.post("/room", json!({})).await;
    assert_eq!(status, StatusCode::CREATED);
    let id = body["data"]["room"]["id"].as_str().unwrap();
    assert_eq!(id.len(), 36);
    let room = json!({
        "id": id, "components": [], "peers": [],
        "config": {"roomId": id, "maxPeers": null, "videoCodec": null, "webhookUrl": null,
                   "peerlessPurgeTimeout": null, "peerDisconnectedTimeout": null},
    });
    let address = server.addr().to_string();
    assert_eq!(body["data"], json!({"room": room, "fishjam_address": address, "jellyfish_address": address}));
    assert_eq!(server.get("/room").await.1, json!({"data": [room]}));
    assert_eq!(server.get(&format!("/room/{id}")).await, (StatusCode::OK, json!({"data": room})));
}

#[tokio::test]
async fn rest_6_errors_of_the_framework_are_objects() {
    let server = Server::start().await;
    assert_eq!(server.get("/nope").await, (StatusCode::NOT_FOUND, json!({"errors": {"detail": "Not Found"}})));
    let unauthenticated = answer(server.bare(Method::PUT, "/room")).await;
    assert_eq!(unauthenticated, (StatusCode::NOT_FOUND, json!({"errors": {"detail": "Not Found"}})));
    let bad = json!({"errors": {"detail": "Bad Request"}});
    // The body is read before the token.
    let malformed = server.bare(Method::POST, "/room").header("content-type", "application/json").body("{");
    assert_eq!(answer(malformed).await, (StatusCode::BAD_REQUEST, bad.clone()));
    assert_eq!(answer(server.request(Method::GET, "/room/%ff")).await, (StatusCode::BAD_REQUEST, bad));
    let picky = answer(server.request(Method::GET, "/room").header("accept", "text/html")).await;
    assert_eq!(picky, (StatusCode::NOT_ACCEPTABLE, json!({"errors": {"detail": "Not Acceptable"}})));
}

#[tokio::test]
async fn rest_7_8_health() {
    let server = Server::start().await;
    let (status, body) = server.get("/health").await;
    assert_eq!(status, StatusCode::OK);
    let health = &body["data"];
    assert_eq!((&health["status"], &health["version"]), (&json!("UP"), &json!(env!("CARGO_PKG_VERSION"))));
    assert!(health["uptime"].is_u64());
    let commit = health["gitCommit"].as_str().unwrap();
    assert!(commit == "dev" || commit.len() == 7, "{commit}");
    assert_eq!(health["distribution"], json!({"enabled": false, "nodeStatus": "DOWN", "nodesInCluster": 0}));
}

#[tokio::test]
async fn rest_10_11_22_given_options_are_shown() {
    let server = Server::start().await;
    let unset =
        json!({"maxPeers": null, "videoCodec": null, "webhookUrl": null, "peerlessPurgeTimeout": null, "peerDisconnectedTimeout": null});
    for (given, roomid) in [
        (json!({"maxPeers": 10, "peerlessPurgeTimeout": 60}), None),
        (json!({"roomId": "7c3b_ABCD-123_xyz"}), Some("7c3b_ABCD-123_xyz")),
        (json!({"maxPeers": 10, "videoCodec": "h264"}), None),
        (json!({"maxPeers": i64::MAX}), None),
        (json!({"maxPeers": 0, "videoCodec": "vp8", "webhookUrl": "http://h:1/", "peerDisconnectedTimeout": 1, "unknown": {}}), None),
        (json!({"maxPeers": null, "webhookUrl": null}), None),
    ] {
        let id = server.room(given.clone()).await;
        if let Some(roomid) = roomid {
            assert_eq!(id, roomid);
        }
        let mut expected = unset.clone();
        for (key, value) in given.as_object().unwrap().iter().filter(|(key, _)| *key != "unknown") {
            expected[key] = value.clone();
        }
        expected["roomId"] = json!(id);
        let (_, body) = server.get(&format!("/room/{id}")).await;
        assert_eq!(body["data"], json!({"id": id, "config": expected, "components": [], "peers": []}));
    }
}

#[tokio::test]
async fn rest_12_second_creation_of_the_same_room_fails() {
    let server = Server::start().await;
    server.room(json!({"roomId": "twice"})).await;
    let again = server.post("/room", json!({"roomId": "twice"})).await;
    assert_eq!(again, (StatusCode::BAD_REQUEST, errors("Cannot add room with id \"twice\" - room already exists")));
}

#[tokio::test]
async fn rest_13_to_20_wrong_options_are_named() {
    let server = Server::start().await;
    let id_rule = "roomId may contain only alphanumeric characters, hyphens and underscores";
    let max = |got: &str| format!("Expected maxPeers to be a number, got: {got}");
    let codec = |got: &str| format!("Expected videoCodec to be 'h264' or 'vp8', got: {got}");
    let hook = |got: &str| format!("Expected webhookUrl to be valid URL, got: {got}");
    let timer = |key: &str, got: &str| format!("Expected {key} to be a positive integer, got: {got}");
    for (body, sentence) in [
        (json!({"maxPeers": "nan"}), max("nan")),
        (json!({"maxPeers": "10"}), max("10")),
        (json!({"maxPeers": -1}), max("-1")),
        (json!({"maxPeers": 1.5}), max("1.5")),
        (json!({"maxPeers": 1_u64 << 63}), max("9223372036854775808")),
        (json!({"videoCodec": "nan"}), codec("nan")),
        (json!({"videoCodec": "H264"}), codec("H264")),
        (json!({"webhookUrl": "nan"}), hook("nan")),
        (json!({"webhookUrl": "http://h:1"}), hook("http://h:1")),
        (json!({"webhookUrl": 5}), hook("5")),
        (json!({"peerlessPurgeTimeout": "nan"}), timer("peerlessPurgeTimeout", "nan")),
        (json!({"peerlessPurgeTimeout": 0}), timer("peerlessPurgeTimeout", "0")),
        (json!({"peerDisconnectedTimeout": "nan"}), timer("peerDisconnectedTimeout", "nan")),
        (json!({"roomId": "test/path"}), format!("Cannot add room with id \"test/path\" - {id_rule}")),
        (json!({"roomId": ""}), format!("Cannot add room with id \"\" - {id_rule}")),
        (json!({"roomId": 5}), format!("Cannot add room with id \"5\" - {id_rule}")),
        // The first failure is told.
        (json!({"peerlessPurgeTimeout": "x", "maxPeers": "y", "roomId": "a b"}), format!("Cannot add room with id \"a b\" - {id_rule}")),
        (json!({"peerlessPurgeTimeout": "x", "maxPeers": "y"}), max("y")),
    ] {
        let answer = server.post("/room", body.clone()).await;
        assert_eq!(answer, (StatusCode::BAD_REQUEST, errors(&sentence)), "{body}");
    }
    assert_eq!(server.get("/room").await.1, json!({"data": []}));
}

#[tokio::test]
async fn rest_23_24_25_deleted_and_unknown_rooms_are_not_found() {
    let server = Server::start().await;
    let id = server.room(json!({})).await;
    assert_eq!(server.delete(&format!("/room/{id}/")).await, (StatusCode::NO_CONTENT, Value::Null));
    let gone = (StatusCode::NOT_FOUND, errors(&format!("Room {id} does not exist")));
    assert_eq!(server.get(&format!("/room/{id}")).await, gone);
    assert_eq!(server.delete(&format!("/room/{id}")).await, gone);
    assert_eq!(server.room(json!({"roomId": id})).await, id);
}

/// As with two servers of the archived kind that share a key and route nothing.
#[tokio::test]
async fn a_server_knows_only_its_own_rooms() {
    let config = |config: &mut jellyfish::config::Config| config.token_secret = Some(jellyfish::config::Secret::new("shared"));
    let (here, there) = (Server::with(config).await, Server::with(config).await);
    let room = here.room(json!({})).await;
    let (peer, token) = here.peer(&room).await;
    assert_eq!(there.get("/health").await.1["data"]["distribution"], json!({"enabled": false, "nodeStatus": "DOWN", "nodesInCluster": 0}));
    assert_eq!(there.get("/room").await.1, json!({"data": []}));
    // An id that says which server holds the room is one as any other.
    for room in [room.as_str(), "da2e-4a75-95ff-776bad2caf04-666973686a616d4031302e302e302e31"] {
        let absent = (StatusCode::NOT_FOUND, errors(&format!("Room {room} does not exist")));
        let path = format!("/room/{room}");
        assert_eq!(there.get(&path).await, absent);
        assert_eq!(there.delete(&path).await, absent);
        assert_eq!(there.post(&format!("{path}/peer"), json!({"type": "webrtc"})).await, absent);
        assert_eq!(there.delete(&format!("{path}/peer/{peer}")).await, absent);
        assert_eq!(there.get(&format!("/hls/{room}/index.m3u8")).await, (StatusCode::NOT_FOUND, errors("File not found")));
    }
    let mut socket = Socket::peer(&there).await;
    socket.send(encode_auth_request(&token, "web-0.25.1")).await;
    assert_eq!(socket.closed().await, (1000, "room not found".to_owned()));
    here.client(&token).await;
}

#[tokio::test]
async fn rest_26_27_a_crashed_room_leaves_the_others() {
    let server = Server::start().await;
    let rooms = [server.room(json!({})).await, server.room(json!({})).await, server.room(json!({})).await, server.room(json!({})).await];
    assert_eq!(server.post(&format!("/fault/room/{}", rooms[0]), json!({})).await.0, StatusCode::NO_CONTENT);
    let (_, body) = server.get("/room").await;
    let mut left: Vec<&str> = body["data"].as_array().unwrap().iter().map(|room| room["id"].as_str().unwrap()).collect();
    left.sort_unstable();
    let mut expected: Vec<&str> = rooms[1..].iter().map(String::as_str).collect();
    expected.sort_unstable();
    assert_eq!(left, expected);
    assert_eq!(server.get(&format!("/room/{}", rooms[0])).await.0, StatusCode::NOT_FOUND);
    assert_eq!(server.room(json!({"roomId": rooms[0]})).await, rooms[0]);
}

#[tokio::test]
async fn rest_39_40_47_a_new_peer_is_disconnected_and_has_nothing() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    for options in [json!({}), json!({"enableSimulcast": true}), json!({"enableSimulcast": false}), json!(null)] {
        let (status, body) = server.post(&format!("/room/{room}/peer"), json!({"type": "webrtc", "options": options})).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        let data = &body["data"];
        assert!(!data["token"].as_str().unwrap().is_empty());
        assert_eq!(data["peer_websocket_url"], json!(format!("{}/socket/peer/websocket", server.addr())));
        let id = data["peer"]["id"].as_str().unwrap();
        let peer = json!({"id": id, "type": "webrtc", "status": "disconnected", "tracks": [], "metadata": null});
        assert_eq!(data["peer"], peer);
        assert_eq!(server.peer_in(&room, id).await, Some(peer));
    }
}

#[tokio::test]
async fn server_metadata_is_shown_beside_the_peers_own() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    for (given, shown) in [(json!({"name": "Ana"}), json!({"name": "Ana"})), (json!(null), json!({}))] {
        let (_, body) = server.post(&format!("/room/{room}/peer"), json!({"type": "webrtc", "options": {"metadata": given}})).await;
        assert_eq!(body["data"]["peer"]["metadata"], json!({"peer": {}, "server": shown}));
    }
}

#[tokio::test]
async fn rest_42_to_45_a_peer_that_cannot_be_added_is_explained() {
    let server = Server::start().await;
    let full = server.room(json!({"maxPeers": 1})).await;
    let room = server.room(json!({})).await;
    server.peer(&full).await;
    let structure = (StatusCode::BAD_REQUEST, errors("Invalid request body structure"));
    let kind = (StatusCode::BAD_REQUEST, errors("Invalid peer type"));
    let limit = (StatusCode::SERVICE_UNAVAILABLE, errors(&format!("Reached webrtc peers limit in room {full}")));
    let unknown = (StatusCode::NOT_FOUND, errors("Room nowhere does not exist"));
    for (room, body, expected) in [
        (&room[..], json!({}), &structure),
        ("nowhere", json!({}), &structure),
        (&room, json!({"type": "nope"}), &kind),
        ("nowhere", json!({"type": 5}), &kind),
        (&room, json!({"type": null}), &kind),
        (&full, json!({"type": "webrtc"}), &limit),
        (&full, json!({"type": "webrtc", "options": 5}), &limit),
        ("nowhere", json!({"type": "webrtc"}), &unknown),
        ("nowhere", json!({"type": "webrtc", "options": 5}), &unknown),
        (&room, json!({"type": "webrtc", "options": 5}), &structure),
        (&room, json!({"type": "webrtc", "options": {"enableSimulcast": "yes"}}), &structure),
        (&room, json!({"type": "webrtc", "options": {"permissions": {"audio": 1}}}), &structure),
        ("a%2Fb", json!({"type": "webrtc"}), &(StatusCode::BAD_REQUEST, errors("Invalid room ID: a/b"))),
    ] {
        assert_eq!(&server.post(&format!("/room/{room}/peer"), body.clone()).await, expected, "{room} {body}");
    }
}

#[tokio::test]
async fn rest_48_49_50_deleting_peers() {
    let server = Server::start().await;
    let room = server.room(json!({"maxPeers": 1})).await;
    let (peer, _) = server.peer(&room).await;
    assert_eq!(server.delete(&format!("/room/{room}/peer/{peer}")).await, (StatusCode::NO_CONTENT, Value::Null));
    assert_eq!(server.peer_in(&room, &peer).await, None);
    let unknown = (StatusCode::NOT_FOUND, errors(&format!("Peer {peer} does not exist")));
    assert_eq!(server.delete(&format!("/room/{room}/peer/{peer}")).await, unknown);
    let nowhere = (StatusCode::NOT_FOUND, errors("Room nowhere does not exist"));
    assert_eq!(server.delete(&format!("/room/nowhere/peer/{peer}")).await, nowhere);
    server.peer(&room).await;
}

#[tokio::test]
async fn rest_51_52_53_55_56_components_are_disabled() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    let nowhere = (StatusCode::NOT_FOUND, errors("Room nowhere does not exist"));
    let (ours, other) = (format!("/room/{room}/component"), "/room/nowhere/component");
    for kind in ["hls", "rtsp", "file", "sip", "recording"] {
        let disabled = (StatusCode::BAD_REQUEST, errors(&format!("Components of type {kind} are disabled on this Fishjam")));
        assert_eq!(server.post(&ours, json!({"type": kind})).await, disabled);
        assert_eq!(server.post(other, json!({"type": kind})).await, nowhere);
    }
    assert_eq!(server.post(&ours, json!({})).await, (StatusCode::BAD_REQUEST, errors("Invalid request body structure")));
    for kind in [json!("nope"), json!("HLS"), json!(5), json!(null)] {
        let unknown = (StatusCode::BAD_REQUEST, errors("Invalid component type"));
        for path in [&ours[..], other] {
            assert_eq!(server.post(path, json!({"type": kind})).await, unknown, "{kind} {path}");
        }
    }
    // Options are not looked at before it is known that there is such a component.
    for options in [json!(null), json!(5), json!({"filePath": "../x", "framerate": -1})] {
        let disabled = (StatusCode::BAD_REQUEST, errors("Components of type file are disabled on this Fishjam"));
        assert_eq!(server.post(&ours, json!({"type": "file", "options": options})).await, disabled, "{options}");
    }
    let odd = (StatusCode::BAD_REQUEST, errors("Invalid room ID: a.b"));
    assert_eq!(server.post("/room/a.b/component", json!({"type": "hls"})).await, odd);
    assert_eq!(server.delete("/room/a.b/component/c").await, odd);
    assert_eq!(server.get(&format!("/room/{room}")).await.1["data"]["components"], json!([]));
    let unknown = (StatusCode::NOT_FOUND, errors("Component c does not exist"));
    assert_eq!(server.delete(&format!("{ours}/c")).await, unknown);
    assert_eq!(server.delete(&format!("{other}/c")).await, nowhere);
}

#[tokio::test]
async fn rest_104_105_121_122_130_133_nothing_is_there_to_use() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    let structure = (StatusCode::BAD_REQUEST, errors("Invalid request body structure"));
    let nowhere = (StatusCode::NOT_FOUND, errors("Room nowhere does not exist"));
    let unknown = (StatusCode::BAD_REQUEST, errors("Component c does not exist"));
    let odd = (StatusCode::BAD_REQUEST, errors("Invalid room ID: a.b"));
    let rooms = [(&room[..], &unknown), ("nowhere", &nowhere), ("a.b", &odd)];
    for (room, expected) in rooms {
        let (call, subscribe) = (format!("/sip/{room}/c/call"), format!("/room/{room}/component/c/subscribe"));
        for (path, key) in [(&call, "phoneNumber"), (&subscribe, "origins")] {
            assert_eq!(server.post(path, json!({})).await, structure, "{path}: what is missing is told before the room is looked for");
            for value in [json!(null), json!(5), json!("1"), json!([])] {
                assert_eq!(&server.post(path, json!({key: value})).await, expected, "{path} {value}");
            }
        }
        assert_eq!(&server.delete(&call).await, expected);
    }
    assert_eq!(server.get("/recording").await, (StatusCode::OK, json!({"data": []})));
    assert_eq!(server.delete("/recording/r").await, (StatusCode::NOT_FOUND, errors("Recording not found")));
    let file = (StatusCode::NOT_FOUND, errors("File not found"));
    for path in
        ["/hls/r/index.m3u8", "/hls/r/..%2Fx.m3u8", "/hls/a.b/x", "/hls/r/x_part.m4s", "/hls/r/x.m3u8?_HLS_msn=no&_HLS_part=0&_HLS_skip"]
    {
        assert_eq!(answer(server.bare(Method::GET, path).header("accept", "video/mp4")).await, file, "{path}");
    }
    assert_eq!(answer(server.bare(Method::GET, &format!("/hls/{room}/index.m3u8"))).await, file);
    assert_eq!(answer(server.bare(Method::GET, "/recording/r/index.m3u8")).await, file);
}

#[tokio::test]
async fn rest_132_ids_that_lead_out_of_the_recordings_are_refused() {
    let server = Server::start().await;
    // Clients tidy such paths away before they send them: these are written by hand.
    for (path, id) in [(".", "."), ("..", ".."), ("%2e", "."), ("..%2Foutside", "../outside"), ("a%2F..", "a/..")] {
        let refused = (400, errors(&format!("Invalid recording id, got: {id}")));
        assert_eq!(raw(&server, "DELETE", &format!("/recording/{path}")).await, refused);
        let refused = (400, errors(&format!("Invalid recording, got: {id}")));
        assert_eq!(raw(&server, "GET", &format!("/recording/{path}/index.m3u8")).await, refused);
    }
    assert_eq!(raw(&server, "DELETE", "/recording/a%2Fb").await, (404, errors("Recording not found")));
}

/// The answer to a request whose path is sent as it is.
async fn raw(server: &Server, method: &str, path: &str) -> (u16, Value) {
    let mut stream = TcpStream::connect(server.addr()).await.unwrap();
    let request = format!("{method} {path} HTTP/1.1\r\nhost: h\r\nauthorization: Bearer {TOKEN}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), serde_json::from_str(body).unwrap())
}

#[tokio::test]
async fn query_form_and_body_are_merged_and_slashes_tolerated() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    let by_query = answer(server.request(Method::POST, &format!("//room/{room}//peer/?type=webrtc"))).await;
    assert_eq!(by_query.0, StatusCode::CREATED);
    let form = server.request(Method::POST, &format!("/room/{room}/peer")).header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(answer(form.body("type=webrtc")).await.0, StatusCode::CREATED);
    let parts = server.request(Method::POST, &format!("/room/{room}/peer")).header("content-type", "multipart/form-data; boundary=B");
    let parts = parts.body("--B\r\nContent-Disposition: form-data; name=\"type\"\r\n\r\nwebrtc\r\n--B--\r\n");
    assert_eq!(answer(parts).await.0, StatusCode::CREATED);
    let strings = answer(server.request(Method::POST, "/room?maxPeers=10")).await;
    assert_eq!(strings, (StatusCode::BAD_REQUEST, errors("Expected maxPeers to be a number, got: 10")));
    for (kind, body) in [("application/json", ""), ("application/json", "[1]"), ("text/plain", "{nope")] {
        let created = answer(server.request(Method::POST, "/room").header("content-type", kind).body(body)).await;
        assert_eq!(created.0, StatusCode::CREATED, "{kind} {body}");
    }
    // Forms can only be posted; the bodies of other requests without one mean nothing.
    let deleted = server.request(Method::POST, &format!("/room/{room}")).header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(answer(deleted.body("_method=DELETE")).await, (StatusCode::NO_CONTENT, Value::Null));
    assert_eq!(server.get(&format!("/room/{room}")).await.0, StatusCode::NOT_FOUND);
    let body = server.request(Method::GET, "/room").header("content-type", "application/json").body("{");
    assert_eq!(answer(body).await.0, StatusCode::OK);
}

#[tokio::test]
async fn every_answer_allows_other_origins_and_has_an_id() {
    let server = Server::start().await;
    let options = server.bare(Method::OPTIONS, "/whatever/path").send().await.unwrap();
    assert_eq!(options.status(), StatusCode::NO_CONTENT);
    let header = |response: &reqwest::Response, name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header(&options, "access-control-max-age"), "1728000");
    assert_eq!(header(&options, "access-control-allow-methods"), "GET,POST,PUT,PATCH,DELETE,OPTIONS");
    assert!(header(&options, "access-control-allow-headers").starts_with("Authorization,Content-Type,"));
    let given = "a-request-id-of-20-or-more";
    for (path, id) in [("/room", Some(given)), ("/nope", None)] {
        let mut request = server.bare(Method::GET, path);
        if let Some(id) = id {
            request = request.header("x-request-id", id);
        }
        let response = request.send().await.unwrap();
        assert_eq!(header(&response, "access-control-allow-origin"), "*");
        assert_eq!(header(&response, "access-control-allow-credentials"), "true");
        assert_eq!(header(&response, "access-control-expose-headers"), "");
        assert_eq!(header(&response, "content-type"), "application/json; charset=utf-8");
        match id {
            Some(id) => assert_eq!(header(&response, "x-request-id"), id),
            None => assert_eq!(header(&response, "x-request-id").len(), 36),
        }
    }
    let head = server.bare(Method::HEAD, "/room").bearer_auth(TOKEN).send().await.unwrap();
    assert_eq!(head.status(), StatusCode::OK);
}

#[tokio::test]
async fn openapi_document_is_served() {
    let server = Server::start().await;
    let response = server.bare(Method::GET, "/openapi.json").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.text().await.unwrap(), jellyfish::openapi());
}

/// With `UPDATE_GENERATED` in the environment it writes the document instead: `cargo xtask gen`.
#[test]
fn openapi_document_is_committed() {
    let committed = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi/jellyfish.json");
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::create_dir_all(committed.parent().unwrap()).unwrap();
        std::fs::write(&committed, jellyfish::openapi()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(committed).unwrap(), jellyfish::openapi(), "run `cargo xtask gen`");
}

#[tokio::test]
async fn metrics_168_169_rooms_their_peers_and_the_time_of_peers_are_counted() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    server.peer(&room).await;
    let address = server.running.metrics_addr().unwrap();
    let page = async || reqwest::get(format!("http://{address}/metrics")).await.unwrap().text().await.unwrap();
    let value = |page: &str, name: &str| {
        let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.unwrap_or_else(|| panic!("{name} in {page}")).parse::<u64>().unwrap()
    };
    let (peers, peer_time) =
        (format!("fishjam_room_peers{{room_id=\"{room}\"}}"), format!("fishjam_room_peer_time_total_seconds{{room_id=\"{room}\"}}"));
    let started = Instant::now();
    let counted = loop {
        let page = page().await;
        assert_eq!((value(&page, "fishjam_rooms"), value(&page, &peers)), (1, 1));
        assert_eq!(value(&page, "fishjam_traffic_ingress_webrtc_total_bytes"), 0);
        if value(&page, &peer_time) > 0 {
            break page;
        }
        assert!(started.elapsed() < PATIENCE, "{page}");
    };
    let before = value(&counted, &peer_time);
    server.delete(&format!("/room/{room}")).await;
    let first = page().await;
    assert_eq!((value(&first, "fishjam_rooms"), value(&first, &peers)), (0, 0));
    let after = value(&first, &peer_time);
    assert!((before..=before + started.elapsed().as_secs() + 1).contains(&after), "{before} {after}");
    assert_eq!(value(&page().await, &peer_time), after, "unchanged from now on");
    let absent = reqwest::get(format!("http://{address}/")).await.unwrap();
    assert_eq!((absent.status(), absent.text().await.unwrap().as_str()), (StatusCode::NOT_FOUND, "Not Found"));
}
