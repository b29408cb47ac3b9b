//! How datagrams find their peer, and media finds the peer's address.
//!
//! ```text
//! datagram → classify → STUN request: ufrag names worker, slot, generation → peer
//!                     → anything else: AddressTable knows the flow's owner, or it is dropped
//! ```
//!
//! Plain values: nothing here knows the WebRTC library, a socket or a clock.

pub(crate) mod addresses;
pub(crate) mod classify;
pub(crate) mod stun;
pub(crate) mod ufrag;
