//! Media workers: pinned threads that own rooms, peers and one socket of the media port each.
//!
//! Everything else reaches them by messages: [`Workers`] is the asynchronous side of that.

mod contain;
mod flows;
mod inbox;
#[cfg(test)]
mod tests;
mod worker;

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use net::poll::Waker;
use net::udp::{ReceiveCounters, SendCounters, UdpSocket};
use sfu::{Engine, PeerId, RoomId};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};

pub(crate) use inbox::{Inlet, Outlet, Request, ToSocket};
#[cfg(test)]
pub(crate) use inbox::{MAX_QUEUED_BYTES, MAX_QUEUED_EVENTS};
pub(crate) use worker::next_connection;

use contain::Contained;
use flows::{AddressMap, Owners};
use inbox::{Attached, MAX_HANDED_OVER, MAX_REQUESTS};
use worker::{Sibling, Worker};

use crate::candidates::Reach;
use crate::config::Limits;
use crate::figures::Durations;
use crate::notifications::Notifications;
use crate::placement::{Placement, PlacementError, Reservation};
use crate::random;
use crate::rooms::{
    self, Answer, ConnectionId, EndedRoom, Farewell, Reply, Resumptions, RoomCommand, RoomError, RoomSettings, RoomSnapshot, Rooms,
};

/// Longest accepted session description. One with 100 media lines has several hundred kilobytes.
pub const MAX_SDP_BYTES: usize = 1024 * 1024;

/// Tracks that a peer may publish.
pub const MAX_TRACKS_PER_PEER: usize = 16;

/// Rooms read from a worker at once: reading more holds up media for longer.
const PAGE: usize = 64;

/// Counters of a worker's loop since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Looks at the socket that found something.
    pub batches: u64,
    /// Datagrams received.
    pub datagrams: u64,
    /// Datagrams of other workers' peers given to them.
    pub handed_over_out: u64,
    /// Datagrams of own peers given by other workers.
    pub handed_over_in: u64,
    /// Datagrams of other workers' peers dropped because their inbox was full.
    pub handover_dropped: u64,
    /// Datagrams dropped because nobody knows their source.
    pub unknown: u64,
    /// Datagrams dropped because they are of no protocol spoken here.
    pub malformed: u64,
    /// Panics of the loop, each of which ended all rooms of the worker.
    pub restarts: u64,
}

/// What a worker has done.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct WorkerStats {
    /// Of its engine.
    pub engine: sfu::Stats,
    /// Of its socket, inwards.
    pub received: ReceiveCounters,
    /// Of its socket, outwards.
    pub sent: SendCounters,
    /// Of its loop.
    pub counters: Counters,
    /// Clients connected.
    pub clients: usize,
    /// How long clients waited for their first media packet, counted from their connection.
    pub time_to_media: Durations,
    /// What became of clients that lost their socket.
    pub resumptions: Resumptions,
}

/// What workers are started with.
pub(crate) struct Start {
    pub(crate) sockets: Vec<UdpSocket>,
    pub(crate) reach: Arc<Reach>,
    pub(crate) limits: Limits,
    pub(crate) placement: Arc<dyn Placement>,
    pub(crate) notifications: Notifications,
}

/// All workers of the server.
pub(crate) struct Workers {
    handles: Vec<Handle>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    placement: Arc<dyn Placement>,
}

struct Handle {
    requests: mpsc::Sender<Request>,
    waker: Waker,
}

/// Why a room was not created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(crate) enum CreateError {
    /// The id is taken.
    #[error("room already exists")]
    Exists,
    /// There are too many.
    #[error("too many rooms")]
    TooMany,
    /// It broke.
    #[error("unexpected error")]
    Broken,
    /// The server is stopping.
    #[error("media worker is stopping")]
    Stopping,
}

