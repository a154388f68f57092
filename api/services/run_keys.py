"""Requests that start a run and may be sent again: the same key starts it once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from lookalike.errors import InvalidOptionsError
from lookalike.wire.base import RequestModel
from lookalike.wire.runs import RunInfo

_MAX_REMEMBERED: Final = 1000


class RunKeys:
    """Keys of the last requests, as long as this process lives, as do the runs themselves."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started: OrderedDict[str, tuple[str, str]] = OrderedDict()

    def start_once(
        self,
        key: str | None,
        request: RequestModel,
        start: Callable[[], RunInfo],
        get: Callable[[str], RunInfo],
        *,
        about: str | None = None,
    ) -> RunInfo:
        """Start a run, or give the one that was started for the same key.

        Args:
            key: What the client calls its request; None starts a run each time.
            request: What is to be done.
            start: Starts it. If it fails, the key is still free.
            get: Gives a run by its id.
            about: The collection, if the request itself does not name it.

        Raises:
            InvalidOptionsError: The key belongs to another request.
            UnknownPathNameError: The run of the key is long over and forgotten.
        """
        if key is None:
            return start()
        wanted = f"{type(request).__name__} {about} {request.model_dump_json()}"
        with self._lock:
            if key not in self._started:
                info = start()
                self._started[key] = (wanted, info.id)
                while len(self._started) > _MAX_REMEMBERED:
                    self._started.popitem(last=False)
                return info
            earlier, run_id = self._started[key]
        if earlier != wanted:
            raise InvalidOptionsError(f"idempotency_key '{key}' belongs to another request; use a new one")
        return get(run_id)
