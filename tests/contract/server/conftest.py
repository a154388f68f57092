"""A Qdrant server with bad habits, and clients of it."""

import pytest
from qdrant_client import QdrantClient

from indexer.settings import StoreSettings
from indexer.stores.qdrant_server import ServerStore
from tests.doubles.qdrant_server import running_server


@pytest.fixture
def double():
    with running_server() as running:
        yield running


@pytest.fixture
def pauses():
    return []


@pytest.fixture
def connect(double, pauses):
    """Opens a store on the double, as one process after the other does; pauses take no time and are noted."""
    opened = []

    def open_one(**settings):
        opened.append(ServerStore.connect(StoreSettings(url=double.url, **settings), sleep=pauses.append))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(connect):
    return connect()


@pytest.fixture
def client(double):
    """What somebody else does on the server."""
    made = QdrantClient(url=double.url, check_compatibility=False)
    yield made
    made.close()
