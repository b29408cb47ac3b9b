"""Peers through the living SDK."""

import pytest
from fishjam import PeerOptions, RoomOptions
from fishjam.errors import BadRequestError, ConflictError, InternalServerError, NotFoundError
from fishjam.peer import PeerStatus

from support import eventually


def only_peer(client, room):
    (peer,) = client.get_room(room.id).peers
    return peer


def test_a_new_peer_waits_for_its_client(client):
    room = client.create_room()
    peer, token = client.create_peer(room.id)
    assert token
    assert (peer.type_, peer.status, peer.tracks) == ("webrtc", PeerStatus.DISCONNECTED, [])
    assert peer.metadata.to_dict() == {"peer": {}, "server": {}}
    assert peer.subscribe_mode == "auto"
    assert (peer.subscriptions.peers, peer.subscriptions.tracks) == ([], [])
    assert only_peer(client, room) == peer


def test_options_are_kept(client):
    room = client.create_room()
    peer, _ = client.create_peer(room.id, PeerOptions(metadata={"name": "Ana"}, subscribe_mode="manual"))
    assert peer.metadata.to_dict() == {"peer": {}, "server": {"name": "Ana"}}
    assert peer.subscribe_mode == "manual"
    assert only_peer(client, room) == peer


def test_wrong_requests_are_told(client):
    room = client.create_room()
    peer, _ = client.create_peer(room.id)
    deep = {}
    for _ in range(200):
        deep = {"deeper": deep}
    with pytest.raises(BadRequestError, match="Bad Request"):
        client.create_peer(room.id, PeerOptions(metadata=deep))
    for call in (
        lambda: client.subscribe_peer(room.id, peer.id, None),
        lambda: client.subscribe_tracks(room.id, peer.id, [5]),
    ):
        with pytest.raises(BadRequestError, match="Invalid request body structure"):
            call()


def test_a_client_connects_with_the_token(client, join):
    room = client.create_room(RoomOptions(video_codec="vp8"))
    peer, token = client.create_peer(room.id, PeerOptions(metadata={"role": "host"}))
    joined = join(token, {"name": "Ana"})
    assert joined.id == peer.id
    track = joined.publish("video", {"type": "camera"})
    eventually("the track", lambda: only_peer(client, room).tracks)
    seen = only_peer(client, room)
    assert seen.status == PeerStatus.CONNECTED
    assert seen.metadata.to_dict() == {"peer": {"name": "Ana"}, "server": {"role": "host"}}
    assert [(each.id, each.type_) for each in seen.tracks] == [(track, "video")]
    assert seen.tracks[0].metadata.to_dict() == {"type": "camera"}
    joined.leave()
    eventually("the peer is disconnected", lambda: only_peer(client, room).status == PeerStatus.DISCONNECTED)


def test_a_refreshed_token_lets_the_same_peer_in(client, join):
    room = client.create_room()
    peer, token = client.create_peer(room.id)
    fresh = client.refresh_peer_token(room.id, peer.id)
    assert fresh != token
    assert join(fresh).id == peer.id


def test_a_deleted_peer_is_gone(client, join):
    room = client.create_room()
    peer, token = client.create_peer(room.id)
    joined = join(token)
    client.delete_peer(room.id, peer.id)
    assert joined.closed() == (1000, "Peer removed")
    assert client.get_room(room.id).peers == []
    for call in (client.delete_peer, client.refresh_peer_token):
        with pytest.raises(NotFoundError, match=f"Peer {peer.id} does not exist"):
            call(room.id, peer.id)


def test_unknown_peers_are_not_found(client):
    room = client.create_room()
    peer, _ = client.create_peer(room.id, PeerOptions(subscribe_mode="manual"))
    for call in (
        lambda: client.delete_peer(room.id, "invalid_peer_id"),
        lambda: client.refresh_peer_token(room.id, "invalid_peer_id"),
        lambda: client.subscribe_peer(room.id, "invalid_peer_id", peer.id),
        lambda: client.subscribe_peer(room.id, peer.id, "invalid_peer_id"),
        lambda: client.subscribe_tracks(room.id, "invalid_peer_id", ["t"]),
    ):
        with pytest.raises(NotFoundError):
            call()


def test_a_room_takes_as_many_peers_as_it_may(client):
    room = client.create_room(RoomOptions(max_peers=1))
    peer, _ = client.create_peer(room.id)
    with pytest.raises(ConflictError, match=f"Reached webrtc peers limit in room {room.id}"):
        client.create_peer(room.id)
    client.delete_peer(room.id, peer.id)
    client.create_peer(room.id)


def test_a_manual_subscriber_names_peers_and_tracks(client, join):
    room = client.create_room(RoomOptions(video_codec="vp8"))
    publisher, token = client.create_peer(room.id)
    track = join(token).publish("video", {"type": "camera"})
    subscriber, _ = client.create_peer(room.id, PeerOptions(subscribe_mode="manual"))
    client.subscribe_peer(room.id, subscriber.id, publisher.id)
    client.subscribe_tracks(room.id, subscriber.id, [track])
    seen = next(peer for peer in client.get_room(room.id).peers if peer.id == subscriber.id)
    assert (seen.subscriptions.peers, seen.subscriptions.tracks) == ([publisher.id], [track])


def test_metadata_that_is_too_long_is_refused(client):
    room = client.create_room()
    # The SDK's only class for 413.
    with pytest.raises(InternalServerError, match="Request Entity Too Large"):
        client.create_peer(room.id, PeerOptions(metadata={"text": "x" * 70_000}))
    assert client.get_room(room.id).peers == []
