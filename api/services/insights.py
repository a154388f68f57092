"""Answers of insights for the wire."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any, Final

import numpy as np

from indexer.domain import Point
from indexer.insights.base import Insight
from indexer.payload import PayloadField

_BRIEF: Final = (
    PayloadField.DATASET,
    PayloadField.IMAGE_NAME,
    PayloadField.OBJECT_KEY,
    PayloadField.BOX,
    PayloadField.CLASS_NAME,
)


def to_answer(insight: Insight, found: Any) -> Any:
    """The wire model of an insight's answer.

    Args:
        insight: The insight.
        found: What it answered, a dataclass.
    """
    return insight.answer.model_validate(_to_plain(found))


def _to_plain(value: Any) -> Any:
    """A dataclass as a dictionary, arrays as lists, points in brief; a ``point`` gives its fields to what it is in."""
    if isinstance(value, Point):
        return {"id": value.id, **{name.value: value.payload.get(name) for name in _BRIEF}}
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, list | tuple):
        return [_to_plain(one) for one in value]
    if not is_dataclass(value):
        return value
    plain = {field.name: _to_plain(getattr(value, field.name)) for field in fields(value)}
    return plain.pop("point", {}) | plain
