"""Predictions of one regression, kept so that beliefs that change a little cost little.

A regression is linear in the beliefs, class by class. If the beliefs of few points moved, their share of the sums is
taken over, and only the classes whose weights moved are predicted again. A point is predicted in all classes where its
best ones may be others by now. A class that nobody has any more is forgotten.

Two things are left as they were. One is a prediction that may have changed by at most ``TOLERANCE``, added up step
by step. The other is a belief that moved by at most ``MOVED``. The ranking from the top is that of a fresh fit; points
that are as suspect as each other to four digits may change places.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from indexer.insights.suspects.label_beliefs import MOST_CANDIDATES, Beliefs, Candidates, append_classes
from indexer.insights.suspects.leave_out_ridge import MOST_MOVED, Fit, LeaveOutRidge

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

TOLERANCE: Final = 1e-5  # of a prediction, per class
MOVED: Final = 1e-5  # beliefs of a point that moved by less in sum are left as they were
ABSENT: Final = np.float32(-1e9)  # predicted for classes that no point has, so that nothing is weighed as one
MOST_COLUMNS: Final = 16  # classes that are predicted at a time, of a regression
LONGEST_FEATURE: Final = 2.0  # a vector of length 1 less the mean of such


@dataclass
class KeptPredictions:
    """The predictions of one regression, and what they were made from.

    Attributes:
        fit: The regression.
        candidates: What it says of every point without its group.
        drift: float64 (C,), how far predictions of a class may lie from what the weights now say.
        is_absent: bool (C,), classes that no point has any more, which a fresh fit would not know.
    """

    fit: Fit
    candidates: Candidates
    drift: npt.NDArray[np.float64]
    is_absent: Mask

    @classmethod
    def of(cls, fit: Fit, n_candidates: int, given: Rows) -> KeptPredictions:
        """Room for the predictions of a fit of points with the classes ``given`` (n,)."""
        n_points, n_classes = len(fit.beliefs.classes), fit.weights.shape[1]
        beliefs = Beliefs(fit.beliefs.classes.copy(), fit.beliefs.weights.copy())  # written to, and others hold them
        fit = Fit(fit.stiffness, beliefs, fit.averages, fit.weights)
        is_absent = np.bincount(given, minlength=n_classes) == 0
        return cls(fit, Candidates.empty(n_points, n_candidates), np.zeros(n_classes), is_absent)

    def find_moved(self, beliefs: Beliefs) -> Mask:
        """Points whose beliefs are no longer those of the fit, or whose label changed; bool (n,)."""
        return beliefs.differ_from(self.fit.beliefs) > MOVED

    def take_over(self, ridge: LeaveOutRidge, beliefs: Beliefs, moved: Rows) -> None:
        """Bring the regression to what ``beliefs`` say of the points at ``moved``, if any."""
        if not len(moved):
            return
        n_classes = self.fit.weights.shape[1]
        old = self.fit.beliefs
        step = beliefs.to_matrix(moved, n_classes) - old.to_matrix(moved, n_classes)
        columns = np.flatnonzero(step.any(axis=0))
        weights = ridge.solve(self.fit.stiffness, ridge.sum_rows(moved, step[:, columns]))
        averages = step[:, columns].sum(axis=0, dtype=np.float64) / len(old.classes)
        self.fit.weights[:, columns] += weights
        self.fit.averages[columns] += averages.astype(np.float32)
        old.classes[moved], old.weights[moved] = beliefs.classes[moved], beliefs.weights[moved]
        self.drift[columns] += LONGEST_FEATURE * np.linalg.norm(weights, axis=0) + np.abs(averages)

    def know_absent(self, given: Rows) -> None:
        """Learn which classes points have, ``given`` (n,); those that come or go are predicted again."""
        is_absent = np.bincount(given, minlength=len(self.drift)) == 0
        self.drift[is_absent != self.is_absent] = np.inf
        self.is_absent = is_absent

    def put(self, positions: Rows, predicted: Floats, given: Rows) -> None:
        """Take over predictions (b, C) of the points at ``positions`` (b,), whose classes are ``given`` (b,)."""
        predicted[:, self.is_absent] = ABSENT
        self.candidates.put(positions, predicted, given)

    def merge(self, columns: Rows, predicted: Floats) -> Mask:
        """Take over predictions (n, k) in the classes ``columns`` (k,); as ``Candidates.merge``."""
        predicted[:, self.is_absent[columns]] = ABSENT
        return self.candidates.merge(columns, predicted, len(self.drift))

    def find_drifted(self) -> Rows:
        """The classes to predict again, int64 (k,)."""
        columns = np.flatnonzero(self.drift > TOLERANCE)
        self.drift[columns] = 0
        return columns

    def widen(self, n_classes: int, most_candidates: int) -> KeptPredictions:
        """The same with room for classes that nobody is called yet; what is predicted for those is 0."""
        n_new = n_classes - len(self.drift)
        fit, beliefs = self.fit, self.fit.beliefs
        if beliefs.classes.shape[1] > 1:
            beliefs = Beliefs(*append_classes(beliefs.classes, beliefs.weights, n_classes, MOST_CANDIDATES))
        averages, weights = np.pad(fit.averages, (0, n_new)), np.pad(fit.weights, ((0, 0), (0, n_new)))
        return KeptPredictions(
            Fit(fit.stiffness, beliefs, averages, weights),
            self.candidates.widen(n_classes, most_candidates),
            np.pad(self.drift, (0, n_new)),
            np.pad(self.is_absent, (0, n_new)),
        )


def predict_all(ridge: LeaveOutRidge, kept: Sequence[KeptPredictions], given: Rows, only: Mask | None = None) -> None:
    """Predict points in all classes, those of the mask (n,) and their groups or all."""
    for positions, predictions in ridge.predict([one.fit for one in kept], only):
        for one, predicted in zip(kept, predictions, strict=True):
            one.put(positions, predicted, given[positions])


def follow(ridge: LeaveOutRidge, kept: Sequence[KeptPredictions], wanted: Sequence[Beliefs], given: Rows) -> bool:
    """Bring predictions to other beliefs.

    Args:
        ridge: The regression of the n points, with the penalties of before.
        kept: Predictions from what was believed before.
        wanted: The beliefs of each.
        given: int64 (n,), the classes of the points now.

    Returns:
        False if so much moved that a fresh fit is cheaper; then nothing was changed.
    """
    moved = [one.find_moved(beliefs) for one, beliefs in zip(kept, wanted, strict=True)]
    if max(int(mask.sum()) for mask in moved) > MOST_MOVED * len(given):
        return False
    is_moved = np.zeros(len(given), dtype=bool)
    for one, beliefs, mask in zip(kept, wanted, moved, strict=True):
        one.take_over(ridge, beliefs, np.flatnonzero(mask))
        one.know_absent(given)
        is_moved |= mask | (one.candidates.classes[:, 0] != given)
    is_moved |= _predict_drifted(ridge, kept)
    if is_moved.any():
        predict_all(ridge, kept, given, is_moved)
    return True


def _predict_drifted(ridge: LeaveOutRidge, kept: Sequence[KeptPredictions]) -> Mask:
    """Predict all points again in the classes whose weights moved.

    Returns:
        bool (n,), points whose other classes have to be predicted too.
    """
    drifted = [one.find_drifted() for one in kept]
    is_unsure = np.zeros(len(kept[0].candidates.ceiling), dtype=bool)
    for start in range(0, max(map(len, drifted)), MOST_COLUMNS):
        columns = [one[start : start + MOST_COLUMNS] for one in drifted]
        predictions = ridge.predict_classes([(one.fit, part) for one, part in zip(kept, columns, strict=True)])
        for one, part, predicted in zip(kept, columns, predictions, strict=True):
            if len(part):
                is_unsure |= one.merge(part, predicted)
    return is_unsure
