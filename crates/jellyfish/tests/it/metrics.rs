//! The Prometheus page.

use std::collections::BTreeMap;

use serde_json::json;

use crate::support::{Server, Socket};

/// The page's values, under name and labels.
async fn page(server: &Server) -> BTreeMap<String, String> {
    let address = server.running.metrics_addr().unwrap();
    let text = reqwest::get(format!("http://{address}/metrics")).await.unwrap().text().await.unwrap();
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.rsplit_once(' ').unwrap()).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

async fn until_disconnected(subscriber: &mut Socket) {
    while !matches!(subscriber.notification().await, protocol::notification::Notification::PeerDisconnected { .. }) {}
}

#[tokio::test]
async fn every_figure_of_the_archived_server_is_on_the_page() {
    let server = Server::start().await;
    let mut subscriber = server.subscriber().await;
    let room = server.room(json!({})).await;
    let (_, token) = server.peer(&room).await;
    server.client(&token).await.close().await;
    until_disconnected(&mut subscriber).await;
    let (crashing, token) = server.peer(&room).await;
    let _client = server.client(&token).await;
    server.post(&format!("/fault/room/{room}/peer/{crashing}"), json!({})).await;
    let page = page(&server).await;
    let of_room = |name: &str| page[&format!("{name}{{room_id=\"{room}\"}}")].as_str();
    assert_eq!(page["fishjam_rooms"], "1");
    assert_eq!(of_room("fishjam_room_peers"), "1");
    assert_eq!(of_room("fishjam_room_peer_connects_total"), "2");
    assert_eq!(of_room("fishjam_room_peer_disconnects_total"), "1");
    assert_eq!(of_room("fishjam_room_peer_crashes_total"), "1");
    for name in ["fishjam_room_duration_seconds", "fishjam_room_peer_time_total_seconds"] {
        of_room(name).parse::<u64>().unwrap();
    }
    for name in ["fishjam_traffic_ingress_webrtc_total_bytes", "fishjam_traffic_egress_webrtc_total_bytes"] {
        assert_eq!(page[name], "0", "{name}");
    }
    for name in ["fishjam_traffic_ingress_http_total_bytes", "fishjam_traffic_egress_http_total_bytes"] {
        assert!(page[name].parse::<u64>().unwrap() > 500, "{name}");
    }
}

#[tokio::test]
async fn every_figure_on_the_page_is_documented() {
    let server = Server::start().await;
    server.room(json!({})).await;
    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let text = ["operations.md", "webhooks.md"].map(|name| std::fs::read_to_string(docs.join(name)).unwrap()).concat();
    for name in page(&server).await.keys() {
        let name = name.split('{').next().unwrap();
        let name = ["_bucket", "_sum", "_count"].iter().find_map(|part| name.strip_suffix(part)).unwrap_or(name);
        let is_documented = [format!("`{name}`"), format!("`{name}{{")].iter().any(|quoted| text.contains(quoted));
        assert!(is_documented, "{name} is not in docs/operations.md");
    }
}
