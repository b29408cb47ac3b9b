//! Development only: what the tests of several crates share.
//!
//! - [`eventually`]: waiting with a reason.
//! - [`scripted`]: a server that speaks the documented wire of the media server, and fails on command.

mod eventually;
pub mod scripted;

pub use eventually::{eventually, eventually_within};
