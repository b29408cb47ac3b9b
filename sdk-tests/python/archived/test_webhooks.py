"""Webhooks, decoded by the archived SDKs: the same notifications in the same order as the notifier hears."""

from support import eventually


def test_a_room_is_told_from_creation_to_end(sdk, rooms, join, heard, receiver, ledger):
    _, room = rooms.create_room(webhook_url=receiver.url)
    client = join(rooms.add_peer(room.id, sdk.PeerOptionsWebRTC()).token, {"name": "Ana"})
    client.publish("video", {"type": "camera"})
    heard.expect(room.id, ["RoomCreated", "PeerAdded", "PeerConnected", "PeerMetadataUpdated", "TrackAdded"])
    rooms.delete_room(room.id)
    eventually("the end of the room", lambda: heard.names(room.id)[-1] == "RoomDeleted")
    eventually("all webhooks", lambda: len(receiver.posts) == len(heard.of(room.id)))
    assert [ledger.watch(sdk).receive_binary(post.body) for post in receiver.posts] == heard.of(room.id)
    assert {post.headers["content-type"] for post in receiver.posts} == {"application/x-protobuf"}


def test_other_rooms_are_not_told(sdk, rooms, heard, receiver):
    _, other = rooms.create_room()
    _, room = rooms.create_room(webhook_url=receiver.url)
    for each in (other, room):
        rooms.delete_room(each.id)
    heard.expect(other.id, ["RoomCreated", "RoomDeleted"])
    eventually("both webhooks", lambda: len(receiver.posts) == 2)
    assert {sdk.receive_binary(post.body).room_id for post in receiver.posts} == {room.id}
