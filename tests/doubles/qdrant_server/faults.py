"""Failures that a test orders: which request they hit, how often, and what happens then."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

GATEWAY_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


@dataclass
class Fault:
    """One failure.

    Attributes:
        on: Beginning of the request that it hits, such as ``PUT /collections/animals/points``; a part of it is enough.
        status: Status of the answer; None for the real answer.
        headers: Headers of the answer.
        body: Body of the answer.
        times: How many requests it hits.
        after: How many of the matching requests pass before.
        is_done: Whether the request is carried out nevertheless.
        is_cut: Whether the connection ends in the middle of the answer.
        is_half: Whether only the first half of a batch is carried out.
        action: Called before the request is answered, for what happens between two requests, or to wait.
    """

    on: str = ""
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    times: int = 1
    after: int = 0
    is_done: bool = False
    is_cut: bool = False
    is_half: bool = False
    action: Callable[[], None] | None = None

    @classmethod
    def too_many(cls, on: str = "", *, retry_after: str | None = "1", times: int = 1) -> Fault:
        """Too many requests."""
        headers = {} if retry_after is None else {"Retry-After": retry_after}
        return cls(on, 429, headers, _error("Rate limit exceeded"), times=times)

    @classmethod
    def internal(cls, on: str = "", *, times: int = 1, after: int = 0, is_done: bool = False) -> Fault:
        """A failure inside the server."""
        return cls(on, 500, {}, _error("Service internal error: 1 of 1 shards failed"), times, after, is_done)

    @classmethod
    def gateway(cls, on: str = "", *, times: int = 1) -> Fault:
        """A page of the gateway before the server."""
        return cls(on, 502, {"Content-Type": "text/html"}, GATEWAY_PAGE, times=times)

    @classmethod
    def cut(cls, on: str = "", *, times: int = 1, after: int = 0) -> Fault:
        """An answer that ends in the middle; the request was carried out."""
        return cls(on, times=times, after=after, is_cut=True)

    @classmethod
    def half_batch(cls, on: str = "POST /collections", *, times: int = 1) -> Fault:
        """A batch of which the first half is carried out, before the server fails."""
        return cls(f"{on}", 500, {}, _error("Service internal error: write failed"), times=times, is_half=True)

    @classmethod
    def between(cls, action: Callable[[], None], on: str = "", *, after: int = 0) -> Fault:
        """Something that happens before a request is answered."""
        return cls(on, after=after, action=action)


class Faults:
    """The failures that are still to come; safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def order(self, fault: Fault) -> None:
        """Add a failure."""
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        """Forget what has not happened yet."""
        with self._lock:
            self._waiting.clear()

    def take(self, request: str) -> Fault | None:
        """The failure that hits a request, such as ``POST /collections/x/points/scroll``."""
        with self._lock:
            for fault in self._waiting:
                if fault.on not in request:
                    continue
                if fault.after:
                    fault.after -= 1
                    continue
                fault.times -= 1
                if fault.times <= 0:
                    self._waiting.remove(fault)
                return fault
        return None


def _error(text: str) -> bytes:
    return json.dumps({"status": {"error": text}, "time": 0.0}).encode()
