"""Least squares from embeddings to classes, and what it predicts for a point that was left out of it.

With A the centred, scaled embeddings and Y the one-hot classes, ridge regression fits ``H Y``, where the hat matrix is
``H = A (A'A + penalty)^-1 A' + 1/n``. Leaving a group g of points out needs no second fit: its residuals become
``(I - H_gg)^-1 (Y - H Y)_g`` (Allen's PRESS, 1974, for one point at a time). A'A is D x D, so that a million points fit
in bounded memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from indexer.domain import Embeddings, Progress, ignore_progress
from indexer.insights.class_numbers import add_by_number

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

STAGE = "suspects: fit"
PENALTIES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
N_TUNING_ROWS = 20_000  # the penalty's leave-one-out error is measured on at most this many evenly spread points
LARGEST_LEVERAGE = 0.999
SMALLEST_EIGENVALUE = 1e-6  # relative to the largest; below is float32 noise
BLOCK_ROWS = 8_192
BLOCK_VALUES = 1 << 23


@dataclass(frozen=True)
class Features:
    """The regression's inputs: ``unit(E - center) - mean``, made block by block.

    Attributes:
        embeddings: float32 (N, D).
        rows: int64 (n,), the points that take part.
        center: float32 (D,), their mean.
        norms: float32 (n,), lengths of the centred embeddings.
        mean: float32 (D,), mean of the scaled embeddings.
    """

    embeddings: Embeddings
    rows: Rows
    center: Floats
    norms: Floats
    mean: Floats

    def __call__(self, positions: Rows) -> Floats:
        """Features of the points at ``positions`` among ``rows``, float32 (b, D)."""
        return self.scaled(positions) - self.mean

    def scaled(self, positions: Rows) -> Floats:
        """The same before ``mean`` is taken off."""
        return (self.embeddings[self.rows[positions]] - self.center) / self.norms[positions][:, None]

    def project(self, weights: Floats) -> Iterator[tuple[slice, Floats]]:
        """Yield ``(positions, features @ weights)`` block by block, without forming the features."""
        shift_before, shift_after = self.center @ weights, self.mean @ weights
        is_whole = len(self.rows) == len(self.embeddings)
        for block in _blocks(len(self.rows)):
            embeddings = self.embeddings[block] if is_whole else self.embeddings[self.rows[block]]
            yield block, (embeddings @ weights - shift_before) / self.norms[block][:, None] - shift_after


@dataclass(frozen=True)
class LeftOut:
    """Groups of one size g that are left out together.

    Attributes:
        positions: int64 (G, g).
        inverse: float32 (G, g, g), ``(I - H_gg)^-1``.
    """

    positions: Rows
    inverse: Floats


class LeaveOutRidge:
    """A fitted ridge regression that can predict every point as if its group had not been seen.

    Args:
        embeddings: float32 (N, D).
        rows: int64 (n,), the points that have a class, ascending.
        classes: int64 (n,), class numbers in 0..C-1.
        groups: int64 (n,), equal for points that are left out together.
        on_progress: Called with the stage "suspects: fit".
    """

    def __init__(
        self,
        embeddings: Embeddings,
        rows: Rows,
        classes: Rows,
        *,
        groups: Rows,
        on_progress: Progress = ignore_progress,
    ) -> None:
        self.classes = classes.copy()
        n_classes = int(classes.max()) + 1
        self._features, gram, class_sums = _accumulate(embeddings, rows, classes, n_classes, on_progress)
        self._basis, self._eigenvalues = _decompose(self._features, gram)
        self._targets = self._basis.T.astype(np.float64) @ class_sums.T  # V' A' Y, (r, C)
        self.penalty = self._choose_penalty()
        self._fitted = np.empty((len(rows), n_classes), dtype=np.float32)
        self._left_out = [self._leave_out(members, on_progress) for members in _group_by_size(groups)]

    def margins(self) -> tuple[Floats, Rows]:
        """Compare the best other class with the given class, each point predicted without its group.

        Returns:
            float32 (n,), prediction of the best other class less that of the given class, about -1..1, and
            int64 (n,), the best other class.
        """
        margins = np.empty(len(self.classes), dtype=np.float32)
        others = np.empty(len(self.classes), dtype=np.int64)
        for positions, inverse in self._left_out_blocks():
            predicted = self._predict(positions, inverse).reshape(positions.size, -1)
            flat = positions.ravel()
            points = np.arange(len(flat))
            own = predicted[points, self.classes[flat]]
            predicted[points, self.classes[flat]] = -np.inf
            others[flat] = predicted.argmax(axis=1)
            margins[flat] = predicted[points, others[flat]] - own
        return margins, others

    def relabel(self, positions: Rows, classes: Rows) -> None:
        """Change the classes of some points, exactly, at the cost of one product with the columns that change.

        Args:
            positions: int64 (b,), positions among ``rows``, each once.
            classes: int64 (b,), their new classes; a number beyond the last makes a new class.
        """
        self._make_room(int(classes.max(initial=0)) + 1)
        change = np.zeros_like(self._targets)
        inputs = (self._features(positions) @ self._basis).T
        np.subtract.at(change.T, self.classes[positions], inputs.T)
        np.add.at(change.T, classes, inputs.T)
        touched = np.union1d(self.classes[positions], classes)
        self._targets += change
        self.classes[positions] = classes
        weights = self._basis @ (change[:, touched] / self._damping()).astype(np.float32)
        for block, fitted in self._features.project(weights):
            self._fitted[block, touched] += fitted

    def _damping(self) -> Doubles:
        return self._eigenvalues[:, None] + self.penalty

    def _make_room(self, n_classes: int) -> None:
        missing = n_classes - self._targets.shape[1]
        if missing > 0:
            self._targets = np.pad(self._targets, ((0, 0), (0, missing)))
            self._fitted = np.pad(self._fitted, ((0, 0), (0, missing)))

    def _choose_penalty(self) -> float:
        """The penalty with the smallest leave-one-out error."""
        n_points, n_classes = len(self.classes), self._targets.shape[1]
        n_rows = max(1, min(n_points, N_TUNING_ROWS, 2 * BLOCK_VALUES // n_classes))
        positions = np.unique(np.linspace(0, n_points - 1, n_rows).astype(np.int64))
        inputs = self._features(positions) @ self._basis
        wanted = -self._priors() + np.zeros((len(positions), 1), dtype=np.float32)
        wanted[np.arange(len(positions)), self.classes[positions]] += 1
        errors = []
        for penalty in PENALTIES:
            damping = 1 / (self._eigenvalues + penalty)
            leverages = np.minimum(inputs**2 @ damping.astype(np.float32) + 1 / n_points, LARGEST_LEVERAGE)
            fitted = inputs @ (damping[:, None] * self._targets).astype(np.float32)
            errors.append(float((((wanted - fitted) / (1 - leverages)[:, None]) ** 2).sum(dtype=np.float64)))
        return PENALTIES[int(np.argmin(errors))]

    def _leave_out(self, members: Rows, on_progress: Progress) -> LeftOut:
        """Fit and prepare leaving out the groups ``members`` (G, g)."""
        n_groups, size = members.shape
        inverse = np.empty((n_groups, size, size), dtype=np.float32)
        damping = (1 / (self._eigenvalues + self.penalty)).astype(np.float32)
        weights = damping[:, None] * self._targets.astype(np.float32)
        step = max(1, BLOCK_ROWS // size)
        for start in range(0, n_groups, step):
            part = members[start : start + step]
            inputs = self._features(part.ravel()) @ self._basis
            self._fitted[part.ravel()] = inputs @ weights
            inverse[start : start + step] = _invert(inputs.reshape(*part.shape, -1), damping, len(self.classes))
            on_progress(STAGE, min(start + step, n_groups) * size, n_groups * size)
        return LeftOut(members, inverse)

    def _left_out_blocks(self) -> Iterator[tuple[Rows, Floats]]:
        for left_out in self._left_out:
            n_groups, size = left_out.positions.shape
            step = max(1, BLOCK_VALUES // (size * self._targets.shape[1]))
            for start in range(0, n_groups, step):
                yield left_out.positions[start : start + step], left_out.inverse[start : start + step]

    def _predict(self, positions: Rows, inverse: Floats) -> Floats:
        """Predictions (G, g, C) of groups without themselves: the classes less the inflated residuals."""
        residuals = -(self._fitted[positions] + self._priors())
        groups, members = np.indices(positions.shape)
        own = (groups, members, self.classes[positions])
        residuals[own] += 1
        inflated = inverse * residuals if positions.shape[1] == 1 else inverse @ residuals
        np.negative(inflated, out=inflated)
        inflated[own] += 1
        return np.asarray(inflated, dtype=np.float32)

    def _priors(self) -> Floats:
        counts = np.bincount(self.classes, minlength=self._targets.shape[1])
        return (counts / len(self.classes)).astype(np.float32)


def _accumulate(
    embeddings: Embeddings, rows: Rows, classes: Rows, n_classes: int, on_progress: Progress
) -> tuple[Features, Doubles | None, Doubles]:
    """One pass for the mean, one for A'A (None where n <= D: then AA' is the smaller one) and the class sums A'Y."""
    n_points, dim = len(rows), embeddings.shape[1]
    total = np.zeros(dim, dtype=np.float64)
    for block in _blocks(n_points):
        total += embeddings[rows[block]].sum(axis=0, dtype=np.float64)
    center = (total / n_points).astype(np.float32)
    raw = Features(embeddings, rows, center, np.ones(n_points, dtype=np.float32), np.zeros(dim, dtype=np.float32))
    gram = np.zeros((dim, dim), dtype=np.float64) if n_points > dim else None
    sums = np.zeros((n_classes, dim), dtype=np.float64)
    for block in _blocks(n_points):
        scaled = raw.scaled(np.arange(n_points)[block])
        norms = np.linalg.norm(scaled, axis=1)
        raw.norms[block] = np.where(norms > 0, norms, 1)
        scaled /= raw.norms[block][:, None]
        if gram is not None:
            gram += scaled.T @ scaled
        add_by_number(sums, scaled, classes[block])
        on_progress(STAGE, block.stop, n_points)
    mean = sums.sum(axis=0) / n_points
    if gram is not None:
        gram -= n_points * np.outer(mean, mean)
    sums -= np.bincount(classes, minlength=n_classes)[:, None] * mean
    return Features(embeddings, rows, center, raw.norms, mean.astype(np.float32)), gram, sums


def _decompose(features: Features, gram: Doubles | None) -> tuple[Floats, Doubles]:
    """Eigenvectors (D, r) and eigenvalues (r,) of A'A."""
    if gram is not None:
        eigenvalues, vectors = np.linalg.eigh(gram)
    else:
        inputs = features(np.arange(len(features.rows))).astype(np.float64)
        eigenvalues, left = np.linalg.eigh(inputs @ inputs.T)
        vectors = inputs.T @ (left / np.sqrt(np.maximum(eigenvalues, np.finfo(np.float64).tiny)))
    kept = eigenvalues > SMALLEST_EIGENVALUE * max(float(eigenvalues[-1]), np.finfo(np.float64).tiny)
    return vectors[:, kept].astype(np.float32), eigenvalues[kept]


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


def _blocks(n_points: int) -> Iterator[slice]:
    for start in range(0, n_points, BLOCK_ROWS):
        yield slice(start, min(start + BLOCK_ROWS, n_points))
