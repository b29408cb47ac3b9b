//! What today's SDKs see: requests that carry the header by which they name themselves.

use protocol::proto::media_events::server::media_event::Content as Event;
use protocol::proto::server_message::{AuthRequest, Content, EventType, Position, SubscribeRequest};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::notifications::words;
use crate::support::{Server, Socket, TOKEN, answer, connect_event, errors, publish, server_message};

/// A back end with one of today's SDKs.
struct Current<'a>(&'a Server);

impl Current<'_> {
    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.0.request(method, path).header("x-fishjam-api-client", "python-server/0.31.1")
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        answer(self.request(Method::GET, path)).await
    }

    async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        answer(self.request(Method::POST, path).json(&body)).await
    }

    async fn delete(&self, path: &str) -> (StatusCode, Value) {
        answer(self.request(Method::DELETE, path)).await
    }

    async fn room(&self, options: Value) -> String {
        let (status, body) = self.post("/room", options).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        body["data"]["room"]["id"].as_str().unwrap().to_owned()
    }

    /// A new peer's id and token.
    async fn peer(&self, room: &str, options: Value) -> (String, String) {
        let (status, body) = self.post(&format!("/room/{room}/peer"), json!({"type": "webrtc", "options": options})).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&body["data"]["peer"]["id"]), text(&body["data"]["token"]))
    }
}

#[tokio::test]
async fn current_187_188_a_wrong_token_is_told_whatever_the_client() {
    let server = Server::start().await;
    let wrong = server.bare(Method::GET, "/room").bearer_auth("nope").header("x-fishjam-api-client", "js-server/0.25.0");
    assert_eq!(answer(wrong).await, (StatusCode::UNAUTHORIZED, errors("Invalid token")));
    assert_eq!(answer(server.bare(Method::GET, "/validate").bearer_auth(TOKEN)).await, (StatusCode::OK, Value::Null));
    let refused = (StatusCode::NOT_FOUND, errors("Invalid token"));
    assert_eq!(answer(server.bare(Method::GET, "/validate").bearer_auth("nope")).await, refused);
    assert_eq!(answer(server.bare(Method::GET, "/validate")).await, refused);
}

#[tokio::test]
async fn current_189_190_191_rooms_are_shown_without_what_sdks_stumble_over() {
    let server = Server::start().await;
    let current = Current(&server);
    let default = json!({"maxPeers": 0, "videoCodec": "h264", "roomType": "conference", "public": false, "webhookUrl": null, "batchWebhookNotifications": false});
    for (given, changed) in [
        (json!({}), json!({})),
        (
            json!({"maxPeers": null, "webhookUrl": null, "roomType": "conference", "public": false, "batchWebhookNotifications": false}),
            json!({}),
        ),
        (json!({"maxPeers": 10, "videoCodec": "h264", "roomType": "audio_only"}), json!({"maxPeers": 10, "roomType": "audio_only"})),
        (json!({"maxPeers": 5, "videoCodec": "vp8", "public": true}), json!({"maxPeers": 5, "videoCodec": "vp8", "public": true})),
        (
            json!({"roomType": "livestream", "batchWebhookNotifications": true}),
            json!({"roomType": "livestream", "batchWebhookNotifications": true}),
        ),
    ] {
        let mut config = default.clone();
        config.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
        let (status, body) = current.post("/room", given.clone()).await;
        assert_eq!(status, StatusCode::CREATED, "{given}");
        let id = body["data"]["room"]["id"].as_str().unwrap();
        let room = json!({"id": id, "config": config, "peers": []});
        assert_eq!(body, json!({"data": {"room": room}}), "{given}");
        assert_eq!(current.get(&format!("/room/{id}")).await, (StatusCode::OK, json!({"data": room})));
        assert!(current.get("/room").await.1["data"].as_array().unwrap().contains(&room));
        // The archived generation sees its own form of the same room.
        let (_, archived) = server.get(&format!("/room/{id}")).await;
        assert_eq!((&archived["data"]["config"]["roomId"], &archived["data"]["components"]), (&json!(id), &json!([])));
        let mut keys: Vec<&str> = archived["data"]["config"].as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(keys, ["maxPeers", "peerDisconnectedTimeout", "peerlessPurgeTimeout", "roomId", "videoCodec", "webhookUrl"]);
    }
    // A room of the archived generation without a codec.
    let id = server.room(json!({})).await;
    let (_, shown) = current.get(&format!("/room/{id}")).await;
    assert_eq!(shown["data"]["config"].get("videoCodec"), None);
    assert_eq!(shown["data"]["config"]["maxPeers"], json!(0));
}

