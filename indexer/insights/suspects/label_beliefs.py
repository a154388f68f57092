"""Which class a label probably stands for, from predictions and from which class is written for which.

A prediction says how likely each class is for a point. The labels of all points say more. If many points that look like
class a are called b, then a point called b that looks like both is likely an a. Expectation and maximisation find both,
the beliefs and the rates at which one class is written for another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indexer.insights.ranks import find_rows

Rows = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

MOST_CANDIDATES = 10  # classes per point that are weighed; the others are as good as impossible
MOST_DENSE_CLASSES = 64  # with more, pairs of classes are counted one by one
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

    def of_classes(self, wanted: Rows, n_classes: int) -> Floats:
        """The weights of all points as members of a few classes (k,), float32 (n, k)."""
        place_of = np.full(n_classes, -1, dtype=np.int32)
        place_of[wanted] = np.arange(len(wanted))
        places = np.take(place_of, self.classes.ravel())
        known = np.flatnonzero(places >= 0)
        matrix = np.zeros((len(self.classes), len(wanted)), dtype=np.float32)
        matrix[known // self.classes.shape[1], places[known]] = self.weights.ravel()[known]
        return matrix

    def differ_from(self, others: Beliefs) -> Floats:
        """Measure how far the weights of each point lie from those in ``others``, summed over classes; float32 (n,)."""
        if self.classes.shape[1] == others.classes.shape[1]:
            far = _sum_rows(np.abs(self.weights - others.weights))[:, 0]
            rows = find_rows(self.classes != others.classes)
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
        ceiling: float32 (n,), what is predicted for the classes that are no candidates is not above it.
    """

    classes: Numbers
    values: Floats
    ceiling: Floats

    @classmethod
    def empty(cls, n_points: int, n_candidates: int) -> Candidates:
        """Room for what ``put`` writes."""
        shape = (n_points, n_candidates)
        ceiling = np.empty(n_points, dtype=np.float32)
        return cls(np.empty(shape, dtype=np.int32), np.empty(shape, dtype=np.float32), ceiling)

    def put(self, positions: Rows, predicted: Floats, given: Rows) -> None:
        """Take over predictions (b, C) of the points at ``positions`` (b,), whose classes are ``given`` (b,)."""
        points, best = np.arange(len(positions)), given
        left = predicted.copy()
        for place in range(self.classes.shape[1]):
            self.classes[positions, place] = best
            self.values[positions, place] = predicted[points, best]
            left[points, best] = -np.inf
            best = left.argmax(axis=1)
        self.ceiling[positions] = left[points, best]

    def merge(self, columns: Rows, predicted: Floats, n_classes: int) -> Mask:
        """Take over predictions (n, k) of all points in the classes ``columns`` (k,) alone.

        A class that now does better than the weakest candidate takes its place.

        Returns:
            bool (n,), points with a candidate that another class may do better than; ``put`` them anew.
        """
        place_of = np.full(n_classes, -1, dtype=np.int32)
        place_of[columns] = np.arange(len(columns))
        places = np.take(place_of, self.classes.ravel())
        known = np.flatnonzero(places >= 0)
        rows, known_places = known // self.classes.shape[1], places[known]
        self.values.ravel()[known] = predicted[rows, known_places]
        left = predicted.copy()
        left[rows, known_places] = -np.inf
        self._sort(np.flatnonzero(self._find_unsorted(left)), columns, left)
        for column in left.T:
            np.maximum(self.ceiling, column, out=self.ceiling)
        return np.asarray(self.values[:, -1] < self.ceiling)

    def widen(self, n_classes: int, most: int) -> Candidates:
        """The same with room for classes that nobody is called yet; what is predicted for those is 0."""
        classes, values = append_classes(self.classes, self.values, n_classes, most)
        has_left_out = n_classes > classes.shape[1]
        return Candidates(classes, values, np.maximum(self.ceiling, 0) if has_left_out else self.ceiling.copy())

    def _find_unsorted(self, left: Floats) -> Mask:
        """Points of which a candidate is better than the one before, or a class that is none than the last."""
        values, is_unsorted = self.values, np.zeros(len(self.values), dtype=bool)
        for place in range(2, values.shape[1]):
            is_unsorted |= values[:, place] > values[:, place - 1]
        for column in left.T:
            is_unsorted |= column > values[:, -1]
        return is_unsorted

    def _sort(self, rows: Rows, columns: Rows, left: Floats) -> None:
        """Keep the best of the candidates and of ``columns`` (k,), predicted as ``left`` (n, k); -inf means none."""
        wanted = np.broadcast_to(columns.astype(np.int32), (len(rows), len(columns)))
        classes = np.hstack([self.classes[rows, 1:], wanted])
        values = np.hstack([self.values[rows, 1:], left[rows]])
        order = np.lexsort((classes, -values), axis=1)
        n_others = self.classes.shape[1] - 1
        self.classes[rows, 1:] = np.take_along_axis(classes, order[:, :n_others], axis=1)
        self.values[rows, 1:] = np.take_along_axis(values, order[:, :n_others], axis=1)
        left[rows] = np.take_along_axis(values, order[:, n_others:], axis=1)

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


