from __future__ import annotations

import numpy as np
import pytest

from indexer.insights.suspects import leave_out_ridge
from indexer.insights.suspects.label_beliefs import Beliefs, Candidates
from indexer.insights.suspects.leave_out_ridge import LeaveOutRidge, Stiffness


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


def read_margins(
    ridge: LeaveOutRidge, classes: np.ndarray, stiffness: Stiffness = "flexible"
) -> tuple[np.ndarray, np.ndarray]:
    """How far the best other class is ahead, and which it is."""
    n_classes = int(classes.max()) + 1
    labels, found = Beliefs.of_labels(classes), Candidates.empty(len(classes), n_classes)
    ridge.tune(labels, n_classes)
    for positions, (predicted,) in ridge.predict(ridge.fit([(stiffness, labels)], n_classes)):
        found.put(positions, predicted, classes[positions])
    return found.margins, found.others


def expected_margins(embeddings: np.ndarray, classes: np.ndarray, groups: np.ndarray, penalty: float) -> np.ndarray:
    margins = np.empty(len(classes))
    for number in np.unique(groups):
        group = np.flatnonzero(groups == number)
        predicted = refit_without(embeddings, classes, group, penalty)
        own = predicted[np.arange(len(group)), classes[group]].copy()
        predicted[np.arange(len(group)), classes[group]] = -np.inf
        margins[group] = predicted.max(axis=1) - own
    return margins


@pytest.mark.parametrize("stiffness", ["flexible", "stiff"])
@pytest.mark.parametrize(("n_points", "dim"), [(60, 8), (20, 40)], ids=["more points", "more dimensions"])
def test_predict__equals_refits_without_each_point(n_points: int, dim: int, stiffness: Stiffness) -> None:
    embeddings, classes = make_problem(n_points, dim)
    singles = np.arange(n_points)

    ridge = LeaveOutRidge(embeddings, singles, groups=singles)

    margins, _ = read_margins(ridge, classes, stiffness)
    expected = expected_margins(embeddings, classes, singles, ridge.penalties[stiffness])
    np.testing.assert_allclose(margins, expected, atol=2e-4)


def test_predict__equal_refits_without_each_group() -> None:
    embeddings, classes = make_problem(60, 8)
    groups = np.concatenate([np.arange(30), np.repeat(np.arange(30, 40), 2), np.full(10, 40)])

    ridge = LeaveOutRidge(embeddings, np.arange(60), groups=groups)

    margins, _ = read_margins(ridge, classes)
    expected = expected_margins(embeddings, classes, groups, ridge.penalties["flexible"])
    np.testing.assert_allclose(margins, expected, atol=2e-4)


def test_predict__rows_left_aside_do_not_matter() -> None:
    embeddings, classes = make_problem(40, 8)
    rows = np.arange(0, 40, 2)

    ridge = LeaveOutRidge(embeddings, rows, groups=np.arange(20))

    alone = LeaveOutRidge(embeddings[rows], np.arange(20), groups=np.arange(20))
    np.testing.assert_allclose(read_margins(ridge, classes[rows])[0], read_margins(alone, classes[rows])[0], atol=1e-5)


def test_predict__blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings, classes = make_problem(70, 8)
    groups = np.concatenate([np.arange(50), np.repeat(np.arange(50, 60), 2)])
    whole = read_margins(LeaveOutRidge(embeddings, np.arange(70), groups=groups), classes)
    monkeypatch.setattr(leave_out_ridge, "BLOCK_ROWS", 16)
    monkeypatch.setattr(leave_out_ridge, "BLOCK_VALUES", 100)

    blocked = read_margins(LeaveOutRidge(embeddings, np.arange(70), groups=groups), classes)

    np.testing.assert_allclose(blocked[0], whole[0], atol=1e-4)
    np.testing.assert_array_equal(blocked[1], whole[1])


def test_predict__name_the_best_other_class() -> None:
    embeddings = np.array([[4, 0], [5, 0], [4, 1], [0, 4], [0, 5], [5, 1]], dtype=np.float32)
    classes = np.array([0, 0, 0, 1, 1, 1])

    ridge = LeaveOutRidge(embeddings, np.arange(6), groups=np.arange(6))
    margins, others = read_margins(ridge, classes)

    assert int(np.argmax(margins)) == 5
    np.testing.assert_array_equal(others, [1, 1, 1, 0, 0, 0])


def test_predict__of_doubtful_labels_equals_a_refit_without_the_point() -> None:
    embeddings, classes = make_problem(30, 6)
    ridge = LeaveOutRidge(embeddings, np.arange(30), groups=np.arange(30))
    weights = np.random.default_rng(0).dirichlet(np.ones(3), size=30).astype(np.float32)
    ridge.tune(Beliefs.of_labels(classes), 3)
    beliefs = Beliefs(np.broadcast_to(np.arange(3, dtype=np.int32), (30, 3)), weights)

    (positions, (predicted,)), *others = ridge.predict(ridge.fit([("flexible", beliefs)], 3))

    assert not others
    inputs = embeddings.astype(np.float64) - embeddings.mean(axis=0)
    inputs /= np.linalg.norm(inputs, axis=1, keepdims=True)
    seen = positions != 4
    middle, prior = inputs[positions[seen]].mean(axis=0), weights[positions[seen]].mean(axis=0)
    centred = inputs[positions[seen]] - middle
    gram = centred.T @ centred + ridge.penalties["flexible"] * np.eye(6)
    expected = (inputs[4] - middle) @ np.linalg.solve(gram, centred.T @ (weights[positions[seen]] - prior)) + prior
    np.testing.assert_allclose(predicted[positions == 4][0], expected, atol=2e-4)


def test_fit__many_classes_as_a_sparse_matrix_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    embeddings, classes = make_problem(70, 8)
    ridge = LeaveOutRidge(embeddings, np.arange(70), groups=np.arange(70))
    dense = read_margins(ridge, classes)[0]
    monkeypatch.setattr(leave_out_ridge, "MOST_DENSE_CLASSES", 2)

    np.testing.assert_allclose(read_margins(ridge, classes)[0], dense, atol=1e-5)


def test_leave_out_ridge__identical_embeddings_stay_finite() -> None:
    embeddings = np.ones((10, 4), dtype=np.float32)

    classes = np.arange(10) % 2

    margins, _ = read_margins(LeaveOutRidge(embeddings, np.arange(10), groups=np.arange(10)), classes)

    assert np.isfinite(margins).all()
