//! What people who come and go leave behind in a server that runs for long.

use peer::Event;
use serde_json::json;

use crate::program::Program;
use crate::support::PATIENCE;

/// Cycles until caches, pools and the allocator's reserves are full.
const WARM_UP: usize = 30;
const CYCLES: usize = 150;

/// What a cycle may leave behind.
const MOST_LEFT: usize = 64 * 1024;

#[tokio::test]
async fn joining_hearing_and_leaving_leaves_nothing_behind() {
    let server = Program::start(2);
    let room = server.room(json!({})).await;
    let publisher = server.join(&room).await;
    publisher.publish_video(300_000).await.unwrap();
    publisher.publish_audio(32_000).await.unwrap();
    let mut before = 0;
    for cycle in 0..WARM_UP + CYCLES {
        if cycle == WARM_UP {
            before = server.memory();
        }
        let mut guest = server.join(&room).await;
        let id = guest.endpoint_id().to_owned();
        let heard = guest.wait_for(PATIENCE, |event| matches!(event, Event::FirstPacket { .. })).await;
        assert!(heard.is_some(), "no media in cycle {cycle}");
        guest.leave().await;
        assert!(server.delete(&format!("/room/{room}/peer/{id}")).await.is_success());
    }
    let left = server.memory().saturating_sub(before) / CYCLES;
    assert!(left <= MOST_LEFT, "{left} bytes for each cycle");
}
