"""Class names as numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Names = npt.NDArray[np.object_ | np.str_]
Numbers = npt.NDArray[np.int64]


def number_names(names: Names | Sequence[str | None]) -> tuple[tuple[str, ...], Numbers]:
    """Number equal names.

    Args:
        names: str or object (N,); None or empty for no name.

    Returns:
        The distinct names, sorted, and int64 (N,) positions in them, -1 for no name.
    """
    texts = np.array(["" if name is None else str(name) for name in names], dtype=str)
    known, numbers = np.unique(texts, return_inverse=True)
    has_empty = int(len(known) > 0 and known[0] == "")
    return tuple(str(name) for name in known[has_empty:]), numbers.astype(np.int64) - has_empty


def count_by_group(groups: Numbers, numbers: Numbers, n_groups: int) -> Numbers:
    """Count the different numbers per group, int64 (n_groups,); entries with a negative group or number are skipped."""
    is_known = (groups >= 0) & (numbers >= 0)
    pairs = np.unique(np.stack([groups[is_known], numbers[is_known]]), axis=1)
    return np.bincount(pairs[0], minlength=n_groups)


def add_by_number(
    sums: npt.NDArray[np.float64], values: npt.NDArray[np.float32], numbers: npt.NDArray[np.integer]
) -> None:
    """Add the rows of ``values`` (b, D) to the rows of ``sums`` (C, D) that ``numbers`` (b,) names, in place."""
    if len(numbers):
        order = np.argsort(numbers, kind="stable")
        present, starts = np.unique(numbers[order], return_index=True)
        sums[present] += np.add.reduceat(values[order], starts, axis=0)
