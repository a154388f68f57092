"""Archives of this machine, to be sent to a server."""

from __future__ import annotations

import os
from pathlib import Path

from lookalike.errors import InvalidOptionsError


def read_archive(archive: str | os.PathLike[str]) -> tuple[str, bytes]:
    """The name and the bytes of an archive.

    Raises:
        InvalidOptionsError: It cannot be read.
    """
    path = Path(archive)
    try:
        if path.exists() and not path.is_file():  # a pipe would never end
            raise InvalidOptionsError(f"archive {path} is no file; name a zip archive")
        return path.name, path.read_bytes()
    except (OSError, ValueError) as error:
        raise InvalidOptionsError(
            f"archive {path} cannot be read: {getattr(error, 'strerror', None) or error}"
        ) from error
