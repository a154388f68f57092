"""Least squares from embeddings to classes, and what it predicts for a point that was left out of it.

With A the centred, scaled embeddings and Q how much each point counts as a member of each class, ridge regression fits
``H Q``, where the hat matrix is ``H = A (A'A + penalty)^-1 A' + 1/n``. Leaving a group g of points out needs no second
fit: its residuals become ``(I - H_gg)^-1 (Q - H Q)_g`` (Allen's PRESS, 1974, for one point at a time). A'A is D x D, so
that a million points fit in bounded memory, and another Q costs two passes over the embeddings.

There are two penalties. The *flexible* one has the smallest error on points left out. The *stiff* one lets the
regression follow only what very many points share, too few to learn a group of wrong labels by heart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from indexer.domain import Embeddings, Progress, ignore_progress
from indexer.insights.suspects.label_beliefs import Beliefs

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Stiffness = Literal["flexible", "stiff"]

STAGE = "suspects: fit"
PENALTIES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
POINTS_PER_STIFF_PENALTY: Final = 250  # the stiff penalty is n / 250
N_TUNING_ROWS = 20_000  # the penalty's leave-one-out error is measured on at most this many evenly spread points
MOST_TUNING_VALUES = 1 << 22  # with many classes on fewer
LARGEST_LEVERAGE = 0.999
SMALLEST_EIGENVALUE = 1e-6  # relative to the largest; below is float32 noise
MOST_DENSE_CLASSES = 64  # with more, the weights of a block are summed as a sparse matrix
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
        return (self._read(positions) - self.center) / self.norms[positions][:, None]

    def project(self, positions: Rows, weights: Floats) -> Floats:
        """``self(positions) @ weights`` (b, C), without forming the features."""
        projected = self._read(positions) @ weights - self.center @ weights
        return np.asarray(projected / self.norms[positions][:, None] - self.mean @ weights, dtype=np.float32)

    def sum_weighted(self, positions: Rows, weights: Any) -> Floats:
        """``weights.T @ self(positions)`` (C, D) of a dense or sparse matrix (b, C), without forming the features."""
        ones = np.ones(len(positions), dtype=np.float32)
        scales = (1 / self.norms[positions]).astype(np.float32)
        scaled = weights.T * scales
        summed = scaled @ self._read(positions) - np.outer(scaled @ ones, self.center)
        return np.asarray(summed - np.outer(weights.T @ ones, self.mean), dtype=np.float32)

    def _read(self, positions: Rows) -> Embeddings:
        """The embeddings at ``positions``; no copy of them where they lie side by side."""
        rows = self.rows[positions]
        if len(rows) and rows[-1] - rows[0] == len(rows) - 1 and (np.diff(rows) == 1).all():
            return self.embeddings[rows[0] : rows[-1] + 1]
        return self.embeddings[rows]


@dataclass(frozen=True)
class LeftOut:
    """Groups of one size g that are left out together.

    Attributes:
        positions: int64 (G, g).
        inverses: float32 (G, g, g) per stiffness, ``(I - H_gg)^-1``.
    """

    positions: Rows
    inverses: dict[Stiffness, Floats]


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
        on_progress: Called with the stage "suspects: fit".
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
        self._features, gram = _accumulate(embeddings, rows, on_progress)
        self._basis, self._eigenvalues = _decompose(self._features, gram)
        self._groups = _group_by_size(groups)
        self._on_progress = on_progress
        self._tuning = self._prepare_tuning()
        self.penalties: dict[Stiffness, float] = {"stiff": self._n_points / POINTS_PER_STIFF_PENALTY}
        self._left_out: list[LeftOut] = []
        self._tuned: tuple[Beliefs, Doubles] | None = None

    def tune(self, labels: Beliefs, n_classes: int) -> None:
        """Choose the flexible penalty, the one with the smallest error on points left out of ``labels``."""
        (totals,) = self._sum_beliefs([labels], n_classes)
        self._tuned = labels, totals
        penalty = self._choose_penalty(labels, totals)
        if penalty != self.penalties.get("flexible"):
            self.penalties["flexible"] = penalty
            self._left_out = [self._leave_out(members) for members in self._groups]

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
                self._basis @ (totals[beliefs] / self._damping(stiffness)).astype(np.float32),
            )
            for stiffness, beliefs in wanted
        ]

    def predict(self, fits: Sequence[Fit]) -> Iterator[tuple[Rows, list[Floats]]]:
        """Predict every point without its group, in one pass over the embeddings.

        Yields:
            int64 (b,), positions among ``rows``, and for each fit float32 (b, C), the predictions.
        """
        weights = np.concatenate([fit.weights for fit in fits], axis=1)
        ends = np.cumsum([fit.weights.shape[1] for fit in fits])[:-1]
        for left_out in self._left_out:
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

    def _damping(self, stiffness: Stiffness) -> Doubles:
        return self._eigenvalues[:, None] + self.penalties[stiffness]

    def _sum_beliefs(self, beliefs: Sequence[Beliefs], n_classes: int) -> list[Doubles]:
        """V' A' Q (r, C) of each of some beliefs, in one pass."""
        totals = [np.zeros((n_classes, len(self._basis)), dtype=np.float64) for _ in beliefs]
        for block in _blocks(self._n_points):
            positions = np.arange(block.start, block.stop)
            for i, one in enumerate(beliefs):
                totals[i] += self._features.sum_weighted(positions, _weights_of(one, positions, n_classes))
        return [self._basis.T.astype(np.float64) @ total.T for total in totals]

    def _prepare_tuning(self) -> tuple[Rows, Floats]:
        """Evenly spread positions (t,), and their leverages under each penalty, float32 (p, t)."""
        n_rows = min(self._n_points, N_TUNING_ROWS)
        positions = np.unique(np.linspace(0, self._n_points - 1, n_rows).astype(np.int64))
        damping = (1 / (self._eigenvalues[:, None] + np.array(PENALTIES))).astype(np.float32)
        leverages = np.empty((len(PENALTIES), len(positions)), dtype=np.float32)
        for block in _blocks(len(positions)):
            inputs = self._features(positions[block]) @ self._basis
            leverages[:, block] = (inputs**2 @ damping).T
        return positions, np.minimum(leverages + np.float32(1 / self._n_points), LARGEST_LEVERAGE)

    def _choose_penalty(self, labels: Beliefs, targets: Doubles) -> float:
        """The penalty with the smallest error on labels whose V' A' Y is ``targets`` (r, C)."""
        positions, leverages = self._tuning
        n_classes = targets.shape[1]
        step = -(-len(positions) * n_classes // MOST_TUNING_VALUES)
        positions, leverages = positions[::step], leverages[:, ::step]
        wanted = labels.to_matrix(positions, n_classes) - labels.averages(n_classes)
        errors = []
        for penalty, inflation in zip(PENALTIES, 1 - leverages, strict=True):
            weights = self._basis @ (targets / (self._eigenvalues[:, None] + penalty)).astype(np.float32)
            residuals = (wanted - self._features.project(positions, weights)) / inflation[:, None]
            errors.append(float((residuals**2).sum(dtype=np.float64)))
        return PENALTIES[int(np.argmin(errors))]

    def _leave_out(self, members: Rows) -> LeftOut:
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
            self._on_progress(STAGE, min(start + step, n_groups) * size, n_groups * size)
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


def _accumulate(embeddings: Embeddings, rows: Rows, on_progress: Progress) -> tuple[Features, Doubles | None]:
    """One pass for the mean, one for A'A; that is None where n <= D, since AA' is the smaller one then."""
    n_points, dim = len(rows), embeddings.shape[1]
    total = np.zeros(dim, dtype=np.float64)
    for block in _blocks(n_points):
        total += embeddings[rows[block]].sum(axis=0, dtype=np.float64)
    center = (total / n_points).astype(np.float32)
    raw = Features(embeddings, rows, center, np.ones(n_points, dtype=np.float32), np.zeros(dim, dtype=np.float32))
    gram = np.zeros((dim, dim), dtype=np.float64) if n_points > dim else None
    sums = np.zeros(dim, dtype=np.float64)
    for block in _blocks(n_points):
        scaled = raw.scaled(np.arange(block.start, block.stop))
        norms = np.linalg.norm(scaled, axis=1)
        raw.norms[block] = np.where(norms > 0, norms, 1)
        scaled /= raw.norms[block][:, None]
        if gram is not None:
            gram += scaled.T @ scaled
        sums += scaled.sum(axis=0, dtype=np.float64)
        on_progress(STAGE, block.stop, n_points)
    mean = sums / n_points
    if gram is not None:
        gram -= n_points * np.outer(mean, mean)
    return Features(embeddings, rows, center, raw.norms, mean.astype(np.float32)), gram


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
