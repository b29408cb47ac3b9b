//! Development only: what the tests of several crates share.
//!
//! - `acme` (with the feature of that name): a certificate authority.
//! - [`eventually`]: waiting with a reason.
//! - [`hostile`]: garbage for a server, and what others may notice of it.
//! - [`Manager`]: a service manager that listens.
//! - [`scripted`]: a server that speaks the documented wire of the media server, and fails on command.
//! - `servers` (with the feature of that name): our own servers in this process, on free ports.

#[cfg(feature = "acme")]
pub mod acme;
mod eventually;
pub mod hostile;
mod manager;
pub mod scripted;
#[cfg(feature = "servers")]
pub mod servers;

pub use eventually::{eventually, eventually_within};
pub use manager::Manager;
