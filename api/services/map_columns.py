"""Columns of a map made from columns of a collection (pure)."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt

from api.services.map_blocks import UInt16s
from lookalike.wire.base import CountedName


def find_places(
    wanted: npt.NDArray[np.bytes_], ids: npt.NDArray[np.bytes_], *, ascending: npt.NDArray[np.int64] | None = None
) -> npt.NDArray[np.int64]:
    """Where ids are in a column of ids; -1 for those that are not.

    Args:
        wanted: Bytes (N,), in any order.
        ids: Bytes (M,).
        ascending: int64 (M,), the order that sorts ``ids``; None where they are sorted already.

    Returns:
        int64 (N,), places in ``ids``.
    """
    if not len(ids):
        return np.full(len(wanted), -1, np.int64)
    places = np.minimum(np.searchsorted(ids, wanted, sorter=ascending), len(ids) - 1)
    if ascending is not None:
        places = ascending[places]
    return np.where(ids[places] == wanted, places, -1)


def number_classes(names: npt.NDArray[np.object_]) -> tuple[UInt16s, list[CountedName]]:
    """Number classes by falling count, equal counts by name; unlabelled points are the class ``""``.

    Args:
        names: Objects (N,), a class name or None each.

    Returns:
        uint16 (N,) numbers, and what they mean.
    """
    counts = Counter(name or "" for name in names)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    numbers = {name: number for number, (name, _) in enumerate(ordered)}
    column = np.fromiter((numbers[name or ""] for name in names), np.uint16, len(names))
    return column, [CountedName(name=name, count=count) for name, count in ordered]
