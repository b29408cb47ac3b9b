//! The media server: HTTP and WebSocket API, room and peer life cycle, media workers, notifications.
//!
//! [`start`] runs a server from a [`config::Config`]; the `jellyfish` binary is [`main`](../src/main.rs) around it, and the
//! meeting server embeds it.
//!
//! Inside: [`rooms`] is a value without IO that knows all rules of the life cycle and owns the engine; [`workers`] are the
//! threads that run it; `http` and `sockets` translate requests and frames into its commands and its effects back.

mod app;
mod candidates;
pub mod config;
mod figures;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
pub mod healthcheck;
mod http;
mod metrics;
mod notifications;
mod placement;
mod random;
pub mod rooms;
mod server;
mod sockets;
mod token;
mod webhooks;
mod workers;

pub use figures::Durations;
pub use http::openapi;
pub use server::{Running, StartError, start};
pub use workers::{Counters, WorkerStats};

/// Limits of what strangers may send or hold, beside those of [`config::Limits`]; `docs/limits.md` lists all.
pub mod limits {
    pub use crate::candidates::MAX_CANDIDATES;
    pub use crate::http::{BODY_TIMEOUT, MAX_BODY, MAX_DRAINED_BODY, MAX_REASON, MAX_ROOM_ID, MAX_WISHES};
    pub use crate::notifications::{
        MAX_BEHIND as MAX_NOTIFICATIONS_BEHIND, MAX_BEHIND_BYTES as MAX_NOTIFICATION_BYTES_BEHIND,
        MAX_REMEMBERED as MAX_NOTIFICATIONS_REMEMBERED, MAX_REMEMBERED_BYTES as MAX_NOTIFICATION_BYTES_REMEMBERED,
    };
    pub use crate::rooms::translate::MAX_TRACK_ID;
    pub use crate::rooms::{
        KEPT, MAX_ENDED as MAX_ENDED_ROOMS_REMEMBERED, MAX_EVENT_BYTES as MAX_KEPT_EVENT_BYTES, MAX_EVENTS as MAX_KEPT_EVENTS,
        MEDIA_SILENCE,
    };
    pub use crate::sockets::peer::{MAX_METADATA, PROBE_TIMEOUT};
    pub use crate::sockets::{AUTH_TIMEOUT, IDLE_TIMEOUT, MAX_FRAME, PING_INTERVAL, SLOW_READER_TIMEOUT};
    pub use crate::token::LIFETIME as TOKEN_LIFETIME;
    pub use crate::webhooks::{
        ATTEMPT_TIMEOUT as WEBHOOK_TIMEOUT, FIRST_PAUSE as FIRST_WEBHOOK_PAUSE, LONGEST_PAUSE as LONGEST_WEBHOOK_PAUSE,
        MAX_AGE as MAX_WEBHOOK_AGE, MAX_ENDED as MAX_WEBHOOK_ROOMS_ENDED, MAX_REQUESTS as MAX_WEBHOOK_REQUESTS,
        MAX_REQUESTS_TO_ONE as MAX_WEBHOOK_REQUESTS_TO_ONE, MAX_SLOW_REQUESTS as MAX_SLOW_WEBHOOK_REQUESTS, MAX_URL as MAX_WEBHOOK_URL,
        MAX_WAITING as MAX_WEBHOOK_NOTIFICATIONS, MAX_WAITING_BYTES as MAX_WEBHOOK_BYTES,
        MAX_WAITING_BYTES_OF_ALL as MAX_WEBHOOK_BYTES_OF_ALL, SLOW as SLOW_WEBHOOK,
    };
    pub use crate::workers::{MAX_SDP_BYTES, MAX_TRACKS_PER_PEER};
}
