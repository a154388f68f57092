"""An answer to Ctrl+C within a second, whatever the main thread is waiting for."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from lookalike.stopping import STOPPING

LATE_S: Final = 0.4
"""So long after a signal, the work is expected to have ended."""


class StopGuard:
    """Calls somebody if the work goes on for a while after a signal that ends the process.

    Python itself handles a signal only when the main thread gets around to it. It does not while the main thread waits
    for a thread that reads, or closes what is open.

    Args:
        on_late: Called in a thread, with the signal, and an event that is set if the work ends all the same.
        late_s: So long after the signal, in seconds.
    """

    def __init__(self, on_late: Callable[[signal.Signals, threading.Event], None], late_s: float = LATE_S) -> None:
        self._on_late, self._late_s = on_late, late_s
        self._is_over = threading.Event()
        self._mine, self._theirs = socket.socketpair()
        self._theirs.setblocking(False)  # noqa: FBT003 - the way sockets are told
        self._thread = threading.Thread(target=self._watch, name="stop guard", daemon=True)
        self._earlier = -1
        self._is_in_main = threading.current_thread() is threading.main_thread()

    def __enter__(self) -> Self:
        if self._is_in_main:  # nobody else hears of signals
            self._earlier = signal.set_wakeup_fd(self._theirs.fileno(), warn_on_full_buffer=False)
            self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._is_over.set()
        if self._is_in_main:
            signal.set_wakeup_fd(self._earlier)
            self._theirs.close()  # which ends the thread's read
            self._thread.join()
        self._mine.close()

    def _watch(self) -> None:
        while number := self._mine.recv(1):
            if number[0] in STOPPING and not self._is_over.wait(self._late_s):
                self._on_late(signal.Signals(number[0]), self._is_over)
                return