#[tokio::test]
async fn current_192_wrong_options_are_named() {
    let server = Server::start().await;
    let current = Current(&server);
    let types = "conference, full_feature, audio_only, livestream, broadcaster, audio_only_livestream";
    for (body, sentence) in [
        (json!({"maxPeers": "nan"}), "Expected maxPeers to be a number, got: nan".to_owned()),
        (json!({"roomType": "party"}), format!("Expected roomType to be one of {types}, got: party")),
        (json!({"public": "yes"}), "Expected public to be one of true, false, got: yes".to_owned()),
        (json!({"batchWebhookNotifications": 1}), "Expected batchWebhookNotifications to be one of true, false, got: 1".to_owned()),
    ] {
        assert_eq!(current.post("/room", body.clone()).await, (StatusCode::BAD_REQUEST, errors(&sentence)), "{body}");
    }
}

#[tokio::test]
async fn current_193_196_whatever_names_nothing_is_not_found() {
    let server = Server::start().await;
    let current = Current(&server);
    let room = current.room(json!({})).await;
    let (peer, _) = current.peer(&room, json!({})).await;
    for id in ["invalid_id", "da2e-4a75-95ff-776bad2caf04-666973686a616d4031302e302e302e31", "a%2Fb", "%20"] {
        for answer in [current.get(&format!("/room/{id}")).await, current.delete(&format!("/room/{id}")).await] {
            assert_eq!(answer.0, StatusCode::NOT_FOUND, "{id}");
            assert!(answer.1["errors"].as_str().unwrap().ends_with(" does not exist"), "{}", answer.1);
        }
        assert_eq!(current.delete(&format!("/room/{room}/peer/{id}")).await.0, StatusCode::NOT_FOUND);
        assert_eq!(current.delete(&format!("/room/{id}/component/c")).await.0, StatusCode::NOT_FOUND);
    }
    assert_eq!(current.delete(&format!("/room/{room}/peer/{peer}")).await, (StatusCode::NO_CONTENT, Value::Null));
    assert_eq!(current.get(&format!("/room/{room}")).await.1["data"]["peers"], json!([]));
    assert_eq!(current.delete(&format!("/room/{room}")).await, (StatusCode::NO_CONTENT, Value::Null));
    assert_eq!(current.get("/room").await.1, json!({"data": []}));
}

#[tokio::test]
async fn current_194_a_new_peer_has_both_halves_of_metadata_and_its_subscriptions() {
    let server = Server::start().await;
    let current = Current(&server);
    let room = current.room(json!({})).await;
    for (options, metadata, mode) in [
        (json!({}), json!({}), "auto"),
        (json!({"metadata": {"name": "Ana"}, "subscribeMode": "auto"}), json!({"name": "Ana"}), "auto"),
        (json!({"metadata": {}, "subscribeMode": "manual"}), json!({}), "manual"),
    ] {
        let (status, body) = current.post(&format!("/room/{room}/peer"), json!({"type": "webrtc", "options": options})).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        let id = body["data"]["peer"]["id"].as_str().unwrap();
        let peer = json!({"id": id, "type": "webrtc", "status": "disconnected", "tracks": [], "metadata": {"peer": {}, "server": metadata},
                          "subscribeMode": mode, "subscriptions": {"peers": [], "tracks": []}});
        assert_eq!(body["data"]["peer"], peer);
        assert_eq!(body["data"]["peer_websocket_url"], json!(format!("ws://{}/socket/peer/websocket", server.addr())));
        assert!(current.get(&format!("/room/{room}")).await.1["data"]["peers"].as_array().unwrap().contains(&peer));
    }
    let structure = (StatusCode::BAD_REQUEST, errors("Invalid request body structure"));
    let wrong = json!({"type": "webrtc", "options": {"subscribeMode": "some"}});
    assert_eq!(current.post(&format!("/room/{room}/peer"), wrong).await, structure);
}

#[tokio::test]
async fn current_195_a_full_room_is_a_conflict() {
    let server = Server::start().await;
    let current = Current(&server);
    let room = current.room(json!({"maxPeers": 1})).await;
    current.peer(&room, json!({})).await;
    let full = errors(&format!("Reached webrtc peers limit in room {room}"));
    let peer = json!({"type": "webrtc", "options": {}});
    assert_eq!(current.post(&format!("/room/{room}/peer"), peer.clone()).await, (StatusCode::CONFLICT, full.clone()));
    assert_eq!(server.post(&format!("/room/{room}/peer"), peer).await, (StatusCode::SERVICE_UNAVAILABLE, full));
    let open = current.room(json!({"maxPeers": 0})).await;
    current.peer(&open, json!({})).await;
}

