import numpy as np
import pytest

from indexer.errors import CancelledError, ProjectionError, TooFewPointsError, UnknownNameError
from indexer.maps.projecting import project_points
from indexer.neighbors.graph import build_neighbor_graph
from tests.unit.indexer.maps.points import three_clusters


def test_project_points__too_few_for_umap__is_pca_and_says_so():
    points = np.eye(3, dtype=np.float32)
    projection = project_points(points, method="umap")
    assert (projection.method, projection.requested_method) == ("pca", "umap")
    assert projection.note == "umap needs at least 4 points and there are 3, so PCA stands in."
    np.testing.assert_array_equal(projection.coordinates, project_points(points, method="pca").coordinates)


def test_project_points__enough_points__has_no_note():
    projection = project_points(np.eye(2, dtype=np.float32), method="pca", metric="euclidean", seed=3)
    assert (projection.method, projection.metric, projection.seed, projection.note) == ("pca", "euclidean", 3, "")


@pytest.mark.parametrize("n_points", [0, 1])
def test_project_points__one_point_or_none__is_refused(n_points):
    with pytest.raises(TooFewPointsError, match=f"at least 2 points and there are {n_points}"):
        project_points(np.ones((n_points, 4), np.float32), method="umap")


def test_project_points__unknown_method__lists_the_known():
    with pytest.raises(UnknownNameError, match="known: densmap, pca, pca-tsne, pca-umap, tsne, umap"):
        project_points(np.eye(3, dtype=np.float32), method="isomap")


def test_project_points__unknown_metric__lists_the_known():
    with pytest.raises(UnknownNameError, match="unknown metric 'manhattan'; known: cosine, euclidean"):
        project_points(np.eye(3, dtype=np.float32), metric="manhattan")


@pytest.mark.parametrize("values", [[np.nan, 0, 0], [np.inf, 1, 1], [np.inf, -np.inf, 1]])
def test_project_points__not_finite__names_the_row(values):
    points = np.eye(3, dtype=np.float32)
    points[1] = values
    with pytest.raises(ProjectionError, match="row 1 is not finite"):
        project_points(points, method="pca")


def test_project_points__graph_of_other_points__is_refused():
    graph = build_neighbor_graph(three_clusters(5))
    with pytest.raises(ProjectionError, match="of 15 points and not of these 14"):
        project_points(three_clusters(5)[1:], graph=graph)


def test_project_points__cosine__ignores_lengths():
    points = three_clusters(5)
    stretched = points * np.linspace(1, 9, 15, dtype=np.float32)[:, None]
    expected = project_points(points, method="pca", metric="cosine").coordinates
    np.testing.assert_allclose(project_points(stretched, method="pca").coordinates, expected, atol=1e-5)
    assert np.ptp(project_points(stretched, method="pca", metric="euclidean").coordinates) > 2 * np.ptp(expected)


def test_project_points__graph_given__is_the_map_of_the_searched_neighbors():
    points = three_clusters()
    graph = build_neighbor_graph(points, n_neighbors=15)
    given = project_points(points, method="umap", graph=graph).coordinates
    np.testing.assert_array_equal(given, project_points(points, method="umap", graph=graph).coordinates)
    clusters = given.reshape(3, 30, 2)
    middles = clusters.mean(axis=1)
    radius = np.linalg.norm(clusters - middles[:, None], axis=2).max()
    assert np.linalg.norm(middles - middles[[1, 2, 0]], axis=1).min() > 2 * radius


def test_project_points__euclidean_with_unequal_lengths__does_not_take_the_cosine_graph():
    """Two rays from the origin: by cosine a point's neighbors are its ray, by distance also the other ray's start."""
    points = np.concatenate([np.outer(np.arange(1, 31), [1, 0]), np.outer(np.arange(1, 31), [0, 1])]).astype(np.float32)
    graph = build_neighbor_graph(points, n_neighbors=15)
    with_graph = project_points(points, metric="euclidean", graph=graph).coordinates
    np.testing.assert_array_equal(with_graph, project_points(points, metric="euclidean").coordinates)


@pytest.mark.parametrize("method", ["umap", "tsne"])
def test_project_points__progress_that_raises_during_the_layout__cancels(method):
    def cancel(stage: str, done: int, total: int | None) -> None:
        if stage == "layout":
            raise CancelledError("stop")

    with pytest.raises(CancelledError):
        project_points(three_clusters(10), method=method, on_progress=cancel)
