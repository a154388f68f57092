"""Scores as ranks between 0 and 1."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def rank_to_unit(strength: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """Ranks of ``strength`` (n,) scaled to 0..1, float32; the largest is 1, and equal values share their mean rank."""
    _, place, counts = np.unique(strength, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(counts) - (counts + 1) / 2
    return np.asarray(mean_rank[place] / max(1, len(strength) - 1), dtype=np.float32)