#[tokio::test]
async fn current_197_a_refreshed_token_is_another_one_and_works() {
    let server = Server::start().await;
    let current = Current(&server);
    let room = current.room(json!({})).await;
    let (peer, first) = current.peer(&room, json!({})).await;
    let path = format!("/room/{room}/peer/{peer}/refresh_token");
    let (status, body) = current.post(&path, json!({})).await;
    assert_eq!(status, StatusCode::CREATED);
    let second = body["data"]["token"].as_str().unwrap();
    assert_ne!(first, second);
    let _client = server.client(second).await;
    assert_eq!(current.post(&path, json!({})).await.0, StatusCode::CREATED, "also while it is connected");
    let unknown = current.post(&format!("/room/{room}/peer/invalid_peer_id/refresh_token"), json!({})).await;
    assert_eq!(unknown, (StatusCode::NOT_FOUND, errors("Peer invalid_peer_id does not exist")));
    let nowhere = current.post(&format!("/room/nowhere/peer/{peer}/refresh_token"), json!({})).await;
    assert_eq!(nowhere, (StatusCode::NOT_FOUND, errors("Room nowhere does not exist")));
}

#[tokio::test]
async fn current_154_a_deleted_room_tells_that_its_peers_are_disconnected() {
    let server = Server::start().await;
    let current = Current(&server);
    let mut subscriber = server.subscriber().await;
    let room = current.room(json!({})).await;
    let (_, token) = current.peer(&room, json!({})).await;
    current.peer(&room, json!({})).await;
    let mut client = server.client(&token).await;
    current.delete(&format!("/room/{room}")).await;
    assert_eq!(client.closed().await, (1000, "Room stopped".to_owned()));
    let mut told = Vec::new();
    while told.last().is_none_or(|last| last != "room deleted") {
        told.push(words(subscriber.notification().await));
    }
    assert!(told[4..7].windows(2).any(|pair| pair == ["peer disconnected", "peer deleted"]), "{told:?}");
    told[4..7].sort_unstable();
    let joined = ["room created", "peer added", "peer added", "peer connected"];
    assert_eq!(told, [&joined[..], &["peer deleted", "peer deleted", "peer disconnected", "room deleted"]].concat());
}

