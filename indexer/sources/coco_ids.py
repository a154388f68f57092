"""Ids of COCO files: numbers, texts or numbers written as texts, and whatever else a file may hold in their place."""

from __future__ import annotations

import math
from typing import Any, Final, Generic, TypeVar

T = TypeVar("T")

_MAX_SHOWN: Final = 40
_MAX_DIGITS: Final = 18


def show_value(value: Any) -> str:
    """A foreign value in a message, cut off if it is long."""
    if value is None:
        return "null"
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    text = repr(value)
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}..."


def unify_id(value: Any) -> int | str | None:
    """An id in one spelling, as ``1``, ``1.0`` and ``"1"`` are the same; None for what is no id.

    Numbers that are not finite, truth values, null, lists and objects are no ids.
    """
    if type(value) is int:
        return value
    if isinstance(value, str):
        text = value.strip()
        is_number = text.isdecimal() and text.isascii() and len(text) <= _MAX_DIGITS and str(int(text)) == text
        return int(text) if is_number else text
    if isinstance(value, float) and math.isfinite(value):
        return int(value) if value.is_integer() else repr(value)
    return None


class ById(Generic[T]):
    """Things found by their ids, however these are spelled; an id that two different things have finds neither."""

    def __init__(self) -> None:
        self._things: dict[int | str, T] = {}
        self._rivals: dict[int | str, list[T]] = {}

    def add(self, value: Any, thing: T) -> bool:
        """Let an id find a thing.

        Returns:
            Whether the value is an id at all.
        """
        key = unify_id(value)
        if key is None:
            return False
        if key in self._rivals:
            self._rivals[key].append(thing)
        elif self._things.setdefault(key, thing) != thing:
            self._rivals[key] = [self._things.pop(key), thing]
        return True

    def find(self, value: Any) -> T | None:
        """The one thing that has an id, None if there is none or several."""
        key = value if type(value) is int else unify_id(value)
        return None if key is None else self._things.get(key)

    def rivals(self, value: Any) -> list[T]:
        """The things that share an id, empty unless there are several."""
        key = unify_id(value)
        return [] if key is None else self._rivals.get(key, [])
