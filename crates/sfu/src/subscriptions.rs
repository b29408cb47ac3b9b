//! Which of the others' tracks a peer gets.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::{PeerId, TrackId};

/// Which of the others' tracks a peer gets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subscriptions {
    /// All of them.
    #[default]
    All,
    /// Only these.
    Only(Wishes),
}

/// Chosen tracks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wishes {
    /// All tracks of these peers, those to come included.
    pub peers: BTreeSet<PeerId>,
    /// Single tracks.
    pub tracks: BTreeSet<TrackId>,
}

impl Subscriptions {
    /// Whether this track of that peer is among them.
    pub fn include(&self, owner: &PeerId, track: &TrackId) -> bool {
        match self {
            Self::All => true,
            Self::Only(wishes) => wishes.peers.contains(owner) || wishes.tracks.contains(track),
        }
    }

    /// Adds to what is chosen. Without effect where everything is.
    pub fn add(&mut self, more: Wishes) {
        if let Self::Only(wishes) = self {
            wishes.peers.extend(more.peers);
            wishes.tracks.extend(more.tracks);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chosen_peers_and_tracks_are_included() {
        let includes = |subscriptions: &Subscriptions| {
            [("a", "a:1"), ("a", "a:2"), ("b", "b:1")].map(|(owner, track)| subscriptions.include(&owner.into(), &track.into()))
        };
        let mut all = Subscriptions::All;
        all.add(Wishes { peers: ["a".into()].into(), ..Wishes::default() });
        assert_eq!(includes(&all), [true, true, true]);
        let mut only = Subscriptions::Only(Wishes::default());
        assert_eq!(includes(&only), [false, false, false]);
        only.add(Wishes { tracks: ["a:2".into()].into(), ..Wishes::default() });
        assert_eq!(includes(&only), [false, true, false]);
        only.add(Wishes { peers: ["b".into()].into(), ..Wishes::default() });
        assert_eq!(includes(&only), [false, true, true]);
    }
}
