//! Who is in a room, from what the media server says.

use protocol::rest::{Peer, PeerStatus, Room};
use serde_json::Value;

use super::name::DisplayName;

/// People listed at most; a page shows no more.
pub const MAX_PEOPLE_LISTED: usize = 20;
/// Name of somebody who gave none.
const GUEST: &str = "Guest";

/// What a page shows about a room before joining.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoomView {
    /// Whether the media server has it.
    pub exists: bool,
    /// Whether nobody can join it now.
    pub full: bool,
    /// Names of people connected now, at most 20.
    pub people: Vec<String>,
}

impl RoomView {
    /// From the room's state.
    pub fn of(room: &Room) -> Self {
        let full = room.config.max_peers.is_some_and(|most| room.peers.len() as u64 >= most);
        let connected = room.peers.iter().filter(|peer| peer.status == PeerStatus::Connected);
        Self { exists: true, full, people: connected.take(MAX_PEOPLE_LISTED).map(name).collect() }
    }
}

/// The person's public id, when the peer was added by a Backend.
pub(super) fn person_id(peer: &Peer) -> Option<&str> {
    peer.metadata.pointer("/server/personId").and_then(Value::as_str)
}

/// The first of: the name that the Backend vouches for, the peer's own metadata, "Guest".
fn name(peer: &Peer) -> String {
    let split = peer.metadata.get("server").is_some() && peer.metadata.get("peer").is_some();
    let own = if split { peer.metadata.get("peer") } else { Some(&peer.metadata) };
    let vouched = peer.metadata.pointer("/server/displayName").filter(|_| split);
    let candidates = [vouched, own.and_then(|own| own.get("displayName")), own.and_then(|own| own.get("name"))];
    let mut texts = candidates.into_iter().flatten().filter_map(Value::as_str);
    let name = texts.find_map(|text| DisplayName::parse(text).ok());
    name.map_or_else(|| GUEST.to_owned(), |name| name.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::rest::RoomConfig;
    use serde_json::json;

    fn peer(status: PeerStatus, metadata: Value) -> Peer {
        Peer { id: "p".into(), kind: "webrtc".into(), status, tracks: Vec::new(), metadata, subscribe_mode: None, subscriptions: None }
    }

    fn room(max_peers: Option<u64>, peers: Vec<Peer>) -> Room {
        Room { id: "r".into(), config: RoomConfig { max_peers, ..RoomConfig::default() }, components: Vec::new(), peers }
    }

    #[test]
    fn names_come_from_the_first_place_that_has_one() {
        for (metadata, expected) in [
            (json!({"peer": {"displayName": "own"}, "server": {"displayName": "Ana"}}), "Ana"),
            (json!({"peer": {"displayName": "own"}, "server": {"personId": "x"}}), "own"),
            (json!({"peer": {"name": "older"}, "server": null}), "older"),
            (json!({"displayName": "single"}), "single"),
            (json!({"displayName": 5, "name": "older"}), "older"),
            (json!({"displayName": " \u{202e} ", "name": "visible"}), "visible"),
            (json!(null), "Guest"),
            (json!("text"), "Guest"),
            (json!({"peer": null, "server": {}}), "Guest"),
        ] {
            let view = RoomView::of(&room(None, vec![peer(PeerStatus::Connected, metadata.clone())]));
            assert_eq!(view.people, [expected], "{metadata}");
        }
    }

    #[test]
    fn only_connected_people_are_listed_but_all_take_a_place() {
        let peers = vec![peer(PeerStatus::Connected, json!({"name": "Ana"})), peer(PeerStatus::Disconnected, json!({"name": "Ben"}))];
        let view = RoomView::of(&room(Some(2), peers.clone()));
        assert_eq!(view, RoomView { exists: true, full: true, people: vec!["Ana".into()] });
        assert!(!RoomView::of(&room(Some(3), peers.clone())).full);
        assert!(!RoomView::of(&room(None, peers)).full);
        let crowd = vec![peer(PeerStatus::Connected, Value::Null); 30];
        assert_eq!(RoomView::of(&room(None, crowd)).people.len(), MAX_PEOPLE_LISTED);
    }
}
