"""Work done ahead in threads: results in order, bounded read-ahead, nothing left running."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def map_ahead(function: Callable[[T], R], items: Iterable[T], *, workers: int, ahead: int) -> Generator[R, None, None]:
    """Yield ``function(item)`` in order, computing up to ``ahead`` items beyond the one the caller has.

    The items themselves are drawn in the caller's thread. Closing the generator, or an exception from ``function``
    or ``items``, waits for the calls under way and cancels those not started.

    Args:
        function: What to do with each item; called from several threads.
        items: Drawn lazily.
        workers: Threads.
        ahead: Items in flight at most.
    """
    remaining = iter(items)
    executor = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="reader")
    try:
        in_flight: deque[Future[R]] = deque()
        in_flight.extend(executor.submit(function, item) for item in islice(remaining, ahead))
        while in_flight:
            result = in_flight.popleft().result()
            in_flight.extend(executor.submit(function, item) for item in islice(remaining, 1))
            yield result
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
