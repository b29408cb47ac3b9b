use std::time::{Duration, Instant};

use jellyfish::limits::{MAX_METADATA, PROBE_TIMEOUT};
use protocol::proto::media_events::peer::media_event as client;
use protocol::proto::media_events::server::media_event::Content as Event;
use protocol::proto::peer_message::Content as PeerContent;
use protocol::signalling::protobuf::encode_auth_request;
use reqwest::StatusCode;
use serde_json::json;
use tokio::net::TcpStream;

use crate::support::{PATIENCE, Server, Socket, connect_event, media_event, publish};

async fn refused(server: &Server, token: &str) -> (u16, String) {
    let mut socket = Socket::peer(server).await;
    socket.send(encode_auth_request(token, "web-0.25.1")).await;
    socket.closed().await
}

#[tokio::test]
async fn socket_134_wrong_token() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    let (_, token) = server.peer(&room).await;
    for token in ["", "nope", &token[1..]] {
        assert_eq!(refused(&server, token).await, (1000, "invalid token".into()), "{token}");
    }
}

#[tokio::test]
async fn socket_135_138_141_a_client_authenticates_once() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    let (peer, token) = server.peer(&room).await;
    let mut client = server.client(&token).await;
    assert_eq!(server.peer_in(&room, &peer).await.unwrap()["status"], "connected");
    client.send(encode_auth_request(&token, "web-0.25.1")).await;
    client.send_text("whatever").await;
    // Statistics.
    client.send(vec![0x22, 0x04, 0x0a, 0x02, 0x7b, 0x7d]).await;
    client.send(vec![]).await;
    client.send(vec![0xff, 0xff]).await;
    client.is_alive_and_silent().await;
}

#[tokio::test]
async fn socket_136_137_peer_or_room_gone() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    let (peer, token) = server.peer(&room).await;
    server.delete(&format!("/room/{room}/peer/{peer}")).await;
    assert_eq!(refused(&server, &token).await, (1000, "peer not found".into()));
    server.delete(&format!("/room/{room}")).await;
    assert_eq!(refused(&server, &token).await, (1000, "room not found".into()));
}

#[tokio::test]
async fn socket_139_a_living_first_socket_wins() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    let (_, token) = server.peer(&room).await;
    let mut first = server.client(&token).await;
    let mut second = Socket::peer(&server).await;
    second.send(encode_auth_request(&token, "web-0.25.1")).await;
    // The first one answers pings while it waits for something else.
    let (silent, closed) = tokio::join!(tokio::time::timeout(PATIENCE, first.closed()), async {
        let closed = second.closed().await;
        server.delete(&format!("/room/{room}")).await;
        closed
    });
    assert_eq!(closed, (1000, "peer already connected".into()));
    assert_eq!(silent.unwrap(), (1000, "Room stopped".into()));
}

/// The first socket has a second to answer. One that takes nearly all of it keeps its peer.
#[tokio::test]
async fn socket_139_a_first_socket_that_answers_late_but_in_time_wins() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    let (late, too_late) = (PROBE_TIMEOUT * 9 / 10, PROBE_TIMEOUT * 19 / 20);
    let deadline = Instant::now() + PATIENCE;
    loop {
        let (_, token) = server.peer(&room).await;
        let mut first = server.client(&token).await;
        let mut second = Socket::peer(&server).await;
        let asked = Instant::now();
        second.send(encode_auth_request(&token, "web-0.25.1")).await;
        // That it is late is what this test is about.
        tokio::time::sleep(late).await;
        // Reading answers the ping that waits by then.
        let close = first.settled().await;
        let answered = asked.elapsed();
        if answered < too_late {
            assert_eq!((close, second.closed().await), (None, (1000, "peer already connected".into())), "answered after {answered:?}");
            return;
        }
        // A machine that was too busy to answer in time has proved nothing.
        assert!(Instant::now() < deadline, "no answer in time");
    }
}

