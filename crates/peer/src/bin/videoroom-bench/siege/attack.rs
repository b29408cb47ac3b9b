//! The attacks. Each is bounded in the number of its connections and ends when it is stopped.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use futures_util::{SinkExt as _, StreamExt as _};
use peer::rest;
use protocol::proto::media_events::peer::{MediaEvent, media_event};
use protocol::proto::peer_message::Content;
use protocol::proto::{Message as _, PeerMessage};
use protocol::signalling::protobuf::encode_auth_request;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{interval, sleep};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

use crate::server::TOKEN;

/// Connections that never say anything.
const HALF_OPEN: usize = 10_000;
/// Connections that send a head byte by byte, and the pause between two bytes.
const SLOW: usize = 2_000;
const SLOW_PAUSE: Duration = Duration::from_secs(1);
/// Clients that send bodies, one after the other, and the length that they announce for a huge one.
const SENDERS: usize = 4;
const HUGE: usize = 100_000_000;
/// Depth of the nested body, just within the length that is read.
const DEPTH: usize = 60_000;
/// Events of the flooding peer, in bursts of so many.
const EVENTS_PER_SECOND: u64 = 10_000;
const BURST: u64 = 100;

/// A kind of attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attack {
    /// None, to compare with.
    None,
    /// Heads that never end.
    SlowLoris,
    /// Bodies of 100 MB.
    HugeBodies,
    /// Bodies of 60,000 nested arrays.
    DeepJson,
    /// Connections without a word.
    HalfOpen,
    /// A peer that sends 10,000 events a second, and comes back when it is thrown out.
    Events,
}

/// What carries an attack out.
pub(crate) struct Attackers {
    _tasks: JoinSet<()>,
    attempts: Arc<AtomicU64>,
}

impl Attack {
    pub(crate) const ALL: [Self; 6] = [Self::None, Self::SlowLoris, Self::HugeBodies, Self::DeepJson, Self::HalfOpen, Self::Events];

    /// Begins; where the number of connections is the attack, they are open already.
    pub(crate) async fn start(self, server: SocketAddr) -> Result<Attackers> {
        let attempts = Arc::new(AtomicU64::new(0));
        let mut tasks = JoinSet::new();
        match self {
            Self::None => {}
            Self::SlowLoris => {
                for _ in 0..SLOW {
                    tasks.spawn(slow_loris(TcpStream::connect(server).await?, Arc::clone(&attempts)));
                }
            }
            Self::HugeBodies => {
                for _ in 0..SENDERS {
                    tasks.spawn(send_bodies(server, HUGE, vec![b'a'; 1 << 16], Arc::clone(&attempts)));
                }
            }
            Self::DeepJson => {
                for _ in 0..SENDERS {
                    tasks.spawn(send_bodies(server, DEPTH, vec![b'['; DEPTH], Arc::clone(&attempts)));
                }
            }
            Self::HalfOpen => {
                for _ in 0..HALF_OPEN {
                    tasks.spawn(hold(TcpStream::connect(server).await?));
                }
                attempts.fetch_add(HALF_OPEN as u64, Ordering::Relaxed);
            }
            Self::Events => {
                let room = rest::create_room(server, TOKEN).await?;
                let token = rest::add_peer(server, TOKEN, &room).await?;
                tasks.spawn(flood(server, token, Arc::clone(&attempts)));
            }
        }
        Ok(Attackers { _tasks: tasks, attempts })
    }
}

impl Attackers {
    /// Ends the attack; returns how many connections, bodies or events it was.
    pub(crate) fn stop(self) -> u64 {
        self.attempts.load(Ordering::Relaxed)
    }
}

impl fmt::Display for Attack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::SlowLoris => write!(f, "slow-loris: {SLOW} heads, a byte a second each"),
            Self::HugeBodies => write!(f, "bodies of {} MB, {SENDERS} at once", HUGE / 1_000_000),
            Self::DeepJson => write!(f, "bodies of {DEPTH} nested arrays, {SENDERS} at once"),
            Self::HalfOpen => write!(f, "{HALF_OPEN} connections without a word"),
            Self::Events => write!(f, "a peer with {EVENTS_PER_SECOND} events a second"),
        }
    }
}

async fn slow_loris(mut stream: TcpStream, attempts: Arc<AtomicU64>) {
    attempts.fetch_add(1, Ordering::Relaxed);
    let head = b"GET /room HTTP/1.1\r\nx-endless: ";
    for byte in head.iter().chain(std::iter::repeat(&b'a')) {
        // The server has given this connection up.
        if stream.write_all(&[*byte]).await.is_err() {
            return;
        }
        sleep(SLOW_PAUSE).await;
    }
}

/// Sends one request after the other without a token: bodies are read before anybody is asked who he is.
async fn send_bodies(server: SocketAddr, length: usize, piece: Vec<u8>, attempts: Arc<AtomicU64>) {
    let head = format!(
        "POST /room HTTP/1.1\r\nhost: {server}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    loop {
        let Ok(mut stream) = TcpStream::connect(server).await else { continue };
        attempts.fetch_add(1, Ordering::Relaxed);
        let (mut from, mut to) = stream.split();
        let sending = async {
            to.write_all(head.as_bytes()).await?;
            for _ in 0..length.div_ceil(piece.len()) {
                to.write_all(&piece).await?;
            }
            std::io::Result::Ok(())
        };
        let mut answer = Vec::new();
        // Whether it answers or hangs up is its own choice.
        let _ = tokio::join!(sending, from.read_to_end(&mut answer));
    }
}

async fn hold(mut stream: TcpStream) {
    let mut answer = Vec::new();
    // Ends when the server hangs up.
    let _ = stream.read_to_end(&mut answer).await;
}

async fn flood(server: SocketAddr, token: String, attempts: Arc<AtomicU64>) {
    let event = |content| MediaEvent { content: Some(content) };
    let frame = |event| PeerMessage { content: Some(Content::PeerMediaEvent(event)) }.encode_to_vec();
    let connect =
        frame(event(media_event::Content::Connect(media_event::Connect { metadata_json: "{}".to_owned(), grouped_streams: false })));
    let update = media_event::UpdateEndpointMetadata { metadata_json: r#"{"name":"flood"}"#.to_owned() };
    let update = frame(event(media_event::Content::UpdateEndpointMetadata(update)));
    let url = format!("ws://{server}/socket/peer/websocket");
    loop {
        let Ok((socket, _)) = connect_async(&url).await else { continue };
        let (mut to, mut from) = socket.split();
        let sending = async {
            to.send(Message::binary(encode_auth_request(&token, "web-0.25.1"))).await?;
            to.send(Message::binary(connect.clone())).await?;
            let mut bursts = interval(Duration::from_millis(1000 * BURST / EVENTS_PER_SECOND));
            loop {
                bursts.tick().await;
                for _ in 0..BURST {
                    to.feed(Message::binary(update.clone())).await?;
                }
                to.flush().await?;
                attempts.fetch_add(BURST, Ordering::Relaxed);
            }
        };
        let reading = async { while let Some(Ok(_)) = from.next().await {} };
        // Until the server has had enough of it.
        tokio::select! {
            result = sending => drop::<Result<(), tokio_tungstenite::tungstenite::Error>>(result),
            () = reading => {}
        }
    }
}
