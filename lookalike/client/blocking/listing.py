"""Long answers that come page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from pydantic import BaseModel

from lookalike.client.tables import to_pandas

if TYPE_CHECKING:
    import pandas as pd

M = TypeVar("M", bound=BaseModel)
PAGE_SIZE = 1000


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """A page of a listing.

    Attributes:
        rows: What is on it.
        next_offset: Where the next one begins; None for the last.
        total: How many there are on all pages.
        why_empty: Why there are none, if there are none and the server knows.
    """

    rows: Sequence[M]
    next_offset: int | None
    total: int
    why_empty: str | None = None


class Listing(Generic[M]):
    """Many rows; iterating asks for further pages by itself, each of them about one moment of the collection.

    Args:
        first: The first page.
        fetch: Gives the page that begins at an offset, with at most that many rows.
        limit: How many rows at most; None for all.
    """

    def __init__(self, first: Page[M], fetch: Callable[[int, int], Page[M]], *, limit: int | None) -> None:
        self._first, self._fetch, self._limit = first, fetch, limit

    @property
    def total(self) -> int:
        """Number of items, with those that the limit cuts off."""
        return self._first.total

    @property
    def why_empty(self) -> str | None:
        """Why there are none, if there are none and the server knows."""
        return self._first.why_empty

    def __iter__(self) -> Iterator[M]:
        page, n_given = self._first, 0
        while True:
            for row in page.rows:  # noqa: UP028 - the asynchronous client is made of this
                yield row
            n_given += len(page.rows)
            n_left = PAGE_SIZE if self._limit is None else self._limit - n_given
            if page.next_offset is None or n_left <= 0:
                return
            page = self._fetch(page.next_offset, min(n_left, PAGE_SIZE))

    def to_list(self) -> list[M]:
        """All rows."""
        return [row for row in self]  # noqa: C416 - the asynchronous client is made of this

    def to_pandas(self) -> pd.DataFrame:
        """All rows as a pandas table, a column per field."""
        return to_pandas(self.to_list())
