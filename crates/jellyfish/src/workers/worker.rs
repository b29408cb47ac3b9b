//! The loop of one media worker.
//!
//! ```text
//! sockets → handed-over datagrams → requests → due timers → drain outputs → flush → sleep until the next deadline
//! ```
//!
//! Batches grow under load and are one datagram when idle. Nothing interesting happens here: decisions are made in
//! [`crate::rooms`] and in the engine.

use std::collections::HashMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use net::poll::{Poller, Token, Waker};
use net::udp::{Flush, Receiver, SendQueue, UdpSocket};
use protocol::close::{self, Close};
use sfu::{Arrival, Datagram, Datagrams, PeerId, RoomId};
use tokio::sync::mpsc;

use super::contain::Contained;
use super::flows::{AddressMap, Owners};
use super::inbox::{Attached, HandedOver, Outlet, Request, ToSocket};
use super::{Counters, WorkerStats};
use crate::notifications::Notifications;
use crate::placement::Placement;
use crate::rooms::{ConnectionId, Output, Reply, RoomCommand, RoomError, SocketEnd};

const SOCKET: Token = Token(0);

/// Requests carried out per turn: the rest waits behind media.
const REQUESTS_PER_TURN: usize = 64;

/// Handed-over datagrams taken per turn.
const HANDED_OVER_PER_TURN: usize = 256;

/// How long the loop rests after what should never happen: the system refused to wait, or the loop broke.
const PAUSE: Duration = Duration::from_millis(10);

/// The way to another worker.
#[derive(Clone)]
pub(super) struct Sibling {
    pub(super) handed_over: mpsc::Sender<HandedOver>,
    pub(super) waker: Waker,
}

/// Everything a worker is made of.
pub(super) struct Worker {
    pub(super) index: usize,
    pub(super) socket: UdpSocket,
    pub(super) receiver: Receiver,
    pub(super) send_queue: SendQueue,
    /// Empty between turns; kept for its memory.
    pub(super) datagrams: Datagrams,
    pub(super) poller: Poller,
    pub(super) rooms: Contained,
    pub(super) requests: mpsc::Receiver<Request>,
    pub(super) handed_over: mpsc::Receiver<HandedOver>,
    pub(super) siblings: Vec<Sibling>,
    pub(super) addresses: AddressMap,
    /// Owners of flows that arrive here by the kernel's choice.
    pub(super) owners: Owners,
    pub(super) clients: HashMap<ConnectionId, Client>,
    pub(super) placement: Arc<dyn Placement>,
    pub(super) notifications: Notifications,
    pub(super) counters: Counters,
    /// The kernel takes no more for now.
    pub(super) blocked: bool,
    /// The poller tells when the kernel takes more.
    pub(super) watching: bool,
    /// Clients that did not read; their peers are disconnected after the drain.
    pub(super) lost: Vec<ConnectionId>,
}

/// A client's socket.
pub(super) struct Client {
    room: RoomId,
    peer: PeerId,
    outlet: Outlet,
}

/// Whether the loop goes on, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// There is more to do: look again at once.
    Busy,
    /// Nothing to do until something happens.
    Idle,
    /// The end.
    Stop,
}

impl Worker {
    /// Runs until it is told to stop. A panic that is no room's ends all rooms of this worker, and the loop begins anew.
    pub(super) fn run(mut self) {
        if let Err(error) = self.poller.add_udp(&self.socket, SOCKET) {
            tracing::error!(worker = self.index, %error, "a worker cannot watch its socket");
        }
        // Broken state is thrown away before the loop begins anew.
        while catch_unwind(AssertUnwindSafe(|| self.work())).is_err() {
            self.counters.restarts += 1;
            tracing::error!(worker = self.index, "the loop of a worker broke and begins anew without rooms");
            if catch_unwind(AssertUnwindSafe(|| self.clear())).is_err() {
                tracing::error!(worker = self.index, "not everybody could be told that a worker broke");
            }
            // What breaks at once again must not keep a core busy.
            std::thread::sleep(PAUSE);
        }
    }

    /// Ends all rooms, and forgets what a panic may have left half done.
    fn clear(&mut self) {
        self.receiver = self.socket.receiver();
        self.send_queue = self.socket.send_queue();
        self.owners = Owners::new(self.siblings.len());
        self.lost.clear();
        self.rooms.abandon_all();
        while let Some(output) = self.rooms.next_leftover() {
            self.perform(output);
        }
        // Sockets that no room knew.
        for (_, client) in self.clients.drain() {
            // A full queue ends the socket as well, with the reason that it does not read.
            let _ = client.outlet.send(ToSocket::Close(close::INTERNAL_ERROR));
        }
    }

