"""Reading ahead in batches: what many threads ask one by one is downloaded by few requests."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, Generic, TypeVar

from indexer.errors import SourceError
from indexer.sources.supervisely_listing import ImageRow

T = TypeVar("T")

IDS_PER_REQUEST: Final = 50
BYTES_PER_REQUEST: Final = 32 << 20
_UNKNOWN_BYTES: Final = 4 << 20
"""Taken for the length of a file that the server does not tell."""
_BATCHES_AHEAD: Final = 3


class _Batch(Generic[T]):
    """Images that are downloaded by one request."""

    def __init__(self, rows: Sequence[ImageRow]) -> None:
        self.rows = rows
        self.future: Future[dict[int, T | SourceError]] | None = None


class ReadAhead(Generic[T]):
    """Batches that are downloaded a few ahead of the one that is asked for.

    Args:
        download: What comes of a batch, by image; an error in place of what cannot be had.
    """

    def __init__(self, download: Callable[[Sequence[ImageRow]], dict[int, T | SourceError]]) -> None:
        self._download = download
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._batches: list[_Batch[T]] = []
        self._position: dict[int, int] = {}
        self._n_older = 0

    def announce(self, batches: Iterable[Sequence[ImageRow]]) -> None:
        """Add batches behind the last ones that were announced, and drop those before."""
        with self._lock:
            self._batches = self._batches[self._n_older :]
            self._n_older = len(self._batches)
            self._batches += [_Batch(rows) for rows in batches]
            self._position = {row.id: at for at, batch in enumerate(self._batches) for row in batch.rows}

    def take(self, row: ImageRow) -> T:
        """Take what was downloaded of an image; it is handed out once, and alone if it was not announced."""
        with self._lock:
            at = self._position.pop(row.id, None)
            future = None if at is None else self._start(at)
        found = self._download([row]) if future is None else future.result()
        value = found.pop(row.id)
        if isinstance(value, SourceError):
            raise value
        return value

    def close(self) -> None:
        """Drop what was announced, and wait for what is under way."""
        with self._lock:
            pool, self._pool = self._pool, None
            self._batches, self._position, self._n_older = [], {}, 0
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)

    def _start(self, at: int) -> Future[dict[int, T | SourceError]] | None:
        """Start a batch and those after it."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(_BATCHES_AHEAD, thread_name_prefix="supervisely")
        for batch in self._batches[at : at + _BATCHES_AHEAD]:
            if batch.future is None:
                batch.future = self._pool.submit(self._download, batch.rows)
        return self._batches[at].future


def group_rows(rows: Iterable[ImageRow], *, max_bytes: int | None) -> Iterator[list[ImageRow]]:
    """Group rows of one data set, in their order, so that a request is neither too long nor too heavy."""
    batch: list[ImageRow] = []
    n_bytes = 0
    for row in rows:
        size = row.n_bytes or _UNKNOWN_BYTES
        is_full = len(batch) >= IDS_PER_REQUEST or (max_bytes is not None and n_bytes + size > max_bytes)
        if batch and (is_full or row.dataset_id != batch[0].dataset_id):
            yield batch
            batch, n_bytes = [], 0
        batch.append(row)
        n_bytes += size
    if batch:
        yield batch
