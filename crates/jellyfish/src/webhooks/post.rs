//! Posting one request: the address is looked up once, checked, and connected to.

use std::error::Error as _;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::header;
use protocol::notification;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Url, redirect};
use thiserror::Error;

use super::outbox::Delivery;
use super::signature::{BODY_SIGNATURE, DATED_SIGNATURE, SEQUENCE, SigningKey};
use super::target::Targets;

/// Time to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(8);

/// Time for an attempt as a whole. A receiver that needs longer gets the same again.
pub const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

/// Finds the addresses of a name; tests bring their own.
pub(super) type Lookup = Arc<dyn Fn(String) -> Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>> + Send + Sync>;

/// Why an attempt failed. The sentences name neither addresses nor secrets: they are for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum PostError {
    /// The receiver's address is not allowed: no attempt will succeed.
    #[error("its address is not allowed; see --webhook-allow")]
    Refused,
    /// It answered something else than success. Redirects are not followed.
    #[error("it answers with status {0}")]
    Status(u16),
    /// It did not answer in time.
    #[error("it does not answer in time")]
    TimedOut,
    /// No connection.
    #[error("it cannot be connected to")]
    Unreachable,
    /// The connection broke, or what came was no HTTP.
    #[error("the request broke")]
    Broken,
}

/// A client that reaches only allowed addresses.
pub(super) struct Poster {
    client: Client,
    key: SigningKey,
    targets: Arc<Targets>,
}

impl Poster {
    pub(super) fn new(targets: Arc<Targets>, secret: &str, lookup: Lookup) -> Result<Self, reqwest::Error> {
        let checked = Arc::new(CheckedLookup { targets: Arc::clone(&targets), lookup });
        let builder = || {
            Client::builder()
                .user_agent(concat!("jellyfish/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(CONNECT_TIMEOUT)
                .timeout(ATTEMPT_TIMEOUT)
                .dns_resolver(Arc::clone(&checked))
                // A redirect or a proxy would lead where nothing is checked.
                .redirect(redirect::Policy::none())
                .no_proxy()
        };
        let client = builder().build().or_else(|error| {
            tracing::warn!(%error, "this machine trusts no certificates, so webhooks to https addresses fail: install ca-certificates");
            builder().tls_certs_only([]).build()
        })?;
        Ok(Self { client, key: SigningKey::new(secret), targets })
    }

    pub(super) async fn post(&self, url: &Url, delivery: &Delivery) -> Result<(), PostError> {
        // An address in the URL is connected to without looking anything up.
        if self.targets.refuses(url) {
            return Err(PostError::Refused);
        }
        let body = body(&delivery.frames);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let request = self
            .client
            .post(url.clone())
            .header(header::CONTENT_TYPE, "application/x-protobuf")
            .header(BODY_SIGNATURE, self.key.of_body(&body))
            .header(DATED_SIGNATURE, self.key.dated(now, &body))
            .header(SEQUENCE, delivery.sequence)
            .body(body);
        let response = request.send().await.map_err(|error| why(&error))?;
        if response.status().is_success() { Ok(()) } else { Err(PostError::Status(response.status().as_u16())) }
    }
}

/// One message as it is; several in a batch.
fn body(frames: &[Bytes]) -> Bytes {
    match frames {
        [single] => single.clone(),
        several => notification::encode_batch(several).into(),
    }
}

fn why(error: &reqwest::Error) -> PostError {
    let mut source = error.source();
    while let Some(cause) = source {
        if cause.is::<Refused>() {
            return PostError::Refused;
        }
        source = cause.source();
    }
    if error.is_timeout() {
        PostError::TimedOut
    } else if error.is_connect() {
        PostError::Unreachable
    } else {
        PostError::Broken
    }
}

/// A name has only addresses that are not allowed.
#[derive(Debug, Error)]
#[error("no address of the name is allowed")]
struct Refused;

/// Gives the client only addresses that are allowed. It connects to exactly these: a name that means something else a moment
/// later changes nothing.
struct CheckedLookup {
    targets: Arc<Targets>,
    lookup: Lookup,
}

impl Resolve for CheckedLookup {
    fn resolve(&self, name: Name) -> Resolving {
        let (targets, found) = (Arc::clone(&self.targets), (self.lookup)(name.as_str().to_owned()));
        Box::pin(async move {
            let found = found.await?;
            let allowed: Vec<SocketAddr> = found.iter().copied().filter(|address| targets.allows(address.ip())).collect();
            if allowed.is_empty() && !found.is_empty() {
                return Err(Refused.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

/// The system's name service.
pub(super) fn system_lookup() -> Lookup {
    Arc::new(|name| Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) }))
}

#[cfg(test)]
#[path = "post_tests.rs"]
mod tests;
