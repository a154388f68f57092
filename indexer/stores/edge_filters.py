"""PointFilter in the embedded engine's words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import qdrant_edge as edge

from indexer.domain import PointFilter


def to_edge_filter(where: PointFilter | None, vector: str) -> edge.Filter | None:
    """Translate conditions; None when there is none."""
    if where is None:
        return None
    must: list[Any] = [_equals_any(key, values) for key, values in where.equals_any.items()]
    must += [edge.FieldCondition(key, range=_to_range(*bounds)) for key, bounds in where.ranges.items()]
    must_not: list[Any] = [_equals_any(key, values) for key, values in where.none_of.items()]
    if where.ids is not None:
        must.append(edge.HasIdCondition(set(where.ids)))
    if where.without_ids:
        must_not.append(edge.HasIdCondition(set(where.without_ids)))
    if where.has_embedding is not None:
        (must if where.has_embedding else must_not).append(edge.HasVectorCondition(vector))
    return edge.Filter(must=must, must_not=must_not)


def _equals_any(key: str, values: tuple[Any, ...]) -> Any:
    equals = edge.FieldCondition(key, match=edge.MatchAny(list(values)))
    return edge.Filter(should=[equals, edge.IsEmptyCondition(key)]) if "" in values else equals


def _to_range(least: Any, greatest: Any) -> edge.RangeFloat | edge.RangeDateTime:
    if isinstance(least, datetime) or isinstance(greatest, datetime):
        return edge.RangeDateTime(gte=least and least.isoformat(), lte=greatest and greatest.isoformat())
    return edge.RangeFloat(gte=least, lte=greatest)
