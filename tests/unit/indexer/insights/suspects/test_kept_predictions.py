"""Following verdicts one by one gives what a fresh fit gives, and fits nothing again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from indexer.insights.suspects import SuspectColumns, SuspectModel
from indexer.insights.suspects.label_beliefs import Beliefs, Candidates
from indexer.insights.suspects.leave_out_ridge import LeaveOutRidge
from indexer.neighbors.shared_origin import SharedOrigin
from tests.unit.indexer.insights.suspects.clouds import make_points

N_VERDICTS = 30


def make_noisy(n_classes: int, n_members: int) -> tuple[np.ndarray, np.ndarray]:
    """Clouds that overlap, one label in twenty wrong."""
    embeddings, names = make_points(*[n_members] * n_classes, spread=0.7)
    rng = np.random.default_rng(1)
    wrong = rng.choice(len(names), len(names) // 20, replace=False)
    names[wrong] = names[rng.permutation(wrong)]
    return embeddings, names


def judge_one_by_one(model: SuspectModel, names: np.ndarray, newest: str | None) -> tuple[SuspectColumns, np.ndarray]:
    """Say of the worst in turn that it is right, or give it the suggested class or a new one; last, take one back."""
    confirmed = np.zeros(len(names), dtype=bool)
    columns = model.rank()
    for number in range(N_VERDICTS):
        worst = columns.top(1)
        if not len(worst):
            break
        if number % 2:
            names[worst] = newest if newest and number == 9 else columns.classes[columns.suggested[worst[0]]]
            model.relabel(worst, [names[worst[0]]])
        confirmed[worst] = True
        model.confirm(worst)
        columns = model.rank()
    taken_back = np.flatnonzero(confirmed)[:1]
    confirmed[taken_back] = False
    model.reopen(taken_back)
    return model.rank(), confirmed


@pytest.mark.parametrize(  # each pair of values is in one of them
    ("n_classes", "image_size", "newest"),
    [(2, 1, None), (2, 3, "wolf"), (5, 1, "wolf"), (5, 3, None), (40, 1, None), (40, 3, "wolf")],
)
def test_rank__after_verdicts_one_by_one__is_that_of_a_fresh_fit(
    n_classes: int, image_size: int, newest: str | None
) -> None:
    embeddings, names = make_noisy(n_classes, 1200 // n_classes)
    origin = SharedOrigin.of(len(names), image_index=np.arange(len(names)) // image_size)

    followed, confirmed = judge_one_by_one(SuspectModel(embeddings, names.copy(), origin=origin), names, newest)

    model = SuspectModel(embeddings, names, origin=origin)
    model.confirm(np.flatnonzero(confirmed))
    fresh = model.rank()
    np.testing.assert_allclose(followed.ridge_margin, fresh.ridge_margin, atol=2e-4)
    np.testing.assert_allclose(followed.relative_distance, fresh.relative_distance, atol=1e-5)
    np.testing.assert_array_equal(followed.top(50), fresh.top(50))
    np.testing.assert_array_equal(followed.evidence, fresh.evidence)


def test_rank__after_verdicts__fits_nothing_again(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings, names = make_points(400, 400, 400, spread=0.2)
    names[[3, 500]] = ["dog", "fox"]
    model = SuspectModel(embeddings, names)
    columns = model.rank()
    fits: list[Any] = []
    monkeypatch.setattr(LeaveOutRidge, "fit", lambda *arguments: fits.append(arguments))

    first, second = columns.top(2)
    model.confirm(np.array([first]))
    model.rank()
    model.relabel(np.array([second]), [columns.classes[columns.suggested[second]]])
    model.rank()

    assert not fits


def test_rank__same_verdicts_same_bits() -> None:
    embeddings, names = make_noisy(40, 30)

    one, _ = judge_one_by_one(SuspectModel(embeddings, names.copy()), names.copy(), "wolf")
    other, _ = judge_one_by_one(SuspectModel(embeddings, names.copy()), names.copy(), "wolf")

    np.testing.assert_array_equal(one.score, other.score)
    np.testing.assert_array_equal(one.ridge_margin, other.ridge_margin)


def test_merge__takes_over_what_is_known_and_what_became_better() -> None:
    candidates = Candidates(
        np.array([[0, 1, 2], [4, 2, 0]], dtype=np.int32),
        np.array([[0.9, 0.3, 0.1], [0.2, 0.7, 0.4]], dtype=np.float32),
        np.array([0.05, 0.1], dtype=np.float32),
    )

    predicted = np.array([[0.5, 0.05], [0.1, 0.6]], dtype=np.float32)
    is_unsure = candidates.merge(np.array([2, 3]), predicted, n_classes=5)

    assert candidates.classes.tolist() == [[0, 2, 1], [4, 3, 0]]
    np.testing.assert_allclose(candidates.values, [[0.9, 0.5, 0.3], [0.2, 0.6, 0.4]])
    np.testing.assert_allclose(candidates.ceiling, [0.05, 0.1])
    assert not is_unsure.any()


def test_merge__candidate_that_falls_below_what_is_known_of_no_other_class__is_told() -> None:
    candidates = Candidates.empty(2, 3)
    predicted = np.array([[0.9, 0.5, 0.3, 0.2], [0.9, 0.5, 0.3, 0.2]], dtype=np.float32)
    candidates.put(np.arange(2), predicted, np.zeros(2, dtype=np.int64))

    is_unsure = candidates.merge(np.array([2]), np.array([[0.25], [0.1]], dtype=np.float32), n_classes=4)

    assert is_unsure.tolist() == [False, True]  # of the second point, class 3 is a better candidate


def test_differ_from__compares_class_by_class_in_any_order() -> None:
    one = Beliefs(np.array([[0, 1], [0, 1], [0, 1]], dtype=np.int32), np.array([[0.75, 0.25]] * 3, dtype=np.float32))
    other = Beliefs(
        np.array([[1, 0], [0, 2], [0, 1]], dtype=np.int32),
        np.array([[0.25, 0.75], [0.75, 0.25], [0.5, 0.5]], dtype=np.float32),
    )

    assert one.differ_from(other).tolist() == [0, 0.5, 0.5]
