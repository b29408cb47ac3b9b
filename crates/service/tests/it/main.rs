//! Certificates, with real files and real connections.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod files;
mod support;
