"""Image and annotation files on disk: found, stamped and read. Nothing here decodes pixels.

Only regular files are opened, and none is read beyond a limit of bytes: a pipe would wait for ever, a device never end.
"""

from __future__ import annotations

import codecs
import errno
import json
import os
import re
import stat
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from indexer.domain import DEFAULT_MAX_BYTES
from indexer.errors import AnnotationFormatError, ImageReadError, SourceUnavailableError
from indexer.regular_files import open_regular

IMAGE_EXTENSIONS: Final = frozenset(
    ("jpg", "jpeg", "jpe", "jfif", "mpo", "png", "webp", "bmp", "tif", "tiff", "gif", "avif", "jp2", "ppm", "pgm")
)
"""Extensions, in lower case, of files taken for images."""

MISSING: Final = "missing"
"""Stamp of a file that is not there."""
UNREACHABLE: Final = "unreachable"
"""Stamp of an annotation file whose folder is not there or holds no annotation at all. It may be a disk that is not
mounted, so that an image's known objects are kept."""

MAX_ANNOTATION_BYTES: Final = 4 << 30
"""Longest annotation file that is read; the largest public COCO files have 1 to 3 GB."""
_MIN_READ: Final = 1 << 16
_MAX_YAML_BYTES: Final = 4 << 20
_MAX_YAML_ALIASES: Final = 16  # each may repeat what was repeated before: 16 make 2^8 nodes, a hundred fill the memory

_JUNK_FOLDERS: Final = frozenset(
    ("__MACOSX", "@eaDir", "#recycle", "$RECYCLE.BIN", "System Volume Information", "lost+found")
)
"""Folders that systems put among a user's own: copies of what lies beside them, what was deleted, or nothing."""
_MAX_VISITS: Final = 64  # two links in each of thirty folders lead to the last one on 2^30 ways

_NO_SUCH_FILE: Final = frozenset((errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG))
_LINE_END: Final = re.compile(r"\r\n?|\n")
_YamlLoader: Final[Any] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_BYTE_ORDER_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def is_image_name(name: str) -> bool:
    """Whether a file name is that of an image: a known extension, and not hidden."""
    stem, _, extension = name.rpartition(".")
    return extension.lower() in IMAGE_EXTENSIONS and bool(stem) and not stem.startswith(".")


def stamp(facts: os.stat_result) -> str:
    """Modification time and size as one text; changes whenever the content may have changed."""
    return f"{facts.st_mtime_ns}-{facts.st_size}"


def stamp_file(path: str | Path) -> str:
    """Stamp of a file, ``MISSING`` if there is none, or a folder, or its name cannot be that of a file.

    Raises:
        SourceUnavailableError: It cannot be told whether the file is there.
    """
    try:
        facts = os.stat(path)  # noqa: PTH116 - for a million files, a Path costs more than the call
        return MISSING if stat.S_ISDIR(facts.st_mode) else stamp(facts)
    except (OSError, ValueError) as error:
        return _stamp_of_failure(path, error)


def stamp_entry(entry: os.DirEntry[str]) -> str:
    """Stamp of a file that a folder listing found; ``MISSING`` if it is gone by now or a link to nothing.

    Raises:
        SourceUnavailableError: It cannot be told whether the file is there.
    """
    try:
        return stamp(entry.stat())
    except OSError as error:
        return _stamp_of_failure(entry.path, error)


def _stamp_of_failure(path: str | Path, error: OSError | ValueError) -> str:
    """``MISSING`` if the failure says that there is no such file; an error if it says nothing of the kind."""
    if isinstance(error, ValueError) or error.errno in _NO_SUCH_FILE:
        return MISSING
    raise SourceUnavailableError(f"cannot look at {path}: {error.strerror}; check its permissions") from error


def list_folder(folder: str | Path) -> list[os.DirEntry[str]]:
    """List what a folder contains but hidden entries and a system's own, sorted by name; empty if it does not exist.

    Raises:
        SourceUnavailableError: The folder may not be read.
    """
    try:
        with os.scandir(folder) as entries:
            return sorted(filter(is_shown, entries), key=lambda entry: entry.name)
    except ValueError:  # a NUL in its name
        return []
    except OSError as error:
        if error.errno in _NO_SUCH_FILE:
            return []
        raise SourceUnavailableError(f"cannot list {folder}: {error.strerror}; check its permissions") from error


def is_shown(entry: os.DirEntry[str]) -> bool:
    """Whether a listed entry is neither hidden nor a system's own."""
    return not entry.name.startswith(".") and entry.name not in _JUNK_FOLDERS


