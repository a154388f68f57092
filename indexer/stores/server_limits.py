"""Limits of a collection on a server for one request: its strict mode, and sizes in bytes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self, TypeVar

from indexer.errors import StoreUnavailableError

_JSON_NUMBER_BYTES: Final = 12
_FLOAT_BYTES: Final = 4
_PAYLOAD_BYTES: Final = 1024
"""Size of a payload, as a guess before it is read."""
MOST_IDS: Final = 1000
"""Ids in one request."""
MOST_OPERATIONS: Final = 256
"""Points or changes in one write."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one collection; None for those that it has not.

    Attributes:
        page_bytes: Size of an answer or a write, roughly.
        number_bytes: What a number of a vector takes on its way.
        max_query_limit: Most points of one answer.
        upsert_max_batchsize: Most points of one write.
        search_max_hnsw_ef: Most candidates that a search looks at.
        search_max_oversampling: Most times as many candidates that are rescored.
        condition_max_size: Most values of one condition.
    """

    page_bytes: int
    number_bytes: int = _JSON_NUMBER_BYTES
    max_query_limit: int | None = None
    upsert_max_batchsize: int | None = None
    search_max_hnsw_ef: int | None = None
    search_max_oversampling: float | None = None
    condition_max_size: int | None = None

    @classmethod
    def of(cls, strict: Any, *, name: str, page_bytes: int, is_grpc: bool) -> Self:
        """The limits that a collection's strict mode sets.

        Args:
            strict: The client's ``StrictModeConfig``, or None.
            name: Name of the collection.
            page_bytes: Size of an answer or a write, roughly.
            is_grpc: Whether numbers travel as four bytes.

        Raises:
            StoreUnavailableError: Strict mode forbids what nothing can do without.
        """
        number_bytes = _FLOAT_BYTES if is_grpc else _JSON_NUMBER_BYTES
        if strict is None or not strict.enabled:
            return cls(page_bytes, number_bytes)
        if strict.search_allow_exact is False:
            raise StoreUnavailableError(
                f"collection '{name}': its strict mode forbids exact counts and searches, which Lookalike needs; set "
                "search_allow_exact to true on the server"
            )
        return cls(
            page_bytes,
            number_bytes,
            max_query_limit=strict.max_query_limit,
            upsert_max_batchsize=strict.upsert_max_batchsize,
            search_max_hnsw_ef=strict.search_max_hnsw_ef,
            search_max_oversampling=strict.search_max_oversampling,
            condition_max_size=strict.condition_max_size,
        )

    def cap_limit(self, n_points: int) -> int:
        """Points of one answer."""
        return min(n_points, self.max_query_limit or n_points)

    def cap_ef(self, n_candidates: int) -> int:
        """Candidates of one search."""
        return min(n_candidates, self.search_max_hnsw_ef or n_candidates)

    def cap_oversampling(self, factor: float) -> float:
        """Factor by which more candidates are rescored."""
        return min(factor, self.search_max_oversampling or factor)

    def rows_per_page(self, n_wanted: int, dimension: int | None) -> int:
        """Points of one page.

        Args:
            n_wanted: Points that the caller wants per page.
            dimension: Length of a vector, None without vectors.
        """
        n_bytes = _PAYLOAD_BYTES + (dimension or 0) * self.number_bytes
        return self.cap_limit(max(1, min(n_wanted, self.page_bytes // n_bytes)))

    def split(self, items: Iterable[tuple[T, int]]) -> Iterator[list[T]]:
        """Yield parts of a write that stay within its number and its bytes; one item alone may be larger.

        Args:
            items: Each with its size in bytes.
        """
        most = min(MOST_OPERATIONS, self.upsert_max_batchsize or MOST_OPERATIONS)
        part: list[T] = []
        total = 0
        for item, n_bytes in items:
            if part and (len(part) >= most or total + n_bytes > self.page_bytes):
                yield part
                part, total = [], 0
            part.append(item)
            total += n_bytes
        if part:
            yield part

    def size_of(self, payload: Mapping[str, Any], n_numbers: int = 0) -> int:
        """Bytes that a point takes on its way, roughly."""
        return len(json.dumps(payload)) + n_numbers * self.number_bytes
