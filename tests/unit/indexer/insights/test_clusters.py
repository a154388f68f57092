from __future__ import annotations

import numpy as np
import pytest

from indexer.errors import InvalidOptionsError
from indexer.insights.clusters import Cluster, Clusters, find_clusters, find_parents
from indexer.neighbors.graph import build_neighbor_graph


def make_clouds(*sizes: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    cloud = np.repeat(np.arange(len(sizes)), sizes)
    centres = 3 * np.eye(len(sizes), 8)
    return (centres[cloud] + 0.2 * rng.normal(size=(len(cloud), 8))).astype(np.float32), cloud


def cluster(embeddings: np.ndarray, names: list[str | None], **options: float) -> Clusters:
    return find_clusters(build_neighbor_graph(embeddings, n_neighbors=20), embeddings, names, **options)


def test_find_clusters__finds_planted_clouds_largest_first() -> None:
    embeddings, cloud = make_clouds(20, 40, 30)

    found = cluster(embeddings, [f"class {c}" for c in cloud])

    np.testing.assert_array_equal(found.labels, np.array([2, 0, 1])[cloud])
    assert [c.size for c in found.clusters] == [40, 30, 20]
    assert [c.name for c in found.clusters] == ["class 1", "class 2", "class 0"]
    assert [c.purity for c in found.clusters] == [1, 1, 1]


def test_find_clusters__describes_mixed_and_unlabelled_ones() -> None:
    embeddings, _ = make_clouds(20, 20, 20, 20)
    names = ["cat"] * 15 + ["dog"] * 3 + [None] * 2
    names += [None] * 20
    names += ["cat"] * 8 + ["dog"] * 6 + ["fox"] * 6
    names += ["cat"] * 20

    found = cluster(embeddings, names)

    assert [c.name for c in found.clusters] == ["cat", "unlabelled", "cat / dog", "cat (2)"]
    assert [c.dominant_class for c in found.clusters] == ["cat", None, "cat", "cat"]
    np.testing.assert_allclose([c.purity for c in found.clusters], [15 / 18, 0, 0.4, 1])


def test_find_clusters__first_example_is_the_medoid() -> None:
    embeddings, _ = make_clouds(30, 25)

    found = cluster(embeddings, [None] * 55)

    units = embeddings[:30].astype(np.float64)
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    expected = np.argsort(-(units @ units.T).mean(axis=1))[:3]
    np.testing.assert_array_equal(found.examples(np.ones(55, bool), 3)[0], expected)


def test_examples__are_the_most_typical_of_those_that_are_selected() -> None:
    found = numbered([1, -1, 0, 1, 0, 1])

    assert [rows.tolist() for rows in found.examples(np.ones(6, bool), 2)] == [[2, 4], [0, 3]]
    assert [rows.tolist() for rows in found.examples(np.array([0, 1, 0, 1, 0, 1], bool), 2)] == [[], [3, 5]]


def test_find_clusters__small_groups_are_none() -> None:
    embeddings, _ = make_clouds(30, 3)

    found = find_clusters(build_neighbor_graph(embeddings, n_neighbors=2), embeddings, [None] * 33, min_size=4)

    np.testing.assert_array_equal(found.labels[30:], -1)


@pytest.mark.parametrize("n_points", [0, 1])
def test_find_clusters__too_few_points_no_cluster(n_points: int) -> None:
    found = cluster(np.ones((n_points, 4), dtype=np.float32), ["cat"] * n_points)

    assert found.clusters == ()
    np.testing.assert_array_equal(found.labels, [-1] * n_points)


def test_find_clusters__same_points_same_clusters() -> None:
    embeddings = np.random.default_rng(3).normal(size=(200, 8)).astype(np.float32)

    first, second = cluster(embeddings, [None] * 200), cluster(embeddings, [None] * 200)

    np.testing.assert_array_equal(first.labels, second.labels)


def test_find_clusters__refuses_bad_input() -> None:
    embeddings, _ = make_clouds(10, 10)
    with pytest.raises(InvalidOptionsError, match="do not belong together"):
        cluster(embeddings, ["cat"])
    with pytest.raises(InvalidOptionsError, match="min_size 0"):
        cluster(embeddings, [None] * 20, min_size=0)


def numbered(labels: list[int]) -> Clusters:
    one = Cluster(name="any", size=1, dominant_class=None, purity=0.0)
    return Clusters(np.array(labels, np.int32), (one,) * (max(labels) + 1), np.argsort(labels, kind="stable"))


def test_find_parents__a_cluster_is_part_of_the_one_that_has_most_of_its_points() -> None:
    coarse = numbered([0, 0, 0, 0, 1, 1, 1, -1, -1])
    fine = numbered([0, 0, 1, 1, 0, 1, 1, 2, 0])

    np.testing.assert_array_equal(find_parents(fine, coarse), [0, 0, -1])  # as many in either: the larger one


def test_find_parents__of_finer_clouds_are_the_clouds() -> None:
    embeddings, cloud = make_clouds(60, 40)
    names = [f"class {c}" for c in cloud]
    coarse, fine = cluster(embeddings, names), cluster(embeddings, names, resolution=2)

    parents = find_parents(fine, coarse)

    assert len(fine.clusters) > len(coarse.clusters)
    for number, parent in enumerate(parents.tolist()):
        counts = np.bincount(coarse.labels[fine.labels == number], minlength=len(coarse.clusters))
        assert counts[parent] == counts.max() > 0
    assert find_parents(numbered([-1, 0]), numbered([-1, -1])).tolist() == [-1]
