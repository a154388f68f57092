"""Files that change as a whole: whoever reads one finds the old content or the new, whatever was killed in between."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4


@contextlib.contextmanager
def replace_file(path: Path) -> Iterator[Path]:
    """Give a path beside ``path`` to write to; what lies there in the end takes the place of ``path``, safe on disk.

    Permissions stay, a link stays a link, and a failure leaves ``path`` as it was and nothing beside it.

    Args:
        path: The file, in a folder that exists.

    Raises:
        OSError: The file cannot be written.
    """
    path = path.resolve()
    # The name is short, since that of the file may be as long as names can be, and no two writers share it.
    partial = path.with_name(f".{uuid4().hex}.partial")
    try:
        yield partial
        with partial.open("r+b") as file:
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, partial)
        partial.replace(path)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


def write_atomically(path: Path, data: bytes) -> None:
    """Give a file other content; see ``replace_file``.

    Raises:
        OSError: The file cannot be written.
    """
    with replace_file(path) as partial:
        partial.write_bytes(data)
