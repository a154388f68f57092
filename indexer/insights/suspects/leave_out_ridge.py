"""Least squares from embeddings to classes, and what it predicts for a point that was left out of it.

A is the centred, scaled embeddings, and Q how much each point counts as a member of each class. Ridge regression fits
``H Q``, where the hat matrix is ``H = A (A'A + penalty)^-1 A' + 1/n``. Leaving a group g of points out needs no second
fit: its residuals become ``(I - H_gg)^-1 (Q - H Q)_g`` (Allen's PRESS, 1974, for one point at a time). A'A is D x D, so
that a million points fit in bounded memory, and another Q costs two passes over the embeddings.

There are two penalties. The *flexible* one has the smallest error on points left out. The *stiff* one is .16
times the root of n. With it the regression follows only what many points share, and does not learn a group of wrong
labels by heart. It grows slower than n, because a class of a few hundred must be seen among a million points too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from indexer.domain import Embeddings, Progress, ignore_progress
from indexer.insights.suspects.label_beliefs import Beliefs
from indexer.insights.suspects.penalty_choice import LARGEST_LEVERAGE, PenaltyChoice
from indexer.insights.suspects.ridge_features import STAGE, accumulate, blocks, decompose

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Stiffness = Literal["flexible", "stiff"]

STIFFNESS_PER_ROOT: Final = 0.16  # the stiff penalty by the root of n
MOST_DENSE_CLASSES = 64  # with more, the weights of a block are summed as a sparse matrix
BLOCK_ROWS = 4_096
LARGE_BLOCK_ROWS = 1 << 15  # of products with few columns
BLOCK_VALUES = 1 << 21
MOST_MOVED = 0.25  # of the points; with more, everything is summed and predicted again


@dataclass(frozen=True)
class LeftOut:
    """Groups of one size g that are left out together.

    Attributes:
        positions: int64 (G, g).
        inverses: float32 (G, g, g) per stiffness, ``(I - H_gg)^-1``.
    """

    positions: Rows
    inverses: dict[Stiffness, Floats]

    def take(self, only: Mask) -> LeftOut:
        """The groups with a point of the mask (n,)."""
        is_taken = only[self.positions].any(axis=1)
        return LeftOut(self.positions[is_taken], {key: inverse[is_taken] for key, inverse in self.inverses.items()})


@dataclass(frozen=True)
class Fit:
    """The regression fitted to some beliefs.

    Attributes:
        stiffness: Which penalty it has.
        beliefs: What it is fitted to.
        averages: float32 (C,), the mean of the beliefs.
        weights: float32 (D, C), what turns features into predictions less the averages.
    """

    stiffness: Stiffness
    beliefs: Beliefs
    averages: Floats
    weights: Floats


class LeaveOutRidge:
    """Ridge regressions of the same points that predict every point as if its group had not been seen.

    Args:
        embeddings: float32 (N, D).
        rows: int64 (n,), the points that have a class, ascending.
        groups: int64 (n,), equal for points that are left out together.
        on_progress: Called with the stage "suspects: fit"; it is not kept, as later fits are asked for by others.
    """

    def __init__(
        self,
        embeddings: Embeddings,
        rows: Rows,
        *,
        groups: Rows,
        on_progress: Progress = ignore_progress,
    ) -> None:
        self._n_points = len(rows)
        self._features, gram = accumulate(embeddings, rows, on_progress)
        self._basis, self._eigenvalues = decompose(self._features, gram)
        self._groups = _group_by_size(groups)
        self._choice = PenaltyChoice(self._features, self._basis, self._eigenvalues)
        self.penalties: dict[Stiffness, float] = {"stiff": STIFFNESS_PER_ROOT * self._n_points**0.5}
        self._left_out: list[LeftOut] = []
        self._tuned: tuple[Beliefs, Doubles] | None = None

    def tune(self, labels: Beliefs, n_classes: int, on_progress: Progress = ignore_progress) -> bool:
        """Choose the flexible penalty, the one with the smallest error on points left out of ``labels``.

        If ``on_progress`` raises, as where a run is cancelled, the penalty stays what it was.

        Returns:
            Whether it is another one than before.
        """
        totals = self._sum_labels(labels, n_classes)
        self._tuned = labels, totals
        penalty = self._choice.choose(labels, totals)
        is_new = penalty != self.penalties.get("flexible")
        if is_new:
            before, self.penalties = self.penalties, {**self.penalties, "flexible": penalty}
            try:
                self._left_out = [self._leave_out(members, on_progress) for members in self._groups]
            except BaseException:
                self.penalties = before
                raise
        return is_new

    def fit(self, wanted: Sequence[tuple[Stiffness, Beliefs]], n_classes: int) -> list[Fit]:
        """Fit regressions in one pass over the embeddings; ``tune`` comes first.

        Args:
            wanted: The penalty and the beliefs of each; beliefs that occur twice are summed once.
            n_classes: C.
        """
        different = list(dict.fromkeys(beliefs for _, beliefs in wanted))
        if self._tuned is not None and different == [self._tuned[0]]:
            totals = {different[0]: self._tuned[1]}
        else:
            totals = dict(zip(different, self._sum_beliefs(different, n_classes), strict=True))
        return [
            Fit(
                stiffness,
                beliefs,
                beliefs.averages(n_classes),
                self.solve(stiffness, totals[beliefs]),
            )
            for stiffness, beliefs in wanted
        ]

    def solve(self, stiffness: Stiffness, totals: Doubles) -> Floats:
        """The weights (D, k) for beliefs whose V' A' Q is ``totals`` (r, k)."""
        return np.asarray(self._basis @ (totals / self._damping(stiffness)).astype(np.float32))

    def predict(self, fits: Sequence[Fit], only: Mask | None = None) -> Iterator[tuple[Rows, list[Floats]]]:
        """Predict every point without its group, in one pass over the embeddings.

        Args:
            fits: The regressions.
            only: bool (n,), the points that are asked for; their whole groups are predicted. All by default.

        Yields:
            int64 (b,), positions among ``rows``, and for each fit float32 (b, C), the predictions.
        """
        weights = np.concatenate([fit.weights for fit in fits], axis=1)
        ends = np.cumsum([fit.weights.shape[1] for fit in fits])[:-1]
        for left_out in self._left_out if only is None else [one.take(only) for one in self._left_out]:
            n_groups, size = left_out.positions.shape
            step = max(1, min(BLOCK_ROWS, BLOCK_VALUES // weights.shape[1]) // size)
            for start in range(0, n_groups, step):
                part = slice(start, start + step)
                flat = left_out.positions[part].ravel()
                projected = np.split(self._features.project(flat, weights), ends, axis=1)
                yield (
                    flat,
                    [
                        _leave_out_of(fit, flat, fitted, left_out.inverses[fit.stiffness][part])
                        for fit, fitted in zip(fits, projected, strict=True)
                    ],
                )

    def predict_classes(self, wanted: Sequence[tuple[Fit, Rows]]) -> list[Floats]:
        """Predict all points without their groups in a few classes, in one pass over the embeddings as they lie.

        Args:
            wanted: The regressions, and the classes (k,) of each.

        Returns:
            The predictions of each, float32 (n, k).
        """
        weights = np.concatenate([fit.weights[:, classes] for fit, classes in wanted], axis=1)
        fitted = np.empty((self._n_points, weights.shape[1]), dtype=np.float32)
        for start in range(0, self._n_points, LARGE_BLOCK_ROWS):
            block = np.arange(start, min(start + LARGE_BLOCK_ROWS, self._n_points))
            fitted[block[0] : block[-1] + 1] = self._features.project(block, weights)
        ends = np.cumsum([len(classes) for _, classes in wanted])[:-1]
        parts = np.split(fitted, ends, axis=1)
        return [self._leave_all_out(fit, classes, part) for (fit, classes), part in zip(wanted, parts, strict=True)]

    def _leave_all_out(self, fit: Fit, classes: Rows, fitted: Floats) -> Floats:
        """Predictions (n, k) of all groups without themselves, of what is ``fitted`` in some classes."""
        believed = fit.beliefs.of_classes(classes, fit.weights.shape[1])
        residuals = believed - fit.averages[classes] - fitted
        for left_out in self._left_out:
            positions, inverse = left_out.positions, left_out.inverses[fit.stiffness]
            residuals[positions] = inverse @ residuals[positions]
        return np.asarray(believed - residuals, dtype=np.float32)

    def _damping(self, stiffness: Stiffness) -> Doubles:
        return self._eigenvalues[:, None] + self.penalties[stiffness]

    def _sum_labels(self, labels: Beliefs, n_classes: int) -> Doubles:
        """V' A' Y (r, C); of labels of which few changed, the sum before with those taken over."""
        if self._tuned is not None:
            before, totals = self._tuned
            moved = np.flatnonzero(labels.classes[:, 0] != before.classes[:, 0])
            totals = np.pad(totals, ((0, 0), (0, n_classes - totals.shape[1])))
            if len(moved) <= self._n_points * MOST_MOVED:
                step = labels.to_matrix(moved, n_classes) - before.to_matrix(moved, n_classes)
                columns = np.flatnonzero(step.any(axis=0))
                totals[:, columns] += self.sum_rows(moved, step[:, columns])
                return totals
        return self._sum_beliefs([labels], n_classes)[0]

    def sum_rows(self, positions: Rows, weights: Floats) -> Doubles:
        """V' A' Q (r, k) of some points alone, weighed by ``weights`` (b, k)."""
        summed = np.zeros((weights.shape[1], len(self._basis)), dtype=np.float64)
        for block in blocks(len(positions)):
            summed += self._features.sum_weighted(positions[block], weights[block])
        return self._basis.T.astype(np.float64) @ summed.T

    def _sum_beliefs(self, beliefs: Sequence[Beliefs], n_classes: int) -> list[Doubles]:
        """V' A' Q (r, C) of each of some beliefs, in one pass."""
        totals = [np.zeros((n_classes, len(self._basis)), dtype=np.float64) for _ in beliefs]
        for block in blocks(self._n_points):
            positions = np.arange(block.start, block.stop)
            for i, one in enumerate(beliefs):
                totals[i] += self._features.sum_weighted(positions, _weights_of(one, positions, n_classes))
        return [self._basis.T.astype(np.float64) @ total.T for total in totals]

    def _leave_out(self, members: Rows, on_progress: Progress) -> LeftOut:
        """Prepare leaving out the groups ``members`` (G, g)."""
        n_groups, size = members.shape
        inverses: dict[Stiffness, Floats] = {
            stiffness: np.empty((n_groups, size, size), dtype=np.float32) for stiffness in self.penalties
        }
        step = max(1, BLOCK_ROWS // size)
        for start in range(0, n_groups, step):
            part = members[start : start + step]
            inputs = (self._features(part.ravel()) @ self._basis).reshape(*part.shape, -1)
            for stiffness, inverse in inverses.items():
                damping = (1 / self._damping(stiffness)[:, 0]).astype(np.float32)
                inverse[start : start + step] = _invert(inputs, damping, self._n_points)
            on_progress(STAGE, min(start + step, n_groups) * size, n_groups * size)
        return LeftOut(members, inverses)


def _leave_out_of(fit: Fit, flat: Rows, fitted: Floats, inverse: Floats) -> Floats:
    """Predictions (b, C) of groups without themselves: the beliefs less the inflated residuals."""
    n_groups, size, _ = inverse.shape
    believed = fit.beliefs.to_matrix(flat, fitted.shape[1])
    residuals = believed - fit.averages - fitted
    if size == 1:
        residuals *= inverse[:, 0]
    else:
        residuals = (inverse @ residuals.reshape(n_groups, size, -1)).reshape(believed.shape)
    believed -= residuals
    return believed


def _weights_of(beliefs: Beliefs, positions: Rows, n_classes: int) -> Any:
    """The weights of some points by class (b, C), as a sparse matrix if there are many classes."""
    if n_classes <= MOST_DENSE_CLASSES:
        return beliefs.to_matrix(positions, n_classes)
    from scipy.sparse import csr_array

    classes, weights = beliefs.classes[positions], beliefs.weights[positions]
    ends = np.arange(len(positions) + 1) * classes.shape[1]
    return csr_array((weights.ravel(), classes.ravel(), ends), shape=(len(positions), n_classes))


def _invert(inputs: Floats, damping: Floats, n_points: int) -> Floats:
    """``(I - H_gg)^-1`` of groups with inputs (G, g, r); leverages are capped below 1."""
    if inputs.shape[1] == 1:
        leverages = np.minimum((inputs**2 @ damping)[:, :, None] + 1 / n_points, LARGEST_LEVERAGE)
        return np.asarray(1 / (1 - leverages), dtype=np.float32)
    hat = (inputs * damping) @ inputs.transpose(0, 2, 1) + 1 / n_points
    leverages, vectors = np.linalg.eigh(hat.astype(np.float64))
    scales = 1 / (1 - np.minimum(leverages, LARGEST_LEVERAGE))
    return np.asarray((vectors * scales[:, None, :]) @ vectors.transpose(0, 2, 1), dtype=np.float32)


def _group_by_size(groups: Rows) -> list[Rows]:
    """Positions (G, g) of the groups of each size g."""
    order = np.argsort(groups, kind="stable")
    _, starts, sizes = np.unique(groups[order], return_index=True, return_counts=True)
    return [order[starts[sizes == size][:, None] + np.arange(size)] for size in np.unique(sizes)]
