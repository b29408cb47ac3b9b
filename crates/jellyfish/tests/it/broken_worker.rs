//! A worker whose loop breaks: its rooms are told, the others go on, and the worker works again.

use std::collections::BTreeSet;

use protocol::notification::Notification;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{PATIENCE, Server, answer, publish};

async fn rooms_of(server: &Server) -> BTreeSet<String> {
    let (_, body) = server.get("/room").await;
    body["data"].as_array().unwrap().iter().map(|room| room["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_broken_worker_ends_its_rooms_and_begins_anew() {
    let server = Server::start().await;
    // They spread evenly over three workers: the first and the fourth share one.
    let mut rooms = Vec::new();
    for _ in 0..6 {
        rooms.push(server.room(json!({})).await);
    }
    let broken = BTreeSet::from([rooms[0].clone(), rooms[3].clone()]);
    let (_, token) = server.peer(&rooms[3]).await;
    let mut client = server.client(&token).await;
    let (other, token) = server.peer(&rooms[1]).await;
    let mut other_client = server.client(&token).await;
    let mut subscriber = server.subscriber().await;

    assert_eq!(server.post(&format!("/fault/room/{}/worker", rooms[0]), json!({})).await.0, StatusCode::NO_CONTENT);
    assert_eq!(client.closed().await.0, 1011);
    let mut crashed = BTreeSet::new();
    while crashed.len() < broken.len() {
        let Notification::RoomCrashed { room } = subscriber.notification().await else { panic!("something else happened") };
        crashed.insert(room);
    }
    assert_eq!(crashed, broken);
    subscriber.is_alive_and_silent().await;
    server.until_stats("the restart is counted", |stats| stats.iter().map(|stats| stats.counters.restarts).sum::<u64>() == 1).await;

    // The other workers did not notice.
    assert_eq!(rooms_of(&server).await, rooms.iter().filter(|room| !broken.contains(*room)).cloned().collect());
    other_client.is_alive_and_silent().await;
    assert_eq!(server.peer_in(&rooms[1], &other).await.unwrap()["status"], "connected");
    // The place of the rooms is free: they can be made again, and there they work.
    for room in &broken {
        assert_eq!(server.get(&format!("/room/{room}")).await.0, StatusCode::NOT_FOUND);
        assert_eq!(server.room(json!({"roomId": room})).await, *room);
        let (peer, token) = server.peer(room).await;
        publish(&mut server.client(&token).await, &peer).await;
    }
    assert_eq!(server.running.room_count(), rooms.len());
    let metrics = server.running.metrics_addr().unwrap();
    let page = reqwest::Client::new().request(Method::GET, format!("http://{metrics}/metrics")).timeout(PATIENCE);
    let (_, page) = answer(page).await;
    let Value::String(page) = page else { panic!("no page: {page}") };
    let total: u64 = page
        .lines()
        .filter_map(|line| line.strip_prefix("jellyfish_worker_restarts_total{")?.split_once("} ")?.1.parse::<u64>().ok())
        .sum();
    assert_eq!(total, 1, "{page}");
}
