"""Work done ahead in threads, so that full batches are ready when the network is: order kept, memory bounded.

A generator: nothing runs before the first ``next``, and closing the last stage of a chain closes the stages before
it, with their threads.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from indexer.errors import InvalidOptionsError

Item = TypeVar("Item")
Result = TypeVar("Result")

THREAD_NAME = "map-ahead"
"""Prefix of the threads' names."""


def map_ahead(
    function: Callable[[Item], Result], items: Iterable[Item], *, workers: int, ahead: int
) -> Generator[Result, None, None]:
    """Like ``map``, but up to ``workers`` calls run at the same time in threads, ahead of the consumer.

    Results come in the order of the items, and so do errors. One of ``function``, or of the iteration of ``items``
    itself, is raised after all results before it. After an error, or when the generator is closed, waiting calls are
    dropped, running ones are waited for, and no thread is left.

    Args:
        function: Called in a thread; releases the interpreter lock if it is to run in parallel.
        items: Iterated in the consumer's thread, only as far as ``ahead`` allows.
        workers: Threads.
        ahead: How many items are at most taken but not yet handed out. It bounds memory: that many results exist.

    Raises:
        InvalidOptionsError: ``workers`` or ``ahead`` is less than 1.
    """
    _require_positive("number of workers", workers)
    _require_positive("number of items ahead", ahead)
    return _map_ahead(function, items, workers, ahead)


def _map_ahead(
    function: Callable[[Item], Result], items: Iterable[Item], workers: int, ahead: int
) -> Generator[Result, None, None]:
    pending: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix=THREAD_NAME)
    try:
        for future in _submit_each(pool, function, items):
            pending.append(future)
            if len(pending) == ahead:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        _close(items)


def _submit_each(
    pool: ThreadPoolExecutor, function: Callable[[Item], Result], items: Iterable[Item]
) -> Iterator[Future[Result]]:
    """A future an item; where the iteration fails, a last one that holds the error, so that it waits its turn."""
    try:
        for item in items:
            yield pool.submit(function, item)
    except Exception as error:  # noqa: BLE001 - not handled here, only carried to its place in the order
        failed: Future[Result] = Future()
        failed.set_exception(error)
        yield failed


def _close(items: Iterable[Item]) -> None:
    """Close the stage before this one now, not whenever its last reference goes."""
    if isinstance(items, Generator):
        items.close()


def _require_positive(what: str, value: int) -> None:
    if value < 1:
        raise InvalidOptionsError(f"{what} {value}: must be at least 1")