#[tokio::test]
async fn current_198_199_200_201_where_there_is_no_media_there_is_no_token() {
    let server = Server::start().await;
    let current = Current(&server);
    let (room, stream) = (current.room(json!({})).await, current.room(json!({"roomType": "livestream"})).await);
    let bad = |sentence: &str| (StatusCode::BAD_REQUEST, errors(sentence));
    for kind in ["streamer", "viewer"] {
        let absent = (StatusCode::NOT_FOUND, errors(&format!("Room {room} is no livestream")));
        assert_eq!(current.post(&format!("/room/{room}/{kind}"), json!({})).await, absent);
        let disabled = bad("Livestreams are disabled on this Fishjam");
        assert_eq!(current.post(&format!("/room/{stream}/{kind}"), json!({})).await, disabled);
        let nowhere = (StatusCode::NOT_FOUND, errors("Room nowhere does not exist"));
        assert_eq!(current.post(&format!("/room/nowhere/{kind}"), json!({})).await, nowhere);
        assert_eq!(current.post(&format!("/livestream/x/{kind}"), json!({})).await.0, StatusCode::NOT_FOUND);
    }
    for kind in ["agent", "vapi"] {
        let peer = json!({"type": kind, "options": {}});
        let disabled = bad(&format!("Peers of type {kind} are disabled on this Fishjam"));
        assert_eq!(current.post(&format!("/room/{room}/peer"), peer.clone()).await, disabled);
        assert_eq!(current.post("/room/nowhere/peer", peer.clone()).await.0, StatusCode::NOT_FOUND);
        assert_eq!(server.post(&format!("/room/{room}/peer"), peer).await, bad("Invalid peer type"));
    }
    assert_eq!(current.post("/moq/access", json!({})).await, bad("Expected publishPath or subscribePath"));
    assert_eq!(current.post("/moq/access", json!({"publishPath": "a"})).await, bad("MoQ is disabled on this Fishjam"));
    assert_eq!(answer(server.bare(Method::POST, "/moq/access").bearer_auth("nope")).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(current.get("/livestream").await, (StatusCode::OK, json!({"data": []})));
    assert_eq!(current.post("/livestream", json!({})).await, bad("Livestreams are disabled on this Fishjam"));
    let absent = (StatusCode::NOT_FOUND, errors("Livestream not found"));
    assert_eq!(current.get("/livestream/x").await, absent);
    for path in ["/livestream/x", "/livestream/x/streamer/s", "/livestream/x/viewer/v"] {
        assert_eq!(current.delete(path).await, absent, "{path}");
    }
    let no_route = (StatusCode::NOT_FOUND, json!({"errors": {"detail": "Not Found"}}));
    for path in
        ["/socket/agent/websocket", "/room-manager?roomName=r&peerName=p", "/room-manager/moq/s/publisher", "/api/v1/live/api/whep/r"]
    {
        assert_eq!(current.get(path).await, no_route, "{path}");
    }
    let forwarding = json!({"compositionURL": "https://example.org/x", "selector": "all"});
    let disabled = bad("Track forwarding is disabled on this Fishjam");
    assert_eq!(current.post(&format!("/room/{room}/track_forwardings"), forwarding).await, disabled);
}

#[tokio::test]
async fn current_204_the_list_of_recordings_is_an_array() {
    let server = Server::start().await;
    let current = Current(&server);
    assert_eq!(current.get("/recordings?metadata[a]=b").await, (StatusCode::OK, json!({"data": []})));
    let disabled = (StatusCode::BAD_REQUEST, errors("Recordings are disabled on this Fishjam"));
    assert_eq!(current.post("/recordings", json!({"source": {}})).await, disabled);
    for method in [Method::GET, Method::DELETE] {
        assert_eq!(answer(current.request(method, "/recordings/r")).await, (StatusCode::NOT_FOUND, errors("Recording not found")));
    }
    assert_eq!(current.post("/recordings/r/stop", json!({})).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn current_a_peer_in_manual_mode_gets_what_it_is_subscribed_to() {
    let server = Server::start().await;
    let current = Current(&server);
    let room = current.room(json!({"videoCodec": "vp8"})).await;
    let (first, first_token) = current.peer(&room, json!({})).await;
    let (second, second_token) = current.peer(&room, json!({})).await;
    let (viewer, viewer_token) = current.peer(&room, json!({"subscribeMode": "manual"})).await;
    let mut first_client = server.client(&first_token).await;
    let (first_track, _) = publish(&mut first_client, &first).await;
    let mut client = server.client(&viewer_token).await;
    client.send(connect_event("{}")).await;
    let Event::Connected(connected) = client.event().await else { panic!("not connected") };
    assert!(connected.endpoint_id_to_endpoint.values().all(|endpoint| endpoint.track_id_to_track.is_empty()), "{connected:?}");
    client.is_alive_and_silent().await;
    // A track that exists.
    let path = format!("/room/{room}/peer/{viewer}");
    let tracks = json!({"track_ids": [first_track]});
    assert_eq!(current.post(&format!("{path}/subscribe_tracks"), tracks).await, (StatusCode::OK, Value::Null));
    let Event::TracksAdded(added) = client.event().await else { panic!("no track") };
    assert_eq!(added.endpoint_id, first);
    assert!(matches!(client.event().await, Event::OfferData(_)));
    // The tracks of a peer, before it has any.
    assert_eq!(current.post(&format!("{path}/subscribe_peer?peer_id={second}"), json!({})).await, (StatusCode::OK, Value::Null));
    let mut second_client = server.client(&second_token).await;
    publish(&mut second_client, &second).await;
    assert!(matches!(client.event().await, Event::EndpointAdded(_)));
    let shown = server.peer_in(&room, &viewer).await.unwrap();
    assert_eq!(shown.get("subscriptions"), None, "the archived generation does not know it");
    let (_, shown) = current.get(&format!("/room/{room}")).await;
    let shown = shown["data"]["peers"].as_array().unwrap().iter().find(|peer| peer["id"] == viewer).unwrap();
    assert_eq!(shown["subscriptions"], json!({"peers": [second], "tracks": [first_track]}));
    // The subscription outlives the connection.
    client.close().await;
    let mut client = server.client(&viewer_token).await;
    client.send(connect_event("{}")).await;
    let Event::Connected(connected) = client.event().await else { panic!("not connected") };
    let listed: usize = connected.endpoint_id_to_endpoint.values().map(|endpoint| endpoint.track_id_to_track.len()).sum();
    assert_eq!(listed, 2, "{connected:?}");
    for (query, found) in
        [("subscribe_peer?peer_id=nobody", "Peer nobody does not exist"), ("subscribe_peer", "Invalid request body structure")]
    {
        assert_eq!(current.post(&format!("{path}/{query}"), json!({})).await.1, errors(found));
    }
    let unknown = current.post(&format!("{path}/subscribe_tracks"), json!({"track_ids": ["nothing"]})).await;
    assert_eq!(unknown, (StatusCode::NOT_FOUND, errors("One of the tracks does not exist")));
    let stranger = current.post(&format!("/room/{room}/peer/nobody/subscribe_peer?peer_id={first}"), json!({})).await;
    assert_eq!(stranger, (StatusCode::NOT_FOUND, errors("Peer nobody does not exist")));
}

#[tokio::test]
async fn limit_tracks_of_one_request() {
    let server = Server::start().await;
    let current = Current(&server);
    let room = current.room(json!({})).await;
    let (peer, _) = current.peer(&room, json!({"subscribeMode": "manual"})).await;
    let path = format!("/room/{room}/peer/{peer}/subscribe_tracks");
    let many = |count: usize| json!({"track_ids": vec!["t"; count]});
    assert_eq!(current.post(&path, many(1000)).await.0, StatusCode::NOT_FOUND);
    assert_eq!(current.post(&path, many(1001)).await, (StatusCode::BAD_REQUEST, errors("Invalid request body structure")));
}

#[tokio::test]
async fn a_room_without_video_takes_no_video() {
    let server = Server::start().await;
    let current = Current(&server);
    let room = current.room(json!({"roomType": "audio_only", "videoCodec": "vp8"})).await;
    let (peer, token) = current.peer(&room, json!({})).await;
    let mut client = server.client(&token).await;
    client.send(connect_event("{}")).await;
    assert!(matches!(client.event().await, Event::Connected(_)));
    let answer = crate::support::offer(&mut client, &peer).await;
    assert!(!answer.mid_to_track_id.contains_key("0"), "{answer:?}");
    let shown = server.peer_in(&room, &peer).await.unwrap();
    assert_eq!(shown["tracks"], json!([]));
}

#[tokio::test]
async fn rest_46_without_webrtc_no_peer_is_added() {
    let server = Server::with(|config| config.webrtc = false).await;
    let room = server.room(json!({})).await;
    let disabled = (StatusCode::BAD_REQUEST, errors("Peers of type webrtc are disabled on this Fishjam"));
    let peer = json!({"type": "webrtc", "options": 5});
    assert_eq!(server.post(&format!("/room/{room}/peer"), peer.clone()).await, disabled);
    assert_eq!(server.post("/room/nowhere/peer", peer).await, (StatusCode::NOT_FOUND, errors("Room nowhere does not exist")));
}

/// A back end that says where it was interrupted; and where its notifications begin.
async fn subscriber_after(server: &Server, after: Option<Position>) -> (Socket, Option<Position>) {
    let mut socket = Socket::server(server).await;
    socket.send(server_message(Content::AuthRequest(AuthRequest { token: TOKEN.to_owned() }))).await;
    assert!(matches!(socket.server_content().await, Content::Authenticated(_)));
    let request = SubscribeRequest { event_type: EventType::ServerNotification as i32, after };
    socket.send(server_message(Content::SubscribeRequest(request))).await;
    let Content::SubscribeResponse(response) = socket.server_content().await else { panic!("no response") };
    (socket, response.after)
}

#[tokio::test]
async fn replay_a_back_end_that_comes_back_is_told_what_it_missed() {
    let server = Server::start().await;
    let before = server.room(json!({})).await;
    let (mut socket, begin) = subscriber_after(&server, Some(Position::default())).await;
    let begin = begin.unwrap();
    assert!(begin.stream > 0 && begin.sequence == 1, "{begin:?}");
    socket.is_alive_and_silent().await;
    let room = server.room(json!({})).await;
    assert_eq!(words(socket.notification().await), "room created");
    socket.close().await;
    server.delete(&format!("/room/{room}")).await;
    server.delete(&format!("/room/{before}")).await;
    // It counts what it has received.
    let reached = Position { sequence: begin.sequence + 1, ..begin };
    let (mut socket, resumed) = subscriber_after(&server, Some(reached)).await;
    assert_eq!(resumed, Some(reached), "nothing is missing");
    assert_eq!([words(socket.notification().await), words(socket.notification().await)], ["room deleted", "room deleted"]);
    server.room(json!({})).await;
    assert_eq!(words(socket.notification().await), "room created");
    // One of another server: everything that is remembered comes, and the position tells that it is not what was asked for.
    let foreign = Position { stream: begin.stream ^ 1 | 2, sequence: 3 };
    let (mut socket, told) = subscriber_after(&server, Some(foreign)).await;
    assert_eq!(told, Some(Position { sequence: 0, ..begin }));
    assert_eq!(words(socket.notification().await), "room created");
    // Who does not ask gets the bytes that were always sent.
    assert_eq!(subscriber_after(&server, None).await.1, None);
}
