"""Webhooks, verified and decoded by the living SDK."""

import fishjam
import pytest
from fishjam import RoomOptions

from support import WEBHOOK_SECRET, eventually

NAMES = ["RoomCreated", "PeerAdded", "PeerConnected", "PeerMetadataUpdated", "PeerDisconnected", "PeerDeleted", "RoomDeleted"]


@pytest.mark.parametrize("batch", [False, True])
def test_a_room_is_told_from_creation_to_end(client, join, receiver, ledger, batch):
    sdk = ledger.watch(fishjam)

    def told():
        return [each for post in list(receiver.posts) for each in sdk.decode_server_notifications(post.body)]

    room = client.create_room(RoomOptions(webhook_url=receiver.url, batch_webhook_notifications=batch))
    _, token = client.create_peer(room.id)
    join(token, {"name": "Ana"})
    eventually("the peer", lambda: len(told()) == 4)
    client.delete_room(room.id)
    eventually("all webhooks", lambda: len(told()) == len(NAMES))
    assert [type(each).__name__.removeprefix("ServerMessage") for each in told()] == NAMES
    assert {each.room_id for each in told()} == {room.id}
    assert batch or len(receiver.posts) == len(NAMES)
    for post in receiver.posts:
        signature = post.headers["x-fishjam-signature-256"]
        assert sdk.verify_webhook_signature(post.body, signature, WEBHOOK_SECRET)
        assert not sdk.verify_webhook_signature(post.body + b"x", signature, WEBHOOK_SECRET)
        assert not sdk.verify_webhook_signature(post.body, signature, "another secret")


def test_the_older_decoder_reads_them_too(client, receiver, ledger):
    room = client.create_room(RoomOptions(webhook_url=receiver.url))
    client.delete_room(room.id)
    eventually("both webhooks", lambda: len(receiver.posts) == 2)
    with pytest.warns(DeprecationWarning):
        told = [ledger.watch(fishjam).receive_binary(post.body) for post in receiver.posts]
    assert [type(each).__name__ for each in told] == ["ServerMessageRoomCreated", "ServerMessageRoomDeleted"]
