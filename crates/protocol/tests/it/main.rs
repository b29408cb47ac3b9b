//! What the wire types must do with bytes, whatever language reads them.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod vectors;
