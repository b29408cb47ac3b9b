"""The last SDK before the living generation, `fishjam-server-sdk` 0.7.0: it takes a URL and says nothing about itself."""

import pytest
from fishjam import FishjamClient, FishjamNotifier

from support import TOKEN


@pytest.fixture
def client(server, ledger):
    """The SDK's client. What a test leaves behind is removed."""
    client = ledger.watch(FishjamClient(server.url, TOKEN))
    yield client
    for room in client.get_all_rooms():
        client.delete_room(room.id)


@pytest.fixture
def heard(server, listen):
    """What the SDK's notifier hears."""
    return listen(FishjamNotifier(server.url, TOKEN)).heard
