import numpy as np
import pytest

from indexer.maps.projectors import nearest
from indexer.maps.projectors.nearest import find_nearest, find_neighborhoods, neighborhoods_of_graph
from tests.clouds import KINDS, make_cloud
from tests.unit.indexer.maps.points import GraphOfColumns

ON_A_LINE = np.array([[0.0], [1.0], [3.0], [7.0]], np.float32)


def test_find_neighborhoods__line__lists_the_nearest_first():
    found = find_neighborhoods(ON_A_LINE, n_neighbors=2)
    assert found.indices.tolist() == [[1, 2], [0, 2], [1, 0], [2, 1]]
    assert found.distances.tolist() == [[1, 3], [1, 2], [2, 3], [4, 6]]


def test_find_neighborhoods__more_than_there_are__gives_all_others():
    found = find_neighborhoods(ON_A_LINE, n_neighbors=15)
    assert found.indices.shape == (4, 3)


def test_find_neighborhoods__copies__never_name_the_point_itself():
    found = find_neighborhoods(np.ones((30, 3), np.float32), n_neighbors=4)
    assert not (found.indices == np.arange(30)[:, None]).any()
    assert not found.distances.any()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "lengths"])  # ``project_points`` refuses these
@pytest.mark.parametrize("n_neighbors", [15, 599])
def test_find_neighborhoods__any_cloud_of_many__names_different_others(monkeypatch, kind, n_neighbors):
    monkeypatch.setattr(nearest, "EXACT_UP_TO", 100)
    points = make_cloud(kind, 600, 8, seed=2)
    found = find_neighborhoods(points, n_neighbors=n_neighbors)
    assert all(len(set(neighbors) - {row}) == n_neighbors for row, neighbors in enumerate(found.indices.tolist()))
    assert np.isfinite(found.distances).all()
    assert (np.diff(found.distances, axis=1) >= 0).all()


def test_find_neighborhoods__approximate__finds_nearly_all_and_repeats(monkeypatch):
    points = np.random.default_rng(0).normal(size=(600, 8)).astype(np.float32)
    exact = find_neighborhoods(points, n_neighbors=10)
    monkeypatch.setattr(nearest, "EXACT_UP_TO", 100)
    once, again = (find_neighborhoods(points, n_neighbors=10) for _ in range(2))
    recall = (once.indices[:, :, None] == exact.indices[:, None, :]).any(axis=2).mean()
    assert recall > 0.98
    np.testing.assert_array_equal(once.indices, again.indices)
    np.testing.assert_array_equal(once.distances, again.distances)


def test_neighborhoods_of_graph__similarities__become_distances_of_unit_vectors():
    graph = GraphOfColumns(np.array([[1, 2]], np.int32), np.array([[1.0000001, -1.0]], np.float32))
    assert neighborhoods_of_graph(graph).distances.tolist() == [[0, 2]]


def test_find_nearest__any_block_size__lists_the_nearest_first(monkeypatch):
    monkeypatch.setattr(nearest, "_PRODUCT_VALUES", 1)
    found = find_nearest(np.array([[6.5], [0.4]], np.float32), among=ON_A_LINE, n_neighbors=3)
    assert found.indices.tolist() == [[3, 2, 1], [0, 1, 2]]
    np.testing.assert_allclose(found.distances, [[0.5, 3.5, 5.5], [0.4, 0.6, 2.6]], rtol=1e-6)


def test_find_nearest__equally_near__prefers_the_lower_row():
    among = np.array([[1], [-1], [1]], np.float32)
    assert find_nearest(np.zeros((1, 1), np.float32), among=among, n_neighbors=3).indices.tolist() == [[0, 1, 2]]


def test_find_nearest__no_query__finds_nothing():
    assert find_nearest(np.empty((0, 1), np.float32), among=ON_A_LINE, n_neighbors=2).indices.shape == (0, 2)
