"""Linear algebra in one thread, for work that is many small products."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from threadpoolctl import threadpool_limits


class _OneThread:
    """Who wants NumPy and SciPy to use one thread; the last to leave gives the others back."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._n_callers = 0
        self._limits: threadpool_limits | None = None

    def enter(self) -> None:
        with self._lock:
            self._limits = self._limits or threadpool_limits(limits=1, user_api="blas")
            self._n_callers += 1

    def leave(self) -> None:
        with self._lock:
            self._n_callers -= 1
            if self._limits is not None and self._n_callers == 0:
                self._limits.restore_original_limits()
                self._limits = None


_one_thread = _OneThread()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Have NumPy and SciPy use one thread meanwhile, in the whole process.

    They share each small product with the threads of other cores. If these cores have other work, such as a browser,
    every product waits for them to wake up.
    """
    _one_thread.enter()
    try:
        yield
    finally:
        _one_thread.leave()
