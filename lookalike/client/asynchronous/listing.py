# Made of lookalike/client/blocking by `python -m tests.meta.async_client`; change it there.

"""Long answers that come page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
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


class AsyncListing(Generic[M]):
    """Many rows; iterating asks for further pages by itself, each of them about one moment of the collection.

    Args:
        first: The first page.
        fetch: Gives the page that begins at an offset, with at most that many rows.
        limit: How many rows at most; None for all.
    """

    def __init__(self, first: Page[M], fetch: Callable[[int, int], Awaitable[Page[M]]], *, limit: int | None) -> None:
        self._first, self._fetch, self._limit = first, fetch, limit

    @property
    def total(self) -> int:
        """Number of items, with those that the limit cuts off."""
        return self._first.total

    @property
    def why_empty(self) -> str | None:
        """Why there are none, if there are none and the server knows."""
        return self._first.why_empty

    async def __aiter__(self) -> AsyncIterator[M]:
        page, n_given = self._first, 0
        while True:
            for row in page.rows:
                yield row
            n_given += len(page.rows)
            n_left = PAGE_SIZE if self._limit is None else self._limit - n_given
            if page.next_offset is None or n_left <= 0:
                return
            page = await self._fetch(page.next_offset, min(n_left, PAGE_SIZE))

    async def to_list(self) -> list[M]:
        """All rows."""
        return [row async for row in self]

    async def to_pandas(self) -> pd.DataFrame:
        """All rows as a pandas table, a column per field."""
        return to_pandas(await self.to_list())
