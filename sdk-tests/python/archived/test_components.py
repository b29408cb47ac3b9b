"""Components and recordings through the archived SDKs: answered as by a server on which none is enabled."""

import pytest

NO_COMPONENT = "Component c does not exist"


def test_every_component_is_disabled(sdk, rooms):
    _, room = rooms.create_room(video_codec="h264")
    credentials = sdk.SIPCredentials(address="sip.example.org", username="u", password="p")
    for kind, options in (
        ("hls", sdk.ComponentOptionsHLS()),
        ("rtsp", sdk.ComponentOptionsRTSP(source_uri="rtsp://camera.example.org")),
        ("file", sdk.ComponentOptionsFile(file_path="video.h264")),
        ("sip", sdk.ComponentOptionsSIP(registrar_credentials=credentials)),
        ("recording", sdk.ComponentOptionsRecording(path_prefix="prefix")),
    ):
        with pytest.raises(sdk.errors.BadRequestError, match=f"Components of type {kind} are disabled on this Fishjam"):
            rooms.add_component(room.id, options)
    assert rooms.get_room(room.id).components == []


def test_what_needs_a_component_does_not_find_it(sdk, rooms):
    _, room = rooms.create_room()
    with pytest.raises(sdk.errors.NotFoundError, match=NO_COMPONENT):
        rooms.delete_component(room.id, "c")
    for call in (
        lambda: rooms.subscribe(room.id, "c", ["p"]),
        lambda: rooms.sip_dial(room.id, "c", "+48 123"),
        lambda: rooms.sip_end_call(room.id, "c"),
    ):
        with pytest.raises(sdk.errors.BadRequestError, match=NO_COMPONENT):
            call()


def test_what_needs_a_room_does_not_find_it(sdk, rooms):
    for call in (
        lambda: rooms.add_component("unknown", sdk.ComponentOptionsHLS()),
        lambda: rooms.delete_component("unknown", "c"),
        lambda: rooms.subscribe("unknown", "c", ["p"]),
        lambda: rooms.sip_dial("unknown", "c", "123"),
        lambda: rooms.sip_end_call("unknown", "c"),
    ):
        with pytest.raises(sdk.errors.NotFoundError, match="Room unknown does not exist"):
            call()


def test_there_are_no_recordings(sdk, recordings):
    assert recordings.get_list() == []
    with pytest.raises(sdk.errors.NotFoundError, match="Recording not found"):
        recordings.delete("r")
    with pytest.raises(sdk.errors.BadRequestError, match="Invalid recording id, got: ../r"):
        recordings.delete("..%2Fr")
