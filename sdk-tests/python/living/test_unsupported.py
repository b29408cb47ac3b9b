"""What this server has no media for: an error of the living generation, never a token."""

import pytest
from fishjam import AgentOptions, PeerOptionsVapi, RoomOptions
from fishjam.errors import BadRequestError, HTTPError, InternalServerError, NotFoundError, ServiceUnavailableError


def test_livestream_tokens_are_refused(client):
    conference = client.create_room()
    livestream = client.create_room(RoomOptions(room_type="livestream"))
    for call in (client.create_livestream_viewer_token, client.create_livestream_streamer_token):
        with pytest.raises(NotFoundError):
            call(conference.id)
        with pytest.raises(BadRequestError, match="Livestreams are disabled on this Fishjam"):
            call(livestream.id)


def test_the_rest_is_refused(client):
    room = client.create_room()
    for call in (
        lambda: client.create_agent(room.id, AgentOptions()),
        lambda: client.create_vapi_agent(room.id, PeerOptionsVapi(api_key="key", call_id="call")),
        lambda: client.create_moq_access(publish_path="p"),
        client.create_moq_access,
        lambda: client.forward_room_tracks(room.id, "https://composition.example.org/a"),
        lambda: client.get_recording("r"),
        lambda: client.stop_recording("r"),
    ):
        with pytest.raises(HTTPError) as error:
            call()
        assert not isinstance(error.value, InternalServerError | ServiceUnavailableError), error
    assert client.get_room(room.id).peers == []
