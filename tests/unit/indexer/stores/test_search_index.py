"""The search index of the embedded store: built by another process, while this one reads and writes."""

import threading
from itertools import count
from uuid import NAMESPACE_URL, uuid5

import numpy as np
import pytest

from indexer.domain import CollectionSpec, Point
from indexer.errors import CancelledError, StoreUnavailableError
from indexer.stores import embedded_collection, search_index
from indexer.stores.embedded_collection import EmbeddedCollection
from indexer.stores.qdrant_embedded import EmbeddedStore

DIMENSION = 128
SPEC = CollectionSpec(embedder="fake:wide", fingerprint="f1", dimension=DIMENSION, crops="padding=0px min=1px")
N_POINTS = 3000  # 1.5 MB, above the least that the engine indexes


def point_id(number):
    return str(uuid5(NAMESPACE_URL, str(number)))


def make_points(numbers, class_name="old"):
    made = []
    for number in numbers:
        vector = np.random.default_rng(number).standard_normal(DIMENSION).astype(np.float32)
        made.append(Point(point_id(number), {"class_name": class_name}, vector))
    return made


@pytest.fixture
def collection(tmp_path, monkeypatch):
    monkeypatch.setattr(search_index, "EXACT_BYTES", 2**20)
    store = EmbeddedStore(tmp_path)
    made = store.create_collection("test", SPEC)
    made.upsert(make_points(range(N_POINTS)))
    yield made
    store.close()


def n_indexed(collection):
    return collection._shard.info().indexed_vectors_count


def test_optimize__what_is_written_meanwhile_is_kept(collection, tmp_path, monkeypatch):
    revisions = []

    def write_meanwhile(*arguments, **options):
        collection.upsert(make_points([N_POINTS, N_POINTS + 1], "new"))
        collection.set_payload({point_id(1): {"class_name": "changed"}})
        collection.set_reviews({point_id(2): {"verdict": "skip"}})
        collection.delete([point_id(3)])
        collection.delete_embeddings([point_id(4)])
        revisions.append((collection.revision, collection.review_revision))
        return search_index.optimize_in_process(*arguments, **options)

    monkeypatch.setattr(embedded_collection, "optimize_in_process", write_meanwhile)
    collection.optimize()

    assert n_indexed(collection) >= N_POINTS - 5
    assert collection.count() == N_POINTS + 1
    assert collection.retrieve([point_id(1)])[0].payload == {"class_name": "changed"}
    assert collection.retrieve([point_id(2)])[0].payload["review"] == {"verdict": "skip"}
    assert collection.retrieve([point_id(3)]) == []
    assert collection.retrieve([point_id(4)], with_embeddings=True)[0].embedding is None
    (hit,) = collection.query(make_points([N_POINTS])[0].embedding, limit=1)
    assert (hit.id, hit.payload) == (point_id(N_POINTS), {"class_name": "new"})
    assert (collection.revision, collection.review_revision) == revisions[0]
    assert sorted(path.name for path in (tmp_path / "collections" / "test").glob("shard*")) == ["shard-1"]


def test_optimize__the_rebuilt_shard_is_there_after_reopening(tmp_path, collection):
    collection.optimize()
    collection.upsert(make_points([N_POINTS]))
    collection.close()

    reopened = EmbeddedCollection(tmp_path / "collections" / "test", SPEC)

    assert reopened.count() == N_POINTS + 1
    assert n_indexed(reopened) == N_POINTS
    reopened.close()


def test_optimize__a_small_collection_is_searched_exactly(collection, monkeypatch):
    monkeypatch.setattr(search_index, "EXACT_BYTES", 2**31)
    monkeypatch.setattr(embedded_collection, "optimize_in_process", lambda *_, **__: pytest.fail("it was rebuilt"))

    collection.optimize()

    assert n_indexed(collection) == 0


def test_optimize__threads_run_on(collection, monkeypatch):
    n_ticks, is_done, wait, n_meanwhile = count(), threading.Event(), search_index._wait, []

    def tick():
        while not is_done.wait(0.005):
            next(n_ticks)

    def wait_and_count(*arguments):
        before = next(n_ticks)
        said = wait(*arguments)
        n_meanwhile.append(next(n_ticks) - before - 1)
        return said

    monkeypatch.setattr(search_index, "_wait", wait_and_count)
    ticking = threading.Thread(target=tick)
    ticking.start()
    collection.optimize()
    is_done.set()
    ticking.join()

    assert n_indexed(collection) == N_POINTS
    assert len(n_meanwhile) == 1
    assert n_meanwhile[0] > 5  # in this process, the building would hold all threads


def test_optimize__process_that_fails__the_collection_stays_as_it_was(collection, tmp_path, monkeypatch):
    monkeypatch.setattr(search_index.sys, "executable", "/bin/false")

    with pytest.raises(StoreUnavailableError, match="its search index cannot be built"):
        collection.optimize()

    assert collection.count() == N_POINTS
    assert [path.name for path in (tmp_path / "collections" / "test").glob("shard*")] == ["shard"]


def test_optimize__closing_ends_it(collection, monkeypatch):
    raised = []

    def optimize():
        try:
            collection.optimize()
        except CancelledError as error:
            raised.append(str(error))

    is_building = threading.Event()
    wait = search_index._wait
    monkeypatch.setattr(search_index, "_wait", lambda *arguments: (is_building.set(), wait(*arguments))[1])
    building = threading.Thread(target=optimize)
    building.start()
    assert is_building.wait(30)
    collection.close()
    building.join()

    assert raised == ["the search index is not finished; search stays exact until the next run builds it"]


def test_open__what_a_killed_rebuild_left_is_removed(tmp_path):
    store = EmbeddedStore(tmp_path)
    store.create_collection("test", SPEC).upsert(make_points([1]))
    store.close()
    half = tmp_path / "collections" / "test" / "shard-1"
    half.mkdir()
    (half / "edge_config.json").write_text("{")

    store = EmbeddedStore(tmp_path)

    assert store.open_collection("test").count() == 1
    assert not half.exists()
    store.close()
