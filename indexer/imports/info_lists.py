"""The lists of an embeddings folder's ``info.json`` as columns; a value that cannot be is named with its row."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from indexer.domain import Box, InstanceKind
from indexer.errors import AnnotationFormatError
from indexer.payload import PayloadField

_NEEDED: Final = ("dataset_id", "image_id", "object_id", "object_cls", "crop_yxyx", "updated_at")
_OPTIONAL: Final = ("image_name", "point_id", "dataset", "image_key", "object_key")  # what our export adds
_FIELDS: Final = {
    PayloadField.DATASET: ("dataset", "dataset_id"),
    PayloadField.IMAGE_KEY: ("image_key", "image_id"),
    PayloadField.OBJECT_KEY: ("object_key", "object_id"),
    PayloadField.CLASS_NAME: ("object_cls",),
    PayloadField.IMAGE_UPDATED_AT: ("updated_at",),
    PayloadField.IMAGE_NAME: ("image_name",),
}
"""Our fields -> the lists they may stand in, our keys before the app's numbers."""
_MAX_CHARACTERS: Final = 4096  # as long as paths can be
_MAX_PIXELS: Final = 2**31 - 2  # with the row that is added, what 32 bits hold

Column = npt.NDArray[np.object_]


def check_lists(info: Mapping[str, Any], n_rows: int, path: Path) -> None:
    """Check that every list is there and has ``n_rows`` values.

    Raises:
        AnnotationFormatError: One has not; the message names it.
    """
    for name in (*_NEEDED, *(name for name in _OPTIONAL if name in info)):
        values = info.get(name)
        if not isinstance(values, list) or len(values) != n_rows:
            found = f"{len(values)} values" if isinstance(values, list) else "no list"
            raise AnnotationFormatError(f"'{path}' has {found} in '{name}' for {n_rows} embeddings")


def read_fields(info: Mapping[str, Any], path: Path) -> dict[str, Column]:
    """The lists as payload fields, object arrays (N,); None where a row has no such field.

    Raises:
        AnnotationFormatError: A value is of another kind, or a box holds no pixel; the message names row and value.
    """
    found = {field: next((name for name in names if name in info), None) for field, names in _FIELDS.items()}
    fields = {
        field.value: _read(info, name, path, _to_time if name == "updated_at" else _to_text)
        for field, name in found.items()
        if name is not None
    }
    is_image = [key is None for key in fields[PayloadField.OBJECT_KEY]]
    kinds = [InstanceKind.IMAGE.value if whole else InstanceKind.OBJECT.value for whole in is_image]
    beyond = iter(is_image)
    boxes = _read(info, "crop_yxyx", path, lambda value: _to_box(value, is_image=next(beyond)))
    return fields | {PayloadField.INSTANCE.value: _column(kinds), PayloadField.BOX.value: boxes}


def read_point_ids(info: Mapping[str, Any], path: Path) -> Column | None:
    """The ids that the points had where our export wrote the folder, object (N,); None in a folder of the app.

    Raises:
        AnnotationFormatError: One is no text; the message names row and value.
    """
    return _read(info, "point_id", path, _to_text) if "point_id" in info else None


def _read(info: Mapping[str, Any], name: str, path: Path, convert: Callable[[Any], Any]) -> Column:
    values = []
    for row, value in enumerate(info[name]):
        try:
            values.append(convert(value))
        except ValueError as error:
            shown = value if isinstance(value, str) else reprlib.repr(value)
            message = f"'{path}' has {shown[:80]!r} as '{name}' in row {row}; {error}"
            raise AnnotationFormatError(message) from None
    return _column(values)


def _to_text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("it must be text, a whole number or null")  # noqa: TRY004 - what a file holds, not a caller
    text = str(value)
    if len(text) > _MAX_CHARACTERS:
        raise ValueError(f"it must be no longer than {_MAX_CHARACTERS} characters")
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ValueError("it must be text that UTF-8 can hold") from None
    return text


def _to_time(value: Any) -> str | None:
    text = _to_text(value)
    if text is not None:
        try:
            datetime.fromisoformat(text).astimezone(UTC)  # the first and the last day have no such time
        except (ValueError, OverflowError):
            raise ValueError("it must be a time such as 2026-01-31T12:00:00Z, or null") from None
    return text


def _to_box(value: Any, *, is_image: bool) -> list[int] | None:
    """The app's box as ours, half-open: its last row and column belong to an object and lie beyond a whole image."""
    if value is None:
        return None
    if not isinstance(value, list) or len(value) != 4 or not all(map(_is_whole, value)):
        raise ValueError("it must be top, left, bottom, right in whole pixels, or null")
    top, left, bottom, right = map(int, value)
    box = Box(left, top, right, bottom) if is_image else Box(left, top, right + 1, bottom + 1)
    if box.is_empty:
        raise ValueError("it must be top, left, bottom, right, and this holds no pixel")
    return list(box)


def _is_whole(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and abs(value) <= _MAX_PIXELS and float(value).is_integer()


def _column(values: Sequence[Any]) -> Column:
    return np.fromiter(values, dtype=object, count=len(values))
