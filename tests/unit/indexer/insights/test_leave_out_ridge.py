from __future__ import annotations

import numpy as np
import pytest

from indexer.insights import leave_out_ridge
from indexer.insights.leave_out_ridge import LeaveOutRidge


def make_problem(n_points: int, dim: int, n_classes: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n_points)
    classes = np.arange(n_points) % n_classes
    embeddings = rng.normal(size=(n_classes, dim))[classes] + rng.normal(size=(n_points, dim)) + 2
    return embeddings.astype(np.float32), classes.astype(np.int64)


def refit_without(embeddings: np.ndarray, classes: np.ndarray, group: np.ndarray, penalty: float) -> np.ndarray:
    """Predictions for ``group`` of a ridge with an unpenalised intercept that never saw it."""
    inputs = embeddings.astype(np.float64) - embeddings.mean(axis=0, dtype=np.float64)
    inputs /= np.linalg.norm(inputs, axis=1, keepdims=True)
    targets = np.eye(classes.max() + 1)[classes]
    seen = np.setdiff1d(np.arange(len(classes)), group)
    middle, prior = inputs[seen].mean(axis=0), targets[seen].mean(axis=0)
    centred = inputs[seen] - middle
    gram = centred.T @ centred + penalty * np.eye(inputs.shape[1])
    weights = np.linalg.solve(gram, centred.T @ (targets[seen] - prior))
    return (inputs[group] - middle) @ weights + prior


def expected_margins(embeddings: np.ndarray, classes: np.ndarray, groups: np.ndarray, penalty: float) -> np.ndarray:
    margins = np.empty(len(classes))
    for number in np.unique(groups):
        group = np.flatnonzero(groups == number)
        predicted = refit_without(embeddings, classes, group, penalty)
        own = predicted[np.arange(len(group)), classes[group]].copy()
        predicted[np.arange(len(group)), classes[group]] = -np.inf
        margins[group] = predicted.max(axis=1) - own
    return margins


@pytest.mark.parametrize(("n_points", "dim"), [(60, 8), (20, 40)], ids=["more points", "more dimensions"])
def test_margins__equal_refits_without_each_point(n_points: int, dim: int) -> None:
    embeddings, classes = make_problem(n_points, dim)
    singles = np.arange(n_points)

    ridge = LeaveOutRidge(embeddings, singles, classes, groups=singles)

    margins, _ = ridge.margins()
    np.testing.assert_allclose(margins, expected_margins(embeddings, classes, singles, ridge.penalty), atol=2e-4)


def test_margins__equal_refits_without_each_group() -> None:
    embeddings, classes = make_problem(60, 8)
    groups = np.concatenate([np.arange(30), np.repeat(np.arange(30, 40), 2), np.full(10, 40)])

    ridge = LeaveOutRidge(embeddings, np.arange(60), classes, groups=groups)

    margins, _ = ridge.margins()
    np.testing.assert_allclose(margins, expected_margins(embeddings, classes, groups, ridge.penalty), atol=2e-4)


def test_margins__rows_left_aside_do_not_matter() -> None:
    embeddings, classes = make_problem(40, 8)
    rows = np.arange(0, 40, 2)

    ridge = LeaveOutRidge(embeddings, rows, classes[rows], groups=np.arange(20))

    alone = LeaveOutRidge(embeddings[rows], np.arange(20), classes[rows], groups=np.arange(20))
    np.testing.assert_allclose(ridge.margins()[0], alone.margins()[0], atol=1e-5)


def test_margins__blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings, classes = make_problem(70, 8)
    groups = np.concatenate([np.arange(50), np.repeat(np.arange(50, 60), 2)])
    whole = LeaveOutRidge(embeddings, np.arange(70), classes, groups=groups).margins()
    monkeypatch.setattr(leave_out_ridge, "BLOCK_ROWS", 16)
    monkeypatch.setattr(leave_out_ridge, "BLOCK_VALUES", 100)

    blocked = LeaveOutRidge(embeddings, np.arange(70), classes, groups=groups).margins()

    np.testing.assert_allclose(blocked[0], whole[0], atol=1e-4)
    np.testing.assert_array_equal(blocked[1], whole[1])


def test_margins__name_the_best_other_class() -> None:
    embeddings = np.array([[4, 0], [5, 0], [4, 1], [0, 4], [0, 5], [5, 1]], dtype=np.float32)
    classes = np.array([0, 0, 0, 1, 1, 1])

    margins, others = LeaveOutRidge(embeddings, np.arange(6), classes, groups=np.arange(6)).margins()

    assert int(np.argmax(margins)) == 5
    np.testing.assert_array_equal(others, [1, 1, 1, 0, 0, 0])


def test_relabel__equals_a_fit_with_the_new_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings, classes = make_problem(60, 8)
    ridge = LeaveOutRidge(embeddings, np.arange(60), classes, groups=np.arange(60) // 2)
    monkeypatch.setattr(leave_out_ridge, "PENALTIES", (ridge.penalty,))
    relabelled = classes.copy()
    relabelled[[3, 7, 8]] = [1, 2, 3]

    ridge.relabel(np.array([3, 7, 8]), np.array([1, 2, 3]))

    fresh = LeaveOutRidge(embeddings, np.arange(60), relabelled, groups=np.arange(60) // 2)
    np.testing.assert_allclose(ridge.margins()[0], fresh.margins()[0], atol=1e-4)
    np.testing.assert_array_equal(ridge.margins()[1], fresh.margins()[1])


def test_leave_out_ridge__identical_embeddings_stay_finite() -> None:
    embeddings = np.ones((10, 4), dtype=np.float32)

    margins, _ = LeaveOutRidge(embeddings, np.arange(10), np.arange(10) % 2, groups=np.arange(10)).margins()

    assert np.isfinite(margins).all()
