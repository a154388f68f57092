"""Faults of values in plain words. They come from pydantic, whose own words are for programmers; it is not imported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

_LONGEST_SHOWN: Final = 60
_EXACT: Final = 2**53
_ITSELF: Final = "Value error, "
"""Pydantic writes this before what a check of ours says."""

_KINDS: Final = {
    "int": "a whole number",
    "float": "a number",
    "finite": "a finite number",
    "bool": "true or false",
    "string": "a text",
    "list": "a list",
    "dict": "an object",
    "model": "an object",
    "date": "a time; use one such as 2026-01-31T12:00:00",
    "datetime": "a time; use one such as 2026-01-31T12:00:00",
    "timezone": "a time with its zone; use one such as 2026-01-31T12:00:00Z",
}
"""Kinds that a value should have, by the first word of the fault's type."""


def describe_faults(faults: list[Any]) -> str:
    """Describe the first fault of a request: where it is and what is wrong there."""
    parts = list(faults[0]["loc"])
    while parts and isinstance(parts[-1], int):  # an item of a list, which the words name
        parts.pop()
    where = ".".join(str(part) for part in parts)
    return f"{where}: {describe_fault(faults[0])}" if where else describe_fault(faults[0])


def describe_fault(fault: Mapping[str, Any]) -> str:
    """Describe one fault without its place.

    Args:
        fault: An item of ``ValidationError.errors()``.
    """
    kind, limits = fault["type"], fault.get("ctx", {})
    if kind in _WORDS:
        return _WORDS[kind](fault.get("input"), limits)
    if kind == "value_error":
        return str(fault["msg"]).removeprefix(_ITSELF).removesuffix(".")
    wanted = _KINDS.get(kind.partition("_")[0])
    return str(fault["msg"]) if wanted is None else f"{_show(fault.get('input'))} is not {wanted}"


def _show(value: Any) -> str:
    """A value as a message names it; only short ones."""
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return text if isinstance(value, str | int | float) and len(text) <= _LONGEST_SHOWN else "it"


def _show_number(value: Any) -> str:
    """A number as people write it: without a point if it is whole."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        value = int(value)
    return f"{value:,}" if isinstance(value, int) else _show(value).strip("'")


def _describe_small(value: Any, limits: Mapping[str, Any], name: str, least: str) -> str:
    return f"{_show_number(value)} is too small; use {least} {_show_number(limits[name])}"


def _describe_large(value: Any, limits: Mapping[str, Any], name: str, most: str) -> str:
    if str(value).lower() == "nan":
        return "nan is not a finite number"
    return f"{_show_number(value)} is too large; use {most} {_show_number(limits[name])}"


def _count_items(value: Any, limits: Mapping[str, Any]) -> int | None:
    """The length of a value; None for one that has none, such as a generator."""
    return limits.get("actual_length") or (len(value) if hasattr(value, "__len__") else None)


def _describe_short(value: Any, limits: Mapping[str, Any], what: str) -> str:
    n_there = _count_items(value, limits)
    return f"it has {n_there:,} {what}; at least {limits['min_length']:,} are needed" if n_there else "it is empty"


def _describe_long(value: Any, limits: Mapping[str, Any], what: str) -> str:
    n_there = _count_items(value, limits)
    told = f"too many {what}" if n_there is None else f"{n_there:,} {what}"
    return f"it has {told}; at most {limits['max_length']:,} are taken"


def _describe_choice(value: Any, limits: Mapping[str, Any], name: str) -> str:
    return f"{_show(value)} is not one of {str(limits[name]).replace(chr(39), '').replace(' or ', ', ')}"


def _describe_tag(limits: Mapping[str, Any]) -> str:
    field = str(limits["discriminator"]).strip("'")
    return f"{field} {_describe_choice(limits['tag'], limits, 'expected_tags')}"


_WORDS: Final[Mapping[str, Callable[[Any, Mapping[str, Any]], str]]] = {
    "missing": lambda _value, _limits: "it is missing",
    "extra_forbidden": lambda _value, _limits: "there is no such field",
    "greater_than_equal": lambda value, limits: _describe_small(value, limits, "ge", "at least"),
    "greater_than": lambda value, limits: _describe_small(value, limits, "gt", "more than"),
    "less_than_equal": lambda value, limits: _describe_large(value, limits, "le", "at most"),
    "less_than": lambda value, limits: _describe_large(value, limits, "lt", "less than"),
    "json_invalid": lambda _value, _limits: "it is not valid JSON",
    "int_parsing_size": lambda _value, _limits: "it is too large",
    "string_too_short": lambda value, limits: _describe_short(value, limits, "characters"),
    "string_too_long": lambda value, limits: _describe_long(value, limits, "characters"),
    "too_short": lambda value, limits: _describe_short(value, limits, "entries"),
    "too_long": lambda value, limits: _describe_long(value, limits, "entries"),
    "string_pattern_mismatch": lambda value, _limits: f"{_show(value)} has another form than expected",
    "string_unicode": lambda _value, _limits: "it is not valid Unicode",
    "literal_error": lambda value, limits: _describe_choice(value, limits, "expected"),
    "enum": lambda value, limits: _describe_choice(value, limits, "expected"),
    "union_tag_invalid": lambda _value, limits: _describe_tag(limits),
    "union_tag_not_found": lambda _value, limits: f"{limits['discriminator']} is missing".replace("'", ""),
}
