"""The other tests of this folder meet all that the SDK offers. Comes last, and needs all of them."""

import ledger as offered

NO_COMPONENTS = "there are no components"


def test_every_call_was_made(ledger, sdk):
    wanted = offered.methods(sdk.RoomApi, sdk.RecordingApi, sdk.Notifier) | offered.functions(sdk)
    offered.compare(wanted, ledger.calls, {})


def test_every_error_was_met(ledger, sdk):
    offered.compare(offered.errors(sdk.errors), ledger.errors, {})


def test_every_call_met_every_error_that_it_can_produce(ledger, sdk):
    absent = offered.absent_from(sdk.RecordingApi, "get_list", "NotFoundError", "where there are no recordings the list is empty")
    wanted = offered.errors_of_calls(sdk.errors.HTTPError, sdk.RoomApi, sdk.RecordingApi)
    offered.compare(wanted, ledger.errors_of_calls & wanted, absent)


def test_every_notification_was_heard(ledger, sdk):
    absent = {"ServerMessageComponentCrashed": NO_COMPONENTS, "ServerMessageHlsPlayable": NO_COMPONENTS}
    offered.compare(offered.notifications(sdk.events), ledger.messages, absent)


def test_the_page_about_our_own_sdk_has_a_counterpart_of_every_call(sdk):
    assert offered.not_on_the_page(offered.methods(sdk.RoomApi, sdk.RecordingApi) | offered.functions(sdk)) == []
