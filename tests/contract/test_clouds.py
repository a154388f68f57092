"""Every insight and every map takes points that are hard to tell apart: no crash, no warning, finite results."""

import numpy as np
import pytest

from indexer.domain import ignore_progress
from indexer.errors import ProjectionError
from indexer.insights.clusters import find_clusters
from indexer.insights.confusion import confuse_classes
from indexer.insights.duplicates import find_duplicates
from indexer.insights.outliers import describe_outlier, score_outliers
from indexer.insights.picks import pick_diverse, pick_representatives
from indexer.maps.placement import update_map
from indexer.maps.projecting import project_points
from indexer.maps.projectors import PROJECTORS
from indexer.maps.trust import measure_trust
from indexer.neighbors.graph import build_neighbor_graph
from indexer.neighbors.shared_origin import SharedOrigin
from tests.clouds import KINDS, make_cloud

SIZES = [1, 2, 3, 21, 90]


@pytest.fixture(params=KINDS, ids=str)
def kind(request):
    return request.param


@pytest.fixture(params=SIZES)
def cloud(request, kind):
    return make_cloud(kind, request.param, 7, seed=3)


def name_some(n_points):
    return np.array(["cat", "dog", None], dtype=object)[np.arange(n_points) % 3]


def test_find_clusters__any_cloud(cloud):
    found = find_clusters(build_neighbor_graph(cloud), cloud, name_some(len(cloud)), min_size=2)

    assert found.labels.shape == (len(cloud),)
    assert sum(one.size for one in found.clusters) == (found.labels >= 0).sum()
    examples = found.examples(np.ones(len(cloud), bool))
    assert all(0 <= one.purity <= 1 for one in found.clusters)
    assert all(0 < len(rows) <= one.size for one, rows in zip(found.clusters, examples, strict=True))


def test_find_duplicates__any_cloud(cloud):
    found = find_duplicates(build_neighbor_graph(cloud), class_names=name_some(len(cloud)))

    assert ((found.lowest_similarity >= 0.97) & (found.lowest_similarity <= 1)).all()
    assert [len(found.rows(group)) for group in range(found.n_groups)] == found.size.tolist()


@pytest.mark.parametrize("kind", [0.0, "constant"])
@pytest.mark.parametrize("n_points", [2, 21, 22, 300])
def test_find_duplicates__copies_of_one_point__are_one_exact_group(kind, n_points):
    found = find_duplicates(build_neighbor_graph(make_cloud(kind, n_points, 9)))

    assert (found.size.tolist(), found.is_exact.tolist()) == ([n_points], [True])


def test_score_outliers__any_cloud(cloud):
    found = score_outliers(build_neighbor_graph(cloud))

    assert np.isfinite([found.score, found.distance, found.factor]).all() or len(cloud) == 1
    assert all(describe_outlier(found, row) for row in range(len(cloud)))


def test_confuse_classes__any_cloud(cloud):
    graph = build_neighbor_graph(cloud)
    origin = SharedOrigin.of(len(cloud))

    found = confuse_classes(graph, name_some(len(cloud)), origin=origin)

    assert ((found.share >= 0) & (found.share <= 1)).all()
    assert origin.group(graph).shape == (len(cloud),)


@pytest.mark.parametrize("n_picks", [1, 2, 5, 91])
def test_picks__any_cloud__are_different_points(cloud, n_picks):
    representatives, diverse = pick_representatives(cloud, n_picks), pick_diverse(cloud, n_picks)

    assert len(set(representatives.rows)) == len(set(diverse)) == min(n_picks, len(cloud))
    assert representatives.counts.sum() == len(cloud)
    assert (representatives.counts > 0).all()


@pytest.mark.parametrize("method", list(PROJECTORS))
@pytest.mark.parametrize("n_points", [2, 3, 4, 5, 6, 40])
def test_project_points__any_cloud__maps_trusts_and_places(kind, method, n_points):
    cloud = make_cloud(kind, n_points, 7, seed=3)
    graph = build_neighbor_graph(cloud)

    made = project_points(cloud, method=method, graph=graph if method == "umap" else None)
    trust = measure_trust(made.coordinates, neighbor_indices=graph.indices)
    ids = np.array([f"{row:03}" for row in range(n_points)])
    placed = update_map(ids[1:], made.coordinates[1:], ids=ids, embeddings=cloud, changed_ids=ids[: n_points // 3])

    assert made.coordinates.shape == placed.shape == (n_points, 2)
    assert np.isfinite(made.coordinates).all()
    assert np.isfinite(placed).all()
    assert ((trust >= 0) & (trust <= 1)).all()


@pytest.mark.parametrize("method", list(PROJECTORS))
def test_project_points__euclidean__any_cloud_or_one_clear_error(kind, method):
    cloud = make_cloud(kind, 40, 7, seed=3)
    if kind == "lengths":
        with pytest.raises(ProjectionError, match=r"row \d+ is \S+ long, too long for Euclidean distances; use cosine"):
            project_points(cloud, method=method, metric="euclidean")
        return
    assert np.isfinite(project_points(cloud, method=method, metric="euclidean").coordinates).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_project_points__not_finite__names_the_row(value, metric):
    cloud = make_cloud(0.1, 9, 4)
    cloud[5, 2] = value
    with pytest.raises(ProjectionError, match="the embedding in row 5 is not finite"):
        project_points(cloud, metric=metric, on_progress=ignore_progress)