    fn work(&mut self) {
        let mut readable = true;
        loop {
            let timeout = match self.turn(readable) {
                Turn::Stop => return,
                Turn::Busy => Some(Duration::ZERO),
                Turn::Idle => self.rooms.poll_timeout().map(|at| at.saturating_duration_since(Instant::now())),
            };
            if let Err(error) = self.poller.wait(timeout) {
                tracing::error!(worker = self.index, %error, "a worker cannot wait");
                std::thread::sleep(PAUSE);
            }
            readable = self.poller.events().any(|event| event.readable);
            self.blocked &= !self.poller.events().any(|event| event.writable);
        }
    }

    fn turn(&mut self, readable: bool) -> Turn {
        let now = Instant::now();
        if readable {
            // Takes one batch: the poller tells again of what is left, after the rest of this turn.
            self.receive(now);
        }
        let mut busy = self.take_handed_over(now);
        match self.take_requests() {
            Turn::Stop => return Turn::Stop,
            turn => busy |= turn == Turn::Busy,
        }
        let now = Instant::now();
        if self.rooms.poll_timeout().is_some_and(|at| at <= now) {
            // An error was dealt with where it was caught; its leftovers are drained below.
            let _ = self.rooms.call(now, None, |rooms| rooms.handle_timeout(now));
        }
        self.drain(now);
        self.queue_datagrams(now);
        self.flush();
        if busy { Turn::Busy } else { Turn::Idle }
    }

    fn receive(&mut self, started: Instant) {
        let datagrams = match self.receiver.receive(&self.socket) {
            Ok(datagrams) => datagrams,
            Err(error) => {
                tracing::error!(worker = self.index, %error, "a worker cannot receive");
                return;
            }
        };
        let Self { rooms, addresses, owners, siblings, counters, .. } = self;
        let mut received = 0_u64;
        // An error was dealt with where it was caught.
        let _ = rooms.call(started, None, |rooms| {
            for datagram in datagrams {
                received += 1;
                let flow = addresses.flow(datagram.local, datagram.remote);
                let arrival = rooms.handle_datagram(started, Datagram { flow, received_at: started, payload: datagram.payload });
                let named;
                let owners = match arrival {
                    Arrival::Taken => {
                        addresses.remember(flow, datagram.local.ip());
                        continue;
                    }
                    Arrival::Malformed => {
                        counters.malformed += 1;
                        continue;
                    }
                    Arrival::Foreign { worker } => {
                        named = [usize::from(worker)];
                        owners.claim(flow, named[0]);
                        &named
                    }
                    Arrival::Unknown => owners.of(&flow),
                };
                let mut siblings = owners.iter().filter_map(|owner| siblings.get(*owner)).peekable();
                if siblings.peek().is_none() {
                    counters.unknown += 1;
                }
                for sibling in siblings {
                    let payload = datagram.payload.into();
                    sibling.hand_over(HandedOver { local: datagram.local, flow, received_at: started, payload }, counters);
                }
            }
        });
        if received > 0 {
            counters.batches += 1;
            counters.datagrams += received;
        }
    }

    fn take_handed_over(&mut self, now: Instant) -> bool {
        for _ in 0..HANDED_OVER_PER_TURN {
            let Ok(datagram) = self.handed_over.try_recv() else { return false };
            self.counters.handed_over_in += 1;
            let HandedOver { local, flow, received_at, payload } = datagram;
            let datagram = Datagram { flow, received_at, payload: &payload };
            match self.rooms.call(now, None, |rooms| rooms.handle_datagram(now, datagram)) {
                // Answers leave from here.
                Ok(Arrival::Taken) => self.addresses.remember(flow, local.ip()),
                Err(_) => {}
                Ok(Arrival::Malformed) => self.counters.malformed += 1,
                // Never handed on again: two workers that disagree would play ball.
                Ok(Arrival::Foreign { .. } | Arrival::Unknown) => self.counters.unknown += 1,
            }
        }
        true
    }

    fn take_requests(&mut self) -> Turn {
        for _ in 0..REQUESTS_PER_TURN {
            match self.requests.try_recv() {
                Ok(Request::Command { command, attached, reply }) => self.command(command, attached, reply),
                Ok(Request::Probe { connection, alive }) => self.probe(connection, alive),
                Ok(Request::Stats(reply)) => {
                    // Who asked may have gone.
                    let _ = reply.send(self.stats());
                }
                Ok(Request::Break) => panic!("a crash of this worker was asked for"),
                Ok(Request::Stop) | Err(mpsc::error::TryRecvError::Disconnected) => return Turn::Stop,
                Err(mpsc::error::TryRecvError::Empty) => return Turn::Idle,
            }
        }
        Turn::Busy
    }

