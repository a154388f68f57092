"""A JSON document in which single values are replaced while every other byte stays as it is."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final, NamedTuple

from indexer.errors import AnnotationFormatError
from indexer.reviews.writers.file_changes import FileEdit
from indexer.sources.files import encoding_of, parse_json, parse_long_int, read_annotation_file

_DECODER: Final = json.JSONDecoder()
_PATIENT_DECODER: Final = json.JSONDecoder(parse_int=parse_long_int)
_BLANKS: Final = re.compile(r"[ \t\r\n]*")


class Span(NamedTuple):
    """Where a value stands: ``text[start:end]``."""

    start: int
    end: int


class JsonText:
    """The text of a JSON document with the changes to make in it.

    Args:
        path: The file, in UTF-8, UTF-16 or UTF-32, with or without a byte order mark.

    Attributes:
        path: The file.
        root: Where the outermost value stands.

    Raises:
        AnnotationFormatError: The file cannot be read, or is not JSON.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._data = read_annotation_file(path)
        self._encoding = encoding_of(self._data[:4])
        self._changes: dict[Span, str] = {}
        try:
            self._text = self._data.decode(self._encoding)
            self.root = self._span(1 if self._text.startswith("\ufeff") else 0)
        except ValueError as error:
            raise AnnotationFormatError(f"{path} is not valid JSON ({error}); restore or export it again") from error

    def _span(self, position: int) -> Span:
        """The value that begins at or after ``position``."""
        start = self._skip_blanks(position)
        try:
            return Span(start, _DECODER.raw_decode(self._text, start)[1])
        except json.JSONDecodeError:
            raise
        except ValueError:  # an integer of thousands of digits
            return Span(start, _PATIENT_DECODER.raw_decode(self._text, start)[1])
        except RecursionError as error:
            raise AnnotationFormatError(f"{self.path} is nested too deep to be read; export it again") from error

    def _skip_blanks(self, position: int) -> int:
        found = _BLANKS.match(self._text, position)
        return position if found is None else found.end()

    def value(self, span: Span) -> Any:
        """The value that stands there."""
        return parse_json(self._text[span.start : span.end])

    def members(self, span: Span) -> dict[str, Span]:
        """Where the values of an object stand, by name; empty if it is no object."""
        if self._text[span.start] != "{":
            return {}
        found = {}
        position = self._skip_blanks(span.start + 1)
        while self._text[position] != "}":
            name, colon = _DECODER.raw_decode(self._text, position)
            found[name] = value = self._span(self._skip_blanks(colon) + 1)
            position = self._skip_comma(value.end)
        return found

    def elements(self, span: Span) -> list[Span]:
        """Where the elements of an array stand; empty if it is no array."""
        if self._text[span.start] != "[":
            return []
        found = []
        position = self._skip_blanks(span.start + 1)
        while self._text[position] != "]":
            found.append(self._span(position))
            position = self._skip_comma(found[-1].end)
        return found

    def _skip_comma(self, position: int) -> int:
        position = self._skip_blanks(position)
        return self._skip_blanks(position + 1) if self._text[position] == "," else position

    def replace(self, span: Span, value: Any) -> None:
        """Put another value there; a later call for the same place wins."""
        self._changes[span] = self._dump(value)

    def append_copy(self, array: Span, template: Span, changes: dict[str, Any]) -> None:
        """Add to an array a copy of one of its objects in which some members that it has are changed.

        It follows the last element after the same blanks that precede the template, so that it looks like the others.
        """
        members = self.members(template)
        replaced = {members[name]: self._dump(value) for name, value in changes.items() if name in members}
        last = self.elements(array)[-1]
        before = self._text[array.start + 1 : template.start]
        blanks = before[len(before.rstrip(" \t\r\n")) :]
        place = Span(last.end, last.end)
        self._changes[place] = f"{self._changes.get(place, '')},{blanks}{self._rewrite(template, replaced)}"

    def _dump(self, value: Any) -> str:
        return json.dumps(value, ensure_ascii=self._text.isascii())

    def _rewrite(self, within: Span, changes: dict[Span, str]) -> str:
        parts, position = [], within.start
        for span in sorted(changes):
            parts += [self._text[position : span.start], changes[span]]
            position = span.end
        return "".join([*parts, self._text[position : within.end]])

    @property
    def is_changed(self) -> bool:
        """Whether anything is to be changed."""
        return bool(self._changes)

    def to_edit(self) -> FileEdit:
        """The file with the changes made."""
        after = self._rewrite(Span(0, len(self._text)), self._changes)
        return FileEdit(self.path, self._data, after.encode(self._encoding))
