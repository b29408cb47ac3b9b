//! Figures for operators.

use serde_json::json;
use tempfile::TempDir;
use testkit::{eventually, servers};

use crate::meeting::Meeting;
use crate::support::Web;

/// The value of a line; those with several lines (one for each worker) are added up.
fn value(page: &str, name: &str) -> f64 {
    let lines = page.lines().filter(|line| line.split(['{', ' ']).next() == Some(name) || line.split(' ').next() == Some(name));
    let values: Vec<f64> = lines.map(|line| line.rsplit_once(' ').unwrap().1.parse().unwrap()).collect();
    assert!(!values.is_empty(), "{name} in {page}");
    values.iter().sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_meeting_shows_in_the_metrics() {
    let data = TempDir::new().unwrap();
    let product = servers::product(data.path(), &["--max-peers", "2"]).await;
    let web = Web::new(product.backend().local_addr());
    let meeting = Meeting::start(&web, "m", ["Ana", "Ben"]).await;
    web.post_join("m", &json!({"name": "Cem"})).await.expect_error(409, "room_full");
    web.post_join("m", &json!({"name": ""})).await.expect_error(400, "invalid_name");
    let address = product.media().unwrap().metrics_addr().unwrap();
    let page = async || reqwest::get(format!("http://{address}/metrics")).await.unwrap().text().await.unwrap();
    let during = page().await;
    for (name, expected) in [
        ("videoroom_joins_total{result=\"ok\"}", 2.0),
        ("videoroom_joins_total{result=\"room_full\"}", 1.0),
        ("videoroom_joins_total{result=\"invalid_name\"}", 1.0),
        ("videoroom_joins_total{result=\"media_server_unavailable\"}", 0.0),
        ("jellyfish_connections_total{result=\"ok\"}", 2.0),
        ("fishjam_rooms", 1.0),
        ("fishjam_room_peers", 2.0),
        ("jellyfish_clients", 2.0),
        ("jellyfish_time_to_media_seconds_count", 2.0),
        ("jellyfish_time_to_media_seconds_bucket{le=\"+Inf\"}", 2.0),
        ("jellyfish_clients_kept_total", 0.0),
        ("jellyfish_clients_resumed_total", 0.0),
        ("jellyfish_clients_expired_total", 0.0),
        ("jellyfish_udp_malformed_total", 0.0),
        ("jellyfish_udp_unusable_total", 0.0),
        ("jellyfish_udp_handover_dropped_total", 0.0),
        ("jellyfish_udp_send_dropped_total", 0.0),
        ("jellyfish_udp_send_failed_total", 0.0),
        ("jellyfish_worker_restarts_total", 0.0),
    ] {
        assert!((value(&during, name) - expected).abs() < f64::EPSILON, "{name} is not {expected} in {during}");
    }
    for name in [
        "jellyfish_packets_received_total",
        "jellyfish_packets_forwarded_total",
        "fishjam_traffic_ingress_webrtc_total_bytes",
        "fishjam_traffic_egress_webrtc_total_bytes",
        "jellyfish_time_to_media_seconds_sum",
    ] {
        assert!(value(&during, name) > 0.0, "{name} in {during}");
    }
    let [_, (_, ben)] = &meeting.people;
    let received = ben.stats().await.unwrap().received;
    let camera = received.iter().find(|track| track.keyframes > 0).unwrap();
    ben.request_keyframe(&camera.track_id).await.unwrap();
    let requests = "jellyfish_keyframe_requests_total";
    eventually("the request is counted", async || match value(&page().await, requests) - value(&during, requests) {
        more if more >= 1.0 => Ok(()),
        more => Err(format!("{more} more requests")),
    })
    .await;
    // Something that is no media, and media of nobody.
    let stranger = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut rtp = [0_u8; 40];
    rtp[0] = 0x80;
    for (datagram, cause) in [(b"hello".as_slice(), "jellyfish_udp_malformed_total"), (rtp.as_slice(), "jellyfish_udp_unknown_total")] {
        let before = value(&page().await, cause);
        stranger.send_to(datagram, ("127.0.0.1", product.media().unwrap().media_port())).await.unwrap();
        eventually("the drop is counted by its cause", async || match value(&page().await, cause) {
            count if count > before => Ok(()),
            count => Err(format!("{cause}: {count}")),
        })
        .await;
    }
    meeting.end().await;
    eventually("nobody is left", async || match value(&page().await, "jellyfish_clients") {
        count if count < 1.0 => Ok(()),
        count => Err(format!("{count} clients")),
    })
    .await;
    product.shutdown().await;
}
