"""The other tests of this folder meet all that the SDK offers. Comes last, and needs all of them."""

import fishjam
from fishjam import FishjamClient, FishjamNotifier

import ledger as offered

OTHER_SERVICE = "compositions are another service, with a client of its own"
NO_AGENTS = "nobody gets an agent, so none connects"
NO_STREAMS = "there are no livestreams"
NO_CHANNELS = "what clients send over data channels goes nowhere"
NO_RECORDINGS = "there are no recordings"
NO_PAYMENT = "nobody pays, so nothing is used up"
EVERY_ROOM_IS_HERE = "every room is on this server, so none is out of reach"
SWITCHED_OFF = "it is switched off, so nothing is busy or out of reach"

# Calls that this server has no media for.
AGENTS = "create_agent create_vapi_agent"
RECORDINGS = "create_recording create_composition_recording create_template_recording"
STREAMS = "create_livestream_viewer_token create_livestream_streamer_token"


def test_every_call_was_made(ledger):
    wanted = offered.methods(FishjamClient, FishjamNotifier) | offered.functions(fishjam)
    offered.compare(wanted, ledger.calls, {})


def test_every_error_was_met(ledger):
    absent = {
        "CompositionNotFoundError": OTHER_SERVICE,
        "InputNotFoundError": OTHER_SERVICE,
        "OutputNotFoundError": OTHER_SERVICE,
        "RendererNotFoundError": OTHER_SERVICE,
        "QuotaExceededError": NO_PAYMENT,
        "StaleSdkError": NO_RECORDINGS,
        "AgentError": NO_AGENTS,
        "AgentAuthError": NO_AGENTS,
    }
    offered.compare(offered.errors(fishjam.errors, fishjam.agent.errors), ledger.errors, absent)


def test_every_call_met_every_error_that_it_can_produce(ledger):
    wanted = offered.errors_of_calls(fishjam.errors.HTTPError, FishjamClient)
    absent = {}
    for calls, error, reason in (
        (f"create_room create_peer {AGENTS} {RECORDINGS}", "QuotaExceededError", NO_PAYMENT),
        ("get_room delete_room delete_peer refresh_peer_token", "BadRequestError", "an id that no room can have belongs to no room"),
        ("get_room delete_room delete_peer refresh_peer_token", "ServiceUnavailableError", EVERY_ROOM_IS_HERE),
        ("subscribe_peer subscribe_tracks", "ServiceUnavailableError", EVERY_ROOM_IS_HERE),
        ("create_peer", "ServiceUnavailableError", "a full room is a conflict, and no room is out of reach"),
        (AGENTS, "ConflictError", "they are refused before the room's peers are counted"),
        (f"{AGENTS} {STREAMS} {RECORDINGS} create_moq_access", "ServiceUnavailableError", SWITCHED_OFF),
        (f"{RECORDINGS} forward_room_tracks", "ConflictError", SWITCHED_OFF),
        ("stop_recording delete_recording", "ServiceUnavailableError", NO_RECORDINGS),
        ("delete_recording", "ConflictError", NO_RECORDINGS),
    ):
        absent |= offered.absent_from(FishjamClient, calls, error, reason)
    offered.compare(wanted, ledger.errors_of_calls & wanted, absent)


def test_every_notification_was_heard(ledger):
    absent = {
        "ServerMessageRecordingStatusChanged": NO_RECORDINGS,
        "ServerMessageStreamConnected": NO_STREAMS,
        "ServerMessageStreamDisconnected": NO_STREAMS,
        "ServerMessageStreamerConnected": NO_STREAMS,
        "ServerMessageStreamerDisconnected": NO_STREAMS,
        "ServerMessageViewerConnected": NO_STREAMS,
        "ServerMessageViewerDisconnected": NO_STREAMS,
        "ServerMessageChannelAdded": NO_CHANNELS,
        "ServerMessageChannelRemoved": NO_CHANNELS,
    }
    offered.compare(offered.notifications(fishjam.events), ledger.messages, absent)


def test_the_page_about_our_own_sdk_has_a_counterpart_of_every_call():
    assert offered.not_on_the_page(offered.methods(FishjamClient) | offered.functions(fishjam)) == []
