"""A least-recently-used cache bounded by size, shared by the services."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class ByteCache(Generic[T]):
    """Keeps the values used last whose sizes together stay below a bound; thread-safe.

    Args:
        max_bytes: The bound; a value larger than it is not kept.
        size_of: Size of a value in bytes.
    """

    def __init__(self, max_bytes: int, size_of: Callable[[T], int]) -> None:
        self._max_bytes, self._size_of = max_bytes, size_of
        self._values: OrderedDict[Hashable, T] = OrderedDict()
        self._n_bytes = 0
        self._lock = Lock()

    def get_or_make(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of ``key``, made if it is not kept; two threads may make it at once, which only costs time."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        self._keep(key, value)
        return value

    def _keep(self, key: Hashable, value: T) -> None:
        with self._lock:
            if key in self._values:
                return
            self._values[key] = value
            self._n_bytes += self._size_of(value)
            while self._n_bytes > self._max_bytes:
                _, dropped = self._values.popitem(last=False)
                self._n_bytes -= self._size_of(dropped)
