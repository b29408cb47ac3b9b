//! Two people who see and hear each other.

use std::net::Ipv4Addr;
use std::time::Duration;

use peer::{Event, Peer, PeerOptions};
use reqwest::Method;
use serde_json::json;
use testkit::eventually;

use crate::support::{Access, Web};

/// The address that the people come from, told by a proxy.
pub(crate) const CLIENT: &str = "198.51.100.77";
/// Where their media comes from.
pub(crate) const MEDIA: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 77);

/// A meeting of two.
pub(crate) struct Meeting {
    pub(crate) people: [(Access, Peer); 2],
}

impl Meeting {
    /// Starts once the second one sees and hears the first.
    pub(crate) async fn start(web: &Web, room: &str, names: [&str; 2]) -> Self {
        let (ana, speaker) = enter(web, room, names[0]).await;
        let (ben, mut listener) = enter(web, room, names[1]).await;
        let camera = speaker.publish_video(200_000).await.unwrap();
        speaker.publish_audio(32_000).await.unwrap();
        let patience = Duration::from_secs(15);
        let seen = listener.wait_for(patience, |event| matches!(event, Event::FirstKeyframe { track_id } if *track_id == camera)).await;
        assert!(seen.is_some(), "no picture");
        eventually("fifty packets", async || match listener.stats().await.unwrap().packets_received() {
            count if count >= 50 => Ok(()),
            count => Err(format!("{count} packets")),
        })
        .await;
        Self { people: [(ana, speaker), (ben, listener)] }
    }

    /// Both leave.
    pub(crate) async fn end(self) {
        for (_, peer) in self.people {
            peer.leave().await;
        }
    }
}

async fn enter(web: &Web, room: &str, name: &str) -> (Access, Peer) {
    let path = format!("/api/rooms/{room}/join");
    let answer = web.send(Method::POST, &path, &[("x-forwarded-for", CLIENT)], json!({"name": name}).to_string()).await;
    let access = Access::read(&answer);
    let options = PeerOptions { media_address: Some(MEDIA.into()), ..PeerOptions::default() };
    let peer = Peer::connect(&access.url, &access.token, options).await.unwrap();
    (access, peer)
}
