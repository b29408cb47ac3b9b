"""Rooms through the archived SDKs."""

import uuid

import pytest

UNSET = {"max_peers": None, "video_codec": None, "webhook_url": None, "peerless_purge_timeout": None, "peer_disconnected_timeout": None}

def config(sdk, room_id, **changes):
    return sdk.RoomConfig(room_id=room_id, **{**UNSET, **changes})

def test_a_default_room_has_nothing_but_its_id(sdk, server, rooms):
    address, room = rooms.create_room()
    assert address == server.address
    assert room == sdk.Room(config=config(sdk, room.id), id=room.id, components=[], peers=[])
    assert rooms.get_room(room.id) == room
    assert rooms.get_all_rooms() == [room]

def test_all_options_are_kept(sdk, rooms):
    name = f"{uuid.uuid4()}_ABCD-123_xyz"
    _, room = rooms.create_room(
        room_id=name, max_peers=10, video_codec="h264", peerless_purge_timeout=600, peer_disconnected_timeout=300
    )
    codec = sdk.RoomConfigVideoCodec.H264
    expected = config(sdk, name, max_peers=10, video_codec=codec, peerless_purge_timeout=600, peer_disconnected_timeout=300)
    assert (room.id, room.config) == (name, expected)
    assert rooms.create_room(video_codec="vp8")[1].config.video_codec == sdk.RoomConfigVideoCodec.VP8

def test_a_deleted_room_is_gone(sdk, rooms):
    _, room = rooms.create_room()
    assert rooms.delete_room(room.id) is None
    assert rooms.get_all_rooms() == []
    for call in (rooms.get_room, rooms.delete_room):
        with pytest.raises(sdk.errors.NotFoundError, match=f"Room {room.id} does not exist"):
            call(room.id)

def test_an_id_is_taken_once(sdk, rooms):
    _, room = rooms.create_room(room_id="taken")
    with pytest.raises(sdk.errors.BadRequestError, match='Cannot add room with id "taken" - room already exists'):
        rooms.create_room(room_id=room.id)

@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("room_id", "test/path", "roomId may contain only alphanumeric characters, hyphens and underscores"),
        ("room_id", "", 'Cannot add room with id "" - roomId may contain only'),
        ("max_peers", "10", "Expected maxPeers to be a number, got: 10"),
        ("max_peers", -1, "Expected maxPeers to be a number, got: -1"),
        ("webhook_url", "nan", "Expected webhookUrl to be valid URL, got: nan"),
        ("peerless_purge_timeout", 0, "Expected peerlessPurgeTimeout to be a positive integer, got: 0"),
        ("peer_disconnected_timeout", "nan", "Expected peerDisconnectedTimeout to be a positive integer, got: nan"),
    ],
)
def test_a_wrong_option_is_told(sdk, rooms, option, value, sentence):
    with pytest.raises(sdk.errors.BadRequestError, match=sentence):
        rooms.create_room(**{option: value})
    assert rooms.get_all_rooms() == []

def test_a_wrong_token_opens_nothing(sdk, server, ledger):
    wrong = ledger.watch(sdk.RoomApi(server_address=server.address, server_api_token="wrong"))
    recordings = ledger.watch(sdk.RecordingApi(server_address=server.address, server_api_token="wrong"))
    options = sdk.PeerOptionsWebRTC()
    for call in (
        wrong.create_room,
        wrong.get_all_rooms,
        lambda: wrong.get_room("r"),
        lambda: wrong.delete_room("r"),
        lambda: wrong.add_peer("r", options),
        lambda: wrong.delete_peer("r", "p"),
        lambda: wrong.add_component("r", sdk.ComponentOptionsHLS()),
        lambda: wrong.delete_component("r", "c"),
        lambda: wrong.subscribe("r", "c", ["p"]),
        lambda: wrong.sip_dial("r", "c", "123"),
        lambda: wrong.sip_end_call("r", "c"),
        recordings.get_list,
        lambda: recordings.delete("r"),
    ):
        with pytest.raises(sdk.errors.UnauthorizedError, match="Invalid token"):
            call()
