from __future__ import annotations

import numpy as np
import pytest

from indexer.insights.outliers import describe_outlier, find_threshold, score_outliers
from indexer.insights.ranks import rank_to_unit
from indexer.neighbors.graph import build_neighbor_graph


def make_cloud(n_points: int, *, spread: float = 0.1) -> np.ndarray:
    rng = np.random.default_rng(0)
    return (np.array([5, 0, 0, 0]) + spread * rng.normal(size=(n_points, 4))).astype(np.float32)


def test_score_outliers__planted_stranger_is_first() -> None:
    embeddings = np.vstack([make_cloud(60), [[0, 5, 0, 0]]]).astype(np.float32)

    columns = score_outliers(build_neighbor_graph(embeddings, n_neighbors=10))

    assert columns.top(1).tolist() == [60]
    assert columns.score[60] == 1
    assert columns.score.min() == 0
    assert columns.factor[60] > 5
    assert columns.is_far_out[60]
    n_far_out = np.count_nonzero(columns.is_far_out)
    assert n_far_out < 6
    assert columns.is_far_out[columns.top(n_far_out)].all()
    assert 0.8 < np.median(columns.factor) < 1.2


def test_score_outliers__stranger_beside_a_dense_cloud_beats_members_of_a_thin_one() -> None:
    thin = np.roll(make_cloud(60, spread=0.4), 1, axis=1)
    beside = np.array([[5, 0, 1.2, 0]])
    embeddings = np.vstack([make_cloud(60, spread=0.02), thin, beside]).astype(np.float32)

    columns = score_outliers(build_neighbor_graph(embeddings, n_neighbors=10))

    assert columns.top(1).tolist() == [120]


def test_score_outliers__copies_stay_finite() -> None:
    columns = score_outliers(build_neighbor_graph(np.ones((30, 3), dtype=np.float32), n_neighbors=5))

    np.testing.assert_array_equal(columns.score, 0.5)
    np.testing.assert_allclose(columns.factor, 1)
    assert not columns.is_far_out.any()


def test_score_outliers__one_point_cannot_be_compared() -> None:
    columns = score_outliers(build_neighbor_graph(np.ones((1, 3), dtype=np.float32)))

    assert np.isnan(columns.score).all()
    assert len(columns.top(5)) == 0
    assert not columns.is_far_out.any()
    assert describe_outlier(columns, 0) == "there is no other point to compare it with"


def test_describe_outlier__says_how_far() -> None:
    angles = np.deg2rad([0, 60, 120, 180])
    embeddings = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    columns = score_outliers(build_neighbor_graph(embeddings, n_neighbors=1))

    assert describe_outlier(columns, 0) == (
        "its neighbors are 1.0 times as far away as is usual in the collection, "
        "and 1.0 times as far as is usual around them"
    )


@pytest.mark.parametrize(
    ("strangeness", "far"),
    [
        ([*range(101)], []),
        ([*range(99), 225, 226], [226]),  # the quartiles are 25 and 75
        ([*range(99), 500, 600], [500, 600]),
        ([5, 5, 5, 5, 5], []),
        ([5, 5, 5, 5, 5, 5, 5, 5, 6, 7], []),  # copies; what differs does not stand apart therefore
        ([5, 6], []),
        ([5], []),
    ],
)
def test_find_threshold__outer_fence(strangeness: list[float], far: list[float]) -> None:
    values = np.array(strangeness, dtype=np.float32)
    score = rank_to_unit(values)

    assert values[score >= find_threshold(values, score)].tolist() == far
