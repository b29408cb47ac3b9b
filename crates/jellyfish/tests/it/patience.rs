//! The limits of the server's patience with sockets: what says nothing, and what does not read.

use std::time::Instant;

use jellyfish::limits::{AUTH_TIMEOUT, IDLE_TIMEOUT, MAX_METADATA};
use protocol::proto::media_events::peer::media_event as client;
use protocol::proto::media_events::server::media_event::Content as Event;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::support::{PATIENCE, Server, Socket, connect_event, media_event, ran_alone};

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
    // One client alone may not say so much: three in the room, and others in rooms of their own, of which only back ends hear.
    let mut loud = Vec::new();
    for number in 0..25 {
        let room = if number < 3 { room.clone() } else { server.room(json!({})).await };
        let (_, token) = server.peer(&room).await;
        let mut client = server.client(&token).await;
        client.send(connect_event("{}")).await;
        assert!(matches!(client.event().await, Event::Connected(_)));
        loud.push(client);
    }
    // Long metadata fills the buffers of the system, then the server's queues.
    let update = |n| {
        let metadata_json = format!("\"{n:03}{}\"", "x".repeat(MAX_METADATA - 5));
        media_event(client::Content::UpdateEndpointMetadata(client::UpdateEndpointMetadata { metadata_json }))
    };
    let (left, mut heard) = mpsc::unbounded_channel();
    let mut others = JoinSet::new();
    for client in loud {
        let left = left.clone();
        others.spawn(client.shout((0..100).map(update).collect(), move |event| {
            if let Event::EndpointRemoved(gone) = event {
                left.send(gone.endpoint_id).unwrap();
            }
        }));
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
    // Nobody else was disturbed: all that they hear is that the deaf one left.
    for _ in 0..3 {
        assert_eq!(timeout(PATIENCE, heard.recv()).await.unwrap(), Some(deaf.clone()));
    }
    assert!(others.try_join_next().is_none());
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
