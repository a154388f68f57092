"""Folders that clients may name, and nothing outside of them: not even whether it exists."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from indexer.payload import PayloadField
from lookalike.errors import OutsideRootsError

_PLACES: Final = frozenset((PayloadField.IMAGE_LOCATOR.value, PayloadField.SOURCE_KEY.value, "path", "target"))
"""Fields of points and of the review log whose values the server opens as paths."""


def require_inside(path: str, roots: Sequence[Path], own: Sequence[Path] = ()) -> None:
    """Refuse a path that lies in none of some folders, also by ``..`` or by a link that leads out of them.

    A path that is written as one outside is refused before the machine is asked about it. So the answer is the same,
    after the same time, whether anything is there or not.

    Args:
        path: As the client says it.
        roots: Folders, without links in their paths.
        own: Further ones, which the message need not name.

    Raises:
        OutsideRootsError: It lies outside. The message is the same for all such paths.
    """
    known = (*roots, *own)
    written = None if "\0" in path else Path(os.path.abspath(os.path.expanduser(path)))  # noqa: PTH100, PTH111 - see above
    if written is not None and _is_inside(written, known) and _is_inside(Path(os.path.realpath(written)), known):
        return
    raise OutsideRootsError(str(root) for root in roots)


def names_place(text: str) -> bool:
    """Whether a text that may be a path or a name would be opened as a path."""
    if "\0" in text or text.startswith((".", "~")) or os.path.isabs(text):  # noqa: PTH117 - a name is no Path
        return True
    return os.path.exists(text)  # noqa: PTH110


def find_places(documents: Iterable[Any]) -> set[str]:
    """The paths that points or events of the review log name; of pictures, their folders."""
    return {
        os.path.dirname(text) if name == PayloadField.IMAGE_LOCATOR else text  # noqa: PTH120
        for name, text in _texts(documents)
        if name in _PLACES and names_place(text)
    }


def _texts(documents: Iterable[Any]) -> Iterator[tuple[str, str]]:
    """Name and value of every text in JSON documents, however deep it is."""
    waiting = list(documents)
    while waiting:
        document = waiting.pop()
        if isinstance(document, Mapping):
            yield from ((name, value) for name, value in document.items() if isinstance(value, str))
            waiting += document.values()
        elif isinstance(document, list | tuple):
            waiting += document


def _is_inside(path: Path, roots: Sequence[Path]) -> bool:
    return any(path.is_relative_to(root) for root in roots)