def is_folder(entry: os.DirEntry[str]) -> bool:
    """Whether a listed entry is a folder or a link to one; not if it is a link to itself."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def is_folder_at(path: str | Path) -> bool:
    """Whether a folder or a link to one is at a path.

    Raises:
        SourceUnavailableError: It cannot be told, as a folder on the way may not be looked into.
    """
    return stat.S_ISDIR(_mode_at(path))


def is_file_at(path: str | Path) -> bool:
    """Whether a regular file or a link to one is at a path.

    Raises:
        SourceUnavailableError: It cannot be told, as a folder on the way may not be looked into.
    """
    return stat.S_ISREG(_mode_at(path))


def _mode_at(path: str | Path) -> int:
    """The mode of what is at a path, 0 if nothing is."""
    try:
        return os.stat(path).st_mode  # noqa: PTH116 - a Path raises other errors
    except (OSError, ValueError) as error:
        _stamp_of_failure(path, error)
        return 0


def list_images(folder: str | Path) -> list[os.DirEntry[str]]:
    """The image files directly in a folder, sorted by name."""
    return [entry for entry in list_folder(folder) if is_image_name(entry.name) and not is_folder(entry)]


def list_subfolders(folder: str | Path) -> list[os.DirEntry[str]]:
    """The folders directly in a folder, sorted by name, links to folders included."""
    return [entry for entry in list_folder(folder) if is_folder(entry)]


def walk_files(
    root: str | Path, *, without: Collection[str] = (), on_unreachable: Callable[[str], None] | None = None
) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Yield every file below ``root`` with the ``/``-separated path of its folder below ``root``.

    Files come before subfolders, each sorted by name. Links to folders are followed, but never back into a folder
    that is being walked.

    Args:
        root: The folder.
        without: Names of folders directly in ``root`` that are left out.
        on_unreachable: Told the path of each folder that is there and cannot be reached, as its path is too long.

    Raises:
        SourceUnavailableError: A folder may not be read or entered, or too many links lead to one folder.
    """
    waiting: list[tuple[str, str, frozenset[tuple[int, int]]]] = [(str(root), "", frozenset())]
    visits: Counter[tuple[int, int]] = Counter()
    while waiting:
        folder, below, above = waiting.pop()
        folders = []
        for entry in list_folder(folder):
            if not is_folder(entry):
                yield below, entry
            elif below or entry.name not in without:
                folders.append(entry)
        if not folders:
            continue
        here = above | identify_folder(folder)
        for entry in reversed(folders):
            identity = identify_folder(entry.path)
            if not identity and on_unreachable is not None:
                on_unreachable(entry.path)
            if not identity <= here:
                count_visit(entry.path, visits, identity)
                waiting.append((entry.path, f"{below}/{entry.name}" if below else entry.name, here))


def count_visit(folder: str, visits: Counter[tuple[int, int]], identity: frozenset[tuple[int, int]]) -> None:
    """Count a visit of a folder that links may lead to again and again.

    Raises:
        SourceUnavailableError: It was visited too often.
    """
    visits.update(identity)
    if any(visits[one] > _MAX_VISITS for one in identity):
        raise SourceUnavailableError(f"more than {_MAX_VISITS} links lead to the folder {folder}; remove some")


def identify_folder(folder: str | Path) -> frozenset[tuple[int, int]]:
    """Device and inode of a folder; nothing if it is gone by now, or its path too long.

    Raises:
        SourceUnavailableError: It may not be looked at.
    """
    try:
        facts = os.stat(folder)  # noqa: PTH116 - as above
    except OSError as error:
        _stamp_of_failure(folder, error)
        return frozenset()
    return frozenset(((facts.st_dev, facts.st_ino),))


