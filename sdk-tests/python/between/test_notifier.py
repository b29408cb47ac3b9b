"""Notifications through the SDK between the generations."""

import pytest
from fishjam import FishjamNotifier

JOINED = ["RoomCreated", "PeerAdded", "PeerConnected", "PeerMetadataUpdated"]


def test_a_room_and_its_peer_from_creation_to_end(client, join, heard):
    room = client.create_room()
    peer, token = client.create_peer(room.id)
    joined = join(token, {"name": "Ana"})
    track = joined.publish("video", {"type": "camera"})
    joined.update_track(track, {"type": "camera", "paused": True})
    joined.unpublish(track)
    heard.expect(room.id, [*JOINED, "TrackAdded", "TrackMetadataUpdated", "TrackRemoved"])
    client.delete_peer(room.id, peer.id)
    client.delete_room(room.id)
    end = ["PeerDisconnected", "PeerDeleted", "RoomDeleted"]
    heard.expect(room.id, [*JOINED, "TrackAdded", "TrackMetadataUpdated", "TrackRemoved", *end])


def test_deleting_a_room_says_nothing_of_disconnections(client, join, heard):
    room = client.create_room()
    _, token = client.create_peer(room.id)
    join(token)
    heard.expect(room.id, JOINED)
    client.delete_room(room.id)
    heard.expect(room.id, [*JOINED, "PeerDeleted", "RoomDeleted"])


def test_crashes_are_told(client, server, join, heard):
    room = client.create_room()
    peer, token = client.create_peer(room.id)
    join(token)
    heard.expect(room.id, JOINED)
    server.crash(room.id, peer.id)
    server.crash(room.id)
    heard.expect(room.id, [*JOINED, "PeerCrashed", "RoomCrashed"])


def test_a_wrong_token_is_told(server, listen):
    listening = listen(FishjamNotifier(server.url, "wrong"))
    with pytest.raises(RuntimeError, match="Invalid management token"):
        raise listening.error