#[tokio::test]
async fn socket_139_a_dead_first_socket_is_replaced_within_seconds() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    let (peer, token) = server.peer(&room).await;
    // A socket that nobody reads answers no ping.
    let mut dead = server.client(&token).await;
    let mut second = Socket::peer(&server).await;
    let asked = Instant::now();
    second.send(encode_auth_request(&token, "web-0.25.1")).await;
    assert!(matches!(second.peer_content().await, PeerContent::Authenticated(_)));
    let patience = PROBE_TIMEOUT * 9 / 10..PROBE_TIMEOUT * 2;
    assert!(patience.contains(&asked.elapsed()), "{:?}", asked.elapsed());
    second.send(connect_event("{}")).await;
    assert!(matches!(second.event().await, Event::Connected(_)));
    assert_eq!(dead.closed().await, (1000, "peer already connected".into()));
    assert_eq!(server.peer_in(&room, &peer).await.unwrap()["status"], "connected");
}

#[tokio::test]
async fn socket_140_nothing_comes_before_authentication() {
    let server = Server::start().await;
    for frame in [connect_event("{}"), vec![]] {
        let mut socket = Socket::peer(&server).await;
        socket.send(frame).await;
        assert_eq!(socket.closed().await, (1000, "unauthenticated".into()));
    }
    // What is no message at all is ignored for a while.
    let room = server.room(json!({})).await;
    let (_, token) = server.peer(&room).await;
    let mut socket = Socket::peer(&server).await;
    socket.send_text("hello").await;
    socket.send(vec![0xff]).await;
    socket.send(encode_auth_request(&token, "")).await;
    socket.frame().await;
}

#[tokio::test]
async fn fail_115_recoverable_problems_send_no_error() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    let (peer, token) = server.peer(&room).await;
    let mut socket = server.client(&token).await;
    publish(&mut socket, &peer).await;
    let (own, strange) = (format!("{peer}:video-1"), "nobody:1".to_owned());
    let update = |track: &str, json: &str| client::UpdateTrackMetadata { track_id: track.to_owned(), metadata_json: json.to_owned() };
    let offer = |sdp: &str, track: &str| client::SdpOffer {
        sdp: sdp.to_owned(),
        mid_to_track_id: [("0".to_owned(), track.to_owned())].into(),
        ..Default::default()
    };
    let sdp = crate::ice::OFFER.replace('\n', "\r\n");
    socket.send(connect_event("{}")).await;
    for content in [
        client::Content::UpdateTrackMetadata(update(&strange, "{}")),
        client::Content::UpdateTrackMetadata(update(&own, "no JSON")),
        client::Content::UpdateTrackMetadata(update(&own, &format!("\"{}\"", "x".repeat(MAX_METADATA)))),
        client::Content::UnmuteTrack(client::UnmuteTrack { track_id: strange.clone() }),
        client::Content::SetTargetTrackVariant(client::SetTargetTrackVariant { track_id: strange.clone(), variant: 7 }),
        client::Content::DisableTrackVariant(client::DisableTrackVariant { track_id: own.clone(), variant: 3 }),
        client::Content::TrackBitrates(client::TrackBitrates { track_id: strange.clone(), variant_bitrates: Vec::new() }),
        client::Content::Candidate(protocol::proto::media_events::Candidate { candidate: "nonsense".to_owned(), ..Default::default() }),
        client::Content::SdpOffer(offer(&sdp, &strange)),
    ] {
        socket.send(media_event(content)).await;
    }
    socket.send(vec![0xff]).await;
    socket.send_text("no frame of ours").await;
    socket.send(media_event(client::Content::RenegotiateTracks(client::RenegotiateTracks {}))).await;
    loop {
        match socket.event().await {
            Event::Error(error) => panic!("{error:?}"),
            Event::OfferData(_) => break,
            _ => {}
        }
    }
}

