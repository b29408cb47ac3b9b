//! Serving HTTP/1.1 on an accepted connection.

use std::error::Error;
use std::pin::pin;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tower::util::{Oneshot, ServiceExt};
use tracing::debug;

use super::{ConnInfo, Stopping, Stream};

/// Bytes of a request's head at most; longer ones are answered with 431.
const MAX_HEAD: usize = 64 * 1024;

/// What a service gets.
pub type HttpRequest = Request<Incoming>;

/// A `tower` service that answers HTTP requests. Implemented for all services that fit, `axum::Router` among them.
pub(super) trait HttpService<B>:
    tower::Service<HttpRequest, Response = Response<B>, Error: Into<Box<dyn Error + Send + Sync>>, Future: Send> + Clone + Send + Sync + 'static
{
}

impl<S, B> HttpService<B> for S where
    S: tower::Service<HttpRequest, Response = Response<B>, Error: Into<Box<dyn Error + Send + Sync>>, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static
{
}

/// Adds the [`ConnInfo`] to each request of one connection.
struct WithInfo<S> {
    service: S,
    info: ConnInfo,
}

impl<S: tower::Service<HttpRequest> + Clone> hyper::service::Service<HttpRequest> for WithInfo<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = Oneshot<S, HttpRequest>;

    fn call(&self, mut request: HttpRequest) -> Self::Future {
        request.extensions_mut().insert(self.info);
        self.service.clone().oneshot(request)
    }
}

/// Serves requests until the client goes, an upgrade takes the connection over, or the server stops (the request in
/// progress is finished then).
pub(super) async fn serve<S, B>(stream: Stream, info: ConnInfo, service: S, head_timeout: Duration, mut stopping: Stopping)
where
    S: HttpService<B>,
    B: Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(head_timeout)
            .max_buf_size(MAX_HEAD)
            .serve_connection(TokioIo::new(stream), WithInfo { service, info })
            .with_upgrades()
    );
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = stopping.requested() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        debug!(%error, "HTTP connection ended");
    }
}
