"""Zip archives that clients send: unpacked within one folder and within bounds, or not at all."""

from __future__ import annotations

import hashlib
import re
import shutil
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final
from uuid import uuid4

from indexer.errors import InvalidOptionsError
from lookalike.visible_text import show_controls

MAX_FILES: Final = 50_000
MAX_BYTES: Final = 4 * 2**30
"""Of all unpacked files together; they may be damaged and are read as images later, by the rule for sources."""
_MAX_DIRECTORY_BYTES: Final = 16 * 2**20
_MAX_NAME_CHARS: Final = 500
_MAX_DEPTH: Final = 20
_CHUNK_BYTES: Final = 2**20
_SHOWN_CHARS: Final = 80
_END: Final = struct.Struct("<4s4H2LH")
_END_MARK: Final = b"PK\5\6"
_END64_MARK: Final = b"PK\6\7"
_END64_BYTES: Final = 20
_MAX_COMMENT: Final = 2**16
_PLAIN: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED: Final = 1
_UNREADABLE: Final = (
    *(zipfile.BadZipFile, zlib.error, struct.error),
    *(EOFError, ValueError, OverflowError, NotImplementedError, RuntimeError),
)
"""Errors of the zip reader about an archive that is damaged, or made to look so."""
_LITTER: Final = ("__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini")
_FORBIDDEN: Final = re.compile(r'[\x00-\x1f<>:"|?*\\]|[. ]$')
"""No name has these on every system."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """An archive on disk.

    Attributes:
        folder: Where it is; the archive's only folder, if it holds nothing beside it.
        n_files: How many files it has.
        n_bytes: Their sizes together.
    """

    folder: Path
    n_files: int
    n_bytes: int


def unpack_archive(file: IO[bytes], name: str, parent: Path) -> Unpacked:
    """Unpack a zip archive into a folder named after it and its content; one that is there already is kept.

    Args:
        file: The archive, seekable.
        name: What the client calls it.
        parent: Where the folder is made. Nothing is written elsewhere.

    Raises:
        InvalidOptionsError: It is no zip archive, damaged, too large, or has a name that leads elsewhere; nothing is
            kept of it.
    """
    shown = show_controls(PurePosixPath(name.replace("\\", "/")).name[:_SHOWN_CHARS]) or "the upload"
    folder = parent / f"{_stem_of(shown)}-{_digest_of(file)}"
    with _refusing(shown):
        _require_small_directory(file)
        with zipfile.ZipFile(file) as archive:
            members = _check_members(archive)
            if not folder.is_dir():
                _unpack_aside(archive, members, folder)
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return Unpacked(_root_of(folder), len(sizes), sum(sizes))


@contextmanager
def _refusing(shown: str) -> Iterator[None]:
    """Say which archive is refused, and translate what the zip reader raises."""
    try:
        yield
    except _ArchiveFault as fault:
        raise InvalidOptionsError(f"archive '{shown}' is refused: {fault}") from None
    except _UNREADABLE as error:
        raise InvalidOptionsError(
            f"'{shown}' cannot be read as a zip archive ({error}); make it again and send it whole"
        ) from error
    except OSError as error:
        raise InvalidOptionsError(f"archive '{shown}' cannot be stored: {error.strerror or error}") from error


class _ArchiveFault(Exception):  # noqa: N818 - a reason, completed to an error by the caller
    """Why an archive is refused, as the end of a sentence."""


def _stem_of(shown: str) -> str:
    """A short folder name that says what was sent."""
    stem = re.sub(r"[^A-Za-z0-9_.-]+", "-", shown.removesuffix(".zip")).strip("-.")
    return stem[:40] or "upload"


def _digest_of(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()[:12]


def _require_small_directory(file: IO[bytes]) -> None:
    """Refuse a table of contents that would not fit into memory; the zip reader takes it whole."""
    size = file.seek(0, 2)
    start = max(0, size - _END.size - _MAX_COMMENT - _END64_BYTES)
    file.seek(start)
    tail = file.read()
    place = tail.rfind(_END_MARK)
    if place < 0 or place + _END.size > len(tail):
        raise _ArchiveFault("it is no zip archive; send a .zip file")
    _, _, _, _, n_files, directory_bytes, *_ = _END.unpack_from(tail, place)
    is_large = tail[max(0, place - _END64_BYTES) : place].startswith(_END64_MARK)
    if is_large or n_files > MAX_FILES or directory_bytes > _MAX_DIRECTORY_BYTES:
        raise _ArchiveFault(f"it has more than {MAX_FILES:,} files; index a folder on the server's machine instead")


def _check_members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files to unpack.

    Raises:
        _ArchiveFault: One of them is not fit.
    """
    members = [info for info in archive.infolist() if not info.is_dir() and not _is_litter(info.filename)]
    if not members:
        raise _ArchiveFault("it holds no file")
    names: set[str] = set()
    for info in members:
        _check_name(info.filename)
        _check_kind(info)
        if info.filename.casefold() in names:
            raise _ArchiveFault(f"it has '{_show(info.filename)}' twice")
        names.add(info.filename.casefold())
    if (total := sum(info.file_size for info in members)) > MAX_BYTES:
        raise _ArchiveFault(_too_large(total))
    return members


def _check_name(name: str) -> None:
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", name):
        raise _ArchiveFault(f"'{_show(name)}' leads out of its folder")
    if any(not part or part == "." or _FORBIDDEN.search(part) for part in parts):
        raise _ArchiveFault(f"'{_show(name)}' is no file name that every system takes")
    if len(name) > _MAX_NAME_CHARS or len(parts) > _MAX_DEPTH:
        raise _ArchiveFault(f"the name '{_show(name)}' is too long or too deep")


def _check_kind(info: zipfile.ZipInfo) -> None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise _ArchiveFault(f"'{_show(info.filename)}' is a link or device; put the files themselves into it")
    if info.flag_bits & _ENCRYPTED:
        raise _ArchiveFault(f"'{_show(info.filename)}' has a password; make an archive without one")
    if info.compress_type not in _PLAIN:
        raise _ArchiveFault(f"'{_show(info.filename)}' is compressed in an unusual way; use plain zip")


def _unpack_aside(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], folder: Path) -> None:
    """Unpack beside the folder and rename, so that it is there whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = folder.with_name(f".{folder.name}.{uuid4().hex[:8]}")
    try:
        room = MAX_BYTES
        for info in members:
            room -= _unpack_member(archive, info, partial / info.filename, room)
        with suppress(FileExistsError):  # somebody sent the same at the same time
            partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _unpack_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path, room: int) -> int:
    """Write one file of at most ``room`` bytes, whatever size the archive claims; returns its size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    n_written = 0
    with archive.open(info) as source, path.open("xb") as target:
        while chunk := source.read(_CHUNK_BYTES):
            n_written += len(chunk)
            if n_written > room:
                raise _ArchiveFault(_too_large(None))
            target.write(chunk)
    return n_written


def _root_of(folder: Path) -> Path:
    """The folder, or the only one in it: people pack a folder as often as its content."""
    inside = list(folder.iterdir())
    return inside[0] if len(inside) == 1 and inside[0].is_dir() else folder


def _is_litter(name: str) -> bool:
    """Whether a file is one that systems leave in archives by themselves."""
    return any(part in _LITTER for part in name.split("/"))


def _too_large(total: int | None) -> str:
    much = "" if total is None else f" ({total / 2**30:.1f} GB)"
    return f"its files are larger than {MAX_BYTES // 2**30} GB together{much}; index a folder instead"


def _show(name: str) -> str:
    return show_controls(name[:_SHOWN_CHARS])
