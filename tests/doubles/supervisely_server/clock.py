"""A clock that stands still until a test moves it, but for one tick at every reading."""

from datetime import UTC, datetime, timedelta


class VirtualClock:
    """Time as the server tells it.

    Attributes:
        tick_s: How far the clock moves at every reading.
    """

    def __init__(self):
        self._now, self.tick_s = datetime(2026, 1, 1, tzinfo=UTC), 0.01

    def advance(self, seconds):
        """Move the clock."""
        self._now += timedelta(seconds=seconds)

    def stamp(self, resolution_s=0.001):
        """The time as the API writes it, cut to the resolution."""
        self._now += timedelta(seconds=self.tick_s)
        seconds = self._now.timestamp() // resolution_s * resolution_s
        moment = datetime.fromtimestamp(round(seconds, 3), UTC)
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
