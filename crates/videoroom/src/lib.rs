//! Videoroom: the Backend, and the product that runs Backend and media server in one process.
//!
//! - [`config`]: all settings, from flags, environment and file.
//! - [`rooms`]: names, identities, joining, removing empty rooms.
//! - [`server`]: the public port: page, join API, health. [`server::start`] runs it against any media server.
//! - [`embedded`]: the media server in this process.
//! - [`doctor`]: what will not work on this machine, and the cure. [`healthcheck`]: whether a running server is well.
//! - [`product`]: the assembly of both, with start-up and shutdown.
//!
//! The Backend knows nothing of WebRTC, and holds no state about rooms: it can be killed at any moment.

pub mod config;
pub mod doctor;
pub mod embedded;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
pub mod healthcheck;
mod http;
mod links;
pub mod product;
pub mod rooms;
pub mod server;

pub use http::openapi;
