import numpy as np
import pytest

from indexer.maps import trust
from indexer.maps.projectors.nearest import find_neighborhoods
from indexer.maps.trust import measure_trust

LINE = np.array([[0, 0], [1, 0], [3, 0], [7, 0]], np.float32)


@pytest.mark.parametrize("block_rows", [2, 100])
def test_measure_trust__map_that_keeps_all_neighbors__is_one(monkeypatch, block_rows):
    monkeypatch.setattr(trust, "_BLOCK_ROWS", block_rows)
    neighbors = find_neighborhoods(LINE, n_neighbors=2)
    assert measure_trust(LINE, neighbor_indices=neighbors.indices).tolist() == [1, 1, 1, 1]


def test_measure_trust__one_of_two_neighbors_lost__is_a_half():
    true_neighbors = np.array([[1, 3], [0, 2], [1, 0], [2, 1]], np.int32)  # of point 0 the map shows 1 and 2
    assert measure_trust(LINE, neighbor_indices=true_neighbors).tolist() == [0.5, 1, 1, 1]


def test_measure_trust__fewer_neighbors_asked__counts_only_those():
    true_neighbors = np.array([[1, 3], [0, 2], [1, 0], [0, 1]], np.int32)
    assert measure_trust(LINE, neighbor_indices=true_neighbors, n_neighbors=1).tolist() == [1, 1, 1, 0]