    /// Effects come before the answer: who gets it may rely on them.
    fn command(&mut self, command: RoomCommand, attached: Attached, reply: Option<tokio::sync::oneshot::Sender<Reply>>) {
        let now = Instant::now();
        let (client, reservation) = match (&command, attached) {
            (RoomCommand::Connect { room, peer, connection, .. }, Attached::Socket(outlet)) => {
                (Some((*connection, Client { room: room.clone(), peer: peer.clone(), outlet })), None)
            }
            (_, Attached::Place(reservation)) => (None, Some(reservation)),
            _ => (None, None),
        };
        if let RoomCommand::Disconnect { connection, .. } = &command {
            self.clients.remove(connection);
        }
        let room = command.room().cloned();
        let answer = self.rooms.call(now, room.as_ref(), |rooms| rooms.handle(now, command)).unwrap_or(Err(RoomError::Crashed));
        if let (Ok(_), Some((connection, client))) = (&answer, client) {
            self.clients.insert(connection, client);
        }
        if let (Ok(_), Some(reservation)) = (&answer, reservation) {
            reservation.keep();
        }
        self.drain(now);
        if let Some(reply) = reply {
            // Who asked may have gone.
            let _ = reply.send(answer);
        }
    }

    fn probe(&mut self, connection: ConnectionId, alive: tokio::sync::oneshot::Sender<()>) {
        if let Some(client) = self.clients.get(&connection)
            && client.outlet.send(ToSocket::Probe(alive)).is_err()
        {
            self.lost.push(connection);
        }
    }

    fn drain(&mut self, now: Instant) {
        loop {
            while let Ok(Some(output)) = self.rooms.call(now, None, |rooms| rooms.poll_output(now)) {
                self.perform(output);
            }
            while let Some(output) = self.rooms.next_leftover() {
                self.perform(output);
            }
            let Some(connection) = self.lost.pop() else { return };
            let Some(Client { room, peer, .. }) = self.clients.remove(&connection) else { continue };
            tracing::info!(%room, %peer, "a client does not read what it is sent");
            let command = RoomCommand::Disconnect { room: room.clone(), peer, connection, end: SocketEnd::Closed };
            // Disconnecting answers nothing but success.
            let _ = self.rooms.call(now, Some(&room), |rooms| rooms.handle(now, command));
        }
    }

    fn perform(&mut self, output: Output) {
        match output {
            Output::ToClient { connection, message } => {
                if let Some(client) = self.clients.get(&connection)
                    && client.outlet.send(ToSocket::Tell(message)).is_err()
                {
                    self.lost.push(connection);
                }
            }
            Output::Close { connection, close } => self.close(connection, close),
            Output::Notify(notification) => self.notifications.publish(notification),
            Output::OpenWebhook { room, url, batching } => self.notifications.open_webhook(&room, &url, batching),
            Output::RoomEnded(room) => self.placement.release(&room),
        }
    }

    fn close(&mut self, connection: ConnectionId, close: Close) {
        if let Some(client) = self.clients.remove(&connection) {
            // A full queue ends the socket as well, with the reason that it does not read.
            let _ = client.outlet.send(ToSocket::Close(close));
        }
    }

    fn queue_datagrams(&mut self, now: Instant) {
        let Self { rooms, datagrams, addresses, send_queue, .. } = self;
        if rooms.call(now, None, |rooms| rooms.take_datagrams(datagrams)).is_err() {
            return;
        }
        // What goes to one client lies side by side, so each run's addresses are looked up once.
        let mut run = None;
        for (flow, payload) in datagrams.iter() {
            let (local, remote) = match run {
                Some((known, addresses)) if known == flow => addresses,
                _ => addresses.addresses(flow),
            };
            run = Some((flow, (local, remote)));
            send_queue.push(local, remote, payload);
        }
        datagrams.clear();
    }

    fn flush(&mut self) {
        if self.blocked || (self.send_queue.is_empty() && !self.watching) {
            return;
        }
        self.blocked = self.send_queue.flush(&self.socket) == Flush::WantWrite;
        if self.blocked || self.watching {
            // Again while blocked: which of the two address families waits may have changed.
            self.watching = self.blocked;
            if let Err(error) = self.poller.want_write_udp(&self.socket, SOCKET, self.watching) {
                tracing::error!(worker = self.index, %error, "a worker cannot watch its socket");
            }
        }
    }

    fn stats(&self) -> WorkerStats {
        WorkerStats {
            engine: self.rooms.stats(),
            received: self.receiver.counters(),
            sent: self.send_queue.counters(),
            counters: self.counters,
            clients: self.clients.len(),
            time_to_media: self.rooms.time_to_media(),
            resumptions: self.rooms.resumptions(),
        }
    }
}

impl Sibling {
    pub(super) fn hand_over(&self, datagram: HandedOver, counters: &mut Counters) {
        match self.handed_over.try_send(datagram) {
            Ok(()) => {
                counters.handed_over_out += 1;
                self.waker.wake();
            }
            Err(_) => counters.handover_dropped += 1,
        }
    }
}

/// Numbers connections: never twice in one process.
pub(crate) fn next_connection() -> ConnectionId {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    ConnectionId(NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A poller and its waker.
pub(super) fn poller() -> io::Result<(Poller, Waker)> {
    let poller = Poller::new()?;
    let waker = poller.waker();
    Ok((poller, waker))
}
