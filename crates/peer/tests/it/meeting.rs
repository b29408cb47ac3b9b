//! Several peers on our own media server, over real sockets.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use peer::{Event, Peer, PeerOptions, PeerStats, TrackKind, rest};
use testkit::eventually;
use testkit::servers::{API_TOKEN, jellyfish};

const PATIENCE: Duration = Duration::from_secs(15);

/// A directory of one test, removed with it.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("peer-it-{}-{number}", std::process::id())))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A server with one room. The first part keeps it alive.
async fn meeting() -> (impl Sized, Room) {
    let directory = Directory::new();
    let server = jellyfish(&directory.0, None).await;
    let address = server.api_addr();
    let id = rest::create_room(address, API_TOKEN).await.unwrap();
    ((server, directory), Room { address, id })
}

struct Room {
    address: SocketAddr,
    id: String,
}

impl Room {
    async fn join(&self, options: PeerOptions) -> Peer {
        let token = rest::add_peer(self.address, API_TOKEN, &self.id).await.unwrap();
        Peer::connect(&format!("ws://{}", self.address), &token, options).await.unwrap()
    }
}

async fn expect_keyframe(peer: &mut Peer, wanted: &str) {
    let seen = peer.wait_for(PATIENCE, |event| matches!(event, Event::FirstKeyframe { track_id } if track_id == wanted)).await;
    assert!(seen.is_some(), "no keyframe of {wanted}: {:?}", peer.stats().await.unwrap());
}

/// Waits until a peer has received this many packets more.
async fn more_packets(peer: &Peer, count: u64) -> PeerStats {
    let before = peer.stats().await.unwrap().packets_received();
    eventually("packets flow", async || {
        let stats = peer.stats().await.unwrap();
        let more = stats.packets_received() - before;
        if more >= count { Ok(stats) } else { Err(format!("{more} of {count}")) }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn people_come_and_go_and_the_session_stays_small_and_right() {
    let (_server, room) = meeting().await;
    let publisher = room.join(PeerOptions::default()).await;
    let camera = publisher.publish_video(300_000).await.unwrap();
    publisher.publish_audio(32_000).await.unwrap();
    let mut observer = room.join(PeerOptions::default()).await;
    expect_keyframe(&mut observer, &camera).await;
    for round in 0..12 {
        let mut guest = room.join(PeerOptions::default()).await;
        expect_keyframe(&mut guest, &camera).await;
        let video = guest.publish_video(200_000).await.unwrap();
        guest.publish_audio(32_000).await.unwrap();
        expect_keyframe(&mut observer, &video).await;
        let id = guest.endpoint_id().to_owned();
        if round % 3 == 0 {
            guest.vanish();
        } else {
            guest.leave().await;
        }
        let gone = observer.wait_for(PATIENCE, |event| matches!(event, Event::EndpointRemoved { endpoint_id } if *endpoint_id == id)).await;
        assert!(gone.is_some(), "the observer is not told that {id} left");
    }
    let stats = more_packets(&observer, 20).await;
    assert_eq!((stats.violations, publisher.stats().await.unwrap().violations), (0, 0));
    assert!(stats.media_lines <= 8, "lines are recycled: {}", stats.media_lines);
    let videos = || stats.received.iter().filter(|track| track.kind == Some(TrackKind::Video));
    assert_eq!(videos().count(), 13);
    assert!(videos().all(|track| track.began_with_keyframe && track.jumps == 0), "{stats:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn video_lost_on_the_way_is_repaired() {
    let (_server, room) = meeting().await;
    let publisher = room.join(PeerOptions::default()).await;
    let camera = publisher.publish_video(500_000).await.unwrap();
    let mut viewer = room.join(PeerOptions { receive_loss: 0.1, ..PeerOptions::default() }).await;
    expect_keyframe(&mut viewer, &camera).await;
    let stats = more_packets(&viewer, 300).await;
    let video = stats.received_track(&camera).unwrap();
    // Every tenth packet was thrown away; without repair about thirty would be missing.
    assert!(video.lost <= 10, "{video:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn media_goes_on_after_either_end_changes_its_port() {
    let (_server, room) = meeting().await;
    let publisher = room.join(PeerOptions::default()).await;
    let camera = publisher.publish_video(300_000).await.unwrap();
    let mut viewer = room.join(PeerOptions::default()).await;
    expect_keyframe(&mut viewer, &camera).await;
    more_packets(&viewer, 20).await;
    viewer.rebind().await.unwrap();
    more_packets(&viewer, 20).await;
    publisher.rebind().await.unwrap();
    let stats = more_packets(&viewer, 20).await;
    assert_eq!((stats.violations, stats.negotiations), (0, 1), "no new session, no negotiation: {stats:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_ends_with_a_keyframe_and_others_hear_who_speaks() {
    let (_server, room) = meeting().await;
    let publisher = room.join(PeerOptions::default()).await;
    let camera = publisher.publish_video(300_000).await.unwrap();
    let microphone = publisher.publish_audio(32_000).await.unwrap();
    let mut viewer = room.join(PeerOptions::default()).await;
    expect_keyframe(&mut viewer, &camera).await;
    let spoke = |wanted: bool| {
        let microphone = microphone.clone();
        move |event: &Event| matches!(event, Event::VoiceActivity { track_id, speech } if *track_id == microphone && *speech == wanted)
    };
    assert!(viewer.wait_for(PATIENCE, spoke(true)).await.is_some(), "nobody hears that there is speech");
    publisher.set_speaking(&microphone, false).await.unwrap();
    assert!(viewer.wait_for(PATIENCE, spoke(false)).await.is_some(), "nobody hears that it ended");

    publisher.set_paused(&camera, true).await.unwrap();
    let keyframes = viewer.stats().await.unwrap().received_track(&camera).unwrap().keyframes;
    publisher.set_paused(&camera, false).await.unwrap();
    eventually("a keyframe after the pause", async || {
        let now = viewer.stats().await.unwrap().received_track(&camera).unwrap().keyframes;
        if now > keyframes { Ok(()) } else { Err(format!("{now} keyframes")) }
    })
    .await;
}
