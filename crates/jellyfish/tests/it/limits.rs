use jellyfish::limits::{MAX_BODY, MAX_FRAME, MAX_METADATA, MAX_ROOM_ID, MAX_TRACK_ID};
use protocol::proto::media_events::peer::media_event as client;
use protocol::proto::media_events::server::media_event::Content as Event;
use protocol::proto::peer_message::{Content as PeerContent, Pong};
use protocol::signalling::protobuf::encode_ping;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{Server, answer, connect_event, errors, media_event};

#[tokio::test]
async fn limit_room_id() {
    let server = Server::start().await;
    let longest = "x".repeat(MAX_ROOM_ID);
    assert_eq!(server.room(json!({"roomId": longest})).await, longest);
    let longer = "x".repeat(MAX_ROOM_ID + 1);
    assert_eq!(server.post("/room", json!({"roomId": longer})).await.0, StatusCode::BAD_REQUEST);
    let unknown = (StatusCode::NOT_FOUND, errors(&format!("Room {longer} does not exist")));
    assert_eq!(server.get(&format!("/room/{longer}")).await, unknown);
}

#[tokio::test]
async fn limit_rest_body() {
    let server = Server::start().await;
    let body = |bytes: usize| {
        let empty = json!({"padding": ""}).to_string().len();
        server.request(Method::POST, "/room").json(&json!({"padding": "x".repeat(bytes - empty)}))
    };
    assert_eq!(answer(body(MAX_BODY)).await.0, StatusCode::CREATED);
    let too_large = (StatusCode::PAYLOAD_TOO_LARGE, json!({"errors": {"detail": "Request Entity Too Large"}}));
    assert_eq!(answer(body(MAX_BODY + 1)).await, too_large);
    assert_eq!(answer(body(7_000_000)).await, too_large);
}

#[tokio::test]
async fn limit_rooms_per_server() {
    let server = Server::with(|config| config.limits.rooms = 2).await;
    let first = server.room(json!({})).await;
    server.room(json!({})).await;
    let full = (StatusCode::SERVICE_UNAVAILABLE, errors("Cannot add room with id \"r\" - reached rooms limit"));
    assert_eq!(server.post("/room", json!({"roomId": "r"})).await, full);
    server.delete(&format!("/room/{first}")).await;
    server.room(json!({"roomId": "r"})).await;
}

#[tokio::test]
async fn limit_peers_per_room() {
    let server = Server::with(|config| config.limits.peers_per_room = 2).await;
    let room = server.room(json!({"maxPeers": 10})).await;
    server.peer(&room).await;
    server.peer(&room).await;
    let full = (StatusCode::SERVICE_UNAVAILABLE, errors(&format!("Reached webrtc peers limit in room {room}")));
    assert_eq!(server.post(&format!("/room/{room}/peer"), json!({"type": "webrtc"})).await, full);
}

#[tokio::test]
async fn limit_frame_of_a_client() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    let (_, token) = server.peer(&room).await;
    let mut client = server.client(&token).await;
    // An event of the largest size is read and ignored for its own reasons.
    client.send(vec![0xff; MAX_FRAME]).await;
    client.is_alive_and_silent().await;
    client.try_send(vec![0xff; MAX_FRAME + 1]).await;
    assert_eq!(client.closed().await, (1009, "frame too large".into()));
}

#[tokio::test]
async fn limit_metadata() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    let (peer, token) = server.peer(&room).await;
    let mut client = server.client(&token).await;
    client.send(connect_event("{}")).await;
    assert!(matches!(client.event().await, Event::Connected(_)));
    let update = |bytes: usize| {
        let metadata = format!("\"{}\"", "x".repeat(bytes - 2));
        media_event(client::Content::UpdateEndpointMetadata(client::UpdateEndpointMetadata { metadata_json: metadata }))
    };
    client.send(update(MAX_METADATA + 1)).await;
    let PeerContent::ServerMediaEvent(event) = client.peer_content().await else { panic!("no event") };
    let Some(Event::Refused(refused)) = event.content else { panic!("not refused") };
    assert_eq!(refused.code, "metadata_too_large");
    client.send(update(MAX_METADATA)).await;
    client.is_alive_and_silent().await;
    // Events are carried out in order: the next answer comes after the update.
    client.send(media_event(client::Content::RenegotiateTracks(client::RenegotiateTracks {}))).await;
    assert!(matches!(client.event().await, Event::OfferData(_)));
    let shown = server.peer_in(&room, &peer).await.unwrap();
    assert_eq!(shown["metadata"].as_str().unwrap().len(), MAX_METADATA - 2);
}

#[tokio::test]
async fn limit_track_id() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    let (peer, token) = server.peer(&room).await;
    let mut client = server.client(&token).await;
    client.send(connect_event("{}")).await;
    assert!(matches!(client.event().await, Event::Connected(_)));
    for (bytes, accepted) in [(MAX_TRACK_ID + 1, false), (MAX_TRACK_ID, true)] {
        let track = format!("{peer}:{}", "x".repeat(bytes - peer.len() - 1));
        let offer = client::SdpOffer {
            sdp: crate::ice::OFFER.replace('\n', "\r\n"),
            mid_to_track_id: [("0".to_owned(), track.clone())].into(),
            ..Default::default()
        };
        client.send(media_event(client::Content::SdpOffer(offer))).await;
        let Event::SdpAnswer(answer) = client.event().await else { panic!("no answer") };
        assert_eq!(answer.mid_to_track_id.get("0"), Some(&track).filter(|_| accepted), "{bytes}");
    }
}

#[tokio::test]
async fn limit_undecodable_frames() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    let (_, token) = server.peer(&room).await;
    let mut client = server.client(&token).await;
    for _ in 0..19 {
        client.send(vec![0xff]).await;
    }
    client.is_alive_and_silent().await;
    client.send(vec![0xff]).await;
    assert_eq!(client.closed().await, (1011, "too many undecodable frames".into()));
}

#[tokio::test]
async fn limit_heartbeats_of_a_client() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    let (_, token) = server.peer(&room).await;
    let mut client = server.client(&token).await;
    client.send(encode_ping(7)).await;
    assert_eq!(client.peer_content().await, PeerContent::Pong(Pong { received: 0 }));
    for _ in 0..8000 {
        if !client.try_send(encode_ping(7)).await {
            break;
        }
    }
    assert_eq!(client.closed().await, (1008, "too many events".into()));
}

#[tokio::test]
async fn limit_events_of_a_client() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    let (_, token) = server.peer(&room).await;
    let mut client = server.client(&token).await;
    client.send(connect_event("{}")).await;
    assert!(matches!(client.event().await, Event::Connected(_)));
    // Candidates never count.
    let candidate = media_event(client::Content::Candidate(protocol::proto::media_events::Candidate::default()));
    for _ in 0..7000 {
        client.send(candidate.clone()).await;
    }
    client.is_alive_and_silent().await;
    let unmute = media_event(client::Content::UnmuteTrack(client::UnmuteTrack { track_id: "nobody:1".into() }));
    for _ in 0..8000 {
        if !client.try_send(unmute.clone()).await {
            break;
        }
    }
    assert_eq!(client.closed().await, (1008, "too many events".into()));
}
