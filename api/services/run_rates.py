"""Speed of a run, and the time that its stage will take."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

_LEAST_S: Final = 0.5


class Rates:
    """Speed of the stage that a run is in.

    Args:
        clock: Seconds that only grow; injectable for tests.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._stage: str | None = None
        self._started_at, self._first_done = 0.0, 0

    def note(self, stage: str, done: int, total: int | None) -> tuple[float | None, float | None]:
        """Add what the progress is now.

        Returns:
            How many are done in a second, and the seconds left; None while it is too early to tell.
        """
        now = self._clock()
        if stage != self._stage or done < self._first_done:
            self._stage, self._started_at, self._first_done = stage, now, done
        elapsed, n_new = now - self._started_at, done - self._first_done
        if elapsed < _LEAST_S or n_new == 0:
            return None, None
        rate = n_new / elapsed
        left = None if total is None else max(0, total - done) / rate
        return round(rate, 3), None if left is None else round(left, 1)
