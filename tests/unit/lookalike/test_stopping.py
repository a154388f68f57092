"""Sleeping, and short steps, in a process that signals end."""

import signal
import subprocess
import sys
import threading
import time
from textwrap import dedent

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


HELD = """
    import signal, sys, threading
    from lookalike.stopping import signals_as_interrupts, signals_held

    def take_step(*signals):
        with signals_held():
            for number in signals:
                signal.raise_signal(number)
            print("the step")

    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background ignores it
    with signals_as_interrupts():
        try:
            {steps}
        except KeyboardInterrupt:
            print("interrupted")
"""


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ("take_step(signal.SIGINT)", ["the step", "interrupted"]),
        ("take_step(signal.SIGINT, signal.SIGTERM)", ["interrupted"]),
        ("take_step(), signal.raise_signal(signal.SIGINT)", ["the step", "interrupted"]),
        ("thread = threading.Thread(target=take_step); thread.start(); thread.join()", ["the step"]),
    ],
    ids=["the_first_waits", "the_second_does_not", "signals_are_as_before_afterwards", "another_thread_holds_none"],
)
def test_signals_held(steps, said):
    program = dedent(HELD).format(steps=steps)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert (done.stdout.split("\n")[:-1], done.returncode, done.stderr) == (said, 0, "")


BURST = """
    import sys, threading, time
    from lookalike.stopping import signals_as_interrupts

    for _ in range(3):
        threading.Thread(target=time.sleep, args=(0.2,), daemon=True).start()
    try:
        with signals_as_interrupts():
            print("ready", flush=True)
            while True:
                pass
    except KeyboardInterrupt:
        print("closed")
"""


def test_signals_as_interrupts__burst_of_signals__says_nothing_of_those_after_the_first():
    with subprocess.Popen(
        [sys.executable, "-c", dedent(BURST)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as working:
        assert working.stdout
        assert working.stdout.readline() == "ready\n"
        for number in 50 * [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]:
            working.send_signal(number)
        said, err = working.communicate(timeout=60)
    assert (said, err) == ("closed\n", "")
