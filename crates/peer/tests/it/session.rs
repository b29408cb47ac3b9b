use std::time::{Duration, Instant};

use peer::{Event, Peer, PeerError, PeerOptions, PeerStats, TrackKind};
use protocol::proto::media_events::{peer as from_peer, server as to_peer};

use super::server::{ECHO, GOOD_TOKEN, Order, ScriptedServer};
use from_peer::media_event::Content as FromPeer;
use to_peer::media_event::Content as ToPeer;

const PATIENCE: Duration = Duration::from_secs(10);

async fn connect(server: &ScriptedServer) -> Peer {
    Peer::connect(&server.url, GOOD_TOKEN, PeerOptions::default()).await.unwrap()
}

async fn expect(peer: &mut Peer, what: &str, wanted: impl FnMut(&Event) -> bool) -> Event {
    peer.wait_for(PATIENCE, wanted).await.unwrap_or_else(|| panic!("no event: {what}"))
}

async fn stats_until(peer: &Peer, what: &str, enough: impl Fn(&PeerStats) -> bool) -> PeerStats {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let stats = peer.stats().await.unwrap();
        if enough(&stats) {
            return stats;
        }
        assert!(Instant::now() < deadline, "never {what}: {stats:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn the_reason_of_a_refusal_reaches_the_user() {
    let server = ScriptedServer::start().await;
    let refused = Peer::connect(&server.url, "bad", PeerOptions::default()).await;
    let Err(PeerError::Closed { code, reason }) = refused else { panic!("{refused:?}") };
    assert_eq!((code, reason.as_str()), (1000, "invalid token"));
}

#[tokio::test]
async fn published_tracks_are_negotiated_one_by_one_and_flow() {
    let mut server = ScriptedServer::start().await;
    let mut peer = connect(&server).await;
    let (video, audio) = tokio::join!(peer.publish_video(500_000), peer.publish_audio(32_000));
    let (video, audio) = (video.unwrap(), audio.unwrap());
    expect(&mut peer, "media up", |event| *event == Event::MediaConnected).await;
    let stats = stats_until(&peer, "30 packets of both", |stats| stats.sent.iter().all(|track| track.packets >= 30)).await;
    assert_eq!((stats.negotiations, stats.media_lines, stats.violations), (2, 2, 0));
    assert_eq!(stats.sent.iter().map(|track| track.kind).collect::<Vec<_>>(), [TrackKind::Audio, TrackKind::Video]);

    let mut offers = Vec::new();
    while let Ok(content) = server.heard.try_recv() {
        if let FromPeer::SdpOffer(offer) = content {
            offers.push(offer);
        }
    }
    assert_eq!(offers.iter().map(|offer| offer.mid_to_track_id.len()).collect::<Vec<_>>(), [1, 2], "one change at a time");
    assert!(offers[1].mid_to_track_id.values().all(|id| *id == video || *id == audio));
    assert!(offers[1].track_id_to_metadata_json[&video].contains("camera"));
    assert!(!offers[1].sdp.contains("a=candidate"), "candidates travel in events of their own");
    peer.leave().await;
}

#[tokio::test]
async fn a_remote_track_without_keyframe_is_asked_for_one() {
    let server = ScriptedServer::start().await;
    let mut peer = connect(&server).await;
    let own = peer.publish_video(300_000).await.unwrap();
    expect(&mut peer, "media up", |event| *event == Event::MediaConnected).await;
    // The first keyframe is over when the echo begins.
    stats_until(&peer, "10 packets", |stats| stats.sent[0].packets >= 10).await;
    server.order(Order::Echo);
    let ready = expect(&mut peer, "the remote track", |event| matches!(event, Event::TrackReady { .. })).await;
    assert_eq!(ready, Event::TrackReady { endpoint_id: "p2".to_owned(), track_id: ECHO.to_owned(), kind: TrackKind::Video });
    expect(&mut peer, "the first packet", |event| matches!(event, Event::FirstPacket { .. })).await;
    expect(&mut peer, "a request", |event| *event == Event::KeyframeRequested { track_id: own.clone() }).await;
    expect(&mut peer, "a keyframe", |event| *event == Event::FirstKeyframe { track_id: ECHO.to_owned() }).await;
    let stats = stats_until(&peer, "20 packets", |stats| stats.packets_received() >= 20).await;
    let echo = stats.received_track(ECHO).unwrap();
    assert!(!echo.began_with_keyframe && echo.keyframe_requests >= 1, "{echo:?}");
    assert_eq!((echo.lost, echo.jumps, stats.violations), (0, 0, 0));
    peer.leave().await;
}

#[tokio::test]
async fn lost_packets_are_repaired_and_a_negotiation_for_no_reason_is_answered() {
    let server = ScriptedServer::start().await;
    let options = PeerOptions { receive_loss: 0.2, ..PeerOptions::default() };
    let mut peer = Peer::connect(&server.url, GOOD_TOKEN, options).await.unwrap();
    peer.publish_video(500_000).await.unwrap();
    server.order(Order::Echo);
    expect(&mut peer, "the remote track", |event| matches!(event, Event::TrackReady { .. })).await;
    server.order(Order::Negotiate);
    let before = stats_until(&peer, "a third negotiation", |stats| stats.negotiations == 3).await;
    assert_eq!((before.media_lines, before.violations), (2, 0));
    let stats = stats_until(&peer, "200 packets", |stats| stats.packets_received() >= 200).await;
    // Two in ten were thrown away; what is still missing is on its way.
    assert!(stats.packets_lost() < 20, "{stats:?}");
    peer.leave().await;
}

/// Waits until the server has heard something.
async fn heard(server: &mut ScriptedServer, what: &str, wanted: impl Fn(&FromPeer) -> bool) {
    let hear = async { while !wanted(&server.heard.recv().await.expect("the client is there")) {} };
    tokio::time::timeout(PATIENCE, hear).await.unwrap_or_else(|_| panic!("never heard: {what}"));
}

/// The server may run a negotiation of its own (it owes one to whoever asked during another one). What is published meanwhile is
/// not in that offer, and its answer refuses nothing.
#[tokio::test]
async fn a_track_published_during_somebody_elses_negotiation_waits_for_its_own() {
    let mut server = ScriptedServer::start().await;
    let mut peer = connect(&server).await;
    peer.publish_video(300_000).await.unwrap();
    expect(&mut peer, "media up", |event| *event == Event::MediaConnected).await;
    heard(&mut server, "the first offer", |content| matches!(content, FromPeer::SdpOffer(_))).await;
    server.order(Order::Hold);
    server.order(Order::Negotiate);
    heard(&mut server, "an offer without the audio", |content| matches!(content, FromPeer::SdpOffer(_))).await;
    let publish = async {
        let (audio, ()) = tokio::join!(peer.publish_audio(32_000), async {
            heard(&mut server, "a request", |content| matches!(content, FromPeer::RenegotiateTracks(_))).await;
            server.order(Order::GoOn);
        });
        audio
    };
    let audio = publish.await.expect("the answer to the earlier offer is no refusal");
    let stats = stats_until(&peer, "sound", |stats| stats.sent.iter().any(|track| track.track_id == audio && track.packets >= 20)).await;
    assert_eq!((stats.negotiations, stats.media_lines, stats.violations), (3, 2, 0));
    peer.leave().await;
}

#[tokio::test]
async fn removing_and_pausing_stop_the_packets() {
    let mut server = ScriptedServer::start().await;
    let mut peer = connect(&server).await;
    let video = peer.publish_video(300_000).await.unwrap();
    let audio = peer.publish_audio(32_000).await.unwrap();
    expect(&mut peer, "media up", |event| *event == Event::MediaConnected).await;
    let packets = |stats: &PeerStats, id: &str| stats.sent.iter().find(|track| track.track_id == id).unwrap().packets;
    peer.set_paused(&audio, true).await.unwrap();
    peer.unpublish(&video).await.unwrap();
    let stopped = peer.stats().await.unwrap();
    assert_eq!(stopped.negotiations, 3);
    peer.set_paused(&audio, false).await.unwrap();
    let later = stats_until(&peer, "sound again", |stats| packets(stats, &audio) >= packets(&stopped, &audio) + 20).await;
    assert_eq!(packets(&later, &video), packets(&stopped, &video));
    let unmuted = async {
        while let Some(content) = server.heard.recv().await {
            if matches!(content, FromPeer::UnmuteTrack(_)) {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, unmuted).await.expect("the server hears of it");
    assert!(matches!(peer.unpublish("nonsense").await, Err(PeerError::UnknownTrack(_))));
    peer.leave().await;
}

#[tokio::test]
async fn what_the_protocol_forbids_is_told() {
    let server = ScriptedServer::start().await;
    let mut peer = connect(&server).await;
    peer.publish_audio(32_000).await.unwrap();
    server.order(Order::Echo);
    expect(&mut peer, "the remote track", |event| matches!(event, Event::TrackReady { .. })).await;
    let totals = |audio, video| Some(to_peer::media_event::offer_data::TrackTypes { audio, video });
    let offer_data = |audio, video| ToPeer::OfferData(to_peer::media_event::OfferData { tracks_types: totals(audio, video) });
    let vad = to_peer::media_event::VadNotification { track_id: "p9:a".to_owned(), status: 2 };
    let removed = to_peer::media_event::EndpointRemoved { endpoint_id: "p2".to_owned() };
    for (content, says) in [
        (offer_data(0, 0), "went down"),
        (ToPeer::VadNotification(vad), "unknown track"),
        (ToPeer::EndpointRemoved(removed), "before tracks_removed"),
        (ToPeer::Connected(to_peer::media_event::Connected::default()), "second welcome"),
    ] {
        server.order(Order::Say(Box::new(content)));
        expect(&mut peer, says, |event| matches!(event, Event::Violation { what } if what.contains(says))).await;
    }
    server.order(Order::EndEcho);
    expect(&mut peer, "the end", |event| *event == Event::TrackRemoved { track_id: ECHO.to_owned() }).await;
    server.order(Order::Close(1000, "Peer removed"));
    let last = expect(&mut peer, "the close", |event| matches!(event, Event::Closed { .. })).await;
    assert_eq!(last, Event::Closed { code: 1000, reason: "Peer removed".to_owned() });
    assert_eq!(peer.next_event().await, None);
    assert!(matches!(peer.stats().await, Err(PeerError::Closed { .. })));
}

#[tokio::test]
async fn a_new_port_goes_unmentioned() {
    let server = ScriptedServer::start().await;
    let mut peer = connect(&server).await;
    peer.publish_video(300_000).await.unwrap();
    expect(&mut peer, "media up", |event| *event == Event::MediaConnected).await;
    peer.rebind().await.unwrap();
    let before = peer.stats().await.unwrap();
    stats_until(&peer, "more packets", |stats| stats.sent[0].packets > before.sent[0].packets + 10).await;
    assert_eq!(peer.stats().await.unwrap().negotiations, before.negotiations);
    peer.leave().await;
}
