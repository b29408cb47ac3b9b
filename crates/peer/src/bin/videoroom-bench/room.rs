//! A room full of headless peers.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use peer::{Peer, PeerOptions, PeerStats, TrackKind, rest};

use crate::server::{Server, TOKEN};

const PATIENCE: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(50);

/// A room with its connected peers.
pub(crate) struct Room {
    pub(crate) peers: Vec<Peer>,
    /// Track ids of the published videos, in the order of the peers.
    videos: Vec<String>,
}

/// What all peers together have counted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Totals {
    pub(crate) sent: u64,
    pub(crate) received: u64,
    pub(crate) bytes: u64,
    /// Packets missing on each received stream, in an order that stays.
    pub(crate) lost: Vec<u64>,
    pub(crate) violations: u32,
}

impl Room {
    /// A room with `peers` peers, the first `publishers` of which send a video.
    pub(crate) async fn fill(server: &Server, peers: usize, publishers: usize, bitrate: u32) -> Result<Self> {
        let room = rest::create_room(server.address, TOKEN).await?;
        let mut filled = Self { peers: Vec::new(), videos: Vec::new() };
        for number in 0..peers {
            let token = rest::add_peer(server.address, TOKEN, &room).await?;
            let options = PeerOptions { patience: PATIENCE, ..PeerOptions::default() };
            let peer = Peer::connect(&server.web_socket(), &token, options).await?;
            if number < publishers {
                filled.videos.push(peer.publish_video(bitrate).await?);
            }
            filled.peers.push(peer);
        }
        Ok(filled)
    }

    /// Waits until every peer has a keyframe of `videos` remote videos, not counting its own.
    pub(crate) async fn all_seen(&self, videos: impl Fn(usize) -> usize) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        for (number, peer) in self.peers.iter().enumerate() {
            let wanted = videos(number);
            loop {
                let stats = peer.stats().await?;
                let seen = stats.received.iter().filter(|track| track.kind == Some(TrackKind::Video) && track.keyframes > 0).count();
                if seen >= wanted {
                    break;
                }
                if Instant::now() > deadline {
                    bail!("peer {number} sees {seen} of {wanted} videos: {stats:?}");
                }
                tokio::time::sleep(POLL).await;
            }
        }
        Ok(())
    }

    /// Stops all videos; the tracks stay published.
    pub(crate) async fn pause(&self) -> Result<()> {
        for (peer, video) in self.peers.iter().zip(&self.videos) {
            peer.set_paused(video, true).await?;
        }
        Ok(())
    }

    pub(crate) async fn totals(&self) -> Result<Totals> {
        let mut totals = Totals::default();
        for peer in &self.peers {
            let stats = peer.stats().await?;
            add(&mut totals, &stats);
        }
        Ok(totals)
    }

    pub(crate) async fn leave(self) {
        for peer in self.peers {
            peer.leave().await;
        }
    }
}

fn add(totals: &mut Totals, stats: &PeerStats) {
    totals.sent += stats.sent.iter().map(|track| track.packets).sum::<u64>();
    totals.received += stats.packets_received();
    totals.bytes += stats.received.iter().map(|track| track.bytes).sum::<u64>();
    totals.lost.extend(stats.received.iter().map(|track| track.lost));
    totals.violations += stats.violations;
}
