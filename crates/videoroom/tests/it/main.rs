//! The Backend through its real door. What depends on the media server is tested twice: with ours, and with a scripted
//! one that speaks only the documented wire.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod acme;
mod doctor;
mod errors;
mod faults;
mod garbage;
mod janitor;
mod join;
mod lan;
mod limits;
mod logs;
mod meeting;
mod metrics;
mod openapi;
mod page;
mod process;
mod program;
mod proxy;
mod restart;
mod split;
mod supervised;
mod support;
