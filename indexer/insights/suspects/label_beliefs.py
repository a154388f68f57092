"""Which class a label probably stands for, from predictions and from which class is written for which.

A prediction says how likely each class is for a point. The labels of all points say more: if many points that look like
class a are called b, then a point called b that looks like both is likely an a. Expectation and maximisation find both,
the beliefs and the rates at which one class is written for another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]

MOST_CANDIDATES = 10  # classes per point that are weighed; the others are as good as impossible
N_STEPS = 6
PRIOR_COUNT = 10.0  # points per class that are thought to be called any class, before a label is seen


@dataclass(frozen=True, eq=False)
class Beliefs:
    """How much each point counts as a member of each class; compared by identity.

    Attributes:
        classes: int32 (n, m), the classes that a point may be of, the given one first.
        weights: float32 (n, m), how much it counts as each; 1 in sum.
    """

    classes: Numbers
    weights: Floats

    @classmethod
    def of_labels(cls, given: Rows) -> Beliefs:
        """Every point is what its label says, int64 (n,)."""
        return cls(given[:, None].astype(np.int32), np.ones((len(given), 1), dtype=np.float32))

    def to_matrix(self, positions: Rows, n_classes: int) -> Floats:
        """The weights of some points by class, float32 (b, C)."""
        matrix = np.zeros((len(positions), n_classes), dtype=np.float32)
        np.put_along_axis(matrix, self.classes[positions].astype(np.int64), self.weights[positions], axis=1)
        return matrix

    def averages(self, n_classes: int) -> Floats:
        """The mean weight of every class, float32 (C,)."""
        totals = np.bincount(self.classes.ravel(), weights=self.weights.ravel(), minlength=n_classes)
        return np.asarray(totals / len(self.classes), dtype=np.float32)

    def doubt_labels(self, strength: float) -> Beliefs:
        """Hold on to the labels, and doubt them all as much as a share of them seems wrong.

        Args:
            strength: How many times that share; a doubt of 1 leaves nothing of the labels.
        """
        doubt = np.float32(min(1.0, strength * float(1 - self.weights[:, 0].mean(dtype=np.float64))))
        weights = doubt * self.weights
        weights[:, 0] += 1 - doubt
        return Beliefs(self.classes, weights)


@dataclass(frozen=True)
class Candidates:
    """The classes that predictions speak for most.

    Attributes:
        classes: int32 (n, m), the given class first, then the others, best first.
        values: float32 (n, m), what is predicted for them.
    """

    classes: Numbers
    values: Floats

    @classmethod
    def empty(cls, n_points: int, n_candidates: int) -> Candidates:
        """Room for what ``put`` writes."""
        shape = (n_points, n_candidates)
        return cls(np.empty(shape, dtype=np.int32), np.empty(shape, dtype=np.float32))

    def put(self, positions: Rows, predicted: Floats, given: Rows) -> None:
        """Take over predictions (b, C) of the points at ``positions`` (b,), whose classes are ``given`` (b,)."""
        points, best = np.arange(len(positions)), given
        left = predicted.copy()
        for place in range(self.classes.shape[1]):
            self.classes[positions, place] = best
            self.values[positions, place] = predicted[points, best]
            left[points, best] = -np.inf
            best = left.argmax(axis=1)

    @property
    def margins(self) -> Floats:
        """Prediction of the best other class less that of the given one, float32 (n,)."""
        return np.asarray(self.values[:, 1] - self.values[:, 0], dtype=np.float32)

    @property
    def others(self) -> Rows:
        """The best other class, int64 (n,)."""
        return self.classes[:, 1].astype(np.int64)


def believe(candidates: Candidates, n_classes: int, *, temperature: float, certain: npt.NDArray[np.bool_]) -> Beliefs:
    """Weigh what is predicted for a point with how often each class is called what the point is called.

    Args:
        candidates: The predictions.
        n_classes: C.
        temperature: Difference of two predictions that makes one class e times as likely as the other.
        certain: bool (n,), points whose label a person confirmed.

    Returns:
        The beliefs; classes are those of ``candidates``.
    """
    classes, given = candidates.classes, candidates.classes[:, 0].astype(np.int64)
    likely = np.exp((candidates.values - candidates.values.max(axis=1, keepdims=True)) / np.float32(temperature))
    likely /= likely.sum(axis=1, keepdims=True)
    pairs = _number_pairs(classes, given, n_classes)
    weights = _settle(likely, certain)
    for _ in range(N_STEPS):
        counts = np.bincount(pairs.ravel(), weights=weights.ravel())
        totals = np.bincount(classes.ravel(), weights=weights.ravel(), minlength=n_classes)
        rates = (counts[pairs] + PRIOR_COUNT / n_classes) / (totals[classes] + PRIOR_COUNT)
        weights = likely * rates.astype(np.float32)
        weights /= weights.sum(axis=1, keepdims=True)
        weights = _settle(weights, certain)
    return Beliefs(classes, weights)


def _number_pairs(classes: Numbers, given: Rows, n_classes: int) -> Rows:
    """Numbers (n, m), equal for equal pairs of a class and the given one; few enough to count them in an array."""
    pairs = classes.astype(np.int64) * n_classes + given[:, None]
    if n_classes**2 > pairs.size:
        pairs = np.unique(pairs, return_inverse=True)[1].reshape(classes.shape)
    return pairs


def _settle(weights: Floats, certain: npt.NDArray[np.bool_]) -> Floats:
    """The weights with everything on the given class where that is certain."""
    settled = weights.copy()
    settled[certain] = 0
    settled[certain, 0] = 1
    return settled
