"""Copies among points: rows that are equal to the bit, which a search need only meet once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from indexer.domain import Embeddings

Rows = npt.NDArray[np.int64]
Indices = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]

_BLOCK_ROWS: Final = 8_192


@dataclass(frozen=True, slots=True, eq=False)
class Copies:
    """N points in M groups of equal ones.

    Attributes:
        originals: int64 (M,), the lowest row of each group, ascending.
        group: int64 (N,), which group each point is in.
    """

    originals: Rows
    group: Rows

    def spread(
        self, indices: Indices, similarities: Floats, *, own: Floats, n_neighbors: int
    ) -> tuple[Indices, Floats]:
        """Turn the neighbor lists of the groups into those of the points.

        Args:
            indices: int32 (M, m), the groups nearest to each group, itself excluded; m is k or M - 1.
            similarities: float32 (M, m), higher is nearer.
            own: float32 (M,), how similar the members of a group are to each other.
            n_neighbors: k, at most N - 1.

        Returns:
            int32 (N, k) and float32 (N, k), nearest first; ties go to the lower row.
        """
        n_members = np.bincount(self.group, minlength=len(self.originals))
        members = np.argsort(self.group, kind="stable")
        starts = np.cumsum(n_members) - n_members
        found = np.empty((len(self.group), n_neighbors), np.int32), np.empty((len(self.group), n_neighbors), np.float32)
        is_plain = np.zeros(len(n_members), dtype=bool)  # nothing to do but to number the rows
        if indices.shape[1] == n_neighbors:
            is_plain = (n_members == 1) & (n_members[indices] == 1).all(axis=1)
            found[0][self.originals[is_plain]] = self.originals[indices[is_plain]]
            found[1][self.originals[is_plain]] = similarities[is_plain]
        for number in np.flatnonzero(~is_plain):
            near = [number, *indices[number].tolist()]
            # No more than k + 1 members of one group can be among the k nearest of a point.
            rows = [members[starts[one] : starts[one] + min(n_members[one], n_neighbors + 1)] for one in near]
            strength = np.repeat(np.append(own[number], similarities[number]), [len(part) for part in rows])
            own_rows = members[starts[number] : starts[number] + n_members[number]]
            found[0][own_rows], found[1][own_rows] = _nearest_of_each(
                own_rows, np.concatenate(rows), strength, n_neighbors
            )
        return found


def find_copies(vectors: Embeddings) -> Copies | None:
    """Group equal rows.

    Args:
        vectors: float32 (N, D).

    Returns:
        The groups; None if no two rows are equal.
    """
    _, first, key = np.unique(_hash_rows(vectors), return_index=True, return_inverse=True)
    original = first[key]
    for start in range(0, len(vectors), _BLOCK_ROWS):
        rows = np.arange(start, min(start + _BLOCK_ROWS, len(vectors)))
        rows = rows[original[rows] != rows]
        is_other = (vectors[rows] != vectors[original[rows]]).any(axis=1)
        original[rows[is_other]] = rows[is_other]  # another row with the same hash stays alone
    originals, group = np.unique(original, return_inverse=True)
    return None if len(originals) == len(vectors) else Copies(originals, group)


def _hash_rows(vectors: Embeddings) -> npt.NDArray[np.uint64]:
    """One number per row, the same for equal rows: the sum of its values' bits times random odd numbers."""
    factors = np.random.default_rng(0).integers(0, 1 << 63, size=vectors.shape[1], dtype=np.uint64) * 2 + 1
    hashes = np.empty(len(vectors), np.uint64)
    for start in range(0, len(vectors), _BLOCK_ROWS):
        block = slice(start, start + _BLOCK_ROWS)
        bits = np.ascontiguousarray(vectors[block] + np.float32(0)).view(np.uint32)  # -0 becomes 0, which equals it
        hashes[block] = bits.astype(np.uint64) @ factors
    return hashes


def _nearest_of_each(own: Rows, rows: Rows, strength: Floats, n_neighbors: int) -> tuple[Rows, Floats]:
    """The k nearest among ``rows`` for each of the copies ``own``, itself excluded: (c, k) twice."""
    order = np.lexsort((rows, -strength))[: n_neighbors + 1]
    listed = np.broadcast_to(rows[order], (len(own), len(order)))
    kept = np.argsort(listed == own[:, None], axis=1, kind="stable")[:, :n_neighbors]
    return rows[order][kept], strength[order][kept]
