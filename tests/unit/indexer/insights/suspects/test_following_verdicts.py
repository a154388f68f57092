"""Whatever people decide and take back, the list that follows it is the list of a model made anew."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.datasets import load_digits

from indexer.insights.suspects import SuspectColumns, SuspectModel
from indexer.neighbors.graph import build_neighbor_graph
from indexer.neighbors.shared_origin import SharedOrigin
from tests.unit.indexer.insights.suspects.clouds import make_points

Points = tuple[np.ndarray, np.ndarray]

N_VERDICTS = 90
LOOK_EVERY = 15
ROUNDING = 1e-4
"""Margins may differ by that much: predictions and beliefs that moved by less than 1e-5 are left as they were."""


def digits() -> Points:
    """Every third of scikit-learn's digits as their pixels."""
    found = load_digits()
    pixels = found.data[::3].astype(np.float32)
    return pixels / np.linalg.norm(pixels, axis=1, keepdims=True), np.array([f"{one}" for one in found.target[::3]])


def few_classes() -> Points:
    return make_points(150, 150, 150, spread=1.5)


def many_classes() -> Points:
    return make_points(*[16] * 40, spread=1.2)


class Curators:
    """People who decide at random: about the worst or about any, and take back what was decided."""

    def __init__(self, names: np.ndarray, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        wrong = self.random.choice(len(names), len(names) // 15, replace=False)
        self.source = names.astype(object)
        self.source[wrong] = self.source[self.random.permutation(wrong)]
        self.names, self.is_decided = self.source.copy(), np.zeros(len(names), dtype=bool)

    def judge(self, model: SuspectModel, columns: SuspectColumns) -> None:
        """Accept the suggestion or another class, also a new one, or dismiss; or take back a verdict."""
        kind = self.random.random()
        if kind < 0.2 and self.is_decided.any():
            self._take_back(model, int(self.random.choice(np.flatnonzero(self.is_decided))))
            return
        worst = columns.top(40)
        row = (
            int(self.random.choice(worst)) if len(worst) and kind < 0.8 else int(self.random.integers(len(self.names)))
        )
        suggested = columns.classes[columns.suggested[row]] if columns.suggested[row] >= 0 else self.source[row]
        newest = f"new {self.random.integers(3)}"
        any_other = str(self.random.choice(self.source))
        wanted = self.random.choice([suggested, self.source[row], newest, any_other], p=[0.4, 0.4, 0.1, 0.1])
        self._name(model, row, wanted)
        self.is_decided[row] = True
        model.confirm(np.array([row]))

    def _take_back(self, model: SuspectModel, row: int) -> None:
        self._name(model, row, self.source[row])
        self.is_decided[row] = False
        model.reopen(np.array([row]))

    def _name(self, model: SuspectModel, row: int, name: str) -> None:
        if self.names[row] != name:
            self.names[row] = name
            model.relabel(np.array([row]), [name])


def require_same_list(followed: SuspectColumns, fresh: SuspectColumns) -> None:
    """Both tell the same of every point, and list the same points; as suspect ones may change places."""
    np.testing.assert_allclose(followed.ridge_margin, fresh.ridge_margin, atol=ROUNDING)
    np.testing.assert_allclose(followed.relative_distance, fresh.relative_distance, atol=1e-5)
    np.testing.assert_array_equal(followed.evidence, fresh.evidence)
    np.testing.assert_array_equal(followed.has_witness, fresh.has_witness)
    first, second = followed.top(len(fresh.score)), fresh.top(len(fresh.score))
    assert set(first) == set(second)
    strength = fresh.ridge_margin + fresh.relative_distance
    np.testing.assert_allclose(strength[first], strength[second], atol=2 * ROUNDING)
    told = [[columns.classes[one] for one in columns.suggested[second]] for columns in (followed, fresh)]
    assert told[0] == told[1]
    np.testing.assert_array_equal(followed.group[second] >= 0, fresh.group[second] >= 0)


@pytest.mark.parametrize("image_size", [1, 4])
@pytest.mark.parametrize("make", [digits, few_classes, many_classes])
def test_rank__after_any_verdicts__is_that_of_a_model_made_anew(make: Callable[[], Points], image_size: int) -> None:
    embeddings, names = make()
    graph = build_neighbor_graph(embeddings)
    origin = SharedOrigin.of(len(names), image_index=np.arange(len(names)) // image_size)
    curators = Curators(names, seed=image_size)
    model = SuspectModel(embeddings, curators.names.copy(), origin=origin, graph=graph)
    columns = model.rank()

    for number in range(1, N_VERDICTS + 1):
        curators.judge(model, columns)
        columns = model.rank()
        if number % LOOK_EVERY == 0:
            fresh = SuspectModel(embeddings, curators.names.copy(), origin=origin, graph=graph)
            fresh.confirm(np.flatnonzero(curators.is_decided))
            require_same_list(columns, fresh.rank())


def test_rank__class_given_by_mistake_and_taken_back__is_not_known_any_more() -> None:
    embeddings, names = make_points(60, 60, 60, spread=0.9)
    model = SuspectModel(embeddings, names.copy())
    before = model.rank()

    model.relabel(np.array([3]), ["cta"])
    model.rank()
    model.relabel(np.array([3]), [names[3]])
    after = model.rank()

    require_same_list(after, before)
