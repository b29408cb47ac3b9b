"""The living SDK's notifier: every notification that this server has a reason for, in order."""

import json

import pytest
from fishjam import FishjamNotifier, RoomOptions
from fishjam.events import TrackType

from support import eventually

JOINED = ["RoomCreated", "PeerAdded", "PeerConnected", "PeerMetadataUpdated"]


def test_a_room_and_its_peer_from_creation_to_end(client, join, heard):
    room = client.create_room(RoomOptions(video_codec="vp8"))
    peer, token = client.create_peer(room.id)
    joined = join(token, {"name": "Ana"})
    track = joined.publish("video", {"type": "camera"})
    joined.update_track(track, {"type": "camera", "paused": True})
    joined.update({"name": "Ana B."})
    expected = [*JOINED, "TrackAdded", "TrackMetadataUpdated", "PeerMetadataUpdated"]
    heard.expect(room.id, expected)
    joined.leave()
    # The order of these two is not promised.
    eventually("the end of the connection", lambda: len(heard.of(room.id)) == len(expected) + 2)
    assert sorted(heard.names(room.id)[len(expected) :]) == ["PeerDisconnected", "TrackRemoved"]
    client.delete_peer(room.id, peer.id)
    client.delete_room(room.id)
    eventually("the end of the room", lambda: len(heard.of(room.id)) == len(expected) + 4)
    assert heard.names(room.id)[-2:] == ["PeerDeleted", "RoomDeleted"]

    for name, message in zip(heard.names(room.id), heard.of(room.id)):
        if name.startswith("Peer"):
            assert (message.peer_id, message.peer_type) == (peer.id, 1), name
    told = dict(zip(heard.names(room.id), heard.of(room.id)))
    assert (told["TrackAdded"].track.id, told["TrackAdded"].track.type) == (track, TrackType.TRACK_TYPE_VIDEO)
    assert json.loads(told["TrackMetadataUpdated"].track.metadata) == {"type": "camera", "paused": True}
    assert told["TrackRemoved"].track == told["TrackMetadataUpdated"].track


def test_deleting_a_room_disconnects_its_peers_first(client, join, heard):
    room = client.create_room()
    _, token = client.create_peer(room.id)
    join(token)
    heard.expect(room.id, JOINED)
    client.delete_room(room.id)
    heard.expect(room.id, [*JOINED, "PeerDisconnected", "PeerDeleted", "RoomDeleted"])


def test_deleting_a_connected_peer_disconnects_it_first(client, join, heard):
    room = client.create_room()
    peer, token = client.create_peer(room.id)
    join(token)
    heard.expect(room.id, JOINED)
    client.delete_peer(room.id, peer.id)
    client.delete_room(room.id)
    heard.expect(room.id, [*JOINED, "PeerDisconnected", "PeerDeleted", "RoomDeleted"])


def test_crashes_are_told(client, server, join, heard):
    room = client.create_room()
    peer, token = client.create_peer(room.id)
    join(token)
    heard.expect(room.id, JOINED)
    server.crash(room.id, peer.id)
    heard.expect(room.id, [*JOINED, "PeerCrashed"])
    server.crash(room.id)
    heard.expect(room.id, [*JOINED, "PeerCrashed", "RoomCrashed"])


def test_a_wrong_token_is_told(server, listen):
    listening = listen(FishjamNotifier(fishjam_id=server.url, management_token="wrong"))
    with pytest.raises(RuntimeError, match="Invalid management token"):
        raise listening.error
