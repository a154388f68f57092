"""The last writes by revision, so that a reader who knows the state of before reads only those points again."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from threading import Lock
from typing import Final

MOST_WRITES: Final = 4096


class RecentWrites:
    """The last writes by the count that a revision has after them. Safe for several threads."""

    def __init__(self) -> None:
        self._writes: deque[tuple[int, frozenset[str]]] = deque()
        self._first_known = 0
        self._lock = Lock()

    def note(self, ids: Iterable[str], count: int) -> None:
        """Note that points are about to be written, and the count of the revision after that."""
        with self._lock:
            self._writes.append((count, frozenset(ids)))
            while len(self._writes) > MOST_WRITES:
                self._first_known = self._writes.popleft()[0]

    def since(self, count: int) -> set[str] | None:
        """Ids that may have been written since a count was read; None if that is too long ago."""
        with self._lock:
            if count < self._first_known:
                return None
            return set().union(*(ids for after, ids in self._writes if after > count))
