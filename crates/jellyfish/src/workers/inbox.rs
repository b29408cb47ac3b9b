//! What reaches a worker from other threads, and how it reaches the clients' sockets.

use std::net::SocketAddr;
use std::time::Instant;

use protocol::close::Close;
use sfu::{Flow, ServerEvent};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::rooms::{ConnectionId, Reply, RoomCommand};

/// Requests that may wait for a worker. Who sends more waits.
pub(super) const MAX_REQUESTS: usize = 4096;

/// Datagrams handed over by other workers that may wait; more are dropped and counted.
pub(super) const MAX_HANDED_OVER: usize = 4096;

/// Events that may wait for a client's socket. A client that joins the largest allowed room gets about two per peer at once.
pub(crate) const MAX_QUEUED_EVENTS: usize = 2048;

/// A request to a worker.
pub(crate) enum Request {
    /// Carry out a command.
    Command {
        /// The command.
        command: RoomCommand,
        /// For a command that connects a client: its socket.
        outlet: Option<Outlet>,
        /// Who waits for the answer.
        reply: Option<oneshot::Sender<Reply>>,
    },
    /// Find out whether a client's socket is alive.
    Probe {
        /// Which.
        connection: ConnectionId,
        /// Answered when it is; dropped when it is gone.
        alive: oneshot::Sender<()>,
    },
    /// Read the counters.
    Stats(oneshot::Sender<super::WorkerStats>),
    /// End.
    Stop,
}

/// A datagram that arrived at another worker than its peer's.
pub(super) struct HandedOver {
    /// As the socket saw it: the real local address.
    pub(super) local: SocketAddr,
    pub(super) flow: Flow,
    pub(super) received_at: Instant,
    pub(super) payload: Box<[u8]>,
}

/// What a client's socket is given.
pub(crate) enum ToSocket {
    /// Tell the client.
    Event(ServerEvent),
    /// Answer when the client is alive.
    Probe(oneshot::Sender<()>),
    /// Close; the last thing ever given.
    Close(Close),
}

/// The worker's end of a client's socket.
pub(crate) struct Outlet {
    queue: mpsc::Sender<ToSocket>,
    overrun: CancellationToken,
}

/// The socket's end.
pub(crate) struct Inlet {
    /// What comes.
    pub(crate) queue: mpsc::Receiver<ToSocket>,
    /// The queue was full: the client does not read, and something was lost for it.
    pub(crate) overrun: CancellationToken,
}

/// The queue is full, or its reader gone.
pub(super) struct Lost;

impl Outlet {
    /// Both ends.
    pub(crate) fn pair() -> (Self, Inlet) {
        let (sender, receiver) = mpsc::channel(MAX_QUEUED_EVENTS);
        let overrun = CancellationToken::new();
        (Self { queue: sender, overrun: overrun.clone() }, Inlet { queue: receiver, overrun })
    }

    /// Never waits.
    pub(super) fn send(&self, message: ToSocket) -> Result<(), Lost> {
        self.queue.try_send(message).map_err(|error| {
            if matches!(error, mpsc::error::TrySendError::Full(_)) {
                self.overrun.cancel();
            }
            Lost
        })
    }
}
