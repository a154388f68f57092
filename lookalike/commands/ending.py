"""End of a command whose work goes on after Ctrl+C: the process ends at once, as whatever it writes survives a kill."""

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
    """End the process with the exit code of a signal, unless the command has ended by itself.

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
