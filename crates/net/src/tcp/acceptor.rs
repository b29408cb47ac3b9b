//! The accept loop and its limits.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use http::Response;
use hyper::body::Body;
use socket2::SockRef;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tracing::{debug, error, warn};

use super::first_bytes::{Kind, recognise};
use super::http1::{self, HttpService};
use super::refusals::Refusals;
use super::stream::Replay;
use super::tls::CHALLENGE_PROTOCOL;
use super::undecided::{Ticket, Undecided};
use super::{BindError, ConnInfo, Connection, ListenAddress, ServerTls, Stopping, Stream, StreamProtocol, listen};
use crate::udp::unmapped;

/// Pause after the system refused a connection for want of descriptors or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What strangers may take from the acceptor.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections open at once, upgraded ones included; further ones are closed at once.
    pub connections: usize,
    /// Connections at once that have not said yet what they are; beyond it the oldest is closed.
    pub undecided: usize,
    /// Time from the connection to its first bytes, the TLS handshake included.
    pub decision: Duration,
    /// Time to receive the head of a request, and time a connection may stay idle between requests.
    pub request_head: Duration,
    /// Time that the other end may take nothing of what was sent to it; then the system ends the connection (`TCP_USER_TIMEOUT`).
    pub unread: Duration,
    /// Time that open connections get to finish once the server stops.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            undecided: 1024,
            decision: Duration::from_secs(10),
            request_head: Duration::from_secs(30),
            unread: Duration::from_mins(1),
            drain: Duration::from_secs(3),
        }
    }
}

/// What an acceptor has seen. Read while it serves.
#[derive(Debug, Default)]
pub struct AcceptCounters {
    /// Connections accepted.
    pub accepted: AtomicU64,
    /// Connections closed at once because there were too many.
    pub refused: AtomicU64,
    /// Connections closed because they did not say in time what they are, or were the oldest of too many undecided ones.
    pub silent: AtomicU64,
    /// Connections closed because their first bytes are of no known protocol.
    pub unknown: AtomicU64,
    /// TLS handshakes that failed.
    pub handshakes_failed: AtomicU64,
}

impl AcceptCounters {
    fn add(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// A bound TCP port.
pub struct Acceptor {
    listener: TcpListener,
    local: SocketAddr,
    tls: Option<ServerTls>,
    protocols: Vec<Box<dyn StreamProtocol>>,
    limits: Limits,
    counters: Arc<AcceptCounters>,
}

/// What all connections of an acceptor share.
struct Shared<S> {
    tls: Option<ServerTls>,
    protocols: Vec<Box<dyn StreamProtocol>>,
    limits: Limits,
    counters: Arc<AcceptCounters>,
    service: S,
}

impl Acceptor {
    /// Opens the port. Must be called within a tokio runtime.
    pub fn bind(address: &ListenAddress, limits: Limits) -> Result<Self, BindError> {
        let (listener, local) = listen::bind(*address)?;
        Ok(Self { listener, local, tls: None, protocols: Vec::new(), limits, counters: Arc::default() })
    }

    /// The address with the real port. All addresses are written as `[::]` or, without IPv6, as `0.0.0.0`.
    pub fn local_addr(&self) -> SocketAddr {
        self.local
    }

    /// Accepts TLS beside plain connections.
    pub fn set_tls(&mut self, tls: ServerTls) -> &mut Self {
        self.tls = Some(tls);
        self
    }

    /// Gives connections that `protocol` recognises to it. Protocols are asked in the order they were registered, before
    /// HTTP.
    pub fn register(&mut self, protocol: impl StreamProtocol) -> &mut Self {
        self.protocols.push(Box::new(protocol));
        self
    }

    /// What this acceptor has seen, for metrics.
    pub fn counters(&self) -> Arc<AcceptCounters> {
        Arc::clone(&self.counters)
    }

    /// Serves until `stop` is ready; then accepts no more, lets requests in progress finish for [`Limits::drain`], closes
    /// the rest, and returns. Upgraded HTTP connections belong to whoever upgraded them.
    pub async fn serve<S, B>(self, service: S, stop: impl Future<Output = ()>)
    where
        S: tower::Service<http1::HttpRequest, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Error: Into<Box<dyn Error + Send + Sync>>,
        S::Future: Send,
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let Self { listener, tls, protocols, limits, counters, .. } = self;
        let drain = limits.drain;
        let undecided = Undecided::new(limits.undecided);
        let slots = Arc::new(Semaphore::new(limits.connections.min(Semaphore::MAX_PERMITS)));
        let shared = Arc::new(Shared { tls, protocols, limits, counters, service });
        let (stopped, stopping) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let mut refusals = Refusals::default();
        let mut stop = pin!(stop);
        loop {
            tokio::select! {
                biased;
                () = &mut stop => break,
                Some(ended) = tasks.join_next() => report(ended),
                accepted = listener.accept() => match accepted {
                    Ok((stream, remote)) => {
                        AcceptCounters::add(&shared.counters.accepted);
                        let Ok(slot) = Arc::clone(&slots).try_acquire_owned() else {
                            AcceptCounters::add(&shared.counters.refused);
                            continue;
                        };
                        let (ticket, full) = undecided.enter();
                        if full {
                            AcceptCounters::add(&shared.counters.silent);
                        }
                        let arrival = Arrival { stream, remote: unmapped(remote), slot, ticket };
                        tasks.spawn(arrival.serve(Arc::clone(&shared), Stopping(stopping.clone())));
                    }
                    Err(error) => refused_by_system(&error, &mut refusals).await,
                },
            }
        }
        drop(listener);
        stopped.send_replace(true);
        let all_done = async {
            while let Some(ended) = tasks.join_next().await {
                report(ended);
            }
        };
        if timeout(drain, all_done).await.is_err() {
            debug!(open = tasks.len(), "closing connections that did not finish");
            tasks.shutdown().await;
        }
    }
}

/// A panic in a handler ends that connection only.
fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        error!("a connection's handler panicked");
    }
}

