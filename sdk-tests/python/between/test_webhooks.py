"""Webhooks, decoded by the SDK between the generations."""

import fishjam
from fishjam import RoomOptions

from support import eventually


def test_a_room_is_told_from_creation_to_end(client, join, heard, receiver, ledger):
    room = client.create_room(RoomOptions(webhook_url=receiver.url))
    _, token = client.create_peer(room.id)
    join(token, {"name": "Ana"})
    heard.expect(room.id, ["RoomCreated", "PeerAdded", "PeerConnected", "PeerMetadataUpdated"])
    client.delete_room(room.id)
    heard.expect(room.id, ["RoomCreated", "PeerAdded", "PeerConnected", "PeerMetadataUpdated", "PeerDeleted", "RoomDeleted"])
    eventually("all webhooks", lambda: len(receiver.posts) == len(heard.of(room.id)))
    assert [ledger.watch(fishjam).receive_binary(post.body) for post in receiver.posts] == heard.of(room.id)
