import warnings

import numpy as np

from indexer.maps.projectors.base import Neighborhoods
from indexer.maps.projectors.fuzzy_graph import make_fuzzy_graph
from indexer.maps.projectors.nearest import find_neighborhoods
from indexer.maps.projectors.umap_layout import CURVE_A, CURVE_B
from tests.unit.indexer.maps.points import three_clusters


def test_make_fuzzy_graph__mutual_nearest__have_weight_one():
    pairs = Neighborhoods(np.array([[1], [0], [1]], np.int32), np.array([[1], [1], [5]], np.float32))
    graph = make_fuzzy_graph(pairs)
    assert graph.starts.tolist() == [0, 1, 3, 4]
    assert graph.ends.tolist() == [1, 0, 2, 1]
    assert graph.weights.tolist() == [1, 1, 1, 1]


def test_make_fuzzy_graph__copies__are_held_fast():
    copies = Neighborhoods(np.array([[1, 2], [0, 2], [0, 1]], np.int32), np.zeros((3, 2), np.float32))
    assert make_fuzzy_graph(copies).weights.tolist() == [1] * 6


def test_make_fuzzy_graph__points_on_a_line__agrees_with_umap_learn():
    """Places 0, 1, 3, 7; the weights are those of umap-learn 0.5.12's ``fuzzy_simplicial_set``."""
    line = Neighborhoods(
        np.array([[1, 2, 3], [0, 2, 3], [1, 0, 3], [2, 1, 0]], np.int32),
        np.array([[1, 3, 7], [1, 2, 6], [2, 3, 4], [4, 6, 7]], np.float32),
    )
    graph = make_fuzzy_graph(line)
    assert graph.ends.tolist() == [1, 2, 3, 0, 2, 3, 0, 1, 3, 0, 1, 2]
    expected = [1, 0.8787, 0.6112, 1, 1, 0.6753, 0.8787, 1, 1, 0.6112, 0.6753, 1]
    np.testing.assert_allclose(graph.weights, expected, atol=1e-4)


def test_make_fuzzy_graph__clusters__is_symmetric():
    graph = make_fuzzy_graph(find_neighborhoods(three_clusters(20), n_neighbors=9))
    dense = np.zeros((60, 60))
    dense[np.repeat(np.arange(60), np.diff(graph.starts)), graph.ends] = graph.weights
    np.testing.assert_array_equal(dense, dense.T)
    assert graph.weights.min() > 0
    assert graph.weights.max() <= 1


def test_make_fuzzy_graph__clusters__agrees_with_umap_learn():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from umap.umap_ import find_ab_params, fuzzy_simplicial_set
    points = three_clusters(20)
    found = find_neighborhoods(points, n_neighbors=9)
    own = np.arange(60)[:, None]
    theirs, *_ = fuzzy_simplicial_set(
        points,
        n_neighbors=10,
        random_state=np.random.RandomState(0),
        metric="euclidean",
        knn_indices=np.hstack([own, found.indices]),
        knn_dists=np.hstack([own * np.float32(0), found.distances]),
    )
    ours = make_fuzzy_graph(found)
    theirs = theirs.tocsr()
    theirs.sort_indices()

    assert theirs.indices.tolist() == ours.ends.tolist()
    np.testing.assert_allclose(theirs.data, ours.weights, atol=1e-4)
    np.testing.assert_allclose(find_ab_params(spread=1.0, min_dist=0.05), (CURVE_A, CURVE_B), atol=1e-4)
