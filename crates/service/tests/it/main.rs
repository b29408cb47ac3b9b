//! Certificates, with real files, real connections and a certificate authority of the tests.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod acme;
mod files;
mod support;
