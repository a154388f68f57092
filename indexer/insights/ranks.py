"""Small calculations with columns: ranks between 0 and 1, medians per class, rows of a mask."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt


def rank_to_unit(strength: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
    """Ranks of ``strength`` (n,) scaled to 0..1, float32; the largest is 1, and equal values share their mean rank."""
    _, place, counts = np.unique(strength, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(counts) - (counts + 1) / 2
    return np.asarray(mean_rank[place] / max(1, len(strength) - 1), dtype=np.float32)


def find_rows(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """The rows of a mask (n, m) with anything in them, int64, ascending; quick where that is little."""
    return np.unique(np.flatnonzero(mask) // max(1, mask.shape[1]))


def class_medians(values: npt.NDArray[np.float32], classes: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """The median of the values (n,) of each point's class, float32 (n,); classes are numbers from 0."""
    numbers = classes.astype(np.uint16) if classes.max(initial=0) < 1 << 16 else classes  # sorted by their digits
    order, ends = np.argsort(numbers, kind="stable"), np.cumsum(np.bincount(classes))
    ordered, medians = values[order], np.empty(len(ends), dtype=np.float32)
    for number, (start, end) in enumerate(itertools.pairwise((0, *ends.tolist()))):
        if size := end - start:
            low, high = (size - 1) // 2, size // 2
            part = np.partition(ordered[start:end], (low, high))
            medians[number] = (part[low] + part[high]) / 2
    return medians[classes]
