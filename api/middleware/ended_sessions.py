"""Sessions that people ended before their time: their cookie is worth nothing any more, wherever it was copied to."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

_log = logging.getLogger(__name__)
_MOST: Final = 10_000


class EndedSessions:
    """The ended sessions of a server; safe for several threads.

    With a file, they stay ended after a restart, and for all servers that read it. Without one, one process knows them.

    Args:
        path: The file; made with the first session that ends. None for none.
        now: Seconds since 1970; injectable for tests.
    """

    def __init__(self, path: Path | None = None, now: Callable[[], float] = time.time) -> None:
        self._path, self._now, self._lock = path, now, threading.Lock()
        self._ended: dict[str, float] = {}
        self._read_at = -1

    def add(self, cookie: str, until: float) -> None:
        """End a session.

        Args:
            cookie: Value of its cookie.
            until: When it would have ended by itself, seconds since 1970.
        """
        with self._lock:
            self._ended[_digest(cookie)] = until
            if self._path is None:
                self._forget_old()
                return
            try:
                self._keep(self._path)
            except OSError as error:
                _log.error("a session ended, and %s cannot be written: %s; a restart forgets it", self._path, error)

    def _keep(self, path: Path) -> None:
        """Write the file, with what other servers wrote to it."""
        from filelock import FileLock  # an explorer alone has no file, and none of these

        from indexer.atomic_files import write_atomically

        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")):
            self._follow(path)
            self._forget_old()
            write_atomically(path, json.dumps(self._ended).encode())

    def has(self, cookie: str) -> bool:
        """Whether the session of a cookie was ended."""
        with self._lock:
            if self._path is not None:
                self._follow(self._path)
            return _digest(cookie) in self._ended

    def _follow(self, path: Path) -> None:
        """Read the file if it has changed."""
        try:
            changed_at = path.stat().st_mtime_ns
            if changed_at == self._read_at:
                return
            found = json.loads(path.read_bytes())
            self._ended.update({str(digest): float(until) for digest, until in found.items()})
            self._read_at = changed_at
        except FileNotFoundError:
            pass
        except (OSError, ValueError, TypeError, AttributeError) as error:
            _log.error("ended sessions in %s cannot be read: %s; remove the file", path, error)

    def _forget_old(self) -> None:
        """Forget those that are over by now and, if there are too many, those that are over first."""
        left = sorted((until, digest) for digest, until in self._ended.items() if until > self._now())
        self._ended = {digest: until for until, digest in left[-_MOST:]}


def _digest(cookie: str) -> str:
    """Name of a session in the file, which tells no cookie."""
    return hashlib.sha256(cookie.encode("utf-8", "backslashreplace")).hexdigest()
