"""PointFilter in qdrant-client's words, within the limits of a server's strict mode."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from qdrant_client import models

from indexer.domain import PointFilter
from indexer.stores.columns import VECTOR, batches

Condition = models.Condition


def to_server_filter(where: PointFilter | None, *, hidden_id: str, most_values: int | None = None) -> models.Filter:
    """Translate conditions.

    Args:
        where: Conditions, all points if None.
        hidden_id: The point that never matches.
        most_values: Most values of one condition, if the server has such a limit.
    """
    where = where or PointFilter()
    must: list[Condition] = [_one_of(_match(key, values, most_values)) for key, values in where.equals_any.items()]
    must += [models.FieldCondition(key=key, range=_to_range(*bounds)) for key, bounds in where.ranges.items()]
    must_not: list[Condition] = [
        one for key, values in where.none_of.items() for one in _match(key, values, most_values)
    ]
    if where.ids is not None:
        must.append(_one_of(_split(where.ids, _has_id, most_values)))
    must_not += _split([*where.without_ids, hidden_id], _has_id, most_values)
    if where.has_embedding is not None:
        (must if where.has_embedding else must_not).append(models.HasVectorCondition(has_vector=VECTOR))
    return models.Filter(must=must, must_not=must_not)


def count_conditions(where: PointFilter | None) -> int:
    """Count the fields and lists of ids that a filter looks at."""
    if where is None:
        return 0
    n_lists = int(where.ids is not None) + int(bool(where.without_ids))
    return len(where.equals_any) + len(where.none_of) + len(where.ranges) + n_lists


def _match(key: str, values: Sequence[Any], most: int | None) -> list[Condition]:
    """Conditions of which one must hold; an empty text stands for points without the field, too."""
    found = _split(values, lambda part: models.FieldCondition(key=key, match=models.MatchAny(any=list(part))), most)
    is_empty = [models.IsEmptyCondition(is_empty=models.PayloadField(key=key))] if "" in values else []
    return [*found, *is_empty]


def _has_id(ids: Sequence[Any]) -> Condition:
    return models.HasIdCondition(has_id=list(ids))


def _split(values: Sequence[Any], make: Callable[[Sequence[Any]], Condition], most: int | None) -> list[Condition]:
    """One condition per ``most`` values; at least one, as no value matches nothing."""
    return [make(part) for part in batches(values, most or len(values) or 1)] or [make(())]


def _one_of(conditions: list[Condition]) -> Condition:
    return conditions[0] if len(conditions) == 1 else models.Filter(should=conditions)


def _to_range(least: Any, greatest: Any) -> models.Range | models.DatetimeRange:
    if isinstance(least, datetime) or isinstance(greatest, datetime):
        return models.DatetimeRange(gte=least, lte=greatest)
    return models.Range(gte=least, lte=greatest)
