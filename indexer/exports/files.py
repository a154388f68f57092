"""The files of an export: each appears whole or not at all, and a disk that takes none is the user's to change."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from indexer.atomic_files import replace_file
from indexer.errors import InvalidOptionsError


@contextlib.contextmanager
def replaced_file(path: Path) -> Iterator[Path]:
    """Give a path to write to that becomes ``path`` when all has been written; see ``indexer.atomic_files``.

    Raises:
        InvalidOptionsError: The file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replace_file(path) as partial:
            yield partial
    except OSError as error:
        raise InvalidOptionsError(f"cannot write '{path}': {error.strerror or error}; choose another folder") from error


def write_json(path: Path, content: Any) -> None:
    """Write ``content`` as JSON in UTF-8.

    Raises:
        InvalidOptionsError: The file cannot be written.
    """
    with replaced_file(path) as partial:
        partial.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
