//! Resident memory: of an idle server, of empty rooms, of peers without media.

use std::time::Duration;

use anyhow::Result;
use peer::rest;

use crate::room::Room;
use crate::server::{Server, TOKEN};

const ROOMS: u64 = 200;
const PEERS: usize = 50;
/// Time for allocations of a burst of requests to be given back.
const SETTLE: Duration = Duration::from_secs(1);

/// Resident memory in KiB.
pub(crate) struct Memory {
    pub(crate) idle: u64,
    pub(crate) per_room: f64,
    pub(crate) per_peer: f64,
}

pub(crate) async fn measure(server: &Server) -> Result<Memory> {
    tokio::time::sleep(SETTLE).await;
    let idle = server.resident()?;
    // The first requests pay for code and pools that all later ones share.
    warm_up(server).await?;
    let before = server.resident()?;
    for _ in 0..ROOMS {
        rest::create_room(server.address, TOKEN).await?;
    }
    tokio::time::sleep(SETTLE).await;
    let with_rooms = server.resident()?;
    let room = Room::fill(server, PEERS, 0, 0).await?;
    tokio::time::sleep(SETTLE).await;
    let with_peers = server.resident()?;
    room.leave().await;
    let per = |after: u64, before: u64, count: f64| after.saturating_sub(before) as f64 / count;
    Ok(Memory { idle, per_room: per(with_rooms, before, ROOMS as f64), per_peer: per(with_peers, with_rooms, PEERS as f64) })
}

async fn warm_up(server: &Server) -> Result<()> {
    Room::fill(server, 2, 0, 0).await?.leave().await;
    tokio::time::sleep(SETTLE).await;
    Ok(())
}
