"""Sleeping in a process that signals end."""

import signal
import threading
import time

import pytest

from lookalike.stopping import sleep


class Stopped(Exception):  # noqa: N818 - it is no error
    """Raised by the signal of this test."""


def test_sleep__a_signal_that_does_not_interrupt_the_system_call__ends_it():
    """A signal in the moment before the call does not interrupt it, as little as one that another thread receives."""

    def stop(_number, _frame):
        raise Stopped

    def signal_itself():
        signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)

    earlier = signal.signal(signal.SIGUSR1, stop)
    thread = threading.Timer(0.2, signal_itself)
    thread.start()
    try:
        start = time.monotonic()
        with pytest.raises(Stopped):
            sleep(60)
        assert time.monotonic() - start < 30
    finally:
        signal.signal(signal.SIGUSR1, earlier)
        thread.join()


def test_sleep__sleeps_so_long():
    start = time.monotonic()
    sleep(0.6)
    assert time.monotonic() - start >= 0.6
