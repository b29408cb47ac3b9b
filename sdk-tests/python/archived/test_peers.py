"""Peers through the archived SDKs."""

import pytest

from support import eventually


def only_peer(rooms, room):
    (peer,) = rooms.get_room(room.id).peers
    return peer


@pytest.mark.parametrize("simulcast", [None, True, False])
def test_a_new_peer_waits_for_its_client(sdk, server, rooms, simulcast):
    _, room = rooms.create_room()
    options = sdk.PeerOptionsWebRTC() if simulcast is None else sdk.PeerOptionsWebRTC(enable_simulcast=simulcast)
    added = rooms.add_peer(room.id, options)
    assert added.token
    assert added.peer_websocket_url == f"{server.address}/socket/peer/websocket"
    assert added.peer.status == sdk.PeerStatus.DISCONNECTED
    assert (added.peer.type, added.peer.tracks, added.peer.metadata) == ("webrtc", [], None)
    assert only_peer(rooms, room) == added.peer


def test_a_client_connects_with_the_token(sdk, rooms, join):
    _, room = rooms.create_room()
    added = rooms.add_peer(room.id, sdk.PeerOptionsWebRTC())
    client = join(added.token, {"name": "Ana"})
    assert client.id == added.peer.id
    track = client.publish("video", {"type": "camera"})
    seen = eventually("the track", lambda: only_peer(rooms, room) if only_peer(rooms, room).tracks else None)
    assert seen.status == sdk.PeerStatus.CONNECTED
    assert seen.metadata == {"name": "Ana"}
    assert [(each.id, each.type, each.metadata) for each in seen.tracks] == [(track, "video", {"type": "camera"})]
    client.leave()
    eventually("the peer is disconnected", lambda: only_peer(rooms, room).status == sdk.PeerStatus.DISCONNECTED)
    assert only_peer(rooms, room).tracks == []


def test_a_deleted_peer_is_gone(sdk, rooms, join):
    _, room = rooms.create_room()
    added = rooms.add_peer(room.id, sdk.PeerOptionsWebRTC())
    client = join(added.token)
    assert rooms.delete_peer(room.id, added.peer.id) is None
    assert client.closed() == (1000, "Peer removed")
    assert rooms.get_room(room.id).peers == []
    with pytest.raises(sdk.errors.NotFoundError, match=f"Peer {added.peer.id} does not exist"):
        rooms.delete_peer(room.id, added.peer.id)


def test_a_deleted_room_takes_its_peers_along(sdk, rooms, join):
    _, room = rooms.create_room()
    client = join(rooms.add_peer(room.id, sdk.PeerOptionsWebRTC()).token)
    rooms.delete_room(room.id)
    assert client.closed() == (1000, "Room stopped")


def test_a_room_takes_as_many_peers_as_it_may(sdk, rooms):
    _, room = rooms.create_room(max_peers=1)
    first = rooms.add_peer(room.id, sdk.PeerOptionsWebRTC())
    with pytest.raises(sdk.errors.ServiceUnavailableError, match=f"Reached webrtc peers limit in room {room.id}"):
        rooms.add_peer(room.id, sdk.PeerOptionsWebRTC())
    rooms.delete_peer(room.id, first.peer.id)
    rooms.add_peer(room.id, sdk.PeerOptionsWebRTC())


def test_wrong_requests_are_told(sdk, rooms):
    _, room = rooms.create_room()
    for call in (lambda: rooms.add_peer("unknown", sdk.PeerOptionsWebRTC()), lambda: rooms.delete_peer("unknown", "p")):
        with pytest.raises(sdk.errors.NotFoundError, match="Room unknown does not exist"):
            call()
    with pytest.raises(sdk.errors.BadRequestError, match="Invalid request body structure"):
        rooms.add_peer(room.id, sdk.PeerOptionsWebRTC(enable_simulcast="yes"))
    # What `add_peer` alone reads of an id that no room can have.
    with pytest.raises(sdk.errors.BadRequestError, match="Invalid room ID: a.b"):
        rooms.add_peer("a.b", sdk.PeerOptionsWebRTC())
