"""The archived SDKs' notifier: every notification that this server has a reason for, in order."""

import json

import pytest

from support import TOKEN, eventually


def add_peer(sdk, rooms, room):
    return rooms.add_peer(room.id, sdk.PeerOptionsWebRTC())


def test_a_room_and_its_peer_from_creation_to_end(sdk, rooms, join, heard):
    _, room = rooms.create_room()
    added = add_peer(sdk, rooms, room)
    client = join(added.token, {"name": "Ana"})
    track = client.publish("video", {"type": "camera"})
    client.update_track(track, {"type": "camera", "paused": True})
    client.update({"name": "Ana B."})
    expected = ["RoomCreated", "PeerAdded", "PeerConnected", "PeerMetadataUpdated", "TrackAdded"]
    expected += ["TrackMetadataUpdated", "PeerMetadataUpdated"]
    heard.expect(room.id, expected)
    client.leave()
    # The order of these two is not promised.
    eventually("the end of the connection", lambda: len(heard.of(room.id)) == len(expected) + 2)
    assert sorted(heard.names(room.id)[len(expected) :]) == ["PeerDisconnected", "TrackRemoved"]
    rooms.delete_peer(room.id, added.peer.id)
    rooms.delete_room(room.id)
    eventually("the end of the room", lambda: len(heard.of(room.id)) == len(expected) + 4)
    assert heard.names(room.id)[-2:] == ["PeerDeleted", "RoomDeleted"]

    told = dict(zip(heard.names(room.id), heard.of(room.id)))
    for name, message in told.items():
        if name.startswith("Peer"):
            assert message.peer_id == added.peer.id, name
    texts = [message.metadata for message in heard.of(room.id) if type(message).__name__.endswith("PeerMetadataUpdated")]
    assert [json.loads(text) for text in texts] == [{"name": "Ana"}, {"name": "Ana B."}]
    video = sdk.events.ServerMessageTrackType.TRACK_TYPE_VIDEO
    assert (told["TrackAdded"].peer_id, told["TrackAdded"].track.id, told["TrackAdded"].track.type) == (client.id, track, video)
    assert json.loads(told["TrackAdded"].track.metadata) == {"type": "camera"}
    assert json.loads(told["TrackMetadataUpdated"].track.metadata) == {"type": "camera", "paused": True}
    assert told["TrackRemoved"].track == told["TrackMetadataUpdated"].track


def test_unpublishing_is_told(sdk, rooms, join, heard):
    _, room = rooms.create_room()
    client = join(add_peer(sdk, rooms, room).token)
    track = client.publish("audio", None)
    client.unpublish(track)
    messages = heard.expect(
        room.id, ["RoomCreated", "PeerAdded", "PeerConnected", "PeerMetadataUpdated", "TrackAdded", "TrackRemoved"]
    )
    assert messages[-1].track == messages[-2].track
    assert messages[-1].track.type == sdk.events.ServerMessageTrackType.TRACK_TYPE_AUDIO
    assert messages[-1].track.metadata == "null"


def test_deleting_a_connected_peer_disconnects_it_first(sdk, rooms, join, heard):
    _, room = rooms.create_room()
    added = add_peer(sdk, rooms, room)
    join(added.token)
    heard.expect(room.id, ["RoomCreated", "PeerAdded", "PeerConnected", "PeerMetadataUpdated"])
    rooms.delete_peer(room.id, added.peer.id)
    rooms.delete_room(room.id)
    assert_end(heard, room, ["PeerDisconnected", "PeerDeleted", "RoomDeleted"])


def test_deleting_a_room_says_nothing_of_disconnections(sdk, rooms, join, heard):
    _, room = rooms.create_room()
    client = join(add_peer(sdk, rooms, room).token)
    client.publish("video", None)
    heard.expect(room.id, ["RoomCreated", "PeerAdded", "PeerConnected", "PeerMetadataUpdated", "TrackAdded"])
    rooms.delete_room(room.id)
    assert_end(heard, room, ["TrackRemoved", "PeerDeleted", "RoomDeleted"])


def test_timers_end_a_peer_and_then_its_room(sdk, rooms, join, heard):
    _, room = rooms.create_room(peer_disconnected_timeout=1, peerless_purge_timeout=2)
    client = join(add_peer(sdk, rooms, room).token)
    heard.expect(room.id, ["RoomCreated", "PeerAdded", "PeerConnected", "PeerMetadataUpdated"])
    client.leave()
    assert_end(heard, room, ["PeerDisconnected", "PeerDeleted", "RoomDeleted"])


def test_a_crashed_peer_is_told(sdk, server, rooms, join, heard):
    _, room = rooms.create_room()
    added = add_peer(sdk, rooms, room)
    join(added.token)
    heard.expect(room.id, ["RoomCreated", "PeerAdded", "PeerConnected", "PeerMetadataUpdated"])
    server.crash(room.id, added.peer.id)
    assert_end(heard, room, ["PeerCrashed"])
    assert heard.of(room.id)[-1].peer_id == added.peer.id
    assert rooms.get_room(room.id).peers == []


def test_a_crashed_room_is_told_and_nothing_of_its_peers(sdk, server, rooms, join, heard):
    _, other = rooms.create_room()
    _, room = rooms.create_room()
    client = join(add_peer(sdk, rooms, room).token)
    heard.expect(room.id, ["RoomCreated", "PeerAdded", "PeerConnected", "PeerMetadataUpdated"])
    server.crash(room.id)
    assert_end(heard, room, ["RoomCrashed"])
    assert client.closed() == (1011, "Internal server error")
    assert [each.id for each in rooms.get_all_rooms()] == [other.id]


def test_metrics_are_reported(sdk, server, rooms, join, listen):
    listening = listen(sdk.Notifier(server_address=server.address, server_api_token=TOKEN))
    _, room = rooms.create_room()
    client = join(add_peer(sdk, rooms, room).token)
    client.publish("video", None)

    def endpoints():
        reports = [json.loads(report.metrics) for report in listening.metrics]
        return [key for report in reports for key in report.get(f"room_id={room.id}", {})]

    eventually("a report of the peer", lambda: f"endpoint_id={client.id}" in endpoints())


def test_a_wrong_token_is_told(sdk, server, listen):
    listening = listen(sdk.Notifier(server_address=server.address, server_api_token="wrong"))
    assert isinstance(listening.error, RuntimeError)
    assert str(listening.error) == "Invalid server_api_token"


def assert_end(heard, room, names):
    """Waits for these notifications as the last ones of a room."""
    before = ["RoomCreated", "PeerAdded", "PeerConnected", "PeerMetadataUpdated"]
    eventually(f"{names}", lambda: heard.names(room.id)[-len(names) :] == names)
    assert heard.names(room.id)[: len(before)] == before


