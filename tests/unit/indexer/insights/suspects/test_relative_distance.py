from __future__ import annotations

import numpy as np
import pytest

from indexer.insights.suspects.relative_distance import RelativeDistance
from indexer.neighbors.graph import build_neighbor_graph
from indexer.neighbors.shared_origin import SharedOrigin


def on_circle(*degrees: float) -> np.ndarray:
    """Unit vectors at these angles; the cosine of two is that of the angle between them."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def measure(embeddings: np.ndarray, classes: list[int], votes: list[bool] | None = None) -> RelativeDistance:
    n_points = len(classes)
    return RelativeDistance(
        embeddings,
        build_neighbor_graph(embeddings),
        SharedOrigin(),
        classes=np.array(classes, dtype=np.int64),
        votes=np.ones(n_points, dtype=bool) if votes is None else np.array(votes),
    )


def test_scores__compare_the_two_nearest_of_each_side() -> None:
    embeddings = on_circle(0, 10, 20, 60, 70, 80)

    scores = measure(embeddings, [0, 0, 0, 1, 1, 1]).scores()

    distances = 1 - np.cos(np.radians([[10, 20], [60, 70]]))
    floor = 0.5 * np.median(1 - np.cos(np.radians([20, 10, 20, 20, 10, 20])))
    same, other = np.log(distances + floor).mean(axis=1)
    assert scores[0] == pytest.approx(max(same - other, -1), abs=1e-4)
    assert scores.max() < 0


def test_scores__stay_within_one() -> None:
    embeddings = on_circle(0, 2, 4, 90, 92, 94)

    scores = measure(embeddings, [0, 1, 1, 0, 0, 0]).scores()

    assert scores[0] == 1
    assert scores.min() == -1


def test_scores__a_copy_under_another_class_does_not_outweigh_all_others() -> None:
    spread = [0, 0.2, 20, 40, 60, 80, 100, 120, 140, 160]
    classes = [0, 1, 0, 0, 0, 1, 1, 1, 1, 1]

    score = measure(on_circle(*spread), classes).scores()[0]

    # without a floor: log of its distance to the copy, 6e-6, against 0.06
    assert score < 0.8


def test_scores__of_identical_points_are_finite() -> None:
    embeddings = np.tile(on_circle(30), (8, 1))

    assert np.isfinite(measure(embeddings, [0, 0, 0, 0, 1, 1, 1, 1]).scores()).all()