#[tokio::test]
async fn socket_142_connect_is_answered_with_everybody() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    let (a, token_a) = server.peer(&room).await;
    let body = json!({"type": "webrtc", "options": {"metadata": {"name": "Bob"}}});
    let (_, added) = server.post(&format!("/room/{room}/peer"), body).await;
    let (b, token_b) = (added["data"]["peer"]["id"].as_str().unwrap(), added["data"]["token"].as_str().unwrap());
    let mut first = server.client(&token_a).await;
    first.send(connect_event("{\"a\":1}")).await;
    let Event::Connected(connected) = first.event().await else { panic!("not connected") };
    assert_eq!((connected.endpoint_id.as_str(), connected.endpoint_id_to_endpoint.len()), (a.as_str(), 1));
    let mut second = server.client(token_b).await;
    second.send(connect_event("{\"b\":2}")).await;
    let Event::Connected(connected) = second.event().await else { panic!("not connected") };
    let own = &connected.endpoint_id_to_endpoint[b];
    assert_eq!((own.endpoint_type.as_str(), own.metadata_json.as_str()), ("webrtc", "{\"peer\":{\"b\":2},\"server\":{\"name\":\"Bob\"}}"));
    assert_eq!(connected.endpoint_id_to_endpoint[&a].metadata_json, "{\"peer\":{\"a\":1},\"server\":{}}");
    let Event::EndpointAdded(other) = first.event().await else { panic!("nobody came") };
    assert_eq!(other.endpoint_id, b);
    // A socket that breaks ends its peer at once.
    drop(second);
    let Event::EndpointRemoved(gone) = first.event().await else { panic!("nobody left") };
    assert_eq!(gone.endpoint_id, b);
}

#[tokio::test]
async fn socket_143_144_145_how_the_server_closes() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    let mut clients = Vec::new();
    for _ in 0..3 {
        let (peer, token) = server.peer(&room).await;
        clients.push((peer, server.client(&token).await));
    }
    let (peer, mut client) = clients.remove(0);
    assert_eq!(server.delete(&format!("/room/{room}/peer/{peer}")).await.0, StatusCode::NO_CONTENT);
    assert_eq!(client.closed().await, (1000, "Peer removed".into()));
    let (peer, mut client) = clients.remove(0);
    assert_eq!(server.post(&format!("/fault/room/{room}/peer/{peer}"), json!({})).await.0, StatusCode::NO_CONTENT);
    assert_eq!(client.closed().await, (1011, "Internal server error".into()));
    let (_, mut client) = clients.remove(0);
    assert_eq!(server.post(&format!("/fault/room/{room}"), json!({})).await.0, StatusCode::NO_CONTENT);
    assert_eq!(client.closed().await, (1011, "Internal server error".into()));
    let room = server.room(json!({})).await;
    let (_, token) = server.peer(&room).await;
    let mut client = server.client(&token).await;
    server.delete(&format!("/room/{room}")).await;
    assert_eq!(client.closed().await, (1000, "Room stopped".into()));
}

#[tokio::test]
async fn a_client_that_leaves_can_come_back_with_its_token() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    let (peer, token) = server.peer(&room).await;
    for _ in 0..20 {
        // The new socket may overtake the end of the old one.
        let mut client = server.client(&token).await;
        client.send(connect_event("{}")).await;
        assert!(matches!(client.event().await, Event::Connected(_)));
        client.close().await;
    }
    assert!(server.peer_in(&room, &peer).await.is_some());
}

#[tokio::test]
async fn closing_is_answered() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    let (_, token) = server.peer(&room).await;
    assert_eq!(server.client(&token).await.close_and_wait().await, (1005, String::new()));
    assert_eq!(server.subscriber().await.close_and_wait().await, (1005, String::new()));
}

#[tokio::test]
async fn a_plain_request_to_a_socket_is_a_bad_request() {
    let server = Server::start().await;
    let (status, body) = server.get("/socket/peer/websocket").await;
    assert_eq!((status, body), (StatusCode::BAD_REQUEST, json!({"errors": {"detail": "Bad Request"}})));
}

#[tokio::test]
async fn shutdown_tells_clients_and_back_ends() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    let (_, token) = server.peer(&room).await;
    let mut client = server.client(&token).await;
    let mut subscriber = server.subscriber().await;
    let mut silent = Socket::peer(&server).await;
    let half_open = TcpStream::connect(server.addr()).await.unwrap();
    let started = Instant::now();
    let running = server.running;
    let (client, subscriber, silent, ()) = tokio::join!(client.closed(), subscriber.closed(), silent.closed(), running.shutdown());
    assert_eq!([client, subscriber, silent], std::array::from_fn(|_| (1001, String::new())));
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    drop(half_open);
}