async fn refused_by_system(error: &io::Error, refusals: &mut Refusals) {
    if matches!(error.raw_os_error(), Some(libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM)) {
        if let Some(attempts) = refusals.count(Instant::now()) {
            warn!(%error, attempts, "the system gives no more connections; those that are open go on");
        }
        tokio::time::sleep(ACCEPT_PAUSE).await;
    }
}

/// A connection just accepted.
struct Arrival {
    stream: TcpStream,
    remote: SocketAddr,
    slot: OwnedSemaphorePermit,
    ticket: Ticket,
}

/// A connection whose kind is known.
struct Decided {
    kind: Kind,
    stream: Stream,
    info: ConnInfo,
}

impl Arrival {
    async fn serve<S, B>(self, shared: Arc<Shared<S>>, mut stopping: Stopping)
    where
        S: HttpService<B>,
        B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
    {
        let Self { stream, remote, slot, mut ticket } = self;
        let decided = tokio::select! {
            decided = timeout(shared.limits.decision, decide(stream, remote, slot, &shared)) => decided,
            () = ticket.evicted() => return,
            () = stopping.requested() => return,
        };
        drop(ticket);
        match decided {
            Ok(Ok(Some(Decided { kind: Kind::Http, stream, info }))) => {
                http1::serve(stream, info, shared.service.clone(), shared.limits.request_head, stopping).await;
            }
            Ok(Ok(Some(Decided { kind: Kind::Registered(number), stream, info }))) => {
                shared.protocols[number].serve(Connection { stream, info, stopping }).await;
            }
            Ok(Ok(Some(Decided { kind: Kind::Tls | Kind::Unknown, .. }))) => AcceptCounters::add(&shared.counters.unknown),
            Ok(Ok(None)) => {}
            Ok(Err(error)) => debug!(%error, "connection ended before its first bytes"),
            Err(_elapsed) => AcceptCounters::add(&shared.counters.silent),
        }
    }
}

/// Looks at the first bytes, through TLS if there is some. `None`: the other end closed without a word.
async fn decide<S>(
    mut stream: TcpStream,
    remote: SocketAddr,
    slot: OwnedSemaphorePermit,
    shared: &Shared<S>,
) -> io::Result<Option<Decided>> {
    // Answers are written whole, so waiting for more to send only delays them.
    stream.set_nodelay(true)?;
    // Whoever asks for much and reads nothing would hold the connection for ever.
    SockRef::from(&stream).set_tcp_user_timeout(Some(shared.limits.unread))?;
    let local = unmapped(stream.local_addr()?);
    let info = ConnInfo { remote, local, tls: false };
    let Some((kind, first)) = recognise(&mut stream, shared.tls.is_some(), &shared.protocols).await? else {
        return Ok(None);
    };
    let stream = Replay::new(first, stream);
    let (Kind::Tls, Some(tls)) = (kind, &shared.tls) else {
        return Ok(Some(Decided { kind, stream: Stream::plain(stream, slot), info }));
    };
    let accepted = tokio_rustls::TlsAcceptor::from(tls.config()).accept(stream).await;
    let mut stream = accepted.inspect_err(|_| AcceptCounters::add(&shared.counters.handshakes_failed))?;
    if stream.get_ref().1.alpn_protocol() == Some(CHALLENGE_PROTOCOL) {
        // The handshake is the whole answer; nothing else may be said here (RFC 8737 section 3).
        stream.shutdown().await?;
        return Ok(None);
    }
    let Some((kind, first)) = recognise(&mut stream, false, &shared.protocols).await? else {
        return Ok(None);
    };
    let stream = Stream::tls(Replay::new(first, stream), slot);
    Ok(Some(Decided { kind, stream, info: ConnInfo { tls: true, ..info } }))
}
