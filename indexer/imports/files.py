"""Foreign files, opened and read within limits: no pipe that never ends, no JSON that fills the memory."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, BinaryIO, Final

from indexer.errors import AnnotationFormatError, SourceUnavailableError
from indexer.regular_files import open_regular

_MAX_JSON_BYTES: Final = 2**31


def open_to_import(path: Path) -> BinaryIO:
    """Open a file for reading; a pipe or device is refused without waiting for it.

    Raises:
        SourceUnavailableError: It is missing, may not be read, or is not a file.
    """
    try:
        return open_regular(path)
    except OSError as error:
        raise SourceUnavailableError(f"cannot read '{path}': {error.strerror or error}") from error


def read_json_object(path: Path, *, max_values: int, max_bytes: int = _MAX_JSON_BYTES) -> dict[str, Any]:
    """Read a JSON object.

    Args:
        path: The file.
        max_values: How many values it may hold; as many commas and brackets are taken, also those in texts.
        max_bytes: How large the file may be.

    Raises:
        SourceUnavailableError: It is missing, may not be read, or is not a file.
        AnnotationFormatError: It is no JSON object, or larger than the limits.
    """
    with open_to_import(path) as file:
        n_bytes = os.fstat(file.fileno()).st_size
        data = file.read(max_bytes + 1) if n_bytes <= max_bytes else b""
    if n_bytes > max_bytes or len(data) > max_bytes:
        raise AnnotationFormatError(f"'{path}' has {n_bytes:,} bytes, more than the {max_bytes:,} it may have")
    if sum(data.count(sign) for sign in (b",", b"[", b"{")) > max_values:
        raise AnnotationFormatError(f"'{path}' holds far more values than its embeddings need; export it again")
    try:
        content = json.loads(data)
    except RecursionError as error:
        raise AnnotationFormatError(f"'{path}' is nested too deep for an embeddings folder; export it again") from error
    except ValueError as error:
        raise AnnotationFormatError(f"'{path}' is no JSON: {error}") from error
    except MemoryError as error:
        raise AnnotationFormatError(f"'{path}' does not fit into the memory; import a part of it") from error
    if not isinstance(content, dict):
        raise AnnotationFormatError(f"'{path}' holds a {type(content).__name__} instead of a JSON object")
    return content
