"""The other tests of this folder meet all that the SDK offers. Comes last, and needs all of them."""

import fishjam
from fishjam import FishjamClient, FishjamNotifier

import ledger as offered


def test_every_call_was_made(ledger):
    wanted = offered.methods(FishjamClient, FishjamNotifier) | offered.functions(fishjam)
    offered.compare(wanted, ledger.calls, {})


def test_every_error_was_met(ledger):
    absent = {"InternalServerError": "the SDK reads no status that would lead to it"}
    offered.compare(offered.errors(fishjam.errors), ledger.errors, absent)


def test_every_call_met_every_error_that_it_can_produce(ledger):
    calls = "get_room delete_room delete_peer refresh_peer_token"
    reason = "every room is on this server, so none is out of reach"
    absent = offered.absent_from(FishjamClient, calls, "ServiceUnavailableError", reason)
    wanted = offered.errors_of_calls(fishjam.errors.HTTPError, FishjamClient)
    offered.compare(wanted, ledger.errors_of_calls & wanted, absent)


def test_every_notification_was_heard(ledger):
    offered.compare(offered.notifications(fishjam.events), ledger.messages, {})


def test_the_page_about_our_own_sdk_has_a_counterpart_of_every_call():
    assert offered.not_on_the_page(offered.methods(FishjamClient) | offered.functions(fishjam)) == []
