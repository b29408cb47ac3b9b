"""Webhooks, verified and decoded by the living SDK."""

import pytest
from fishjam import RoomOptions, decode_server_notifications, verify_webhook_signature

from support import WEBHOOK_SECRET, eventually

NAMES = ["RoomCreated", "PeerAdded", "PeerConnected", "PeerMetadataUpdated", "PeerDisconnected", "PeerDeleted", "RoomDeleted"]


@pytest.mark.parametrize("batch", [False, True])
def test_a_room_is_told_from_creation_to_end(client, join, receiver, batch):
    room = client.create_room(RoomOptions(webhook_url=receiver.url, batch_webhook_notifications=batch))
    _, token = client.create_peer(room.id)
    join(token, {"name": "Ana"})
    eventually("the peer", lambda: len(told(receiver)) == 4)
    client.delete_room(room.id)
    eventually("all webhooks", lambda: len(told(receiver)) == len(NAMES))
    assert [type(each).__name__.removeprefix("ServerMessage") for each in told(receiver)] == NAMES
    assert {each.room_id for each in told(receiver)} == {room.id}
    assert batch or len(receiver.posts) == len(NAMES)
    for post in receiver.posts:
        signature = post.headers["x-fishjam-signature-256"]
        assert verify_webhook_signature(post.body, signature, WEBHOOK_SECRET)
        assert not verify_webhook_signature(post.body + b"x", signature, WEBHOOK_SECRET)
        assert not verify_webhook_signature(post.body, signature, "another secret")


def told(receiver):
    return [each for post in list(receiver.posts) for each in decode_server_notifications(post.body)]
