from __future__ import annotations

import numpy as np
import pytest

from indexer.insights.suspects.label_beliefs import Beliefs, Candidates, believe


def make_candidates(predicted: list[list[float]], given: list[int]) -> Candidates:
    values = np.array(predicted, dtype=np.float32)
    found = Candidates.empty(*values.shape)
    found.put(np.arange(len(values)), values, np.array(given, dtype=np.int64))
    return found


def test_put__the_given_class_first_then_the_best() -> None:
    found = make_candidates([[0.1, 0.7, 0.2], [0.5, 0.1, 0.4]], [0, 2])

    assert found.classes.tolist() == [[0, 1, 2], [2, 0, 1]]
    assert found.margins.tolist() == pytest.approx([0.6, 0.1])
    assert found.others.tolist() == [1, 0]


def test_put__keeps_only_the_best_of_many_classes() -> None:
    found = Candidates.empty(1, 2)

    found.put(np.array([0]), np.array([[0.1, 0.3, 0.9, 0.2]], dtype=np.float32), np.array([1]))

    assert found.classes.tolist() == [[1, 2]]


def test_believe__a_label_that_is_often_wrong_is_doubted_where_the_picture_does_not_tell() -> None:
    # thirty points look like class 0; twenty of them are called 1, as are ten that look like 1 and one like both
    predicted = [[1.0, 0.0]] * 30 + [[0.0, 1.0]] * 10 + [[0.5, 0.5]]
    candidates = make_candidates(predicted, [0] * 10 + [1] * 20 + [1] * 11)

    beliefs = believe(candidates, 2, temperature=0.15, certain=np.zeros(41, dtype=bool))

    is_called_1_by_mistake = dict(zip(beliefs.classes[-1].tolist(), beliefs.weights[-1].tolist(), strict=True))[0]
    assert 0.3 < is_called_1_by_mistake < 0.5
    assert beliefs.weights[10:30, 0].max() < 0.01
    np.testing.assert_allclose(beliefs.weights.sum(axis=1), 1, atol=1e-6)


def test_believe__what_a_person_confirmed_is_certain() -> None:
    candidates = make_candidates([[1.0, 0.0]] * 4, [0, 0, 0, 1])

    beliefs = believe(candidates, 2, temperature=0.15, certain=np.array([False, False, False, True]))

    assert beliefs.classes[3, 0] == 1
    assert beliefs.weights[3].tolist() == [1, 0]


def test_doubt_labels__as_much_as_they_seem_wrong() -> None:
    beliefs = Beliefs(np.array([[0, 1], [1, 0]], dtype=np.int32), np.array([[0.8, 0.2], [1, 0]], dtype=np.float32))

    doubted = beliefs.doubt_labels(3)  # a tenth seems wrong, so three tenths of each label are given up

    np.testing.assert_allclose(doubted.weights, [[0.94, 0.06], [1, 0]], atol=1e-6)
    np.testing.assert_allclose(doubted.to_matrix(np.array([0, 1]), 3), [[0.94, 0.06, 0], [0, 1, 0]], atol=1e-6)
    np.testing.assert_allclose(doubted.averages(3), [0.47, 0.53, 0], atol=1e-6)
