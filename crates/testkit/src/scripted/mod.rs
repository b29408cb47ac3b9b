//! A server that speaks only the documented wire of the media server: rooms and peers without any media.
//!
//! It is written against the reference and shares nothing with our media server but the words of `protocol`, so that a
//! program that works with both needs no more than the wire. Faults are made by command.

mod rest;
mod sockets;
mod state;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use protocol::notification::Notification;
use protocol::rest::Room;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use state::State;

/// The token that the scripted server accepts.
pub const TOKEN: &str = "scripted-token";

/// A running scripted server; it ends when dropped.
pub struct Scripted {
    address: SocketAddr,
    shared: Shared,
    stop: CancellationToken,
}

/// What handlers share.
#[derive(Clone)]
struct Shared(Arc<Mutex<State>>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Scripted {
    /// Starts on a free port.
    ///
    /// # Panics
    /// When loopback has no free port.
    pub async fn start() -> Self {
        Self::start_at("127.0.0.1:0".parse().expect("a constant")).await
    }

    /// Starts on a given address, for a server that comes back.
    ///
    /// # Panics
    /// When the address stays taken.
    pub async fn start_at(address: SocketAddr) -> Self {
        let listener =
            crate::eventually("the scripted server's port", async || TcpListener::bind(address).await.map_err(|e| e.to_string())).await;
        let address = listener.local_addr().expect("a bound socket has an address");
        let shared = Shared(Arc::new(Mutex::new(State::default())));
        let stop = CancellationToken::new();
        let router = rest::router(shared.clone()).merge(sockets::router(shared.clone(), stop.clone()));
        let stopped = stop.clone();
        tokio::spawn(async move {
            tokio::select! {
                result = axum::serve(listener, router) => result.expect("serving on loopback works"),
                () = stopped.cancelled() => {}
            }
        });
        Self { address, shared, stop }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Base address of its REST interface.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The clients' socket, to be served elsewhere, as the embedded media server does.
    pub fn peer_socket_router(&self) -> Router {
        sockets::peer_router(self.shared.clone(), self.stop.clone())
    }

    /// A room as the REST interface shows it.
    pub fn room(&self, id: &str) -> Option<Room> {
        self.shared.lock().room(id)
    }

    /// All rooms.
    pub fn rooms(&self) -> Vec<Room> {
        self.shared.lock().rooms()
    }

    /// How many requests of this kind came, for example `POST /room` or `GET /room/{id}`.
    pub fn requests(&self, route: &str) -> usize {
        self.shared.lock().requests(route)
    }

    /// How many notification sockets are subscribed now.
    pub fn subscribers(&self) -> usize {
        self.shared.lock().subscribers()
    }

    /// Tells all subscribers something.
    pub fn notify(&self, notification: Notification) {
        self.shared.lock().notify(notification);
    }

    /// Answers the next requests of this kind with this status and body, before anything else happens.
    pub fn answer_next(&self, route: &str, times: usize, status: u16, body: &str) {
        self.shared.lock().faults.answers.push(state::CannedAnswer { route: route.to_owned(), times, status, body: body.to_owned() });
    }

    /// Removes the room just before each of the next requests of this kind, as if another program had deleted it.
    pub fn vanish_before(&self, route: &str, times: usize) {
        self.shared.lock().faults.vanish.push((route.to_owned(), times));
    }

    /// Waits this long before each answer of this kind.
    pub fn delay(&self, route: &str, delay: Duration) {
        self.shared.lock().faults.delays.push((route.to_owned(), delay));
    }

    /// Ends all notification sockets without a close frame.
    pub fn drop_subscribers(&self) {
        self.shared.lock().drop_subscribers();
    }

    /// Whether notification sockets answer pings and deliver anything.
    pub fn set_silent(&self, silent: bool) {
        self.shared.lock().faults.silent.send_replace(silent);
    }

    /// Deletes a room as another program does.
    pub fn delete_room(&self, id: &str) {
        // A room that is gone already is what the test wants.
        drop(self.shared.lock().delete_room(id));
    }

    /// Ends a room as a crash does.
    pub fn crash_room(&self, id: &str) {
        self.shared.lock().crash_room(id);
    }

    /// Empties the server without telling anybody, as a restart does; sockets end.
    pub fn forget_everything(&self) {
        self.shared.lock().forget_everything();
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.stop.cancel();
        self.shared.lock().forget_everything();
    }
}
