"""Two readings of the labels by ridge regression, one for scattered errors and one for clumps of them.

The *scattered* reading is flexible: it follows the labels closely, and doubts them as much as they seem to be wrong, so
that an error that is made again and again does not teach itself. The *clumped* reading is stiff: it replaces the labels
by what the classes at large say, so that a group of wrong labels does not speak for itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indexer.insights.suspects.label_beliefs import MOST_CANDIDATES, Beliefs, Candidates, believe
from indexer.insights.suspects.leave_out_ridge import Fit, LeaveOutRidge

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

SCATTERED_TEMPERATURE = 0.15
CLUMPED_TEMPERATURE = 0.1
DOUBT = 3.0  # labels are doubted three times as much as they seem wrong


@dataclass(frozen=True)
class LabelReadings:
    """What both readings say of n labelled points.

    Attributes:
        scattered: Predictions of the scattered reading.
        clumped: Predictions of the clumped reading.
        plain: Predictions of the stiff regression from the labels as they are.
    """

    scattered: Candidates
    clumped: Candidates
    plain: Candidates


def read_labels(ridge: LeaveOutRidge, given: Rows, n_classes: int, *, certain: Mask) -> LabelReadings:
    """Read labels both ways.

    Args:
        ridge: The regression of the n labelled points.
        given: int64 (n,), their class numbers.
        n_classes: C, at least two.
        certain: bool (n,), points whose label a person confirmed.
    """
    labels = Beliefs.of_labels(given)
    ridge.tune(labels, n_classes)
    n_weighed = min(n_classes, MOST_CANDIDATES)
    fits = ridge.fit([("flexible", labels), ("stiff", labels)], n_classes)
    flexible, plain = _predict(ridge, fits, given, (n_weighed, n_weighed))
    believed = believe(plain, n_classes, temperature=CLUMPED_TEMPERATURE, certain=certain)
    doubted = _doubt(flexible, n_classes, certain)
    fits = ridge.fit([("flexible", doubted), ("stiff", believed)], n_classes)
    flexible, clumped = _predict(ridge, fits, given, (n_weighed, 2))
    doubted = _doubt(flexible, n_classes, certain)
    (scattered,) = _predict(ridge, ridge.fit([("flexible", doubted)], n_classes), given, (2,))
    return LabelReadings(scattered, clumped, plain)


def _doubt(predicted: Candidates, n_classes: int, certain: Mask) -> Beliefs:
    believed = believe(predicted, n_classes, temperature=SCATTERED_TEMPERATURE, certain=certain)
    doubted = believed.doubt_labels(DOUBT)
    doubted.weights[certain] = believed.weights[certain]
    return doubted


def _predict(ridge: LeaveOutRidge, fits: Sequence[Fit], given: Rows, n_candidates: Sequence[int]) -> list[Candidates]:
    """What each fit says of every point without its group, of that many classes."""
    found = [Candidates.empty(len(given), number) for number in n_candidates]
    for positions, predictions in ridge.predict(fits):
        for candidates, predicted in zip(found, predictions, strict=True):
            candidates.put(positions, predicted, given[positions])
    return found
