"""End of a command whose work goes on after Ctrl+C."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Final

from lookalike.console import STOPPED, print_error

_SHOW_CURSOR: Final = "\x1b[?25h\n"
"""Ends the line of a progress bar, which hides the cursor."""


def end_process(number: signal.Signals, is_over: threading.Event) -> None:
    """End the process with the exit code of a signal, unless the command has ended by itself; a store survives that.

    Args:
        number: The signal.
        is_over: Set if the command has ended.
    """
    if is_over.is_set():
        return
    if sys.stderr.isatty():
        sys.stderr.write(_SHOW_CURSOR)
    print_error(STOPPED)
    sys.stderr.flush()
    os._exit(128 + number)


def say_that_it_stops(_number: signal.Signals, is_over: threading.Event) -> None:
    """Answer a signal for a command that writes files and is to take away those that are half written.

    Args:
        is_over: Set if the command has ended.
    """
    if not is_over.is_set():
        print_error("stopping as soon as the step at hand is done; what was finished is kept")


def end_server() -> None:
    """End the process of a server at once, with the exit code of one that was stopped; a store survives that."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
