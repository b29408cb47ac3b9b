"""The other tests of this folder meet all that the SDK offers. Comes last, and needs all of them."""

import fishjam
from fishjam import FishjamClient, FishjamNotifier

import ledger as offered

OTHER_SERVICE = "compositions are another service, with a client of its own"
NO_AGENTS = "nobody gets an agent, so none connects"
NO_STREAMS = "there are no livestreams"
NO_CHANNELS = "what clients send over data channels goes nowhere"
NO_RECORDINGS = "there are no recordings"


def test_every_call_was_made(ledger):
    wanted = offered.methods(FishjamClient, FishjamNotifier) | offered.functions(fishjam)
    offered.compare(wanted, ledger.calls, {})


def test_every_error_was_met(ledger):
    absent = {
        "CompositionNotFoundError": OTHER_SERVICE,
        "InputNotFoundError": OTHER_SERVICE,
        "OutputNotFoundError": OTHER_SERVICE,
        "RendererNotFoundError": OTHER_SERVICE,
        "QuotaExceededError": "nobody pays, so nothing is used up",
        "StaleSdkError": NO_RECORDINGS,
        "AgentError": NO_AGENTS,
        "AgentAuthError": NO_AGENTS,
    }
    offered.compare(offered.errors(fishjam.errors, fishjam.agent.errors), ledger.errors, absent)


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
