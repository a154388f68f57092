from __future__ import annotations

import numpy as np
import pytest

from indexer.errors import InvalidOptionsError
from indexer.insights.picks import pick_diverse, pick_representatives


def at_degrees(*degrees: float) -> np.ndarray:
    angles = np.deg2rad(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


CIRCLE = at_degrees(0, 2, 4, 6, 8, 90, 92, 94, 180)


def test_pick_representatives__one_for_each_group_in_its_middle() -> None:
    picks = pick_representatives(CIRCLE, 3)

    np.testing.assert_array_equal(picks.rows, [2, 6, 8])
    np.testing.assert_array_equal(picks.counts, [5, 3, 1])


def test_pick_representatives__of_a_selection() -> None:
    picks = pick_representatives(CIRCLE, 1, rows=np.array([7, 5, 6]))

    np.testing.assert_array_equal(picks.rows, [6])


def test_pick_representatives__same_seed_same_picks() -> None:
    embeddings = np.random.default_rng(0).normal(size=(300, 8)).astype(np.float32)

    first, second = (pick_representatives(embeddings, 12, seed=5) for _ in range(2))

    np.testing.assert_array_equal(first.rows, second.rows)
    assert len(set(first.rows)) == 12
    assert first.counts.sum() == 300


def test_pick_representatives__all_of_a_small_selection() -> None:
    np.testing.assert_array_equal(pick_representatives(CIRCLE, 5, rows=np.array([3, 1])).rows, [1, 3])
    assert len(pick_representatives(CIRCLE[:0], 5).rows) == 0


def test_pick_representatives__copies_are_picked_once_each() -> None:
    picks = pick_representatives(np.ones((6, 2), dtype=np.float32), 3)

    assert len(set(picks.rows)) == 3
    assert picks.counts.sum() == 6


def test_pick_diverse__weight_zero_is_farthest_point() -> None:
    picks = pick_diverse(at_degrees(0, 10, 20, 90, 180), 3, relevance_weight=0)

    assert picks[0] == 2
    np.testing.assert_array_equal(picks[1:], [4, 3])


def test_pick_diverse__relevance_leads() -> None:
    relevance = np.array([0, 0, 0, 0, 0, 0, 0, 1, 0.5], dtype=np.float32)

    picks = pick_diverse(CIRCLE, 2, relevance=relevance, relevance_weight=1)

    np.testing.assert_array_equal(picks, [7, 8])


def test_pick_diverse__avoids_what_is_like_the_picks() -> None:
    picks = pick_diverse(CIRCLE, 3)

    assert {int(row) for row in picks} & {0, 1, 2, 3, 4}
    assert {int(row) for row in picks} & {5, 6, 7}
    assert 8 in picks


def test_pick_diverse__selection_is_exhausted_without_repeats() -> None:
    picks = pick_diverse(np.ones((5, 2), dtype=np.float32), 9, rows=np.array([4, 2, 2, 0]))

    assert sorted(picks.tolist()) == [0, 2, 4]


def test_picks__refuse_bad_options() -> None:
    with pytest.raises(InvalidOptionsError, match="cannot pick 0"):
        pick_representatives(CIRCLE, 0)
    with pytest.raises(InvalidOptionsError, match="relevance_weight is 2"):
        pick_diverse(CIRCLE, 1, relevance_weight=2)
    with pytest.raises(InvalidOptionsError, match="relevance has 1 entries for 9"):
        pick_diverse(CIRCLE, 1, relevance=np.ones(1, dtype=np.float32))