impl Workers {
    /// Starts a thread for each socket.
    pub(crate) fn start(start: Start) -> io::Result<Self> {
        let count = start.sockets.len();
        let pollers = (0..count).map(|_| worker::poller()).collect::<io::Result<Vec<_>>>()?;
        let (handed_over, handed_over_receivers): (Vec<_>, Vec<_>) = (0..count).map(|_| mpsc::channel(MAX_HANDED_OVER)).unzip();
        let siblings: Vec<Sibling> =
            std::iter::zip(handed_over, &pollers).map(|(handed_over, (_, waker))| Sibling { handed_over, waker: waker.clone() }).collect();
        let mut workers = Self { handles: Vec::new(), threads: Mutex::default(), placement: Arc::clone(&start.placement) };
        let parts = start.sockets.into_iter().zip(pollers).zip(handed_over_receivers).enumerate();
        for (index, ((socket, (poller, waker)), handed_over)) in parts {
            let (requests, receiver) = mpsc::channel(MAX_REQUESTS);
            let limits = rooms::Limits { peers_per_room: start.limits.peers_per_room };
            let worker = Worker {
                index,
                receiver: socket.receiver(),
                send_queue: socket.send_queue(),
                datagrams: sfu::Datagrams::new(),
                socket,
                poller,
                rooms: Contained::new(move || Rooms::new(Engine::new(engine_config(index)), limits)),
                requests: receiver,
                handed_over,
                siblings: siblings.clone(),
                addresses: AddressMap::new(Arc::clone(&start.reach)),
                owners: Owners::new(count),
                clients: HashMap::new(),
                placement: Arc::clone(&start.placement),
                notifications: start.notifications.clone(),
                counters: Counters::default(),
                blocked: false,
                watching: false,
                lost: Vec::new(),
            };
            let thread = std::thread::Builder::new().name(format!("media-{index}")).spawn(move || {
                if let Err(error) = net::affinity::pin_current_thread(index) {
                    tracing::info!(worker = index, %error, "the system does not pin this worker to a core");
                }
                worker.run();
            })?;
            workers.handles.push(Handle { requests, waker });
            workers.threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        }
        Ok(workers)
    }

    /// Creates a room where there is most space.
    pub(crate) async fn create_room(&self, room: RoomId, settings: RoomSettings) -> Result<RoomSnapshot, CreateError> {
        let (reservation, place) = Reservation::make(&self.placement, &room).map_err(|error| match error {
            PlacementError::Taken => CreateError::Exists,
            PlacementError::Full => CreateError::TooMany,
        })?;
        let command = RoomCommand::CreateRoom { room: room.clone(), settings };
        match self.ask(place.worker, command, Attached::Place(reservation)).await {
            Ok(Answer::Room(snapshot)) => Ok(*snapshot),
            Err(RoomError::Stopping) => Err(CreateError::Stopping),
            other => {
                tracing::error!(%room, ?other, "a room could not be created");
                Err(CreateError::Broken)
            }
        }
    }

    /// Carries out a command where its room lives.
    pub(crate) async fn command(&self, command: RoomCommand) -> Reply {
        self.command_with(command, Attached::Nothing).await
    }

    /// Connects a client's socket to its peer.
    pub(crate) async fn connect(&self, command: RoomCommand, outlet: Outlet) -> Reply {
        self.command_with(command, Attached::Socket(outlet)).await
    }

    /// Carries out a command without waiting for its answer; waits only while the worker's inbox is full.
    pub(crate) async fn tell(&self, command: RoomCommand) {
        if let Some(place) = command.room().and_then(|room| self.placement.find(room)) {
            self.send(place.worker, Request::Command { command, attached: Attached::Nothing, reply: None }).await;
        }
    }

    /// Answers when the client of that connection is alive; an error means that the connection is gone.
    pub(crate) async fn probe(&self, room: &RoomId, connection: ConnectionId) -> Result<(), oneshot::error::RecvError> {
        let (alive, answer) = oneshot::channel();
        if let Some(place) = self.placement.find(room) {
            self.send(place.worker, Request::Probe { connection, alive }).await;
        }
        answer.await
    }

