"""Rooms through the living SDK."""

import uuid

import pytest
from fishjam import (
    AgentOptions,
    FishjamClient,
    InvalidFishjamCredentialsError,
    MissingFishjamIdError,
    PeerOptions,
    PeerOptionsVapi,
    RoomOptions,
)
from fishjam.errors import BadRequestError, NotFoundError, ServiceUnavailableError, UnauthorizedError
from fishjam.recording import CompositionSource, TemplateSource
from fishjam.room import RoomType, VideoCodec

from support import TOKEN

# The shape of an id that names its node.
NODE_ID = "da2e-4a75-95ff-776bad2caf04-666973686a616d4031302e302e302e31"


def test_credentials_are_verified(server, client):
    client.check_credentials()
    client.create_and_verify(fishjam_id=server.url, management_token=TOKEN).get_all_rooms()
    with pytest.raises(InvalidFishjamCredentialsError):
        client.create_and_verify(fishjam_id=server.url, management_token="wrong")
    with pytest.raises(MissingFishjamIdError):
        client.create_and_verify(fishjam_id="", management_token=TOKEN)


def test_a_base_may_end_in_a_slash(server, client):
    slashed = FishjamClient(fishjam_id=server.url + "/", management_token=client.client.token)
    room = slashed.create_room()
    assert client.get_room(room.id) == room


def test_a_default_room(client):
    room = client.create_room()
    config = room.config
    assert (config.max_peers, config.video_codec, config.room_type) == (0, VideoCodec.H264, RoomType.CONFERENCE)
    assert (config.public, config.batch_webhook_notifications, room.peers) == (False, False, [])
    assert room.composition_info is None
    assert client.get_room(room.id) == room
    assert client.get_all_rooms() == [room]
    client.create_peer(room.id)


def test_all_options_are_kept(client):
    config = client.create_room(RoomOptions(max_peers=10, video_codec="vp8", room_type="audio_only", public=True)).config
    assert (config.max_peers, config.video_codec, config.room_type, config.public) == (10, VideoCodec.VP8, RoomType.AUDIO_ONLY, True)


@pytest.mark.parametrize("room_type", ["conference", "full_feature", "audio_only", "livestream", "broadcaster", "audio_only_livestream"])
def test_every_type_of_room_can_be_made(client, room_type):
    assert client.create_room(RoomOptions(room_type=room_type)).id


def test_a_wrong_option_is_told(client):
    with pytest.raises(BadRequestError, match="Expected maxPeers to be a number, got: nan"):
        client.create_room(RoomOptions(max_peers="nan"))
    with pytest.raises(BadRequestError, match="Expected webhookUrl to be valid URL, got: nan"):
        client.create_room(RoomOptions(webhook_url="nan"))
    assert client.get_all_rooms() == []


def test_a_deleted_room_is_gone(client):
    room = client.create_room()
    client.delete_room(room.id)
    assert client.get_all_rooms() == []
    with pytest.raises(NotFoundError, match=f"Room {room.id} does not exist"):
        client.get_room(room.id)


@pytest.mark.parametrize("name", ["invalid_id", str(uuid.uuid4()), NODE_ID])
def test_unknown_rooms_are_not_found(client, name):
    for call in (
        client.get_room,
        client.delete_room,
        client.create_peer,
        lambda room: client.delete_peer(room, "p"),
        lambda room: client.refresh_peer_token(room, "p"),
        lambda room: client.subscribe_peer(room, "p", "q"),
        lambda room: client.subscribe_tracks(room, "p", ["t"]),
        client.create_agent,
        lambda room: client.create_vapi_agent(room, PeerOptionsVapi(api_key="key", call_id="call")),
        lambda room: client.forward_room_tracks(room, "https://composition.example.org/a"),
    ):
        with pytest.raises(NotFoundError):
            call(name)


@pytest.mark.filterwarnings("ignore:create_recording is deprecated")
def test_a_wrong_token_opens_nothing(server, ledger):
    wrong = ledger.watch(FishjamClient(fishjam_id=server.url, management_token="wrong"))
    composition = CompositionSource(composition_url="https://composition.example.org/a", output_id="o")
    for call in (
        wrong.create_room,
        wrong.get_all_rooms,
        lambda: wrong.get_room("r"),
        lambda: wrong.delete_room("r"),
        lambda: wrong.create_peer("r", PeerOptions()),
        lambda: wrong.delete_peer("r", "p"),
        lambda: wrong.refresh_peer_token("r", "p"),
        lambda: wrong.subscribe_peer("r", "p", "q"),
        lambda: wrong.subscribe_tracks("r", "p", ["t"]),
        lambda: wrong.create_agent("r", AgentOptions()),
        lambda: wrong.create_vapi_agent("r", PeerOptionsVapi(api_key="key", call_id="call")),
        lambda: wrong.create_livestream_viewer_token("r"),
        lambda: wrong.create_livestream_streamer_token("r"),
        lambda: wrong.forward_room_tracks("r", "https://composition.example.org/a"),
        lambda: wrong.create_moq_access(publish_path="p"),
        lambda: wrong.create_recording(composition),
        lambda: wrong.create_composition_recording(composition),
        lambda: wrong.create_template_recording(TemplateSource(composition_url=composition.composition_url), b""),
        wrong.get_all_recordings,
        lambda: wrong.get_recording("r"),
        lambda: wrong.stop_recording("r"),
        lambda: wrong.delete_recording("r"),
    ):
        with pytest.raises(UnauthorizedError, match="Invalid token"):
            call()


def test_a_full_server_is_not_available(small_server, ledger):
    client = ledger.watch(FishjamClient(fishjam_id=small_server.url, management_token=TOKEN))
    client.create_room()
    with pytest.raises(ServiceUnavailableError, match="reached rooms limit"):
        client.create_room()
    assert len(client.get_all_rooms()) == 1
