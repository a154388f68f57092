"""Inputs of the regression: embeddings, centred and scaled, made block by block, and their directions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from indexer.domain import Embeddings, Progress
from indexer.neighbors.products import multiply

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

STAGE = "suspects: fit"
SMALLEST_EIGENVALUE = 1e-6  # relative to the largest; below is float32 noise
BLOCK_ROWS = 4_096


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
        projected = multiply(self._read(positions), weights.T) - self.center @ weights
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


def accumulate(embeddings: Embeddings, rows: Rows, on_progress: Progress) -> tuple[Features, Doubles | None]:
    """One pass for the mean, one for A'A; that is None where n <= D, since AA' is the smaller one then."""
    n_points, dim = len(rows), embeddings.shape[1]
    total = np.zeros(dim, dtype=np.float64)
    for block in blocks(n_points):
        total += embeddings[rows[block]].sum(axis=0, dtype=np.float64)
    center = (total / n_points).astype(np.float32)
    raw = Features(embeddings, rows, center, np.ones(n_points, dtype=np.float32), np.zeros(dim, dtype=np.float32))
    gram = np.zeros((dim, dim), dtype=np.float64) if n_points > dim else None
    sums = np.zeros(dim, dtype=np.float64)
    for block in blocks(n_points):
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


def decompose(features: Features, gram: Doubles | None) -> tuple[Floats, Doubles]:
    """Eigenvectors (D, r) and eigenvalues (r,) of A'A."""
    if gram is not None:
        eigenvalues, vectors = np.linalg.eigh(gram)
    else:
        inputs = features(np.arange(len(features.rows))).astype(np.float64)
        eigenvalues, left = np.linalg.eigh(inputs @ inputs.T)
        vectors = inputs.T @ (left / np.sqrt(np.maximum(eigenvalues, np.finfo(np.float64).tiny)))
    kept = eigenvalues > SMALLEST_EIGENVALUE * max(float(eigenvalues[-1]), np.finfo(np.float64).tiny)
    return vectors[:, kept].astype(np.float32), eigenvalues[kept]


def blocks(n_points: int) -> Iterator[slice]:
    """Slices of all points, in order."""
    for start in range(0, n_points, BLOCK_ROWS):
        yield slice(start, min(start + BLOCK_ROWS, n_points))
