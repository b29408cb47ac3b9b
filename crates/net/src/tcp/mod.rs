//! One TCP port for everything: HTTP, HTTPS, and registered stream protocols, told apart by their first bytes.
//!
//! [`Acceptor::bind`] opens the port, [`Acceptor::serve`] runs a `tower` service (an `axum` router is one) on it. Every
//! request carries a [`ConnInfo`] among its extensions.
//!
//! ```no_run
//! use std::convert::Infallible;
//! use net::tcp::{Acceptor, ConnInfo, Limits, ListenAddress};
//!
//! # async fn example() -> Result<(), net::tcp::BindError> {
//! let acceptor = Acceptor::bind(&ListenAddress::All(8080), Limits::default())?;
//! let service = tower::service_fn(|request: net::tcp::HttpRequest| async move {
//!     let remote = request.extensions().get::<ConnInfo>().map(|info| info.remote);
//!     Ok::<_, Infallible>(http::Response::new(format!("{remote:?}")))
//! });
//! let stop = std::future::pending();
//! acceptor.serve(service, stop).await;
//! # Ok(()) }
//! ```

mod acceptor;
mod first_bytes;
mod http1;
mod listen;
mod refusals;
mod self_signed;
mod stream;
mod tls;
mod undecided;

pub use acceptor::{AcceptCounters, Acceptor, Limits};
pub use first_bytes::Recognition;
pub use http1::HttpRequest;
pub use listen::{BindError, ListenAddress, ListenAddressError};
pub use stream::{ConnInfo, Connection, Stopping, Stream, StreamProtocol};
pub use tls::{ServerTls, TlsError, read_pem_files, self_signed_pem};
