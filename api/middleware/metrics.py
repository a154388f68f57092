"""Numbers about requests, in the text format that Prometheus reads.

The format is a line per number. The library for it is not needed for that, and its global registry would count several
servers of one process together.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
Labels = tuple[tuple[str, str], ...]
_BOUNDS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


@dataclass(frozen=True, slots=True)
class Family:
    """Numbers of one name.

    Attributes:
        name: Their name, without ``lookalike_``.
        kind: What they are.
        text: What they mean.
        samples: Number by labels.
    """

    name: str
    kind: Literal["counter", "gauge"]
    text: str
    samples: Mapping[Labels, float]

    def lines(self) -> Iterator[str]:
        """The lines of the format."""
        yield from _head(self.name, self.kind, self.text)
        for labels, value in sorted(self.samples.items()):
            yield _line(self.name, labels, value)


@dataclass(slots=True)
class _Durations:
    """Durations of the requests of one route.

    Attributes:
        counts: How many took at most each of the bounds and longer than the one before; the last is for the rest.
        total_s: All together.
    """

    counts: list[int] = field(default_factory=lambda: [0] * (len(_BOUNDS_S) + 1))
    total_s: float = 0.0


class Metrics:
    """Requests by route and status, and how long they took. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: dict[Labels, float] = defaultdict(float)
        self._durations: dict[Labels, _Durations] = defaultdict(_Durations)
        self._n_in_flight = 0
        self._started_at = time.time()

    @property
    def n_in_flight(self) -> int:
        """Number of requests that are being answered."""
        return self._n_in_flight

    def begin(self) -> None:
        """Note that a request came."""
        with self._lock:
            self._n_in_flight += 1

    def end(self, method: str, route: str, status: int, seconds: float) -> None:
        """Note that a request was answered.

        Args:
            method: Its method.
            route: The path as the documentation writes it, so that there are not many.
            status: Status of the answer.
            seconds: How long it took.
        """
        by_route = (("method", method), ("route", route))
        with self._lock:
            self._n_in_flight -= 1
            self._requests[(*by_route, ("status", str(status)))] += 1
            durations = self._durations[by_route]
            durations.counts[sum(bound < seconds for bound in _BOUNDS_S)] += 1
            durations.total_s += seconds

    def render(self, others: Iterable[Family] = ()) -> str:
        """All numbers as text, with further ones."""
        with self._lock:
            own = (
                Family("requests_total", "counter", "Requests answered.", dict(self._requests)),
                Family("requests_in_flight", "gauge", "Requests being answered.", {(): self._n_in_flight}),
                Family("start_time_seconds", "gauge", "When the server started, since 1970.", {(): self._started_at}),
            )
            histogram = list(self._histogram_lines())
        lines = [line for family in (*own, *others) for line in family.lines()]
        return "\n".join([*lines, *histogram]) + "\n"

    def _histogram_lines(self) -> Iterator[str]:
        name = "request_duration_seconds"
        yield from _head(name, "histogram", "How long requests took until their answer was sent.")
        for labels, durations in sorted(self._durations.items(), key=lambda item: item[0]):
            n_below = 0
            for bound, count in zip((*map(str, _BOUNDS_S), "+Inf"), durations.counts, strict=True):
                n_below += count
                yield _line(f"{name}_bucket", (*labels, ("le", bound)), n_below)
            yield _line(f"{name}_sum", labels, durations.total_s)
            yield _line(f"{name}_count", labels, n_below)


def _head(name: str, kind: str, text: str) -> tuple[str, str]:
    return f"# HELP lookalike_{name} {text}", f"# TYPE lookalike_{name} {kind}"


def _line(name: str, labels: Iterable[tuple[str, str]], value: float) -> str:
    shown = ",".join(f'{label}="{_escape(text)}"' for label, text in labels)
    return f"lookalike_{name}{'{' + shown + '}' if shown else ''} {value:.17g}"


def _escape(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return escaped.encode("utf-8", "backslashreplace").decode()
