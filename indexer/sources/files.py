"""Image and annotation files on disk: found, stamped and read. Nothing here decodes pixels."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from indexer.errors import AnnotationFormatError, ImageReadError, SourceUnavailableError

IMAGE_EXTENSIONS: Final = frozenset(
    ("jpg", "jpeg", "jpe", "jfif", "mpo", "png", "webp", "bmp", "tif", "tiff", "gif", "avif", "jp2", "ppm", "pgm")
)
"""Extensions, in lower case, of files taken for images."""

MISSING: Final = "missing"
"""Stamp of a file that is not there."""


def is_image_name(name: str) -> bool:
    """Whether a file name is that of an image: a known extension, and not hidden."""
    stem, _, extension = name.rpartition(".")
    return extension.lower() in IMAGE_EXTENSIONS and bool(stem) and not stem.startswith(".")


def stamp(facts: os.stat_result) -> str:
    """Modification time and size as one text; changes whenever the content may have changed."""
    return f"{facts.st_mtime_ns}-{facts.st_size}"


def stamp_file(path: str | Path) -> str:
    """Stamp of a file, ``MISSING`` where there is none."""
    try:
        return stamp(os.stat(path))  # noqa: PTH116 - for a million files, a Path costs more than the call
    except (FileNotFoundError, NotADirectoryError):
        return MISSING


def stamp_entry(entry: os.DirEntry[str]) -> str:
    """Stamp of a file that a folder listing found; ``MISSING`` if it is gone by now or a link to nothing."""
    try:
        return stamp(entry.stat())
    except FileNotFoundError:
        return MISSING


def list_folder(folder: str | Path) -> list[os.DirEntry[str]]:
    """What a folder contains but hidden entries, sorted by name; empty for a folder that does not exist.

    Raises:
        SourceUnavailableError: The folder may not be read.
    """
    try:
        with os.scandir(folder) as entries:
            return sorted((entry for entry in entries if not entry.name.startswith(".")), key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise SourceUnavailableError(f"cannot list {folder}: {error.strerror}; check its permissions") from error


def list_images(folder: str | Path) -> list[os.DirEntry[str]]:
    """The image files directly in a folder, sorted by name."""
    return [entry for entry in list_folder(folder) if is_image_name(entry.name) and not entry.is_dir()]


def list_subfolders(folder: str | Path) -> list[os.DirEntry[str]]:
    """The folders directly in a folder, sorted by name, links to folders included."""
    return [entry for entry in list_folder(folder) if entry.is_dir()]


def walk_images(root: str | Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Yield every image file below ``root`` with the ``/``-separated path of its folder below ``root``.

    Files come before subfolders, each sorted by name. Links to folders are followed, but never back into a folder
    that is being walked.
    """
    yield from _walk(str(root), "", frozenset())


def _walk(folder: str, below: str, above: frozenset[tuple[int, int]]) -> Iterator[tuple[str, os.DirEntry[str]]]:
    folders = []
    for entry in list_folder(folder):
        if entry.is_dir():
            folders.append(entry)
        elif is_image_name(entry.name):
            yield below, entry
    if not folders:
        return
    facts = Path(folder).stat()
    here = above | {(facts.st_dev, facts.st_ino)}
    for entry in folders:
        target = entry.stat()
        if (target.st_dev, target.st_ino) not in here:
            yield from _walk(entry.path, f"{below}/{entry.name}" if below else entry.name, here)


def read_image_file(locator: str) -> bytes:
    """Read a whole image file.

    Raises:
        ImageReadError: It is missing or cannot be read.
    """
    try:
        return Path(locator).read_bytes()
    except OSError as error:
        raise ImageReadError(f"cannot read image {locator}: {error.strerror}") from error


def read_text(path: str | Path) -> str:
    """Read a text file as UTF-8, with or without a byte order mark.

    Raises:
        AnnotationFormatError: It cannot be read, or is not text.
    """
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise AnnotationFormatError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise AnnotationFormatError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8") from error


def read_json(path: str | Path) -> Any:
    """Read a JSON file.

    Raises:
        AnnotationFormatError: It cannot be read or is no JSON; the message says where it breaks.
    """
    try:
        return json.loads(read_text(path))
    except json.JSONDecodeError as error:
        message = f"{path} is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        raise AnnotationFormatError(f"{message}; restore or export it again") from error
