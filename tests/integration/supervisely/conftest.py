"""A running double of the Supervisely server, and a collection to index into."""

import importlib.util

import pytest

from indexer.domain import CollectionSpec, CropOptions
from indexer.pipeline.sync import SyncOptions, sync
from indexer.settings import IndexerSettings
from indexer.sources.opening import open_source
from indexer.stores.opening import open_store
from tests.doubles import CountingEmbedder
from tests.doubles.supervisely_server import Habits, running_server

HAS_SDK = importlib.util.find_spec("supervisely") is not None
SPEC = CollectionSpec("fake:mean-colour", "mean", 4, CropOptions().text)


def pytest_collection_modifyitems(items):
    """Without the SDK only the tests of its absence run."""
    for item in items:
        if not HAS_SDK and "tests/integration/supervisely" in str(item.path) and "without_sdk" not in item.name:
            item.add_marker(pytest.mark.skip(reason="the Supervisely SDK is not installed: pip install supervisely"))


@pytest.fixture(scope="session")
def running():
    with running_server() as double:
        yield double


@pytest.fixture
def server(running, monkeypatch):
    """An empty server, which the environment names."""
    running.reset(Habits())
    for name, value in running.environment.items():
        monkeypatch.setenv(name, value)
    return running


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """One store for all tests of a module."""
    with_store = open_store(IndexerSettings(data_dir=tmp_path_factory.mktemp("store")))
    yield with_store
    with_store.close()


@pytest.fixture(scope="module")
def kept_collection(store):
    """One collection for all tests of a module: making one costs more than most tests do."""
    return store.create_collection("test", SPEC)


@pytest.fixture
def collection(store, kept_collection):
    """An empty collection."""
    yield kept_collection
    kept_collection.delete([point.id for page in kept_collection.scroll(fields=[]) for point in page])
    for name in set(store.collection_names()) - {kept_collection.name}:
        store.delete_collection(name)


@pytest.fixture
def run(server, collection, tmp_path):
    """Index an address; gives the report, with the embedder and the requests that it took."""

    def run_once(address, *, into=None, full=False, embedder=None, state="state", **options):
        server.forget_requests()
        source = open_source(address, full=full)
        if state is not None:
            source.keep_state_in(tmp_path / state)
        report = sync(source, embedder or CountingEmbedder(), into or collection, SyncOptions(**options))
        assert sum(report.images.__getattribute__(name) for name in ("added", "updated", "unchanged", "failed")) == (
            report.images.seen
        )
        return report

    return run_once


def dump(collection):
    """Everything a collection holds, but for the times of writing."""
    points = [point for page in collection.scroll(with_embeddings=True) for point in page]
    return {
        p.id: (
            {key: value for key, value in p.payload.items() if key != "embedded_at"},
            None if p.embedding is None else p.embedding.round(4).tolist(),
        )
        for p in points
    }
