use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use net::tcp::{AcceptCounters, Acceptor, BindError, ConnInfo, Connection, Limits, ListenAddress, Recognition, ServerTls, StreamProtocol};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(5);

/// An acceptor that serves [`answer`] until told to stop.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) counters: Arc<AcceptCounters>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) fn start(limits: Limits, tls: Option<ServerTls>) -> Self {
        let mut acceptor = Acceptor::bind(&ListenAddress::One("127.0.0.1:0".parse().unwrap()), limits).unwrap();
        if let Some(tls) = tls {
            acceptor.set_tls(tls);
        }
        acceptor.register(Shout);
        let (address, counters) = (acceptor.local_addr(), acceptor.counters());
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(acceptor.serve(tower::service_fn(answer), async {
            let _ = stopped.await;
        }));
        Self { address, counters, stop: Some(stop), task }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Waits until a connection that was over the limit finds a place.
    async fn until_a_connection_is_served(&self) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut stream = self.connect().await;
            // Where there is no place the other end is closed already.
            let _ = stream.write_all(&get("/")).await;
            if read_all(&mut stream).await.starts_with("HTTP/1.1 200") {
                return;
            }
            assert!(Instant::now() < deadline, "the place of another connection is not given back");
        }
    }

    /// Asks to stop and waits until it has.
    async fn stop(mut self) {
        let _ = self.stop.take().unwrap().send(());
        timeout(PATIENCE, self.task).await.expect("the server stops").unwrap();
    }
}

/// Answers with what the request's extensions say; `/slow` only after a while, `/much` with more than the system's
/// buffers hold, `/upgrade` with an echo of bytes.
async fn answer(request: net::tcp::HttpRequest) -> Result<http::Response<String>, Infallible> {
    let info = *request.extensions().get::<ConnInfo>().unwrap();
    match request.uri().path() {
        "/slow" => tokio::time::sleep(Duration::from_millis(300)).await,
        "/never" => std::future::pending().await,
        "/much" => return Ok(http::Response::new("x".repeat(32 * 1024 * 1024))),
        "/upgrade" => {
            tokio::spawn(async move {
                let upgraded = hyper::upgrade::on(request).await.unwrap();
                let mut stream = hyper_util::rt::TokioIo::new(upgraded);
                let mut byte = [0];
                while stream.read_exact(&mut byte).await.is_ok() {
                    stream.write_all(&byte).await.unwrap();
                }
            });
            let response = http::Response::builder().status(101).header("connection", "upgrade").header("upgrade", "echo");
            return Ok(response.body(String::new()).unwrap());
        }
        _ => {}
    }
    Ok(http::Response::new(format!("{} {} {}", info.remote, info.local, info.tls)))
}

/// A protocol that begins with `SHOUT`, told apart from a method at its sixth byte, and answers with capitals.
struct Shout;

impl StreamProtocol for Shout {
    fn recognise(&self, first: &[u8]) -> Recognition {
        const WORD: &[u8] = b"SHOUT:";
        match first {
            _ if first.starts_with(WORD) => Recognition::Yes,
            _ if WORD.starts_with(first) => Recognition::NeedMore,
            _ => Recognition::No,
        }
    }

    fn serve(&self, mut connection: Connection) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move {
            let mut buffer = [0; 64];
            while let Ok(count @ 1..) = connection.stream.read(&mut buffer).await {
                connection.stream.write_all(&buffer[..count].to_ascii_uppercase()).await.unwrap();
            }
        })
    }
}

fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n").into_bytes()
}

/// Everything the server says until it closes.
pub(crate) async fn read_all(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    // A server that closes with unread input resets the connection; what came before counts.
    let _ = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("the server closes");
    String::from_utf8(bytes).unwrap()
}

