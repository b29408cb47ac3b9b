//! What reaches a worker from other threads, and how it reaches the clients' sockets.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use protocol::close::Close;
use sfu::Flow;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::placement::Reservation;
use crate::rooms::{ConnectionId, Reply, RoomCommand, ToClient, translate};

/// Requests that may wait for a worker. Who sends more waits.
pub(super) const MAX_REQUESTS: usize = 4096;

/// Datagrams handed over by other workers that may wait; more are dropped and counted.
pub(super) const MAX_HANDED_OVER: usize = 4096;

/// Events that may wait for a client's socket. A client that joins the largest allowed room gets about two per peer at once.
pub(crate) const MAX_QUEUED_EVENTS: usize = 2048;

/// Bytes that may wait for a client's socket before the last event: answers and metadata can be long.
pub(crate) const MAX_QUEUED_BYTES: usize = 4 * 1024 * 1024;

/// A request to a worker.
pub(crate) enum Request {
    /// Carry out a command.
    Command {
        /// The command.
        command: RoomCommand,
        /// What comes with it.
        attached: Attached,
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
    /// Break the loop on purpose, so that recovery can be tested from outside. Servers send it only when configured to.
    Break,
    /// End.
    Stop,
}

/// What comes with a command and is no plain value.
pub(crate) enum Attached {
    /// Nothing.
    Nothing,
    /// The socket of a client that is connected.
    Socket(Outlet),
    /// The place of a room that is created.
    Place(Reservation),
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
    Tell(ToClient),
    /// Answer when the client is alive.
    Probe(oneshot::Sender<()>),
    /// Close; the last thing ever given.
    Close(Close),
}

/// The worker's end of a client's socket.
pub(crate) struct Outlet {
    queue: mpsc::Sender<ToSocket>,
    queued_bytes: Arc<AtomicUsize>,
    overrun: CancellationToken,
}

/// The socket's end.
pub(crate) struct Inlet {
    queue: mpsc::Receiver<ToSocket>,
    queued_bytes: Arc<AtomicUsize>,
    /// The queue was full: the client does not read, and something was lost for it.
    pub(crate) overrun: CancellationToken,
}

/// The queue is full.
pub(super) struct Lost;

impl Outlet {
    /// Both ends.
    pub(crate) fn pair() -> (Self, Inlet) {
        let (sender, receiver) = mpsc::channel(MAX_QUEUED_EVENTS);
        let (queued_bytes, overrun) = (Arc::<AtomicUsize>::default(), CancellationToken::new());
        let outlet = Self { queue: sender, queued_bytes: Arc::clone(&queued_bytes), overrun: overrun.clone() };
        (outlet, Inlet { queue: receiver, queued_bytes, overrun })
    }

    /// Never waits. For a socket that has ended this does nothing: how it ended is told in a command of its own.
    pub(super) fn send(&self, message: ToSocket) -> Result<(), Lost> {
        let queued = self.queued_bytes.fetch_add(message.weight(), Ordering::Relaxed);
        let sent = if queued > MAX_QUEUED_BYTES { Err(Lost) } else { self.try_send(message) };
        if sent.is_err() {
            self.overrun.cancel();
        }
        sent
    }

    fn try_send(&self, message: ToSocket) -> Result<(), Lost> {
        match self.queue.try_send(message) {
            Ok(()) | Err(TrySendError::Closed(_)) => Ok(()),
            Err(TrySendError::Full(_)) => Err(Lost),
        }
    }
}

impl Inlet {
    /// The next message; `None` when the worker gave the client up.
    pub(crate) async fn recv(&mut self) -> Option<ToSocket> {
        let message = self.queue.recv().await?;
        self.queued_bytes.fetch_sub(message.weight(), Ordering::Relaxed);
        Some(message)
    }
}

impl ToSocket {
    fn weight(&self) -> usize {
        match self {
            Self::Tell(message) => translate::weight(message),
            Self::Probe(_) | Self::Close(_) => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use std::collections::BTreeMap;

    use sfu::ServerEvent;

    use super::*;

    fn answer(bytes: usize) -> ToSocket {
        ToSocket::Tell(ToClient::Event(ServerEvent::Answer { sdp: "x".repeat(bytes), mid_to_track: BTreeMap::new() }))
    }

    #[tokio::test]
    async fn limit_events_for_a_client_by_number_and_bytes() {
        let (outlet, inlet) = Outlet::pair();
        for _ in 0..MAX_QUEUED_EVENTS {
            assert!(outlet.send(answer(1)).is_ok());
        }
        assert!(!inlet.overrun.is_cancelled());
        assert!(outlet.send(answer(1)).is_err());
        assert!(inlet.overrun.is_cancelled());

        let (outlet, mut inlet) = Outlet::pair();
        // One event may be of any length, and what was read counts no more.
        for _ in 0..3 {
            assert!(outlet.send(answer(2 * MAX_QUEUED_BYTES)).is_ok());
            inlet.recv().await.unwrap();
        }
        assert!(outlet.send(answer(2 * MAX_QUEUED_BYTES)).is_ok());
        assert!(outlet.send(answer(1)).is_err());
        assert!(inlet.overrun.is_cancelled());
    }
}
