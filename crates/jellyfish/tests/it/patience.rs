//! The limits of the server's patience with sockets: what says nothing, and what does not read.

use std::time::Instant;

use jellyfish::limits::{AUTH_TIMEOUT, IDLE_TIMEOUT, MAX_METADATA};
use protocol::proto::media_events::peer::media_event as client;
use protocol::proto::media_events::server::media_event::Content as Event;
use serde_json::json;

use crate::support::{Server, Socket, connect_event, media_event, ran_alone};

#[tokio::test]
async fn limit_time_to_authenticate() {
    let server = Server::start().await;
    let started = Instant::now();
    let (mut client, mut back_end) = (Socket::peer(&server).await, Socket::server(&server).await);
    let closed = tokio::join!(client.closed(), back_end.closed());
    assert_eq!(closed, ((1000, "unauthenticated".into()), (1000, "invalid auth request".into())));
    assert!(started.elapsed() >= AUTH_TIMEOUT);
}

#[tokio::test]
async fn limit_clients_and_back_ends_that_do_not_read_are_disconnected() {
    let server = Server::start().await;
    let room = server.room(json!({})).await;
    let _deaf_back_end = server.subscriber().await;
    let (deaf, token) = server.peer(&room).await;
    let mut deaf_client = server.client(&token).await;
    deaf_client.send(connect_event("{}")).await;
    assert!(matches!(deaf_client.event().await, Event::Connected(_)));
    let (_, token) = server.peer(&room).await;
    let mut loud = server.client(&token).await;
    loud.send(connect_event("{}")).await;
    assert!(matches!(loud.event().await, Event::Connected(_)));
    // Long metadata fills the buffers of the system, then the server's queues.
    for n in 0..900 {
        let metadata_json = format!("\"{n:03}{}\"", "x".repeat(MAX_METADATA - 5));
        loud.send(media_event(client::Content::UpdateEndpointMetadata(client::UpdateEndpointMetadata { metadata_json }))).await;
    }
    let started = Instant::now();
    loop {
        let peer = server.peer_in(&room, &deaf).await.unwrap();
        let page = reqwest::get(format!("http://{}/metrics", server.running.metrics_addr().unwrap())).await.unwrap();
        let page = page.text().await.unwrap();
        if peer["status"] == "disconnected" && page.lines().any(|line| line == "jellyfish_notification_subscribers 0") {
            break;
        }
        // Otherwise it is the limit of silence that ends the socket.
        assert!(started.elapsed() < IDLE_TIMEOUT / 2);
        tokio::task::yield_now().await;
    }
    // Nobody else was disturbed: the next thing heard is that the deaf one left.
    let Event::EndpointRemoved(gone) = loud.event().await else { panic!("nobody left") };
    assert_eq!(gone.endpoint_id, deaf);
}

#[tokio::test]
async fn cycles_of_joining_and_leaving_leave_nothing_behind() {
    if ran_alone("patience::cycles_of_joining_and_leaving_leave_nothing_behind") {
        return;
    }
    let server = Server::start().await;
    let memory = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap().to_owned();
        line.trim().trim_end_matches(" kB").parse::<usize>().unwrap()
    };
    let cycles = 300;
    let mut before = 0;
    for cycle in 0..2 * cycles {
        if cycle == cycles {
            before = memory();
        }
        let room = server.room(json!({})).await;
        let (peer, token) = server.peer(&room).await;
        let mut client = server.client(&token).await;
        crate::support::publish(&mut client, &peer).await;
        drop(client);
        server.delete(&format!("/room/{room}")).await;
    }
    assert_eq!(server.running.room_count(), 0);
    let left = memory().saturating_sub(before) / cycles;
    assert!(left <= 32, "{left} KiB for each cycle");
}
