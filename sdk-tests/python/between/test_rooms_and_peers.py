"""Rooms and peers through the SDK between the generations."""

import pytest
from fishjam import FishjamClient, PeerOptions, RoomOptions
from fishjam.errors import BadRequestError, NotFoundError, ServiceUnavailableError, UnauthorizedError

from support import TOKEN, eventually


def only_peer(client, room):
    (peer,) = client.get_room(room.id).peers
    return peer


def test_a_default_room_has_nothing_but_its_id(client):
    room = client.create_room()
    config = room.config
    assert config.room_id == room.id
    unset = (config.max_peers, config.video_codec, config.webhook_url, config.peerless_purge_timeout, config.peer_disconnected_timeout)
    assert unset == (None, None, None, None, None)
    assert client.get_all_rooms() == [room]
    assert client.get_room(room.id) == room


def test_all_options_are_kept(client):
    options = RoomOptions(room_id="a_B-1", max_peers=10, video_codec="h264", peerless_purge_timeout=600, peer_disconnected_timeout=300)
    config = client.create_room(options).config
    assert (config.room_id, config.max_peers, config.video_codec) == ("a_B-1", 10, "h264")
    assert (config.peerless_purge_timeout, config.peer_disconnected_timeout) == (600, 300)


def test_wrong_requests_are_told(server, client, ledger):
    room = client.create_room()
    with pytest.raises(BadRequestError, match="room already exists"):
        client.create_room(RoomOptions(room_id=room.id))
    with pytest.raises(BadRequestError, match="Expected maxPeers to be a number, got: nan"):
        client.create_room(RoomOptions(max_peers="nan"))
    for call in (
        lambda: client.get_room("unknown"),
        lambda: client.delete_room("unknown"),
        lambda: client.create_peer("unknown"),
        lambda: client.delete_peer(room.id, "unknown"),
        lambda: client.refresh_peer_token(room.id, "unknown"),
    ):
        with pytest.raises(NotFoundError, match="(Room|Peer) unknown does not exist"):
            call()
    for call in (
        lambda: client.get_room("a.b"),
        lambda: client.delete_room("a.b"),
        lambda: client.create_peer("a.b"),
        lambda: client.delete_peer("a.b", "p"),
        lambda: client.refresh_peer_token("a.b", "p"),
    ):
        with pytest.raises(BadRequestError, match="Invalid room ID: a.b"):
            call()
    wrong = ledger.watch(FishjamClient(server.url, "wrong"))
    for call in (
        wrong.create_room,
        wrong.get_all_rooms,
        lambda: wrong.get_room(room.id),
        lambda: wrong.delete_room(room.id),
        lambda: wrong.create_peer(room.id),
        lambda: wrong.delete_peer(room.id, "p"),
        lambda: wrong.refresh_peer_token(room.id, "p"),
    ):
        with pytest.raises(UnauthorizedError, match="Invalid token"):
            call()


def test_metadata_comes_in_two_halves(client, join):
    room = client.create_room()
    peer, token = client.create_peer(room.id, PeerOptions(metadata={"role": "host"}))
    assert peer.metadata == {"peer": {}, "server": {"role": "host"}}
    join(token, {"name": "Ana"})
    expected = {"peer": {"name": "Ana"}, "server": {"role": "host"}}
    eventually("the metadata", lambda: only_peer(client, room).metadata == expected)


def test_a_refreshed_token_lets_the_same_peer_in(client, join):
    room = client.create_room()
    peer, token = client.create_peer(room.id)
    fresh = client.refresh_peer_token(room.id, peer.id)
    assert fresh != token
    assert join(fresh).id == peer.id


def test_a_room_takes_as_many_peers_as_it_may(client):
    room = client.create_room(RoomOptions(max_peers=1))
    peer, _ = client.create_peer(room.id)
    with pytest.raises(ServiceUnavailableError, match=f"Reached webrtc peers limit in room {room.id}"):
        client.create_peer(room.id)
    client.delete_peer(room.id, peer.id)
    client.create_peer(room.id)


def test_deleted_ones_are_gone(client, join):
    room = client.create_room()
    peer, token = client.create_peer(room.id)
    joined = join(token)
    client.delete_peer(room.id, peer.id)
    assert joined.closed() == (1000, "Peer removed")
    assert client.get_room(room.id).peers == []
    client.delete_room(room.id)
    assert client.get_all_rooms() == []


def test_a_full_server_is_not_available(small_server, ledger):
    client = ledger.watch(FishjamClient(small_server.url, TOKEN))
    client.create_room()
    with pytest.raises(ServiceUnavailableError, match="reached rooms limit"):
        client.create_room()
