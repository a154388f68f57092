"""Neighbors searched by another process: the same graph, the same errors, and an end when it is cancelled."""

import signal

import numpy as np
import pytest

from indexer.collection.embedded_points import EmbeddedPoints
from indexer.errors import CancelledError, EmbeddingError, IndexerError
from indexer.neighbors import search_process
from indexer.neighbors.archive import search_points
from indexer.neighbors.search_process import search_in_process


def points_of(n_points):
    ids = np.array([f"{number:05}".encode() for number in range(n_points)])
    return EmbeddedPoints(ids, np.full(n_points, b"2026-01-01T00:00:00+00:00"))


@pytest.fixture
def embeddings():
    return np.random.default_rng(0).standard_normal((300, 8)).astype(np.float32)


def test_search_in_process__gives_the_graph_that_this_process_makes(embeddings):
    told = []
    found = search_in_process(
        points_of(300), embeddings, known=None, n_neighbors=5, on_progress=lambda *one: told.append(one)
    )
    expected = search_points(points_of(300), embeddings, known=None, n_neighbors=5)

    np.testing.assert_array_equal(found.graph.indices, expected.graph.indices)
    np.testing.assert_array_equal(found.graph.similarities, expected.graph.similarities)
    assert found.is_of(points_of(300), n_neighbors=5)
    assert told
    assert told[-1][1:] == (300, 300)


def test_search_in_process__goes_on_from_an_earlier_graph(embeddings):
    known = search_points(points_of(200), embeddings[:200], known=None, n_neighbors=5)
    found = search_in_process(points_of(300), embeddings, known=known, n_neighbors=5)
    expected = search_points(points_of(300), embeddings, known=known, n_neighbors=5)

    np.testing.assert_array_equal(found.graph.indices, expected.graph.indices)


def test_search_in_process__an_embedding_that_is_not_finite_is_the_same_error(embeddings):
    embeddings[7, 3] = np.nan
    with pytest.raises(EmbeddingError) as here:
        search_points(points_of(300), embeddings, known=None, n_neighbors=5)
    with pytest.raises(EmbeddingError) as there:
        search_in_process(points_of(300), embeddings, known=None, n_neighbors=5)

    assert str(there.value) == str(here.value)


def test_search_in_process__process_that_fails_says_why(embeddings, monkeypatch):
    monkeypatch.setattr(search_process, "_MAIN", "raise SystemExit('there is no memory')")

    with pytest.raises(IndexerError, match=r"the search for neighbors failed \(there is no memory\); try again"):
        search_in_process(points_of(300), embeddings, known=None, n_neighbors=5)


def test_search_in_process__cancelling_ends_the_process(embeddings, monkeypatch):
    monkeypatch.setattr(search_process, "_MAIN", "import time; print('[\"s\", 0, 1]', flush=True); time.sleep(60)")

    def cancel(*_):
        raise CancelledError("stopped")

    processes, start = [], search_process.start_python
    monkeypatch.setattr(
        search_process, "start_python", lambda *one, **how: processes.append(start(*one, **how)) or processes[-1]
    )
    with pytest.raises(CancelledError):
        search_in_process(points_of(300), embeddings, known=None, n_neighbors=5, on_progress=cancel)
    assert [process.returncode for process in processes] == [-signal.SIGKILL]
