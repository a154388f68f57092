"""Vectors scaled to length 1, where the cosine is a product and Euclidean distance its order turned round."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from indexer.domain import Embeddings
from indexer.errors import EmbeddingError, InvalidOptionsError

_BLOCK_ROWS: Final = 1024
_LEAST_NORM: Final = 1e-15
_GREATEST_NORM: Final = 1e15
_TOLERANCE: Final = 1e-5  # of a length; float32 rounding of a normalised row stays below 1e-6


def unit_rows(embeddings: Embeddings) -> Embeddings:
    """Scale every row to length 1.

    Args:
        embeddings: float32 (N, D); rows of zeros stay zero.

    Returns:
        float32 (N, D); ``embeddings`` themselves where all rows have length 1 already, as those from a store do.

    Raises:
        InvalidOptionsError: ``embeddings`` is not a matrix.
        EmbeddingError: A value is not finite, or a length is no float32.
    """
    embeddings = np.asarray(embeddings, dtype=np.float32)
    if embeddings.ndim != 2:
        raise InvalidOptionsError(f"embeddings must be a matrix (N, D), got shape {embeddings.shape}")
    norms = row_norms(embeddings)
    if not np.isfinite(norms).all():
        row = int(np.argmin(np.isfinite(norms)))
        raise EmbeddingError(f"embedding {row} holds a value that is not finite or too large; embed its image again")
    if _are_one(norms):
        return embeddings
    return np.asarray(embeddings / norms[:, None], dtype=np.float32)


def are_unit_rows(embeddings: Embeddings) -> bool:
    """Whether every row has length 1, give or take rounding; a row of zeros passes."""
    return _are_one(row_norms(embeddings))


def row_norms(embeddings: Embeddings) -> npt.NDArray[np.float32]:
    """Lengths of the rows, float32 (N,), 1 for rows of zeros; unlike ``np.linalg.norm``, takes no copy of them all."""
    norms = np.sqrt(squared_lengths(embeddings))
    odd = np.flatnonzero(~((norms > _LEAST_NORM) & (norms < _GREATEST_NORM)))  # their squares are no float32 any more
    for start in range(0, len(odd), _BLOCK_ROWS):
        rows = odd[start : start + _BLOCK_ROWS]
        with np.errstate(over="ignore"):
            norms[rows] = np.linalg.norm(embeddings[rows].astype(np.float64), axis=1)
    return np.where(norms == 0, np.float32(1), norms)


def squared_lengths(embeddings: Embeddings) -> npt.NDArray[np.float32]:
    """Products of the rows with themselves, float32 (N,)."""
    squares: npt.NDArray[np.float32] = np.einsum("nd,nd->n", embeddings, embeddings)
    return squares


def _are_one(norms: npt.NDArray[np.float32]) -> bool:
    return bool(np.abs(norms - 1).max(initial=0.0) < _TOLERANCE)
