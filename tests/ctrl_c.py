"""Ctrl+C in the middle of a command's work, for the programs that tests start."""

import signal
import threading
import time

from api.services.runs import Runs

_TIMEOUT_S = 60

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background ignores it


PRESSED = threading.Event()


def press_ctrl_c():
    """Interrupt this process and wait until its run was told to stop, however busy the machine is."""
    told, cancel = threading.Event(), Runs.cancel

    def cancel_and_tell(self, run_id):
        info = cancel(self, run_id)
        told.set()
        return info

    Runs.cancel = cancel_and_tell
    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
    PRESSED.set()
    assert told.wait(_TIMEOUT_S), "Ctrl+C did not stop the run"
    Runs.cancel = cancel


def answer_late():
    """Have each answer to the start of a run wait until Ctrl+C was pressed."""
    start = Runs.start_beside

    def start_and_wait(self, *arguments):
        started = start(self, *arguments)
        assert PRESSED.wait(_TIMEOUT_S), "nobody pressed Ctrl+C"
        time.sleep(0.2)
        return started

    Runs.start_beside = start_and_wait
