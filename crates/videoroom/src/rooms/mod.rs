//! Rooms and people: names, ids, identities, joining, and removing rooms that nobody uses.

mod identity;
pub mod janitor;
mod join;
mod limit;
mod name;
mod occupancy;

pub use identity::{Identity, IdentityKey, Person};
pub(crate) use join::Gates;
pub use join::{JoinError, Joined, Meetings, RoomSettings};
pub use limit::{JoinLimit, JoinLimiter};
pub use name::{DisplayName, MAX_NAME, NameError, RoomId, RoomName};
pub use occupancy::{MAX_PEOPLE_LISTED, RoomView};
