"""Results that stay true while a collection's revision does: computed once, for however many callers at a time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")


class RevisionCache:
    """Remembers the newest result a question, and forgets it as soon as it is asked about another revision.

    Args:
        max_entries: Results kept; the least recently used goes first.
    """

    def __init__(self, max_entries: int = 32) -> None:
        self._max_entries = max_entries
        self._lock = Lock()
        self._locks: dict[Hashable, Lock] = {}
        self._entries: OrderedDict[Hashable, tuple[str, Any]] = OrderedDict()

    def get(self, question: Hashable, revision: str, compute: Callable[[], T]) -> T:
        """The result for ``question`` at ``revision``, computed by the first caller while others wait for it."""
        return self.follow(question, revision, lambda _: compute())

    def follow(self, question: Hashable, revision: str, advance: Callable[[T | None], T]) -> T:
        """As ``get``, for a result that can be made from that of an earlier revision.

        Args:
            question: What is asked.
            revision: What the result depends on.
            advance: Makes the result, given the newest one of another revision, None where there is none.
        """
        with self._lock:
            question_lock = self._locks.setdefault(question, Lock())
        with question_lock:
            with self._lock:
                known = self._entries.get(question)
                if known is not None and known[0] == revision:
                    self._entries.move_to_end(question)
                    result: T = known[1]
                    return result
            result = advance(None if known is None else known[1])
            with self._lock:
                self._entries[question] = (revision, result)
                self._entries.move_to_end(question)
                while len(self._entries) > self._max_entries:
                    self._entries.popitem(last=False)
            return result

    def has(self, question: Hashable, revision: str) -> bool:
        """Whether ``get`` would answer at once."""
        with self._lock:
            return question in self._entries and self._entries[question][0] == revision
