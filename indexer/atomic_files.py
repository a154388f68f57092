"""Files that change as a whole: a reader finds the old content or the new, whatever was killed in between."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import stat
import sys
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Final, Self

if sys.platform != "win32":
    import fcntl

_PARTIAL_NAME: Final = re.compile(r"\.[0-9a-f]{32}(-[0-9]+)?\.partial")
_MAX_WRITERS: Final = 100


@contextlib.contextmanager
def replace_file(path: Path) -> Iterator[Path]:
    """Give a path beside ``path`` to write to; what lies there in the end takes the place of ``path``, safe on disk.

    Permissions stay, a link stays a link, and a failure leaves ``path`` as it was and nothing beside it. What a killed
    writer left is taken over by the next writer of the same file.

    Args:
        path: The file, in a folder that exists.

    Raises:
        OSError: The file cannot be written, or what lies there is not a file.
    """
    with PartialFile(path) as partial:
        yield partial.path
        partial.finish()
        partial.replace()


def write_atomically(path: Path, data: bytes) -> None:
    """Give a file other content; see ``replace_file``.

    Raises:
        OSError: The file cannot be written.
    """
    with replace_file(path) as partial:
        partial.write_bytes(data)


def remove_abandoned(folder: Path) -> None:
    """Remove what killed writers left in a folder; files that somebody still writes stay."""
    with os.scandir(folder) as entries:
        left = [Path(entry.path) for entry in entries if _PARTIAL_NAME.fullmatch(entry.name)]
    for path in left:
        with contextlib.suppress(OSError):
            descriptor = _lock(path, create=False)
            if descriptor is not None:
                path.unlink(missing_ok=True)
                os.close(descriptor)


@contextlib.contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """Wait until no other process changes several files of a folder at once; a disk without locks makes nobody wait.

    Raises:
        OSError: The folder cannot be opened.
    """
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


class PartialFile:
    """A file beside another that will take its place; entering makes it, leaving removes what was not put there.

    It has a name of its own for each file, and is locked while it is written. So two writers never share one, and a
    file that a killed process left is known by having no lock.

    Attributes:
        path: Where to write.
        target: The file that will be replaced.

    Args:
        path: The file to replace; if it is a link, the file that it leads to.
    """

    def __init__(self, path: Path) -> None:
        self.target = Path(os.path.realpath(path))
        self.path = self.target
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        """Make the file.

        Raises:
            OSError: It cannot be made, or what it would replace is not a file.
        """
        _check_target(self.target)
        # The name is short, since that of the file may be as long as names can be.
        name = blake2b(os.fsencode(self.target.name), digest_size=16).hexdigest()
        for number in range(_MAX_WRITERS):
            self.path = self.target.with_name(f".{name}-{number}.partial" if number else f".{name}.partial")
            self._descriptor = _lock(self.path, create=True)
            if self._descriptor is not None:
                return self
        raise OSError(errno.EBUSY, f"{_MAX_WRITERS} others are writing it")

    def __exit__(self, *_: object) -> None:
        """Remove what has not taken its place."""
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                self.path.unlink(missing_ok=True)
            self._release()

    def finish(self) -> None:
        """See that all that was written is safe on disk, with the permissions of the file before it.

        Raises:
            OSError: The disk is full or broken.
        """
        with self.path.open("r+b") as file:
            os.fsync(file.fileno())
        if self.target.exists():
            shutil.copymode(self.target, self.path)

    def replace(self) -> None:
        """Put the file in its place.

        Raises:
            OSError: The folder takes no file.
        """
        if sys.platform == "win32":
            self._release()  # an open file cannot be renamed there
        self.path.replace(self.target)
        self._release()

    def _release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _check_target(target: Path) -> None:
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    if not stat.S_ISREG(mode):  # a device or a pipe would be replaced by a file, and be gone
        raise OSError(errno.EINVAL, "it is a device or a pipe, not a file", str(target))


def _lock(path: Path, *, create: bool) -> int | None:
    """Open a partial file for this process alone; None if somebody writes it, or it is none of ours.

    Raises:
        OSError: It cannot be made.
    """
    flags = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    is_new = False
    if create:
        with contextlib.suppress(FileExistsError):
            descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o666)
            is_new = True
    if not is_new:
        try:
            descriptor = os.open(path, flags)
        except OSError:  # a link or a pipe that somebody put there, another user's, or gone just now
            return None
    if _is_ours(path, descriptor, is_new=is_new):
        os.ftruncate(descriptor, 0)
        return descriptor
    os.close(descriptor)
    return None


def _is_ours(path: Path, descriptor: int, *, is_new: bool) -> bool:
    """Whether the file is locked now, and the path still leads to it; a disk without locks has only new files."""
    try:
        if sys.platform != "win32":
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        if not is_new:
            return False
    with contextlib.suppress(FileNotFoundError):
        there = path.lstat()
        is_plain = stat.S_ISREG(there.st_mode) and there.st_nlink == 1
        return is_plain and os.path.samestat(there, os.fstat(descriptor)) and (is_new or sys.platform != "win32")
    return False
