//! What back ends cost: rooms that are made, listed and removed, and what subscribers are told of it.

mod client;
mod subscriber;

use std::fmt;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::cores::ServerCore;
use crate::server::Server;
use client::Client;

/// Rooms that are made, and peers in each that never connect.
const ROOMS: usize = 1_000;
const PEERS: usize = 3;
/// Requests at once while they are made.
const MAKERS: usize = 4;
/// How long the full server is watched while nobody asks for anything.
const IDLE: Duration = Duration::from_secs(5);

/// Subscribers, and rooms made and removed each second while they listen: two notifications each.
const SUBSCRIBERS: u64 = 10;
const ROOMS_PER_SECOND: u64 = 500;
const TELLING: Duration = Duration::from_secs(10);

/// Clients that make and remove rooms as fast as they can, and for how long.
const CHURNERS: usize = 16;
const CHURN: Duration = Duration::from_mins(1);

/// Time for allocations of a burst of requests to be given back.
const SETTLE: Duration = Duration::from_secs(3);

/// All of it takes about so long.
pub(crate) const LENGTH: Duration = Duration::from_mins(3);

/// All figures.
pub(crate) struct Load {
    rooms: Rooms,
    telling: Telling,
    churn: Churn,
}

struct Rooms {
    /// CPU time of the server for a room or peer.
    cpu_per_creation: Duration,
    /// Wall-clock time for all.
    took: Duration,
    /// KiB of resident memory for a room with its peers.
    memory_per_room: f64,
    listed_in: Duration,
    list_bytes: usize,
    /// Share of a core, 0 to 1, while nobody asks.
    idle: f64,
}

struct Telling {
    sent: u64,
    /// By all subscribers together.
    received: u64,
    took: Duration,
    /// Share of a core, 0 to 1.
    cpu: f64,
}

struct Churn {
    rooms: u64,
    took: Duration,
    /// Resident KiB before and after.
    before: u64,
    after: u64,
}

impl Load {
    pub(crate) async fn put(binary: &Path, flags: &[String], core: Option<ServerCore>) -> Result<Self> {
        // Each has a fresh server, so that neither inherits the other's memory.
        let rooms = rooms(&Server::start(binary, flags, core).await?).await.context("rooms")?;
        let telling = tell(&Server::start(binary, flags, core).await?).await.context("notifications")?;
        let churn = churn(&Server::start(binary, flags, core).await?).await.context("churn")?;
        Ok(Self { rooms, telling, churn })
    }
}

/// The first requests pay for code and pools that all later ones share.
async fn warm_up(server: &Server) -> Result<()> {
    let mut client = Client::connect(server.address).await?;
    for _ in 0..100 {
        let room = client.create_room().await?;
        client.add_peer(&room).await?;
        client.delete_room(&room).await?;
    }
    sleep(SETTLE).await;
    Ok(())
}

async fn rooms(server: &Server) -> Result<Rooms> {
    warm_up(server).await?;
    let (resident, cpu, start) = (server.resident()?, server.cpu()?, Instant::now());
    let mut makers = JoinSet::new();
    for _ in 0..MAKERS {
        let mut client = Client::connect(server.address).await?;
        makers.spawn(async move {
            for _ in 0..ROOMS / MAKERS {
                let room = client.create_room().await?;
                for _ in 0..PEERS {
                    client.add_peer(&room).await?;
                }
            }
            anyhow::Ok(())
        });
    }
    while let Some(made) = makers.join_next().await {
        made??;
    }
    let (took, cpu) = (start.elapsed(), server.cpu()?.saturating_sub(cpu));
    sleep(SETTLE).await;
    let memory = server.resident()?.saturating_sub(resident);
    let mut client = Client::connect(server.address).await?;
    let start = Instant::now();
    let list = client.rooms().await?;
    let listed_in = start.elapsed();
    let listed = list.windows(10).filter(|bytes| *bytes == b"\"roomId\":\"").count();
    ensure!(listed == ROOMS, "{listed} of {ROOMS} rooms are listed");
    sleep(SETTLE).await;
    let (start, before) = (Instant::now(), server.cpu()?);
    sleep(IDLE).await;
    let idle = server.cpu()?.saturating_sub(before).as_secs_f64() / start.elapsed().as_secs_f64();
    Ok(Rooms {
        cpu_per_creation: cpu / (ROOMS * (PEERS + 1)) as u32,
        took,
        memory_per_room: memory as f64 / ROOMS as f64,
        listed_in,
        list_bytes: list.len(),
        idle,
    })
}

