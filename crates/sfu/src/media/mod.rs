//! What happens to a media packet between its publisher and its subscribers.
//!
//! ```text
//! ingress → PacketFacts → Batch ─┬→ forward::Forwarder (which encoding, keyframe first) → Rewriter → egress
//!                                └→ one per subscriber and track
//! ```
//!
//! Plain values: nothing here knows the WebRTC library, a socket or a clock.

pub(crate) mod clock;
pub(crate) mod forward;
pub(crate) mod h264;
pub(crate) mod keyframe;
pub(crate) mod packet;
pub(crate) mod recent;
pub(crate) mod rewrite;
pub(crate) mod select;
pub(crate) mod voice;
pub(crate) mod vp8;
pub(crate) mod window;
