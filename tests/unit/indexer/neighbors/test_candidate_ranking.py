import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from indexer.neighbors import candidate_ranking
from indexer.neighbors.candidate_ranking import map_blocks, measure_cosines, measure_distances

AMONG = np.array([[1, 0], [0.6, 0.8], [0, -1], [0, 0]], np.float32)
QUERIES = np.array([[1, 0], [0, 1]], np.float32)


def test_measure_cosines__by_hand():
    found = measure_cosines(QUERIES, AMONG, np.array([[0, 1, 3], [2, 1, 0]]))
    assert found.tolist() == [[1, pytest.approx(0.6), 0], [-1, pytest.approx(0.8), 0]]
    assert found.dtype == np.float32


def test_measure_distances__by_hand():
    found = measure_distances(QUERIES, np.array([[4, 4], [1, 0]], np.float32), np.array([[0, 1], [1, 0]]))
    assert found.tolist() == [[5, 0], [pytest.approx(2**0.5), 5]]


def test_measure_cosines__no_candidates__are_an_empty_matrix():
    assert measure_cosines(QUERIES, AMONG, np.empty((2, 0), np.int64)).shape == (2, 0)


def test_map_blocks__many_blocks__come_in_order():
    blocks = list(map_blocks(lambda rows: rows, 2500))
    assert [len(block) for block in blocks] == [1024, 1024, 452]
    np.testing.assert_array_equal(np.concatenate(blocks), np.arange(2500))


def test_map_blocks__a_reader_that_stops__spares_the_other_blocks(monkeypatch):
    searched, may_go_on = [], threading.Event()

    class Pool(ThreadPoolExecutor):
        def shutdown(self, wait=True, **how):
            super().shutdown(wait=False, **how)
            may_go_on.set()
            super().shutdown(wait=wait)

    monkeypatch.setattr(candidate_ranking, "ThreadPoolExecutor", Pool)

    def search(rows):
        searched.append(rows[0])
        if rows[0]:
            may_go_on.wait()
        return rows

    blocks = map_blocks(search, 1024 * 1000)
    next(blocks)
    blocks.close()
    assert len(searched) < 1000
