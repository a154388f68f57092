"""Neighbors that are not all the same: one per image, or unlike each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from indexer.domain import Neighbor, PointFilter
from indexer.payload import PayloadField
from indexer.stores.base import Collection

_MOST_ASKED: Final = 10_000
_CANDIDATES_PER_ANSWER: Final = 8
"""Neighbors of which the most different ones are chosen, per answer."""


@dataclass(frozen=True, slots=True)
class Variety:
    """Rules by which neighbors make way for others.

    Attributes:
        excludes_same_image: Whether those of an example's own image do.
        one_per_image: Whether each image has its nearest neighbor only.
        is_diverse: Whether those that resemble a nearer one do.
    """

    excludes_same_image: bool = False
    one_per_image: bool = False
    is_diverse: bool = False


PLAIN: Final = Variety()


def find_varied(
    collection: Collection, direction: npt.NDArray[np.float32], *, limit: int, where: PointFilter, variety: Variety
) -> list[Neighbor]:
    """The points nearest to a direction, float32 (D,), under the rules of ``variety``."""
    if not (variety.one_per_image or variety.is_diverse):
        return collection.query(direction, limit=limit, where=where)
    n_wanted = limit * _CANDIDATES_PER_ANSWER if variety.is_diverse else limit
    n_asked = min(_MOST_ASKED, max(n_wanted, limit * _CANDIDATES_PER_ANSWER))
    while True:
        found = collection.query(direction, limit=n_asked, where=where)
        kept = _one_per_image(found) if variety.one_per_image else found
        if len(kept) >= n_wanted or len(found) < n_asked or n_asked >= _MOST_ASKED:
            break
        n_asked = min(_MOST_ASKED, 4 * n_asked)
    return _spread(collection, kept[:n_wanted], limit) if variety.is_diverse else kept[:limit]


def _one_per_image(found: Sequence[Neighbor]) -> list[Neighbor]:
    """The first neighbor of each image."""
    by_image: dict[tuple[str | None, str | None], Neighbor] = {}
    for neighbor in found:
        payload = neighbor.payload
        by_image.setdefault((payload.get(PayloadField.SOURCE_KEY), payload.get(PayloadField.IMAGE_KEY)), neighbor)
    return list(by_image.values())


def _spread(collection: Collection, found: Sequence[Neighbor], limit: int) -> list[Neighbor]:
    """Choose the nearest neighbor, and then always the one that is most unlike all chosen ones.

    They are chosen from the nearest, so that none is far. The answers are in the order in which they were chosen.
    """
    points = collection.retrieve([neighbor.id for neighbor in found], with_embeddings=True)
    known = {point.id: point.embedding for point in points if point.embedding is not None}
    left = [neighbor for neighbor in found if neighbor.id in known]  # one may have been deleted meanwhile
    if not left:
        return []
    embeddings = np.stack([known[neighbor.id] for neighbor in left])
    closest, chosen = embeddings @ embeddings[0], [0]
    while len(chosen) < min(limit, len(left)):
        closest[chosen] = np.inf
        chosen.append(int(closest.argmin()))
        closest = np.maximum(closest, embeddings @ embeddings[chosen[-1]])
    return [left[one] for one in chosen]
