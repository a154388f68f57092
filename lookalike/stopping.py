"""Signals that end a process: it closes what is open, as with Ctrl+C."""

from __future__ import annotations

import atexit
import ctypes
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Final

STOPPING: Final = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))

_PIECE_S: Final = 0.5


@dataclass(slots=True)
class Stop:
    """The signal that ended a process.

    Attributes:
        signal: The first signal that came, SIGINT if none did.
    """

    signal: signal.Signals = signal.SIGINT

    @property
    def exit_code(self) -> int:
        """The exit code that stands for the signal, 130 for Ctrl+C."""
        return 128 + self.signal


@contextmanager
def signals_as_interrupts() -> Iterator[Stop]:
    """Raise KeyboardInterrupt at the first signal that ends the process; later ones do not disturb its closing.

    A signal that the process was started to ignore, as by nohup, stays ignored.
    """
    stop, has_come = Stop(), threading.Event()

    def interrupt(number: int, frame: FrameType | None) -> None:
        del frame
        if not has_come.is_set():
            has_come.set()
            _ignore(earlier)  # closing goes on undisturbed; a burst of handled signals could crash Python
            stop.signal = signal.Signals(number)
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    earlier = {number: signal.getsignal(number) for number in STOPPING}
    earlier = {number: handler for number, handler in earlier.items() if handler not in {signal.SIG_IGN, None}}
    for number in earlier:
        signal.signal(number, interrupt)
    try:
        yield stop
    finally:
        if not has_come.is_set():  # else the process ends, and later signals must not disturb that either
            for number, handler in earlier.items():
                signal.signal(number, handler)


def _ignore(numbers: Iterable[int]) -> None:
    """Have the system ignore signals, and Python call its handlers for those that came before.

    ``signal.signal`` would change both at once, and Python prints an error about each signal between the two. At exit
    it comes after all, since Python would have the system obey signals again whose handlers are its own.
    """
    tell_system = ctypes.pythonapi.PyOS_setsig
    tell_system.argtypes, tell_system.restype = (ctypes.c_int, ctypes.c_void_p), ctypes.c_void_p
    for number in numbers:
        tell_system(number, int(signal.SIG_IGN))
        atexit.register(signal.signal, number, signal.SIG_IGN)


@contextmanager
def signals_held() -> Iterator[None]:
    """Let the first signal that ends the process wait until the block is done; the second one ends it at once.

    For a short step whose result is needed to stop what it starts. In another thread than the main one, which no
    signal interrupts, this does nothing.
    """
    held: list[int] = []

    def hold(number: int, frame: FrameType | None) -> None:
        held.append(number)
        if len(held) > 1:
            earlier[number](number, frame)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {number: signal.getsignal(number) for number in STOPPING}
    earlier = {number: handler for number, handler in handlers.items() if callable(handler)}
    for number in earlier:
        signal.signal(number, hold)
    try:
        yield
    finally:
        if len(held) < 2:  # else the process ends, and later signals must not disturb that
            for number, handler in earlier.items():
                signal.signal(number, handler)
        if len(held) == 1:
            earlier[held[0]](held[0], None)


def hand_hangup_to(handler: Callable[[int, FrameType | None], None]) -> None:
    """Have ``handler`` take SIGHUP, for a server that has its own way to close; call it in the main thread."""
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        signal.signal(signal.SIGHUP, handler)


def sleep(seconds: float) -> None:
    """Sleep until a signal ends it, at the latest half a second after the signal.

    A signal that comes in the moment before ``time.sleep`` does not end it, so this sleeps in short pieces.

    Args:
        seconds: How long, if no signal comes.
    """
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, _PIECE_S))
