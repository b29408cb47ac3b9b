"""What this server has no media for: an error of the living generation, never a token."""

import pytest
from fishjam import AgentOptions, PeerOptionsVapi, RoomOptions
from fishjam.errors import BadRequestError, NotFoundError
from fishjam.recording import CompositionSource, TemplateSource

COMPOSITION = "https://composition.example.org/a"


def test_livestream_tokens_are_refused(client):
    conference = client.create_room()
    livestream = client.create_room(RoomOptions(room_type="livestream"))
    for call in (client.create_livestream_viewer_token, client.create_livestream_streamer_token):
        with pytest.raises(NotFoundError):
            call(conference.id)
        with pytest.raises(BadRequestError, match="Livestreams are disabled on this Fishjam"):
            call(livestream.id)


def test_addresses_of_livestreams_are_the_sdk_s_own(server, client):
    assert client.livestream_whip_url() == f"{server.url}/api/v1/live/api/whip"
    assert client.livestream_whep_url() == f"{server.url}/api/v1/live/api/whep"


def test_agents_are_refused(client):
    room = client.create_room()
    with pytest.raises(BadRequestError, match="Peers of type agent are disabled on this Fishjam"):
        client.create_agent(room.id, AgentOptions())
    with pytest.raises(BadRequestError, match="Peers of type vapi are disabled on this Fishjam"):
        client.create_vapi_agent(room.id, PeerOptionsVapi(api_key="key", call_id="call"))
    assert client.get_room(room.id).peers == []


def test_moq_and_track_forwarding_are_refused(client):
    room = client.create_room()
    for paths in ({"publish_path": "p"}, {"subscribe_path": "p", "ttl": 60}):
        with pytest.raises(BadRequestError, match="MoQ is disabled on this Fishjam"):
            client.create_moq_access(**paths)
    with pytest.raises(BadRequestError, match="Expected publishPath or subscribePath"):
        client.create_moq_access()
    with pytest.raises(BadRequestError, match="Track forwarding is disabled on this Fishjam"):
        client.forward_room_tracks(room.id, COMPOSITION)


def test_there_are_no_recordings(client):
    composition = CompositionSource(composition_url=COMPOSITION, output_id="o")
    template = TemplateSource(composition_url=COMPOSITION)
    for call in (
        lambda: client.create_composition_recording(composition, {"class": {"name": "1a"}}),
        lambda: client.create_template_recording(template, b"export default 1", {"class": "1a"}),
    ):
        with pytest.raises(BadRequestError, match="Recordings are disabled on this Fishjam"):
            call()
    with pytest.warns(DeprecationWarning), pytest.raises(BadRequestError, match="Recordings are disabled on this Fishjam"):
        client.create_recording(composition)
    assert client.get_all_recordings() == []
    assert client.get_all_recordings({"class": {"name": "1a"}, "gone": None}) == []
    for call in (client.get_recording, client.stop_recording, client.delete_recording):
        with pytest.raises(NotFoundError):
            call("r")
