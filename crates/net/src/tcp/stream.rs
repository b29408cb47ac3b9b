//! Connections after their kind is known, and what handles those that are not HTTP.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio_rustls::server::TlsStream;

use super::Recognition;

/// Who is connected to what. Among the extensions of every HTTP request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnInfo {
    /// The other end: the client, or the proxy in front of it.
    pub remote: SocketAddr,
    /// Our end.
    pub local: SocketAddr,
    /// Whether the connection came over TLS.
    pub tls: bool,
}

/// A stream protocol that shares the port with HTTP.
pub trait StreamProtocol: Send + Sync + 'static {
    /// Looks at the first bytes of a connection (after TLS, if any), 1 to 64 of them.
    fn recognise(&self, first: &[u8]) -> Recognition;

    /// Serves a recognised connection; its first bytes are still in the stream.
    fn serve(&self, connection: Connection) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// A connection handed to a [`StreamProtocol`].
#[derive(Debug)]
pub struct Connection {
    /// The bytes, from the first one on.
    pub stream: Stream,
    /// Who is connected.
    pub info: ConnInfo,
    /// Tells when the server wants to end.
    pub stopping: Stopping,
}

/// Becomes ready when the server stops; connections that go on are cut after the drain time.
#[derive(Debug, Clone)]
pub struct Stopping(pub(super) watch::Receiver<bool>);

impl Stopping {
    /// Waits until the server stops.
    pub async fn requested(&mut self) {
        // An error means that the acceptor is gone, which is a stop too.
        let _ = self.0.wait_for(|stopped| *stopped).await;
    }
}

/// A byte stream over TCP or TLS. It counts against the acceptor's limit until it is dropped, so also after an HTTP
/// upgrade.
#[derive(Debug)]
pub struct Stream {
    transport: Transport,
    _slot: OwnedSemaphorePermit,
}

#[derive(Debug)]
enum Transport {
    Plain(Replay<TcpStream>),
    Tls(Box<Replay<TlsStream<Replay<TcpStream>>>>),
}

impl Stream {
    pub(super) fn plain(stream: Replay<TcpStream>, slot: OwnedSemaphorePermit) -> Self {
        Self { transport: Transport::Plain(stream), _slot: slot }
    }

    pub(super) fn tls(stream: Replay<TlsStream<Replay<TcpStream>>>, slot: OwnedSemaphorePermit) -> Self {
        Self { transport: Transport::Tls(Box::new(stream)), _slot: slot }
    }
}

macro_rules! delegate {
    ($self:ident, $method:ident $(, $argument:expr)*) => {
        match &mut $self.get_mut().transport {
            Transport::Plain(stream) => Pin::new(stream).$method($($argument),*),
            Transport::Tls(stream) => Pin::new(stream.as_mut()).$method($($argument),*),
        }
    };
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        delegate!(self, poll_read, context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        delegate!(self, poll_write, context, data)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        delegate!(self, poll_flush, context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        delegate!(self, poll_shutdown, context)
    }

    fn poll_write_vectored(self: Pin<&mut Self>, context: &mut Context<'_>, data: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        delegate!(self, poll_write_vectored, context, data)
    }

    fn is_write_vectored(&self) -> bool {
        match &self.transport {
            Transport::Plain(stream) => stream.is_write_vectored(),
            Transport::Tls(stream) => stream.is_write_vectored(),
        }
    }
}

/// A stream whose first bytes were read to look at them and are read again by its user.
#[derive(Debug)]
pub(super) struct Replay<T> {
    first: Bytes,
    inner: T,
}

impl<T> Replay<T> {
    pub(super) fn new(first: Bytes, inner: T) -> Self {
        Self { first, inner }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Replay<T> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.first.is_empty() {
            return Pin::new(&mut this.inner).poll_read(context, buffer);
        }
        let count = this.first.len().min(buffer.remaining());
        buffer.put_slice(&this.first[..count]);
        this.first.advance(count);
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Replay<T> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write(context, data)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().inner).poll_shutdown(context)
    }

    fn poll_write_vectored(self: Pin<&mut Self>, context: &mut Context<'_>, data: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().inner).poll_write_vectored(context, data)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }
}
