//! Names of the things the engine keeps. All are opaque text chosen outside, globally unique where they must be.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id! {
    /// A room. Unique among all servers of a deployment.
    RoomId
}
text_id! {
    /// An endpoint of a room: a WebRTC peer, or another kind that sends or receives tracks. Unique within its room.
    PeerId
}
text_id! {
    /// A track: `<peer id>:<uuid>` when a client made it, otherwise opaque.
    TrackId
}
text_id! {
    /// The `mid` of a media line (RFC 8843 section 15). Opaque.
    Mid
}

/// A JSON document as text, passed through unread. `null` stands for "none".
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata(Arc<str>);

impl Metadata {
    /// Wraps JSON text. The caller has checked that it is JSON and within its size limit.
    pub fn from_json(text: &str) -> Self {
        Self(text.into())
    }

    /// The JSON text.
    pub fn as_json(&self) -> &str {
        &self.0
    }
}

impl Default for Metadata {
    fn default() -> Self {
        Self::from_json("null")
    }
}

/// Metadata may hold names: it does not show itself in logs.
impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} bytes>", self.0.len())
    }
}
