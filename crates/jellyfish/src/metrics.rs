//! Figures for operators: the Prometheus page, and the report for subscribed back ends.
//!
//! Nothing is recorded while the server works: each page is made from the workers' own counters. Names of the archived
//! server where they have a meaning here, ours begin with `jellyfish_`.

use std::collections::BTreeMap;

use axum::response::{IntoResponse as _, Response};
use http::header;
use metrics::{counter, gauge};
use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::{Map, Value, json};
use sfu::RoomId;

use crate::app::App;
use crate::figures::Durations;
use crate::rooms::{EndedRoom, Life, RoomSnapshot};
use crate::webhooks::WebhookStats;
use crate::workers::WorkerStats;

/// Name of the histogram.
const TIME_TO_MEDIA: &str = "jellyfish_time_to_media_seconds";

/// Text for the page that the embedding program makes, in the same format.
pub(crate) type MorePage = Box<dyn Fn() -> String + Send + Sync>;

/// The page.
pub(crate) async fn page(app: &App) -> Response {
    let rooms = app.workers.rooms().await;
    let ended = app.workers.ended_rooms().await;
    let workers = app.workers.stats().await;
    let recorder = PrometheusBuilder::new().build_recorder();
    metrics::with_local_recorder(&recorder, || {
        record_rooms(app, &rooms);
        record_lives(&rooms, &ended);
        record_webhooks(&app.webhooks.stats());
        for (worker, stats) in workers.iter().enumerate() {
            record_worker(worker, stats);
        }
        let total = |of: fn(&WorkerStats) -> u64| workers.iter().map(of).sum::<u64>();
        counter!("fishjam_traffic_ingress_webrtc_total_bytes").absolute(total(|stats| stats.engine.bytes_in));
        counter!("fishjam_traffic_egress_webrtc_total_bytes").absolute(total(|stats| stats.engine.bytes_out));
        let (received, sent) = app.http_traffic.bytes();
        counter!("fishjam_traffic_ingress_http_total_bytes").absolute(received);
        counter!("fishjam_traffic_egress_http_total_bytes").absolute(sent);
    });
    let mut text = recorder.handle().render();
    let mut time_to_media = Durations::default();
    for stats in &workers {
        time_to_media.add(&stats.time_to_media);
    }
    text.push_str(&time_to_media.histogram(TIME_TO_MEDIA, "From a client's connection to its first media packet, in either direction."));
    text.extend(app.more_metrics.get().map(|page| page()));
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

fn record_rooms(app: &App, rooms: &[RoomSnapshot]) {
    gauge!("fishjam_rooms").set(rooms.len() as f64);
    gauge!("jellyfish_notification_subscribers").set(app.notifications.subscribers() as f64);
    for (result, count) in app.connections.all() {
        counter!("jellyfish_connections_total", "result" => result).absolute(count);
    }
    gauge!("jellyfish_uptime_seconds").set(app.started.elapsed().as_secs_f64());
}

/// Rooms and, for a while, those that have ended: a room that is made again goes on counting.
fn record_lives(rooms: &[RoomSnapshot], ended: &[EndedRoom]) {
    let mut lives: BTreeMap<&RoomId, (usize, Life)> = BTreeMap::new();
    for room in rooms {
        lives.insert(&room.id, (room.peers.len(), room.life));
    }
    for room in ended {
        lives.entry(&room.id).or_default().1 += room.life;
    }
    for (room, (peers, life)) in lives {
        gauge!("fishjam_room_peers", "room_id" => room.to_string()).set(peers as f64);
        for (name, value) in [
            ("fishjam_room_duration_seconds", life.age.as_secs()),
            ("fishjam_room_peer_time_total_seconds", life.peer_time.as_secs()),
            ("fishjam_room_peer_connects_total", life.connects),
            ("fishjam_room_peer_disconnects_total", life.disconnects),
            ("fishjam_room_peer_crashes_total", life.crashes),
        ] {
            counter!(name, "room_id" => room.to_string()).absolute(value);
        }
    }
}

fn record_webhooks(stats: &WebhookStats) {
    gauge!("jellyfish_webhooks").set(stats.rooms as f64);
    gauge!("jellyfish_webhooks_failing").set(stats.failing as f64);
    gauge!("jellyfish_webhook_notifications_waiting").set(stats.waiting as f64);
    gauge!("jellyfish_webhook_bytes_waiting").set(stats.waiting_bytes as f64);
    counter!("jellyfish_webhook_notifications_delivered_total").absolute(stats.delivered);
    counter!("jellyfish_webhook_attempts_failed_total").absolute(stats.failed_attempts);
    counter!("jellyfish_webhook_notifications_refused_total").absolute(stats.refused);
    counter!("jellyfish_webhook_notifications_dropped_total").absolute(stats.dropped);
}

fn record_worker(worker: usize, stats: &WorkerStats) {
    let WorkerStats { engine, received, sent, counters, clients, resumptions, .. } = stats;
    let worker = worker.to_string();
    gauge!("jellyfish_clients", "worker" => worker.clone()).set(*clients as f64);
    for (name, value) in [
        ("jellyfish_udp_batches_total", counters.batches),
        ("jellyfish_udp_received_total", counters.datagrams),
        ("jellyfish_udp_receive_calls_total", received.syscalls),
        ("jellyfish_udp_unusable_total", received.unusable),
        ("jellyfish_udp_sent_total", sent.datagrams),
        ("jellyfish_udp_sent_messages_total", sent.messages),
        ("jellyfish_udp_send_calls_total", sent.syscalls),
        ("jellyfish_udp_send_failed_total", sent.failed),
        ("jellyfish_udp_send_dropped_total", sent.dropped),
        ("jellyfish_udp_handed_over_out_total", counters.handed_over_out),
        ("jellyfish_udp_handed_over_in_total", counters.handed_over_in),
        ("jellyfish_udp_handover_dropped_total", counters.handover_dropped),
        ("jellyfish_udp_unknown_total", counters.unknown),
        ("jellyfish_udp_malformed_total", counters.malformed),
        ("jellyfish_udp_unverified_total", engine.dropped_unverified),
        ("jellyfish_rtp_forged_total", engine.dropped_forged),
        ("jellyfish_rtp_early_total", engine.dropped_early),
        ("jellyfish_rtp_duplicate_total", engine.dropped_duplicate),
        ("jellyfish_rtp_unplaced_total", engine.dropped_unplaced),
        ("jellyfish_clients_kept_total", resumptions.kept),
        ("jellyfish_clients_resumed_total", resumptions.resumed),
        ("jellyfish_clients_expired_total", resumptions.expired),
        ("jellyfish_worker_restarts_total", counters.restarts),
        ("jellyfish_packets_received_total", engine.packets_in),
        ("jellyfish_packets_forwarded_total", engine.packets_forwarded),
        ("jellyfish_keyframe_requests_total", engine.keyframe_requests),
        ("jellyfish_peers_crashed_total", engine.peers_crashed),
        ("jellyfish_offers_refused_total", engine.offers_refused),
        ("jellyfish_offers_missing_total", engine.offers_missing),
    ] {
        counter!(name, "worker" => worker.clone()).absolute(value);
    }
}

/// The report in the archived server's shape: objects keyed by label texts, room over endpoint over track.
pub(crate) fn report(rooms: &[RoomSnapshot]) -> String {
    let mut report = Map::new();
    for room in rooms {
        let mut endpoints = Map::new();
        for peer in room.peers.iter().filter(|peer| peer.connected) {
            let mut endpoint = Map::new();
            endpoint.insert("endpoint.metadata".to_owned(), value(&peer.metadata));
            for track in &peer.tracks {
                endpoint.insert(format!("track_id={}", track.id), json!({"track.metadata": value(&track.metadata)}));
            }
            endpoints.insert(format!("endpoint_id={}", peer.id), endpoint.into());
        }
        if !endpoints.is_empty() {
            report.insert(format!("room_id={}", room.id), endpoints.into());
        }
    }
    Value::Object(report).to_string()
}

fn value(metadata: &sfu::Metadata) -> Value {
    serde_json::from_str(metadata.as_json()).unwrap_or(Value::Null)
}
