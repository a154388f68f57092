"""Fixtures of tests that write to the server."""

import pytest

from indexer.stores.qdrant_embedded import EmbeddedStore
from tests.integration.supervisely.conftest import SPEC
from tests.integration.supervisely.projects import add_sample


@pytest.fixture
def sample(server):
    return add_sample(server.tables, n_images=1)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """One store for all tests: making one costs seconds, a collection does not."""
    with_store = EmbeddedStore(tmp_path_factory.mktemp("store"))
    yield with_store
    with_store.close()


@pytest.fixture
def collection(store):
    yield store.create_collection("test", SPEC)
    for name in store.collection_names():
        store.delete_collection(name)
