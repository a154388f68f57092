"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from indexer.errors import InvalidOptionsError


@contextlib.contextmanager
def replaced_file(path: Path) -> Iterator[Path]:
    """Give a path beside ``path`` to write to, and rename it to ``path`` when all has been written.

    Raises:
        InvalidOptionsError: The file cannot be written.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        partial.replace(path)
    except OSError as error:
        raise InvalidOptionsError(f"cannot write '{path}': {error.strerror or error}; choose another folder") from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


def write_json(path: Path, content: Any) -> None:
    """Write ``content`` as JSON in UTF-8.

    Raises:
        InvalidOptionsError: The file cannot be written.
    """
    with replaced_file(path) as partial:
        partial.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
