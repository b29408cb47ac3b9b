"""Fixtures for all SDKs. The built programs are named by JELLYFISH_BIN and PEER_BIN."""

import os

import pytest

from ledger import Ledger
from support import Listening, Peer, Receiver, Server


def pytest_collection_modifyitems(items):
    """Who asks whether something was left out comes last."""
    items.sort(key=lambda item: item.path.name == "test_complete.py")


@pytest.fixture(scope="session")
def ledger():
    """What the tests of this session have asked of the SDK."""
    return Ledger()


@pytest.fixture(scope="session")
def server():
    server = Server(os.environ["JELLYFISH_BIN"])
    yield server
    server.stop()


@pytest.fixture
def small_server():
    """A server that takes one room."""
    server = Server(os.environ["JELLYFISH_BIN"], ("--max-rooms", "1"))
    yield server
    server.stop()


@pytest.fixture
def join(server):
    """Joins a room: `join(token, metadata)`."""
    peers = []

    def start(token, metadata=None):
        peers.append(Peer(os.environ["PEER_BIN"], server, token, metadata))
        return peers[-1]

    yield start
    for peer in peers:
        peer.stop()


@pytest.fixture
def listen(ledger):
    """Connects a notifier: `listen(notifier)`."""
    listening = []

    def start(notifier):
        listening.append(Listening(ledger.watch(notifier), ledger.hear))
        return listening[-1]

    yield start
    for each in listening:
        each.stop()


@pytest.fixture
def receiver():
    """Where webhooks go."""
    receiver = Receiver()
    yield receiver
    receiver.stop()
