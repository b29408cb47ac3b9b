"""The SDKs of the archived server: `jellyfish-server-sdk` 0.4.0 and `fishjam-server-sdk` 0.5.0, which differ only in names."""

from importlib import import_module
from importlib.util import find_spec

import pytest

from support import TOKEN

SDK = import_module("jellyfish" if find_spec("jellyfish") else "fishjam")


@pytest.fixture(scope="session")
def sdk():
    return SDK


@pytest.fixture
def rooms(server, ledger):
    """The SDK's client. What a test leaves behind is removed."""
    api = ledger.watch(SDK.RoomApi(server_address=server.address, server_api_token=TOKEN))
    yield api
    for room in api.get_all_rooms():
        api.delete_room(room.id)


@pytest.fixture
def recordings(server, ledger):
    return ledger.watch(SDK.RecordingApi(server_address=server.address, server_api_token=TOKEN))


@pytest.fixture
def heard(server, listen):
    """What the SDK's notifier hears."""
    return listen(SDK.Notifier(server_address=server.address, server_api_token=TOKEN)).heard
