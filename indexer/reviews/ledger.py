"""The log of reviews with what a change of it needs: a lock against other writers, and the collections that follow."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from indexer.reviews.log import Event, ReviewLog
from indexer.stores.base import Collection


@dataclass(frozen=True, slots=True)
class Ledger:
    """The log as those use it who write to sources: for long, while others go on to judge.

    Attributes:
        log: The log of reviews.
        alone: Keeps other writers away, in this process and in others; may be taken again by who has it.
        collections: Gives all collections whose points may be of the objects that are written.
    """

    log: ReviewLog
    alone: Callable[[], AbstractContextManager[None]]
    collections: Callable[[], Iterable[Collection]]

    def record(self, *events: Event) -> None:
        """Append events to the log.

        Raises:
            StoreUnavailableError: It cannot be written.
        """
        with self.alone():
            self.log.append(events)