    /// Breaks the worker of a room on purpose.
    pub(crate) async fn break_worker(&self, room: &RoomId) -> Result<(), RoomError> {
        let place = self.placement.find(room).ok_or(RoomError::RoomNotFound)?;
        self.send(place.worker, Request::Break).await;
        Ok(())
    }

    /// All rooms.
    pub(crate) async fn rooms(&self) -> Vec<RoomSnapshot> {
        let mut all = Vec::new();
        for worker in 0..self.handles.len() {
            let mut after = None;
            while let Ok(Answer::Rooms(page)) = self.ask(worker, RoomCommand::Rooms { after, limit: PAGE }, Attached::Nothing).await {
                let complete = page.len() < PAGE;
                after = page.last().map(|room| room.id.clone());
                all.extend(page);
                if complete {
                    break;
                }
            }
        }
        all
    }

    /// What is remembered of rooms that have ended.
    pub(crate) async fn ended_rooms(&self) -> Vec<EndedRoom> {
        let mut all = Vec::new();
        for worker in 0..self.handles.len() {
            if let Ok(Answer::EndedRooms(rooms)) = self.ask(worker, RoomCommand::EndedRooms, Attached::Nothing).await {
                all.extend(rooms);
            }
        }
        all
    }

    /// What the client of a peer that is gone was told last, by whichever worker had it.
    pub(crate) async fn farewell(&self, room: &RoomId, peer: &PeerId) -> Option<Farewell> {
        for worker in 0..self.handles.len() {
            let command = RoomCommand::Farewell { room: room.clone(), peer: peer.clone() };
            if let Ok(Answer::Farewell(Some(farewell))) = self.ask(worker, command, Attached::Nothing).await {
                return Some(farewell);
            }
        }
        None
    }

    /// What each worker has done.
    pub(crate) async fn stats(&self) -> Vec<WorkerStats> {
        let mut all = Vec::new();
        for worker in 0..self.handles.len() {
            let (reply, answer) = oneshot::channel();
            self.send(worker, Request::Stats(reply)).await;
            all.extend(answer.await.ok());
        }
        all
    }

    /// How many workers there are.
    pub(crate) fn count(&self) -> usize {
        self.handles.len()
    }

    /// Whether the room exists.
    pub(crate) fn has_room(&self, room: &RoomId) -> bool {
        self.placement.find(room).is_some()
    }

    /// How many rooms there are.
    pub(crate) fn room_count(&self) -> usize {
        self.placement.rooms()
    }

    /// Ends the threads. The sockets of clients end with them.
    pub(crate) async fn stop(&self) {
        for worker in 0..self.handles.len() {
            self.send(worker, Request::Stop).await;
        }
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let joined = tokio::task::spawn_blocking(|| threads.into_iter().all(|thread| thread.join().is_ok())).await;
        if !joined.unwrap_or(false) {
            tracing::error!("a media worker ended by a panic");
        }
    }

    async fn command_with(&self, command: RoomCommand, attached: Attached) -> Reply {
        match command.room().and_then(|room| self.placement.find(room)) {
            Some(place) => self.ask(place.worker, command, attached).await,
            None => Err(RoomError::RoomNotFound),
        }
    }

    async fn ask(&self, worker: usize, command: RoomCommand, attached: Attached) -> Reply {
        let (reply, answer) = oneshot::channel();
        self.send(worker, Request::Command { command, attached, reply: Some(reply) }).await;
        // No answer: the worker is stopping.
        answer.await.unwrap_or(Err(RoomError::Stopping))
    }

    async fn send(&self, worker: usize, request: Request) {
        let Some(handle) = self.handles.get(worker) else { return };
        // A worker that has stopped answers nothing: who waits for its answer sees that.
        let _ = handle.requests.send(request).await;
        handle.waker.wake();
    }
}

fn engine_config(worker: usize) -> sfu::Config {
    sfu::Config { worker: worker as u16, seed: random::number(), max_tracks_per_peer: MAX_TRACKS_PER_PEER, max_sdp_bytes: MAX_SDP_BYTES }
}
