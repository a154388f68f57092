"""Files that are written to be fetched. They are kept for an hour, each in a folder with a secret name."""

from __future__ import annotations

import re
import secrets
import shutil
import threading
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol, TypeVar

from indexer.domain import Progress
from indexer.errors import ExportError
from lookalike.errors import FileGoneError

KEPT_S: Final = 3600.0
_LONGEST_WRITE_S: Final = 24 * 3600.0
_LOOK_S: Final = 300.0
_KEY: Final = re.compile(r"[0-9a-f]{32}")
_KEY_BYTES: Final = 16


class WrittenFiles(Protocol):
    """Files that somebody has just written."""

    @property
    def path(self) -> Path:
        """The file, or the folder of several."""
        ...


W = TypeVar("W", bound=WrittenFiles)


class Downloads:
    """Keeps the files of exports until somebody has fetched them.

    Args:
        folder: Where they are; other apis of the data directory have theirs there, too.
        look_s: While a file waits, this often the old ones are looked for.
    """

    def __init__(self, folder: Path, look_s: float = _LOOK_S) -> None:
        self._folder, self._look_s = folder, look_s
        self._own: set[str] = set()
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._is_closed = False

    def keep(self, name: str, content: str, write: Callable[[Path], W], on_progress: Progress) -> tuple[W, str, Path]:
        """Have files written and keep them as one, several as a zip archive.

        Args:
            name: What the file's name begins with.
            content: The format, which names an archive.
            write: Writes files into the folder that it is given, and tells the file or, where it wrote several, that
                folder, as ``path``.
            on_progress: Called with the stage "packing"; where it raises, nothing is kept.

        Returns:
            What ``write`` told, the key to find the file by, and the file.

        Raises:
            ExportError: The disk is full or broken.
        """
        self._remove_old()
        key = secrets.token_hex(_KEY_BYTES)
        place = self._folder / key
        with self._lock:
            self._own.add(key)
        try:
            place.mkdir(mode=0o700, parents=True)
            told = write(place / content)
            written = told.path
            file = place / (f"{name}-{content}.zip" if written.is_dir() else f"{name}-{written.name}")
            if written.is_dir():
                _pack(written, file, on_progress)
            else:
                written.rename(file)
            shutil.rmtree(place / content)
        except BaseException as error:
            self._remove(key)
            if isinstance(error, OSError):
                raise ExportError(f"the file cannot be kept for you: {error.strerror}; make room there") from error
            raise
        self._look_later()
        return told, key, file

    def find(self, key: str) -> Path:
        """The file of a key.

        Raises:
            FileGoneError: No file has that key, or its hour is over.
        """
        place = self._folder / key
        if _KEY.fullmatch(key) and place.is_dir() and not self._is_old(place):
            for file in place.iterdir():
                if file.is_file():
                    return file
        raise FileGoneError("the file is not there any more: exports are kept for an hour; export again")

    def close(self) -> None:
        """Remove what this process kept."""
        with self._lock:
            self._is_closed = True
            if self._timer is not None:
                self._timer.cancel()
        for key in list(self._own):
            self._remove(key)

    def _look_later(self) -> None:
        """Look for old files in a while, if one of this process waits and nobody looks already."""
        with self._lock:
            if self._is_closed or self._timer is not None or not self._own:
                return
            self._timer = threading.Timer(self._look_s, self._look)
            self._timer.daemon = True
            self._timer.start()

    def _look(self) -> None:
        with suppress(OSError):  # the folder cannot be read now; the next look may
            self._remove_old()
        with self._lock:
            self._timer = None
        self._look_later()

    def _remove_old(self) -> None:
        for place in self._folder.iterdir() if self._folder.is_dir() else ():
            if _KEY.fullmatch(place.name) and self._is_old(place):
                self._remove(place.name)

    def _is_old(self, place: Path) -> bool:
        """Whether it is kept for long enough; one that was removed meanwhile is.

        One without a file is still being written, or its process was killed.
        """
        try:
            kept_s = KEPT_S if any(path.is_file() for path in place.iterdir()) else _LONGEST_WRITE_S
            return place.stat().st_mtime < time.time() - kept_s
        except FileNotFoundError:
            return True

    def _remove(self, key: str) -> None:
        shutil.rmtree(self._folder / key, ignore_errors=True)
        with self._lock:
            self._own.discard(key)


def _pack(folder: Path, archive: Path, on_progress: Progress) -> None:
    """Write the files of a folder into an archive, as they are: their formats are dense already."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as opened:
        for number, file in enumerate(files):
            on_progress("packing", number, len(files))
            opened.write(file, file.relative_to(folder))