def believe(candidates: Candidates, n_classes: int, *, temperature: float, certain: Mask) -> Beliefs:
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
    values = candidates.values
    likely = values - np.maximum(values[:, 0], values[:, 1])[:, None]  # the others are in order
    likely /= np.float32(temperature)
    np.exp(likely, out=likely)
    likely /= _sum_rows(likely)
    settled = np.flatnonzero(certain)
    likely[settled] = 0
    likely[settled, 0] = 1
    find_rates = _find_rates_of_few if n_classes <= MOST_DENSE_CLASSES else _find_rates_of_many
    pairs, rates = find_rates(likely, classes, given, n_classes)
    weights = np.empty_like(likely)
    np.take(rates.astype(np.float32), pairs, out=weights, mode="clip")
    weights *= likely
    weights /= _sum_rows(weights)
    return Beliefs(classes, weights)


def _find_rates_of_few(likely: Floats, classes: Numbers, given: Rows, n_classes: int) -> tuple[Numbers, Doubles]:
    """Find the rates as products of matrices with all classes, one for the points of each label.

    Args:
        likely: float32 (n, m), how likely points are of each candidate.
        classes: int32 (n, m), the candidates.
        given: int64 (n,), the labels.
        n_classes: C.

    Returns:
        int (n, m), numbers of the pairs of candidate and label, and float64 (p,), their rates.
    """
    place, matrix = np.empty_like(given), np.zeros(len(given) * n_classes, dtype=np.float32)
    place[np.argsort(given.astype(np.uint8), kind="stable")] = np.arange(len(given))
    matrix[(place[:, None] * n_classes + classes).ravel()] = likely.ravel()
    sizes = np.bincount(given, minlength=n_classes)
    parts = np.split(matrix.reshape(-1, n_classes), np.cumsum(sizes)[:-1])
    rates, counts = np.ones((n_classes, n_classes)), np.empty((n_classes, n_classes))
    for _ in range(N_STEPS):
        for label, part in enumerate(parts):
            expected = rates[:, label].astype(np.float32)
            counts[:, label] = expected * ((1 / (part @ expected)) @ part)
        rates = _to_rates(counts, counts.sum(axis=1)[:, None], sizes)
    return classes * np.int32(n_classes) + given[:, None].astype(np.int32), rates.ravel()


def _find_rates_of_many(likely: Floats, classes: Numbers, given: Rows, n_classes: int) -> tuple[Rows, Doubles]:
    """Find the rates by counting pairs of candidate and label; as ``_find_rates_of_few``."""
    pairs, class_of = _number_pairs(classes, given, n_classes)
    sizes, weights = np.bincount(given), likely.copy()
    for _ in range(N_STEPS):
        counts: Doubles = np.bincount(pairs.ravel(), weights=weights.ravel(), minlength=len(class_of)).astype(float)
        totals: Doubles = np.bincount(class_of, weights=counts, minlength=n_classes).astype(float)
        rates = _to_rates(counts, totals[class_of], sizes)
        np.take(rates.astype(np.float32), pairs, out=weights, mode="clip")
        weights *= likely
        weights /= _sum_rows(weights)
    return pairs, rates


def _to_rates(counts: Doubles, totals: Doubles, sizes: Rows) -> Doubles:
    """Rates of pairs that were counted, among all of their class, with labels of ``sizes`` (C,)."""
    return (counts + PRIOR_COUNT / np.count_nonzero(sizes)) / (totals + PRIOR_COUNT)


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
