//! The media engine of Jellyfish, sans-IO.
//!
//! One [`Engine`] serves all rooms of one media worker. It does no IO, reads no clock and owns no randomness (keys and ICE
//! passwords excepted, which come from the operating system): time comes in as an argument, randomness as a seed, effects
//! leave through [`Engine::poll_output`]. The contract of every call is *mutate once, then drain*: after `handle_command`, a
//! batch of `handle_datagram`s or `handle_timeout`, call `poll_output` until it returns `None`, send what `take_datagrams` gives,
//! then sleep until `poll_timeout`.
//!
//! ```text
//! command ─▶ rooms ─▶ peer::negotiation ─▶ what clients are told
//! datagram ─▶ reach (whose?) ─┬▶ peer::rtc (ICE, DTLS)
//!                              └▶ ingress ─▶ rooms::forwarding ─▶ batches ─▶ media (which, rewritten) ─▶ egress ─▶ datagrams
//! ```
//!
//! What it does not know: sockets, HTTP, WebSockets, wire dialects, tokens, people.

mod command;
mod egress;
mod engine;
mod event;
mod flow;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod ids;
mod ingress;
mod media;
mod peer;
mod permissions;
mod random;
mod reach;
mod rooms;
mod rtcp;
mod srtp;
mod subscriptions;
#[doc(hidden)]
pub mod testing;
mod worker;

pub use command::{ClientEvent, Command, CommandError, Offer, PeerOptions, RoomOptions, VideoCodec};
pub use engine::{Config, Engine, Stats, TableSizes};
pub use event::{
    Closed, EndpointInfo, EndpointKind, Event, IceCandidate, Output, ServerEvent, TrackInfo, TrackKind, Variant, VoiceActivity,
};
pub use flow::{Arrival, Datagram, Datagrams, Flow};
pub use ids::{Metadata, Mid, PeerId, RoomId, TrackId};
pub use permissions::Permissions;
pub use subscriptions::{Subscriptions, Wishes};
