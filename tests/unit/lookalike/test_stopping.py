"""Sleeping, and short steps, in a process that signals end."""

import signal
import threading
import time

import pytest

from lookalike.stopping import STOPPING, signals_as_interrupts, signals_held, sleep


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


@pytest.fixture
def interrupts():
    """Ctrl+C as a command has it, also where a shell's background ignores it, and as it was afterwards."""
    earlier = {number: signal.getsignal(number) for number in STOPPING}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with signals_as_interrupts():
        yield
    for number, handler in earlier.items():
        signal.signal(number, handler)


def take_step(done, *signals):
    """A held step during which signals come; what is done of it is added to ``done``."""
    with signals_held():
        for number in signals:
            signal.raise_signal(number)
        done.append("the step")


@pytest.mark.usefixtures("interrupts")
def test_signals_held__the_first_waits_for_the_end_of_the_block():
    done = []
    with pytest.raises(KeyboardInterrupt):
        take_step(done, signal.SIGINT)
    assert done == ["the step"]


@pytest.mark.usefixtures("interrupts")
def test_signals_held__the_second_ends_the_block():
    done = []
    with pytest.raises(KeyboardInterrupt):
        take_step(done, signal.SIGINT, signal.SIGTERM)
    assert done == []


@pytest.mark.usefixtures("interrupts")
def test_signals_held__after_it__signals_are_as_before():
    take_step([])
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_signals_held__in_another_thread__does_nothing():
    before, done = signal.getsignal(signal.SIGINT), []

    def step():
        with signals_held():
            done.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=step)
    thread.start()
    thread.join()
    assert done == [before]
