//! The process dies and comes back.

use std::time::Duration;

use futures_util::future::join_all;
use nix::sys::signal::Signal;
use peer::{Event, Peer, PeerOptions};
use serde_json::json;
use tempfile::TempDir;
use testkit::eventually;

use crate::program::{LOOPBACK, Process};
use crate::support::{Access, Web};

/// People of one office, behind one address.
const PEOPLE: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_office_comes_back_at_once_after_each_of_three_crashes() {
    let data = TempDir::new().unwrap();
    let mut process = Process::start(data.path(), &LOOPBACK);
    let address = process.address().to_string();
    let mut identities: Vec<String> = Vec::new();
    for crash in 0..4 {
        let web = process.web();
        let joins = (0..PEOPLE).map(|number| come(&web, number, identities.get(number)));
        let (access, mut peers): (Vec<Access>, Vec<Peer>) = join_all(joins).await.into_iter().unzip();
        let known = std::mem::replace(&mut identities, access.into_iter().map(|access| access.identity).collect());
        assert!(crash == 0 || known == identities, "everybody is who they were");
        let room = web.get("/api/rooms/office").await.json();
        assert_eq!(room["people"].as_array().unwrap().len(), PEOPLE, "nobody is there twice: {room}");
        hear_the_first(&mut peers).await;
        process.crash();
        drop(peers);
        process = Process::start(data.path(), &["--listen", &address, "--api-listen", "127.0.0.1:0"]);
    }
    process.end(Signal::SIGTERM).await;
}

/// Joins as the page does, as the person of before.
async fn come(web: &Web, number: usize, identity: Option<&String>) -> (Access, Peer) {
    let body = json!({"name": format!("Person {number}"), "identity": identity});
    let access = Access::read(&web.post_join("office", &body).await);
    let peer = Peer::connect(&access.url, &access.token, PeerOptions::default()).await.unwrap();
    (access, peer)
}

/// The first one speaks, and everybody else sees and hears it.
async fn hear_the_first(peers: &mut [Peer]) {
    let (speaker, listeners) = peers.split_first_mut().unwrap();
    let voice = speaker.publish_audio(32_000).await.unwrap();
    let camera = speaker.publish_video(200_000).await.unwrap();
    let media = listeners.iter_mut().map(|listener| {
        let (voice, camera) = (&voice, &camera);
        async move {
            let seen = |event: &Event| matches!(event, Event::FirstKeyframe { track_id } if track_id == camera);
            assert!(listener.wait_for(Duration::from_secs(15), seen).await.is_some(), "somebody sees no picture");
            eventually("a voice", async || {
                let stats = listener.stats().await.unwrap();
                stats.received_track(voice).filter(|track| track.packets > 0).map(|_| ()).ok_or("silence".to_owned())
            })
            .await;
        }
    });
    join_all(media).await;
}
