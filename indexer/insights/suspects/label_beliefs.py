"""Which class a label probably stands for, from predictions and from which class is written for which.

A prediction says how likely each class is for a point. The labels of all points say more. If many points that look like
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
BLOCK_ROWS = 8_192
DOUBT_DIGITS = 2  # so that one more wrong label does not move what is believed of all points
MOST_PAIRS = 1 << 22  # counted in one array
PRIOR_COUNT = 10.0  # points per class that are thought to be called any class, before a label is seen


@dataclass(frozen=True, eq=False)
class Beliefs:
    """Weights of each point as a member of classes; compared by identity.

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

    def differ_from(self, others: Beliefs) -> Floats:
        """Measure how far the weights of each point lie from those in ``others``, summed over classes; float32 (n,)."""
        if self.classes.shape[1] == others.classes.shape[1]:
            far = np.abs(self.weights - others.weights).sum(axis=1)
            rows = np.flatnonzero((self.classes != others.classes).any(axis=1))
        else:
            far, rows = np.empty(len(self.classes), dtype=np.float32), np.arange(len(self.classes))
        for start in range(0, len(rows), BLOCK_ROWS):
            part = rows[start : start + BLOCK_ROWS]
            is_same = self.classes[part][:, :, None] == others.classes[part][:, None, :]
            mine, theirs = self.weights[part], others.weights[part]
            matched = (is_same * theirs[:, None, :]).sum(axis=2)
            far[part] = np.abs(mine - matched).sum(axis=1) + (theirs * ~is_same.any(axis=1)).sum(axis=1)
        return np.asarray(far, dtype=np.float32)

    def averages(self, n_classes: int) -> Floats:
        """The mean weight of every class, float32 (C,)."""
        totals = np.bincount(self.classes.ravel(), weights=self.weights.ravel(), minlength=n_classes)
        return np.asarray(totals / len(self.classes), dtype=np.float32)

    def doubt_labels(self, strength: float) -> Beliefs:
        """Hold on to the labels, and doubt them all as much as a share of them seems wrong.

        Args:
            strength: How many times that share; a doubt of 1 leaves nothing of the labels.
        """
        seems_wrong = float(1 - self.weights[:, 0].mean(dtype=np.float64))
        doubt = np.float32(min(1.0, round(strength * seems_wrong, DOUBT_DIGITS)))
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

    def merge(self, positions: Rows, columns: Rows, predicted: Floats, n_classes: int) -> None:
        """Take over predictions (b, k) in the classes ``columns`` (k,) alone.

        A class that now does better than the weakest candidate takes its place.
        """
        classes, values, points = self.classes[positions], self.values[positions], np.arange(len(positions))
        place_of = np.full(n_classes, len(columns), dtype=np.int64)
        place_of[columns] = np.arange(len(columns))
        places = place_of[classes]
        left = np.concatenate([predicted, np.full((len(positions), 1), -np.inf, dtype=np.float32)], axis=1)
        is_known = places < len(columns)
        values[is_known] = np.take_along_axis(left, places, axis=1)[is_known]
        np.put_along_axis(left, places, -np.inf, axis=1)
        while len(points):
            best, weakest = left[points].argmax(axis=1), values[points, 1:].argmin(axis=1) + 1
            is_better = left[points, best] > values[points, weakest]
            points, best, weakest = points[is_better], best[is_better], weakest[is_better]
            classes[points, weakest], values[points, weakest] = columns[best], left[points, best]
            left[points, best] = -np.inf
        order = np.argsort(-values[:, 1:], axis=1, kind="stable") + 1
        self.classes[positions, 1:] = np.take_along_axis(classes, order, axis=1)
        self.values[positions, 0] = values[:, 0]
        self.values[positions, 1:] = np.take_along_axis(values, order, axis=1)

    @property
    def margins(self) -> Floats:
        """Prediction of the best other class less that of the given one, float32 (n,)."""
        return np.asarray(self.values[:, 1] - self.values[:, 0], dtype=np.float32)

    @property
    def others(self) -> Rows:
        """The best other class, int64 (n,)."""
        return self.classes[:, 1].astype(np.int64)


def append_classes(classes: Numbers, values: Floats, n_classes: int, most: int) -> tuple[Numbers, Floats]:
    """Columns (n, m) of classes and of what they are worth, filled up with new classes of no worth.

    Args:
        classes: int32 (n, m); if there are fewer than ``most``, they are all classes that there were.
        values: float32 (n, m).
        n_classes: How many classes there are now.
        most: How many columns there shall be, fewer if there are fewer classes.
    """
    width = classes.shape[1]
    new = np.arange(width, min(n_classes, most), dtype=np.int32)
    shape = (len(classes), len(new))
    return np.hstack([classes, np.broadcast_to(new, shape)]), np.hstack([values, np.zeros(shape, dtype=np.float32)])


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
    likely /= _sum_rows(likely)
    pairs, class_of = _number_pairs(classes, given, n_classes)
    weights = _settle(likely.copy(), certain)
    for _ in range(N_STEPS):
        counts = np.bincount(pairs.ravel(), weights=weights.ravel(), minlength=len(class_of))
        totals = np.bincount(class_of, weights=counts, minlength=n_classes)
        rates = (counts + PRIOR_COUNT / n_classes) / (totals[class_of] + PRIOR_COUNT)
        np.multiply(likely, rates.astype(np.float32)[pairs], out=weights)
        weights /= _sum_rows(weights)
        _settle(weights, certain)
    return Beliefs(classes, weights)


def _sum_rows(values: Floats) -> Floats:
    """Sums of rows, float32 (n, 1)."""
    return np.asarray(np.einsum("ij->i", values)[:, None], dtype=np.float32)


def _number_pairs(classes: Numbers, given: Rows, n_classes: int) -> tuple[Rows, Rows]:
    """Numbers (n, m), equal for equal pairs of a class and the given one, and the class of each number (p,)."""
    pairs = np.multiply(classes, n_classes, dtype=np.int64)
    pairs += given[:, None]
    if n_classes**2 <= MOST_PAIRS:
        return pairs, np.repeat(np.arange(n_classes), n_classes)
    different, numbers = np.unique(pairs, return_inverse=True)
    return numbers.reshape(classes.shape), different // n_classes


def _settle(weights: Floats, certain: npt.NDArray[np.bool_]) -> Floats:
    """Put everything on the given class where that is certain, in place."""
    weights[certain] = 0
    weights[certain, 0] = 1
    return weights
