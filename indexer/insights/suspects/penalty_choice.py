"""The flexible penalty: the one with the smallest error on points left out of their labels."""

from __future__ import annotations

import numpy as np

from indexer.insights.suspects.label_beliefs import Beliefs
from indexer.insights.suspects.ridge_features import Doubles, Features, Floats, Rows, blocks

PENALTIES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
N_TUNING_ROWS = 20_000  # the penalty's leave-one-out error is measured on at most this many evenly spread points
MOST_TUNING_VALUES = 1 << 22  # with many classes on fewer
LARGEST_LEVERAGE = 0.999


class PenaltyChoice:
    """Errors per penalty and class, kept so that another label costs those of two classes.

    Args:
        features: Of the n points.
        basis: float32 (D, r), V, their directions.
        eigenvalues: float64 (r,), of A'A along those.
    """

    def __init__(self, features: Features, basis: Floats, eigenvalues: Doubles) -> None:
        self._features, self._basis, self._eigenvalues = features, basis, eigenvalues
        self._positions, self._leverages = self._prepare()
        self._labels: Rows | None = None
        self._n_places = 0
        self._errors = np.zeros((len(PENALTIES), 0), dtype=np.float64)

    def choose(self, labels: Beliefs, targets: Doubles) -> float:
        """The best penalty.

        Args:
            labels: What points are called, without doubt.
            targets: float64 (r, C), V' A' Y.
        """
        n_classes = targets.shape[1]
        names = labels.classes[:, 0].astype(np.int64)
        places = np.arange(len(self._positions))[:: -(-len(self._positions) * n_classes // MOST_TUNING_VALUES)]
        columns = self._find_changed(names, n_classes, len(places))
        averages = labels.averages(n_classes)
        step = max(1, MOST_TUNING_VALUES // (len(places) * len(PENALTIES)))
        for start in range(0, len(columns), step):
            part = columns[start : start + step]
            weights = self._weigh(targets[:, part])
            self._errors[:, part] = 0
            for block in blocks(len(places)):
                wanted = (names[self._positions[places[block]]][:, None] == part) - averages[part]
                self._errors[:, part] += self._measure(places[block], wanted, weights)
        return PENALTIES[int(np.argmin(self._errors.sum(axis=1)))]

    def _find_changed(self, names: Rows, n_classes: int, n_places: int) -> Rows:
        """Keep the labels, and tell which classes must be measured."""
        before, self._labels = self._labels, names
        if before is None or n_places != self._n_places:
            self._n_places, self._errors = n_places, np.empty((len(PENALTIES), n_classes), dtype=np.float64)
            return np.arange(n_classes)
        n_known = self._errors.shape[1]
        self._errors = np.pad(self._errors, ((0, 0), (0, n_classes - n_known)))
        changed = names != before
        return np.union1d(names[changed], before[changed])

    def _weigh(self, targets: Doubles) -> Floats:
        """Weights (D, p * k) under every penalty, of classes whose V' A' Y is ``targets`` (r, k)."""
        damping = self._eigenvalues[:, None] + np.array(PENALTIES)
        damped = (targets[:, None, :] / damping[:, :, None]).astype(np.float32)
        return np.asarray(self._basis @ damped.reshape(len(targets), damped.shape[1] * damped.shape[2]))

    def _measure(self, places: Rows, wanted: Floats, weights: Floats) -> Doubles:
        """Squared errors (p, k) on the tuning rows at ``places`` (b,), which shall be ``wanted`` (b, k)."""
        projected = self._features.project(self._positions[places], weights)
        projected = projected.reshape(len(places), len(PENALTIES), wanted.shape[1])
        residuals = (wanted[:, None, :] - projected) / (1 - self._leverages[:, places]).T[:, :, None]
        return np.asarray((residuals**2).sum(axis=0, dtype=np.float64))

    def _prepare(self) -> tuple[Rows, Floats]:
        """Evenly spread positions (t,), and their leverages under each penalty, float32 (p, t)."""
        n_points = len(self._features.rows)
        positions = np.unique(np.linspace(0, n_points - 1, min(n_points, N_TUNING_ROWS)).astype(np.int64))
        damping = (1 / (self._eigenvalues[:, None] + np.array(PENALTIES))).astype(np.float32)
        leverages = np.empty((len(PENALTIES), len(positions)), dtype=np.float32)
        for block in blocks(len(positions)):
            inputs = self._features(positions[block]) @ self._basis
            leverages[:, block] = (inputs**2 @ damping).T
        return positions, np.minimum(leverages + np.float32(1 / n_points), LARGEST_LEVERAGE)