async fn tell(server: &Server) -> Result<Telling> {
    let rooms = ROOMS_PER_SECOND * TELLING.as_secs();
    let sent = rooms * 2;
    let mut subscribers = Vec::new();
    for _ in 0..SUBSCRIBERS {
        subscribers.push(subscriber::subscribe(server.address, sent).await?);
    }
    let (start, cpu) = (Instant::now(), server.cpu()?);
    // Several connections, so that one slow answer does not hold the pace up.
    let mut makers = JoinSet::new();
    for _ in 0..MAKERS {
        let mut client = Client::connect(server.address).await?;
        makers.spawn(async move {
            let mut ticks = interval(Duration::from_secs(1) * MAKERS as u32 / ROOMS_PER_SECOND as u32);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
            for _ in 0..rooms / MAKERS as u64 {
                ticks.tick().await;
                let room = client.create_room().await?;
                client.delete_room(&room).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(made) = makers.join_next().await {
        made??;
    }
    let mut received = 0;
    for subscriber in subscribers {
        received += subscriber.await??;
    }
    let took = start.elapsed();
    let cpu = server.cpu()?.saturating_sub(cpu).as_secs_f64() / took.as_secs_f64();
    Ok(Telling { sent, received, took, cpu })
}

async fn churn(server: &Server) -> Result<Churn> {
    warm_up(server).await?;
    let before = server.resident()?;
    let start = Instant::now();
    let mut clients = JoinSet::new();
    for _ in 0..CHURNERS {
        let mut client = Client::connect(server.address).await?;
        clients.spawn(async move {
            let mut rooms = 0_u64;
            while start.elapsed() < CHURN {
                let room = client.create_room().await?;
                client.delete_room(&room).await?;
                rooms += 1;
            }
            anyhow::Ok(rooms)
        });
    }
    let mut rooms = 0;
    while let Some(made) = clients.join_next().await {
        rooms += made??;
    }
    let took = start.elapsed();
    sleep(SETTLE).await;
    let left = Client::connect(server.address).await?.rooms().await?;
    ensure!(left == br#"{"data":[]}"#, "rooms are left: {}", String::from_utf8_lossy(&left));
    Ok(Churn { rooms, took, before, after: server.resident()? })
}

impl fmt::Display for Load {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rooms, telling, churn } = self;
        let mebibytes = |kibibytes: u64| kibibytes as f64 / 1024.0;
        writeln!(out, "| Load | Figure | Aim |\n|---|---|---|")?;
        writeln!(
            out,
            "| {ROOMS} rooms × {PEERS} idle peers: server CPU per creation | {:.3} ms (all in {:.1} s) | ≤ 0.25 ms |",
            rooms.cpu_per_creation.as_secs_f64() * 1e3,
            rooms.took.as_secs_f64(),
        )?;
        writeln!(out, "| resident memory of a room with its peers | {:.1} KiB | ≤ 32 KiB |", rooms.memory_per_room)?;
        writeln!(out, "| the list of all ({:.1} MB) | {:.3} s | < 2 s |", rooms.list_bytes as f64 / 1e6, rooms.listed_in.as_secs_f64())?;
        writeln!(out, "| CPU of a core while nobody asks | {:.2} % | < 2 % |", rooms.idle * 100.0)?;
        writeln!(
            out,
            "| {SUBSCRIBERS} subscribers, notifications a second together | {:.0}, lost {} of {}; CPU of a core {:.0} % | 10,000, none |",
            telling.received as f64 / telling.took.as_secs_f64(),
            telling.sent * SUBSCRIBERS - telling.received,
            telling.sent * SUBSCRIBERS,
            telling.cpu * 100.0,
        )?;
        writeln!(
            out,
            "| {CHURNERS} clients make and remove rooms, {:.0} s: resident before, after | {:.1}, {:.1} MiB ({} rooms) | ≤ 12 MiB more |",
            churn.took.as_secs_f64(),
            mebibytes(churn.before),
            mebibytes(churn.after),
            churn.rooms,
        )
    }
}
