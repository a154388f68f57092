"""Records of either engine turned into points, and pages of points into columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, TypeVar

import numpy as np

from indexer.domain import Neighbor, Point, PointColumns

VECTOR: Final = "embedding"
"""Name of the one named vector that a point may have."""

T = TypeVar("T")


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield ``items`` in parts of ``size``, in order."""
    return (items[start : start + size] for start in range(0, len(items), size))


def to_neighbors(hits: Iterable[Any]) -> list[Neighbor]:
    """Results of either engine as neighbors."""
    return [Neighbor(id=str(hit.id), score=float(hit.score), payload=hit.payload or {}) for hit in hits]


def count_hits(hits: Iterable[Any]) -> dict[str, int]:
    """A facet of either engine: value -> how many points have it, most frequent first, equal counts by value."""
    return order_counts({str(hit.value): int(hit.count) for hit in hits if hit.count})


def order_counts(counts: dict[str, int]) -> dict[str, int]:
    """Counts, most frequent first, equal ones by value."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def to_point(record: Any) -> Point:
    """A record of either engine as a point; both name id, payload and vectors alike."""
    vector = (record.vector or {}).get(VECTOR)
    embedding = None if vector is None else np.asarray(vector, dtype=np.float32)
    return Point(id=str(record.id), payload=record.payload or {}, embedding=embedding)


def columns_from_pages(
    pages: Iterable[list[Point]], fields: Sequence[str], dimension: int | None, *, n_expected: int
) -> PointColumns:
    """Collect ``fields`` of all points, sorted by id, with no more than one page of Python objects alive.

    Embeddings are held once where the pages come in the order of ids and hold ``n_expected`` points.

    Args:
        pages: Points, page by page.
        fields: Payload fields that become columns.
        dimension: Length D of the embeddings, or None where they are not wanted.
        n_expected: How many points there are likely to be.

    Returns:
        Columns of N points; embeddings are float32 (N, D), or (0, 0) if not wanted. A point without a vector
        gets a row of zeros.
    """
    names = [str(field) for field in fields]
    ids: list[str] = []
    embeddings = np.zeros((0 if dimension is None else n_expected, dimension or 0), dtype=np.float32)
    values: dict[str, list[object]] = {name: [] for name in names}
    for page in pages:
        if dimension is not None:
            if len(ids) + len(page) > len(embeddings):  # points came while the pages were read
                embeddings = np.concatenate([embeddings, np.zeros_like(embeddings, shape=(len(page), dimension))])
            for row, point in enumerate(page, len(ids)):
                if point.embedding is not None:
                    embeddings[row] = point.embedding
        ids += [point.id for point in page]
        for name in names:
            values[name] += [point.payload.get(name) for point in page]
    embeddings = embeddings[: len(ids)]
    order = np.argsort(np.asarray(ids, dtype=np.str_), kind="stable")
    if dimension is not None and not np.array_equal(order, np.arange(len(ids))):
        embeddings = embeddings[order]
    columns = {}
    for name, column in values.items():
        columns[name] = np.fromiter(column, dtype=object, count=len(ids))[order]  # lists stay lists
    return PointColumns(ids=np.asarray(ids, dtype=np.str_)[order], embeddings=embeddings, fields=columns)
