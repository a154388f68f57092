"""A file that appears whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from uuid import uuid4

from lookalike.errors import InvalidOptionsError


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """Give a file to write to that becomes ``path`` when all has been written; its folder is made if need be.

    Raises:
        InvalidOptionsError: It cannot be written.
    """
    partial = path.with_name(f".{uuid4().hex}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("xb") as file:
            yield file
        partial.replace(path)
    except OSError as error:
        raise InvalidOptionsError(f"cannot write '{path}': {error.strerror or error}; choose another folder") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
