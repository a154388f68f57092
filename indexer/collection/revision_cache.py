"""Results that stay true while a collection's revision does: computed once, for however many callers at a time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class _Turn:
    """The lock of a question that somebody answers, and how many callers want it."""

    lock: Lock = field(default_factory=Lock)
    n_callers: int = 0


class RevisionCache:
    """Remembers the newest result per question, and forgets it as soon as it is asked about another revision.

    A question is locked only while it is answered, so that the cache holds no more than its results.

    Args:
        max_entries: Results kept; the least recently used goes first.
    """

    def __init__(self, max_entries: int = 32) -> None:
        self._max_entries = max_entries
        self._lock = Lock()
        self._turns: dict[Hashable, _Turn] = {}
        self._entries: OrderedDict[Hashable, tuple[Hashable, Any]] = OrderedDict()

    def get(self, question: Hashable, revision: Hashable, compute: Callable[[], T]) -> T:
        """The result for ``question`` at ``revision``, computed by the first caller while others wait for it."""
        return self.follow(question, revision, lambda _: compute())

    def follow(self, question: Hashable, revision: Hashable, advance: Callable[[T | None], T]) -> T:
        """As ``get``, for a result that can be made from that of another revision.

        Args:
            question: What is asked.
            revision: What the result depends on.
            advance: Makes the result, given the newest one of another revision, None if there is none.
        """
        with self._take_turn(question):
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

    def find(self, question: Hashable, revision: Hashable) -> Any:
        """The result that ``get`` would answer at once with, None if it would have to compute it."""
        with self._lock:
            known = self._entries.get(question)
            return known[1] if known is not None and known[0] == revision else None

    def has(self, question: Hashable, revision: Hashable) -> bool:
        """Whether ``get`` would answer at once."""
        with self._lock:
            return question in self._entries and self._entries[question][0] == revision

    def has_any(self, question: Hashable) -> bool:
        """Whether there is a result, of whichever revision."""
        with self._lock:
            return question in self._entries

    def forget(self, question: Hashable) -> None:
        """Drop the result for ``question``, if there is one."""
        with self._lock:
            self._entries.pop(question, None)

    @contextmanager
    def _take_turn(self, question: Hashable) -> Iterator[None]:
        """Hold the lock of a question, which is dropped with its last caller."""
        with self._lock:
            turn = self._turns.setdefault(question, _Turn())
            turn.n_callers += 1
        try:
            with turn.lock:
                yield
        finally:
            with self._lock:
                turn.n_callers -= 1
                if not turn.n_callers:
                    del self._turns[question]
