"""The conditions of a question as keyword arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict
from urllib.parse import urlencode

from pydantic_core import to_jsonable_python

from lookalike.client.problems import make_request
from lookalike.wire.selections import FilterModel

_LONGEST_ADDRESS = 4000  # characters; servers take 8000 at least


class Where(TypedDict, total=False):
    """Conditions that all must hold; a sequence accepts any of its values.

    Attributes:
        class_name: Given class, or several.
        dataset: Dataset, or several.
        instance: ``image`` or ``object``.
        tags: Tag, or several.
        image_name: Name of an image, or several.
        annotated_by: Annotator, or several.
        updated_after: Labels last edited then or later, where that is known; aware.
        updated_before: Labels last edited then or earlier; aware.
        review: ``unjudged``, ``accepted``, ``dismissed`` or ``skipped``, or several.
        score_from: Least suspect score, 0 to 1; it has scores computed.
        score_to: Greatest suspect score, 0 to 1; it has scores computed.
        ids: Only these points.
    """

    class_name: str | Sequence[str] | None
    dataset: str | Sequence[str] | None
    instance: str | Sequence[str] | None
    tags: str | Sequence[str] | None
    image_name: str | Sequence[str] | None
    annotated_by: str | Sequence[str] | None
    updated_after: datetime | None
    updated_before: datetime | None
    review: str | Sequence[str] | None
    score_from: float | None
    score_to: float | None
    ids: Sequence[str] | None


def clean(where: Where) -> dict[str, Any]:
    """Conditions as fields of a ``FilterModel``: a single value becomes a list, and what is None is left out."""
    fields: dict[str, Any] = {}
    for name, value in where.items():
        if value is not None:
            fields[name] = [value] if isinstance(value, str) else _plain(value)
    return fields


def _plain(value: Any) -> Any:
    """A sequence as a list; a moment and a number as they are."""
    return value if isinstance(value, datetime | int | float) else list(value)


def to_filter(where: Where) -> FilterModel | None:
    """Conditions as the wire has them; None for none.

    Raises:
        InvalidOptionsError: A value is not possible.
    """
    fields = clean(where)
    return make_request(FilterModel, **fields) if fields else None


def to_fields(question: Mapping[str, Any]) -> dict[str, Any]:
    """Options and conditions of any question as JSON types; a single value of a condition becomes a list."""
    conditions: Any = {name: value for name, value in question.items() if name in Where.__annotations__}
    options = {name: value for name, value in question.items() if name not in conditions}
    fields: dict[str, Any] = to_jsonable_python(clean(conditions) | options)
    return fields


def to_question(query: FilterModel) -> dict[str, Any]:
    """Arguments of the request for a selection, which stands in the address if that is short enough."""
    fields = query.model_dump(mode="json", exclude_none=True)
    if [] in fields.values() or len(urlencode(fields, doseq=True)) > _LONGEST_ADDRESS:
        return {"method": "POST", "json": fields}  # an address cannot say "none of them"
    return {"method": "GET", "params": fields}
