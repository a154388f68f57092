from __future__ import annotations

import numpy as np

from indexer.insights.suspects.clumps import find_groups, weigh_clumps
from indexer.neighbors.graph import NeighborGraph
from indexer.neighbors.shared_origin import SharedOrigin


def ring(n_points: int, n_neighbors: int) -> NeighborGraph:
    """Points on a ring whose nearest are those beside them."""
    steps = np.array([sign * step for step in range(1, n_neighbors // 2 + 1) for sign in (-1, 1)])
    indices = (np.arange(n_points)[:, None] + steps) % n_points
    similarities = np.broadcast_to(0.9 - 0.01 * np.arange(n_neighbors), indices.shape)
    return NeighborGraph(indices.astype(np.int32), similarities.astype(np.float32))


def weigh(contradicted: list[int], *, n_points: int = 400, origin: SharedOrigin | None = None) -> np.ndarray:
    """Weights on a ring where the contradicted points are called 1 and everything looks like 0."""
    is_contradicted = np.isin(np.arange(n_points), contradicted)
    return weigh_clumps(
        ring(n_points, 20),
        origin or SharedOrigin(),
        given=is_contradicted.astype(np.int64),
        is_contradicted=is_contradicted,
        predicted=np.zeros(n_points, dtype=np.int64),
    ).local


def test_weigh_clumps__points_side_by_side_are_a_clump() -> None:
    local = weigh(list(range(100, 120)))

    assert local[105:115].min() == 1
    assert local[:90].max() == 0


def test_weigh_clumps__a_clump_of_five_is_one_too() -> None:
    assert weigh(list(range(100, 105)))[102] == 1


def test_weigh_clumps__scattered_points_are_none() -> None:
    assert weigh(list(range(0, 400, 10))).max() == 0


def test_weigh_clumps__chance_neighbors_are_none_however_many_there_are() -> None:
    contradicted = np.flatnonzero(np.random.default_rng(0).random(400) < 0.3)

    assert weigh(contradicted.tolist()).mean() < 0.1


def test_weigh_clumps__copies_and_objects_of_one_image_are_no_clump() -> None:
    own_image = np.arange(400)
    own_image[100:120] = 100

    assert weigh(list(range(100, 120)), origin=SharedOrigin.of(400, image_index=own_image)).max() == 0


def test_weigh_clumps__if_most_sit_together_all_are_read_so() -> None:
    is_contradicted = np.isin(np.arange(400), np.r_[100:120, 200:220, 300:320])
    known = {"is_contradicted": is_contradicted, "predicted": np.zeros(400, dtype=np.int64)}

    clumps = weigh_clumps(ring(400, 20), SharedOrigin(), given=is_contradicted.astype(np.int64), **known)

    np.testing.assert_array_equal(clumps.weight, 1)
    assert clumps.local[:90].max() == 0


def test_weigh_clumps__without_contradicted_points_is_0() -> None:
    assert weigh([]).max() == 0


def test_find_groups__have_one_class_and_one_suggestion() -> None:
    given = np.zeros(100, dtype=np.int64)
    suggested = np.full(100, -1)
    suggested[10:15], suggested[15:18], suggested[50:52] = 1, 2, 1

    groups = find_groups(ring(100, 20), given=given, suggested=suggested, is_member=suggested >= 0)

    assert groups[10:15].tolist() == [0] * 5
    assert groups[15:18].tolist() == [1] * 3
    assert groups[50:52].tolist() == [-1, -1]  # two are no group
    assert (groups >= 0).sum() == 8
