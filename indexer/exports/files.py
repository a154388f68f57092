"""The files of an export: they appear whole or not at all, and take the place of an earlier export only."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from indexer.atomic_files import PartialFile, locked_folder, remove_abandoned
from indexer.errors import ExportError, InvalidOptionsError
from lookalike.visible_text import escape_halves

_DISK_TROUBLE: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS})
_PEEK_BYTES: Final = 4096


@contextlib.contextmanager
def replaced_files(
    folder: Path, *names: str, is_earlier: Callable[[Path], bool], obsolete: str | None = None
) -> Iterator[Mapping[str, Path]]:
    """Give paths to write to that become the files of an export when all of them have been written.

    A reader never finds new files beside old ones: of several, the last one is taken away first and comes last. A
    failure leaves everything as it was, and what an earlier, killed export left behind is removed.

    Args:
        folder: Where the files go; made if need be.
        names: Their names; the last is the one that readers need most.
        is_earlier: Whether the file at a path, one of ``names``, was written by an earlier export.
        obsolete: Pattern of files of an earlier export that have no place beside the new ones.

    Raises:
        InvalidOptionsError: The folder takes no files, or one of the files is something else than an earlier export.
        ExportError: The disk is full or broken.
    """
    try:
        _make_folder(folder)
        for name in names:
            _check_replaceable(folder / name, is_earlier)
        remove_abandoned(folder)
        with contextlib.ExitStack() as stack:
            partials = {name: stack.enter_context(PartialFile(folder / name)) for name in names}
            yield {name: partial.path for name, partial in partials.items()}
            _put_in_place(folder, partials, obsolete)
    except OSError as error:
        raise _to_error(folder, error) from error


@contextlib.contextmanager
def replaced_file(path: Path, *, is_earlier: Callable[[Path], bool]) -> Iterator[Path]:
    """Give a path to write to that becomes ``path`` when all has been written; see ``replaced_files``.

    Raises:
        InvalidOptionsError, ExportError: The file cannot be written.
    """
    with replaced_files(path.parent, path.name, is_earlier=is_earlier) as partials:
        yield partials[path.name]


def to_json(content: Any) -> bytes:
    """JSON in UTF-8; halves of characters, as in file names that are not UTF-8, stay what they are as an escape."""
    return escape_halves(json.dumps(content, ensure_ascii=False)).encode()


def read_head(path: Path) -> bytes:
    """The first bytes of a file."""
    with path.open("rb") as file:
        return file.read(_PEEK_BYTES)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise InvalidOptionsError(f"cannot write into '{folder}': it is not a folder; choose another") from None


def _check_replaceable(path: Path, is_earlier: Callable[[Path], bool]) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISREG(mode):
        kind = "a link" if stat.S_ISLNK(mode) else "a folder" if stat.S_ISDIR(mode) else "a device or a pipe"
        raise InvalidOptionsError(f"cannot write '{path}': it is {kind}, not a file; choose another folder")
    if not mode & 0o222:
        raise InvalidOptionsError(f"cannot write '{path}': it is read-only; choose another folder")
    if not is_earlier(path):
        raise InvalidOptionsError(
            f"cannot write '{path}': it is not an earlier export and would be lost; choose another folder, or move it"
        )


def _put_in_place(folder: Path, partials: Mapping[str, PartialFile], obsolete: str | None) -> None:
    for partial in partials.values():
        partial.finish()
    *_, record = partials
    with locked_folder(folder):
        if len(partials) > 1:
            (folder / record).unlink(missing_ok=True)
        for path in folder.glob(obsolete) if obsolete else ():
            if path.name not in partials and not path.is_dir():
                path.unlink()
        for partial in partials.values():
            partial.replace()


def _to_error(folder: Path, error: OSError) -> InvalidOptionsError | ExportError:
    if error.errno in _DISK_TROUBLE:
        reason = os.strerror(error.errno)
        return ExportError(f"cannot write into '{folder}': {reason}; make room, or export to another disk")
    reason = error.strerror or " ".join(str(error).split())
    return InvalidOptionsError(f"cannot write into '{folder}': {reason}; choose another folder")