/// Waits until a counter has a value.
async fn until(counter: &AtomicU64, expected: u64) {
    let deadline = Instant::now() + PATIENCE;
    while counter.load(Ordering::Relaxed) != expected {
        assert!(Instant::now() < deadline, "the counter is {}, not {expected}", counter.load(Ordering::Relaxed));
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn requests_know_both_ends() {
    let server = Server::start(Limits::default(), None);
    let mut stream = server.connect().await;
    stream.write_all(&get("/")).await.unwrap();
    let text = read_all(&mut stream).await;
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
    assert!(text.ends_with(&format!("{} {} false", stream.local_addr().unwrap(), server.address)), "{text}");
    server.stop().await;
}

#[tokio::test]
async fn a_method_cut_in_pieces_is_http_and_a_registered_word_is_not() {
    let server = Server::start(Limits::default(), None);
    let mut stream = server.connect().await;
    stream.set_nodelay(true).unwrap();
    for byte in get("/") {
        stream.write_all(&[byte]).await.unwrap();
    }
    assert!(read_all(&mut stream).await.starts_with("HTTP/1.1 200"));

    let mut stream = server.connect().await;
    stream.write_all(b"SHO").await.unwrap();
    stream.write_all(b"UT:hello").await.unwrap();
    let mut answer = [0; 11];
    timeout(PATIENCE, stream.read_exact(&mut answer)).await.unwrap().unwrap();
    assert_eq!(&answer, b"SHOUT:HELLO", "the first bytes reach the protocol too");
    server.stop().await;
}

#[tokio::test]
async fn limit_head_of_a_request() {
    let server = Server::start(Limits::default(), None);
    let head = |bytes: usize| {
        let mut head = get("/");
        head.truncate(head.len() - 2);
        head.extend(b"x-long: ");
        head.resize(bytes - 4, b'a');
        head.extend(b"\r\n\r\n");
        head
    };
    for (bytes, status) in [(60 * 1024, "HTTP/1.1 200 "), (70 * 1024, "HTTP/1.1 431 ")] {
        let mut stream = server.connect().await;
        // The server may close before it has read everything.
        let _ = stream.write_all(&head(bytes)).await;
        let text = read_all(&mut stream).await;
        assert!(text.starts_with(status), "{bytes}: {text}");
    }
    server.stop().await;
}

#[tokio::test]
async fn garbage_is_closed_and_counted() {
    let server = Server::start(Limits::default(), None);
    for garbage in [&b"\x00\x01\x02\x03"[..], b"\xff", b"\x16\x03\x01\x00\x05hello", b"get / HTTP/1.1\r\n\r\n"] {
        let mut stream = server.connect().await;
        stream.write_all(garbage).await.unwrap();
        assert_eq!(read_all(&mut stream).await, "");
    }
    until(&server.counters.unknown, 4).await;
    let mut stream = server.connect().await;
    stream.write_all(b"NONSENSE\r\n\r\n").await.unwrap();
    assert!(read_all(&mut stream).await.starts_with("HTTP/1.1 400"));
    server.stop().await;
}

#[tokio::test]
async fn whoever_says_nothing_is_closed_in_time() {
    let server = Server::start(Limits { decision: Duration::from_millis(100), ..Limits::default() }, None);
    let mut silent = server.connect().await;
    let mut hesitant = server.connect().await;
    hesitant.write_all(b"SH").await.unwrap();
    assert_eq!(read_all(&mut silent).await, "");
    assert_eq!(read_all(&mut hesitant).await, "");
    until(&server.counters.silent, 2).await;
    server.stop().await;
}

#[tokio::test]
async fn a_head_that_never_ends_is_closed_in_time() {
    let server = Server::start(Limits { request_head: Duration::from_millis(100), ..Limits::default() }, None);
    let mut stream = server.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: ").await.unwrap();
    let text = read_all(&mut stream).await;
    assert!(text.is_empty() || text.starts_with("HTTP/1.1 408"), "{text}");
    server.stop().await;
}

#[tokio::test]
async fn the_oldest_silent_connection_makes_room_and_talkers_are_served() {
    let server = Server::start(Limits { undecided: 2, ..Limits::default() }, None);
    let mut oldest = server.connect().await;
    until(&server.counters.accepted, 1).await;
    let _second = server.connect().await;
    let mut talker = server.connect().await;
    talker.write_all(&get("/")).await.unwrap();
    assert!(read_all(&mut talker).await.starts_with("HTTP/1.1 200"));
    assert_eq!(read_all(&mut oldest).await, "");
    assert_eq!(server.counters.silent.load(Ordering::Relaxed), 1);
    server.stop().await;
}

#[tokio::test]
async fn connections_beyond_the_limit_are_closed_until_one_ends() {
    let server = Server::start(Limits { connections: 1, ..Limits::default() }, None);
    let mut first = server.connect().await;
    first.write_all(b"GET /upgrade HTTP/1.1\r\nhost: t\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n").await.unwrap();
    let mut head = [0; 12];
    timeout(PATIENCE, first.read_exact(&mut head)).await.unwrap().unwrap();
    assert_eq!(&head, b"HTTP/1.1 101");
    // An upgraded connection still counts.
    let mut second = server.connect().await;
    assert_eq!(read_all(&mut second).await, "");
    until(&server.counters.refused, 1).await;
    drop(first);
    server.until_a_connection_is_served().await;
    server.stop().await;
}

#[tokio::test]
async fn limit_time_that_answers_stay_unread() {
    let limits = Limits { connections: 1, unread: Duration::from_millis(500), ..Limits::default() };
    let server = Server::start(limits, None);
    let mut first = server.connect().await;
    first.write_all(&get("/much")).await.unwrap();
    let mut begin = [0; 12];
    timeout(PATIENCE, first.read_exact(&mut begin)).await.unwrap().unwrap();
    server.until_a_connection_is_served().await;
    server.stop().await;
}

#[tokio::test]
async fn a_stop_lets_the_request_in_progress_finish_and_cuts_what_does_not() {
    let server = Server::start(Limits { drain: Duration::from_secs(2), ..Limits::default() }, None);
    let (mut slow, mut idle) = (server.connect().await, server.connect().await);
    slow.write_all(&get("/slow")).await.unwrap();
    until(&server.counters.accepted, 2).await;
    // The answer to another request on the same acceptor shows that the slow one was read.
    let mut probe = server.connect().await;
    probe.write_all(&get("/")).await.unwrap();
    read_all(&mut probe).await;
    let address = server.address;
    server.stop().await;
    assert!(read_all(&mut slow).await.starts_with("HTTP/1.1 200"));
    assert_eq!(read_all(&mut idle).await, "");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");

    let server = Server::start(Limits { drain: Duration::from_millis(100), ..Limits::default() }, None);
    let mut never = server.connect().await;
    never.write_all(&get("/never")).await.unwrap();
    until(&server.counters.accepted, 1).await;
    server.stop().await;
    assert_eq!(read_all(&mut never).await, "");
}

#[tokio::test]
async fn an_axum_router_is_a_service() {
    let acceptor = Acceptor::bind(&ListenAddress::One("127.0.0.1:0".parse().unwrap()), Limits::default()).unwrap();
    let address = acceptor.local_addr();
    let handler = |axum::Extension(info): axum::Extension<ConnInfo>| async move { info.remote.to_string() };
    let router = axum::Router::new().route("/who", axum::routing::get(handler));
    let (stop, stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(acceptor.serve(router, async {
        let _ = stopped.await;
    }));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&get("/who")).await.unwrap();
    let text = read_all(&mut stream).await;
    assert!(text.ends_with(&stream.local_addr().unwrap().to_string()), "{text}");
    stop.send(()).unwrap();
    timeout(PATIENCE, task).await.unwrap().unwrap();
}

#[tokio::test]
async fn all_addresses_means_both_families() {
    let acceptor = Acceptor::bind(&ListenAddress::All(0), Limits::default()).unwrap();
    let port = acceptor.local_addr().port();
    let task = tokio::spawn(acceptor.serve(tower::service_fn(answer), std::future::pending()));
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(&get("/")).await.unwrap();
    let text = read_all(&mut stream).await;
    assert!(text.ends_with(&format!("127.0.0.1:{port} false")), "unmapped: {text}");
    if std::net::UdpSocket::bind("[::1]:0").is_ok() {
        let mut stream = TcpStream::connect(("::1", port)).await.unwrap();
        stream.write_all(&get("/")).await.unwrap();
        let text = read_all(&mut stream).await;
        assert!(text.ends_with(&format!("[::1]:{port} false")), "{text}");
    }
    task.abort();
}

#[tokio::test]
async fn ports_in_use_and_foreign_addresses_are_named() {
    let holder = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = holder.local_addr().unwrap().port();
    for address in [ListenAddress::All(port), ListenAddress::One(holder.local_addr().unwrap())] {
        let error = Acceptor::bind(&address, Limits::default()).err().unwrap();
        assert!(matches!(error, BindError::PortInUse { address: named } if named == address), "{error:?}");
        assert_eq!(error.to_string(), format!("TCP port {port} is in use"));
    }
    let foreign = ListenAddress::One("203.0.113.9:0".parse().unwrap());
    let error = Acceptor::bind(&foreign, Limits::default()).err().unwrap();
    assert!(matches!(error, BindError::AddressAbsent { .. }), "{error:?}");
}
