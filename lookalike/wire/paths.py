"""Paths as text. On most systems a name is bytes, which JSON cannot hold if they are not UTF-8."""

from __future__ import annotations

import os
from typing import Annotated, Any, Final
from urllib.parse import quote, unquote_to_bytes

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer

_SCHEME: Final = "file://"


def to_wire(path: Any) -> Any:
    """A path as it travels: itself, or a ``file://`` address if it has bytes that are not UTF-8."""
    if not isinstance(path, str | os.PathLike):
        return path
    text = os.fspath(path)
    try:
        text.encode()
    except UnicodeEncodeError:
        return _SCHEME + quote(os.fsencode(text))
    return text


def from_wire(text: str) -> str:
    """A path as ``os`` takes it, with such bytes as lone surrogates."""
    return os.fsdecode(unquote_to_bytes(text.removeprefix(_SCHEME))) if text.startswith(_SCHEME) else text


AnyPath = Annotated[str, BeforeValidator(to_wire), AfterValidator(from_wire), PlainSerializer(to_wire, return_type=str)]
"""A path; where it is not UTF-8, it travels as a ``file://`` address."""
ServerPath = Annotated[
    str,
    Field(min_length=1, max_length=4096, description="path on the server's machine, or its file:// address"),
    BeforeValidator(to_wire),
    AfterValidator(from_wire),
    PlainSerializer(to_wire, return_type=str),
]
"""A path of a request."""