def walk_images(root: str | Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Yield every image file below ``root``, as ``walk_files`` does."""
    return ((below, entry) for below, entry in walk_files(root) if is_image_name(entry.name))


def read_file(path: str | Path, *, max_bytes: int) -> bytes:
    """Read a whole regular file.

    Raises:
        OSError: It is missing, unreadable, no regular file, or longer than ``max_bytes``; ``strerror`` says which.
    """
    try:
        with open_regular(path) as file:
            # As many bytes as are asked for are allocated, however short the file is.
            content = file.read(min(max_bytes, max(os.fstat(file.fileno()).st_size, _MIN_READ)) + 1)
    except MemoryError as error:
        raise OSError(0, "it needs more memory than there is") from error
    if len(content) > max_bytes:
        raise OSError(0, f"it is longer than {max_bytes:,} bytes")
    return content


def read_image_file(locator: str, *, max_bytes: int = DEFAULT_MAX_BYTES) -> bytes:
    """Read a whole image file.

    Raises:
        ImageReadError: It is missing, no regular file, too long, or cannot be read.
    """
    try:
        return read_file(locator, max_bytes=max_bytes)
    except OSError as error:
        raise ImageReadError(f"cannot read image {locator}: {error.strerror}") from error


def read_annotation_file(path: str | Path, *, max_bytes: int = MAX_ANNOTATION_BYTES) -> bytes:
    """Read a whole annotation file.

    Raises:
        AnnotationFormatError: It is missing, no regular file, too long, or cannot be read.
    """
    try:
        return read_file(path, max_bytes=max_bytes)
    except OSError as error:
        raise AnnotationFormatError(f"cannot read {path}: {error.strerror}") from error


def peek(path: str | Path, n_bytes: int = 4096) -> str:
    """The beginning of a text file, for telling formats apart; empty if it cannot be read as one."""
    try:
        with open_regular(path) as file:
            head = file.read(n_bytes)
    except OSError:
        return ""
    return head.decode(encoding_of(head), "replace").removeprefix("\ufeff")


def peek_ends(path: str | Path, n_bytes: int) -> tuple[str, str]:
    """The beginning and the end of a text file; the end is empty if the beginning is all, both if it cannot be read.

    Args:
        path: The file.
        n_bytes: How long each is; divisible by 4.
    """
    try:
        with open_regular(path) as file:
            head, size = file.read(n_bytes), os.fstat(file.fileno()).st_size
            # Whole characters are passed over, in UTF-16 and UTF-32 too.
            file.seek(max(n_bytes, (size - n_bytes) // 4 * 4))
            tail = file.read(n_bytes + 4) if len(head) == n_bytes else b""
    except OSError:
        return "", ""
    encoding = encoding_of(head)
    return head.decode(encoding, "replace").removeprefix("\ufeff"), tail.decode(encoding, "replace")


def encoding_of(head: bytes) -> str:
    r"""The Unicode encoding that a byte order mark or the zeros of ASCII characters tell; UTF-8 if neither does.

    Decoding by it keeps the mark as ``\ufeff``, so that the text encodes to the same bytes again.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return encoding
    detected = json.detect_encoding(head[:4]) if head else "utf-8"
    return "utf-8" if detected == "utf-8-sig" else detected


def read_text(path: str | Path, *, max_bytes: int = MAX_ANNOTATION_BYTES) -> str:
    """Read a text file in UTF-8, or in UTF-16 or UTF-32 as its first bytes tell.

    Raises:
        AnnotationFormatError: It cannot be read, is too long, or is not text.
    """
    content = read_annotation_file(path, max_bytes=max_bytes)
    try:
        return content.decode(encoding_of(content[:16])).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise AnnotationFormatError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8") from error


def split_lines(text: str) -> list[str]:
    """The lines of a text; names may hold what Unicode calls the end of a line, such as U+0085."""
    return _LINE_END.split(text)


def read_json(path: str | Path) -> Any:
    """Read a JSON file.

    Raises:
        AnnotationFormatError: It cannot be read or is no JSON; the message says where it breaks.
    """
    try:
        return parse_json(read_text(path))
    except json.JSONDecodeError as error:
        message = f"{path} is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        raise AnnotationFormatError(f"{message}; restore or export it again") from error
    except RecursionError as error:
        raise AnnotationFormatError(f"{path} is nested too deep to be read; export it again") from error
    except MemoryError as error:
        raise AnnotationFormatError(f"{path} needs more memory than there is; split it") from error


def parse_json(text: str) -> Any:
    """The value of a JSON text; an integer of thousands of digits becomes infinite, as 1e400 does.

    Raises:
        JSONDecodeError, RecursionError: It is no JSON, or nested too deep.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except ValueError:  # Python refuses integers of more than 4,300 digits
        return json.loads(text, parse_int=parse_long_int)


def parse_long_int(digits: str) -> int | float:
    """The integer that digits stand for, or infinity if there are thousands of them."""
    try:
        return int(digits)
    except ValueError:
        return float(digits)


def read_yaml(path: str | Path) -> Any:
    """Read a YAML file as mappings, lists and texts: ``yes``, ``1.10`` and ``null`` stay what the file says.

    Raises:
        AnnotationFormatError: It cannot be read, is no YAML, or repeats itself by aliases too often.
    """
    content = read_annotation_file(path, max_bytes=_MAX_YAML_BYTES)
    try:
        text = content.decode(encoding_of(content[:16])).removeprefix("\ufeff")
        aliases = sum(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=_YamlLoader))
        if aliases > _MAX_YAML_ALIASES:
            raise AnnotationFormatError(f"{path} has {aliases} aliases (*name); write out what they stand for")
        return yaml.load(text, Loader=_YamlLoader)  # noqa: S506 - it makes mappings, lists and texts only
    except UnicodeDecodeError as error:
        raise AnnotationFormatError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    except (yaml.YAMLError, ValueError, TypeError) as error:  # TypeError: a mapping used as a key
        raise AnnotationFormatError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from error
    except (RecursionError, MemoryError) as error:
        raise AnnotationFormatError(f"{path} is nested too deep to be read; write it anew") from error
