"""The newest SDK of the living service, `fishjam-server-sdk` 0.31.1, told the server's URL in place of an id."""

import pytest
from fishjam import FishjamClient, FishjamNotifier

from support import TOKEN


@pytest.fixture
def client(server, ledger):
    """The SDK's client. What a test leaves behind is removed."""
    client = ledger.watch(FishjamClient(fishjam_id=server.url, management_token=TOKEN))
    yield client
    for room in client.get_all_rooms():
        client.delete_room(room.id)


@pytest.fixture
def heard(server, listen):
    """What the SDK's notifier hears."""
    return listen(FishjamNotifier(fishjam_id=server.url, management_token=TOKEN)).heard
