"""Two readings of the labels by ridge regression, one for scattered errors and one for clumps of them.

The *scattered* reading is flexible. It follows the labels closely, and doubts them as much as they seem to be wrong, so
that a repeated error does not teach itself. The *clumped* reading is stiff for two rounds. It replaces the labels by
what the classes at large say, so that a group of wrong labels does not speak for itself. Most wrong labels are gone
then, and a flexible third round follows closely what is left. It sees more, above all in small collections.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from indexer.domain import Progress, ignore_progress
from indexer.insights.suspects.kept_predictions import KeptPredictions, follow, predict_all
from indexer.insights.suspects.label_beliefs import MOST_CANDIDATES, Beliefs, Candidates, believe
from indexer.insights.suspects.leave_out_ridge import LeaveOutRidge, Stiffness

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

Step = Literal["flexible", "plain", "doubted", "replaced", "scattered", "clumped"]

STIFFNESS: Final[Mapping[Step, Stiffness]] = {
    "flexible": "flexible",
    "plain": "stiff",
    "doubted": "flexible",
    "replaced": "stiff",
    "scattered": "flexible",
    "clumped": "flexible",
}
N_SPARE = 4  # candidates kept where the two best are read: if one falls, the next is known
N_CANDIDATES: Final[Mapping[Step, int]] = {
    "flexible": MOST_CANDIDATES,
    "plain": MOST_CANDIDATES,
    "doubted": MOST_CANDIDATES,
    "replaced": MOST_CANDIDATES,
    "scattered": N_SPARE,
    "clumped": N_SPARE,
}
SCATTERED_TEMPERATURE = 0.15
CLUMPED_TEMPERATURE = 0.07
DOUBT = 3.0  # labels are doubted three times as much as they seem wrong


@dataclass(frozen=True)
class LabelReadings:
    """Answers of both readings for n labelled points.

    Attributes:
        scattered: Predictions of the scattered reading.
        clumped: Predictions of the clumped reading.
        plain: Predictions of the stiff regression from the labels as they are.
        replaced: Predictions of the stiff regression from the labels that the classes at large suggest.
    """

    scattered: Candidates
    clumped: Candidates
    plain: Candidates
    replaced: Candidates


class LabelReader:
    """Reads labels both ways, and again when few of them changed, which is cheaper and says the same.

    Args:
        ridge: The regression of the n labelled points.
    """

    def __init__(self, ridge: LeaveOutRidge) -> None:
        self._ridge = ridge
        self._kept: dict[tuple[Step, ...], list[KeptPredictions]] = {}
        self._n_classes = 0

    def read(
        self, given: Rows, n_classes: int, *, certain: Mask, on_progress: Progress = ignore_progress
    ) -> LabelReadings:
        """Read labels both ways.

        Args:
            given: int64 (n,), their class numbers.
            n_classes: C, at least two.
            certain: bool (n,), points whose label a person confirmed.
            on_progress: Called with the stage "suspects: fit".
        """
        labels = Beliefs.of_labels(given)
        if self._ridge.tune(labels, n_classes, on_progress):
            self._kept = {}
        if n_classes > self._n_classes:
            self._widen(n_classes)
        flexible, plain = self._predict(given, {"flexible": labels, "plain": labels})
        doubted, replaced = _doubt(flexible, n_classes, certain), _replace(plain, n_classes, certain)
        flexible, stiff = self._predict(given, {"doubted": doubted, "replaced": replaced})
        doubted, replaced = _doubt(flexible, n_classes, certain), _replace(stiff, n_classes, certain)
        scattered, clumped = self._predict(given, {"scattered": doubted, "clumped": replaced})
        return LabelReadings(scattered, clumped, plain, stiff)

    def _widen(self, n_classes: int) -> None:
        """Make room for new classes."""
        for steps, kept in self._kept.items():
            widened = zip(steps, kept, strict=True)
            self._kept[steps] = [one.widen(n_classes, N_CANDIDATES[step]) for step, one in widened]
        self._n_classes = n_classes

    def _predict(self, given: Rows, beliefs: dict[Step, Beliefs]) -> list[Candidates]:
        """Answers of each step's fit for every point without its group."""
        kept = self._kept.get(tuple(beliefs))
        if kept is None or not follow(self._ridge, kept, list(beliefs.values()), given):
            wanted = [(STIFFNESS[step], one) for step, one in beliefs.items()]
            fits = self._ridge.fit(wanted, self._n_classes)
            n_weighed = [min(self._n_classes, N_CANDIDATES[step]) for step in beliefs]
            kept = [KeptPredictions.of(fit, number, given) for fit, number in zip(fits, n_weighed, strict=True)]
            predict_all(self._ridge, kept, given)
            self._kept[tuple(beliefs)] = kept
        return [one.candidates for one in kept]


def _replace(predicted: Candidates, n_classes: int, certain: Mask) -> Beliefs:
    return believe(predicted, n_classes, temperature=CLUMPED_TEMPERATURE, certain=certain)


def _doubt(predicted: Candidates, n_classes: int, certain: Mask) -> Beliefs:
    believed = believe(predicted, n_classes, temperature=SCATTERED_TEMPERATURE, certain=certain)
    doubted = believed.doubt_labels(DOUBT)
    doubted.weights[certain] = believed.weights[certain]
    return doubted
