//! Letting people in.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::sync::Arc;

use serde_json::{Map, Value};
use server_sdk::{Client, Error, NewPeer, PeerOptions, RoomConfig};
use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::occupancy::person_id;
use super::{DisplayName, Identity, IdentityKey, Person, RoomId, RoomName, RoomView};

/// Attempts when the room vanishes between its creation and the peer's. More only helps against somebody who deletes the
/// room all the time.
const ATTEMPTS: usize = 5;
/// After so many seconds the media server removes a peer that is not connected, should the Backend be down.
const PEER_DISCONNECTED_TIMEOUT: u32 = 30;
/// After so many seconds the media server removes a room without connected peers, should the Backend be down.
const PEERLESS_PURGE_TIMEOUT: u32 = 120;
/// What a client is told when the same person takes its place. Clients know the word: it is part of the wire.
const REPLACED: &str = "replaced";
/// Rooms share this many gates. Fewer makes joins wait more often for the removal of another room.
const GATES: usize = 64;

/// What all rooms are created with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoomSettings {
    /// Most people in a room.
    pub max_peers: Option<u64>,
}

/// Somebody was let in.
#[derive(Debug)]
pub struct Joined {
    /// The new peer, with its token.
    pub peer: NewPeer,
    /// Public id of the person.
    pub person: String,
    /// To be given back at the next join.
    pub identity: Identity,
}

/// Why somebody was not let in.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// The room has as many people as it may have.
    #[error("the room is full")]
    RoomFull,
    /// The media server cannot serve the request.
    #[error(transparent)]
    Unavailable(Error),
    /// The media server refuses what it should accept: the two do not fit together.
    #[error(transparent)]
    Misunderstood(Error),
    /// The system has no randomness.
    #[error("no random numbers")]
    Randomness,
}

impl From<Error> for JoinError {
    fn from(error: Error) -> Self {
        match error {
            Error::PeerLimit => Self::RoomFull,
            Error::BadRequest(_) | Error::Disabled(_) | Error::InvalidAddress(_) => Self::Misunderstood(error),
            _ => Self::Unavailable(error),
        }
    }
}

/// The rooms of one media server, as people know them: by name. It holds no state about them.
pub struct Meetings {
    client: Client,
    key: IdentityKey,
    settings: RoomSettings,
    gates: Arc<Gates>,
}

impl Meetings {
    /// On the media server of `client`.
    pub fn new(client: Client, key: IdentityKey, settings: RoomSettings) -> Self {
        Self { client, key, settings, gates: Arc::default() }
    }

    pub(crate) fn gates(&self) -> Arc<Gates> {
        Arc::clone(&self.gates)
    }

    /// Lets somebody in, creating the room when needed. A person with a valid identity takes the place of the peers that
    /// the same person has in the room.
    pub async fn join(&self, room: &RoomName, name: Option<&DisplayName>, identity: Option<&str>) -> Result<Joined, JoinError> {
        let known = identity.and_then(|identity| self.key.verify(identity));
        let returning = known.is_some();
        let person = match known {
            Some(person) => person,
            None => self.key.create(seed()?),
        };
        let id = room.id();
        let _open = self.gates.pass(&id).await;
        for _ in 0..ATTEMPTS {
            match self.enter(&id, name, &person, returning).await {
                Err(Error::RoomNotFound) => tracing::debug!(room = %id, "the room vanished during a join"),
                Ok(peer) => return Ok(Joined { peer, person: person.id, identity: person.identity }),
                Err(error) => return Err(error.into()),
            }
        }
        Err(JoinError::Unavailable(Error::RoomNotFound))
    }

    /// Who is in a room now.
    pub async fn view(&self, room: &RoomName) -> Result<RoomView, JoinError> {
        match self.client.room(room.id().as_str()).await {
            Ok(room) => Ok(RoomView::of(&room)),
            Err(Error::RoomNotFound) => Ok(RoomView::default()),
            Err(error) => Err(error.into()),
        }
    }

    /// One attempt. [`Error::RoomNotFound`]: the room vanished on the way.
    async fn enter(&self, room: &RoomId, name: Option<&DisplayName>, person: &Person, returning: bool) -> Result<NewPeer, Error> {
        let config = RoomConfig {
            room_id: Some(room.to_string()),
            max_peers: self.settings.max_peers,
            peer_disconnected_timeout: Some(PEER_DISCONNECTED_TIMEOUT),
            peerless_purge_timeout: Some(PEERLESS_PURGE_TIMEOUT),
            ..RoomConfig::default()
        };
        match self.client.create_room(&config).await {
            Err(Error::RoomExists) if returning => self.remove_former(room, person).await?,
            Ok(_) | Err(Error::RoomExists) => {}
            Err(error) => return Err(error),
        }
        let mut metadata = Map::new();
        if let Some(name) = name {
            metadata.insert("displayName".into(), name.as_str().into());
        }
        metadata.insert("personId".into(), person.id.as_str().into());
        let options = PeerOptions { metadata: Some(Value::Object(metadata)), ..PeerOptions::default() };
        self.client.add_peer(room.as_str(), options).await
    }

    /// Deletes the peers that this person has in the room, from before a reload or a crash.
    async fn remove_former(&self, room: &RoomId, person: &Person) -> Result<(), Error> {
        let state = self.client.room(room.as_str()).await?;
        for peer in state.peers.iter().filter(|peer| person_id(peer) == Some(&person.id)) {
            match self.client.delete_peer_because(room.as_str(), &peer.id, REPLACED).await {
                Ok(()) | Err(Error::PeerNotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn seed() -> Result<[u8; 16], JoinError> {
    let mut seed = [0; 16];
    aws_lc_rs::rand::fill(&mut seed).map_err(|_| JoinError::Randomness)?;
    Ok(seed)
}

/// Keeps joins and the removal of the same room apart within this process, so that nobody is let into a room that is being
/// removed. (With several Backends, or another program that deletes, the page joins again: correctness does not need this.)
pub(crate) struct Gates {
    gates: [RwLock<()>; GATES],
    hasher: BuildHasherDefault<DefaultHasher>,
}

impl Default for Gates {
    fn default() -> Self {
        Self { gates: std::array::from_fn(|_| RwLock::default()), hasher: BuildHasherDefault::default() }
    }
}

impl Gates {
    /// For a join: any number at once.
    pub(crate) async fn pass(&self, room: &RoomId) -> RwLockReadGuard<'_, ()> {
        self.gate(room).read().await
    }

    /// For a removal: no join until the guard is dropped.
    pub(crate) async fn close(&self, room: &RoomId) -> RwLockWriteGuard<'_, ()> {
        self.gate(room).write().await
    }

    fn gate(&self, room: &RoomId) -> &RwLock<()> {
        &self.gates[self.hasher.hash_one(room) as usize % GATES]
    }
}
