"""Leases of processes that were killed."""

import os
import socket
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from indexer.errors import StoreLockedError, StoreUnavailableError
from indexer.stores.leases import Lease, MemoryLease, describe_owner, hold_collection


@pytest.fixture
def ended():
    """Number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def lease_of(pid, host=None):
    """The lease of a process that ends in an hour."""
    process = f"{pid}@{host or socket.gethostname()}"
    return Lease("token", "'lookalike index photos'", datetime.now(UTC) + timedelta(hours=1), process)


def test_hold__of_a_killed_process_of_this_machine__is_free_at_once(ended):
    held = MemoryLease("pets")
    held.hold(lease_of(ended))
    held.hold(Lease.make(describe_owner("lookalike index photos")))
    with pytest.raises(StoreLockedError, match=rf"written by .* \(process {os.getpid()} on "):
        held.hold(Lease.make("somebody"))


@pytest.mark.parametrize("host", ["elsewhere", None])
def test_hold__of_others__lasts(ended, host):
    held = MemoryLease("pets")
    held.hold(lease_of(ended, "elsewhere") if host else lease_of(os.getppid()))
    with pytest.raises(StoreLockedError):
        held.hold(Lease.make("somebody"))


def test_hold__of_a_process_that_nobody_knows__lasts():
    held = MemoryLease("pets")
    held.hold(Lease("token", "a Python process", datetime.now(UTC) + timedelta(hours=1)))
    with pytest.raises(StoreLockedError):
        held.hold(Lease.make("somebody"))


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only Linux tells when a process was started")
def test_hold__of_an_earlier_process_of_the_same_number__is_free_at_once():
    """As where a container is started again, whose processes have small numbers."""
    mine = Lease.make("somebody")
    number, _, host = mine.process.partition("@")
    pid, _, start = number.partition(".")
    earlier = replace(mine, token="killed", process=f"{pid}.{int(start) - 1}@{host}")
    held = MemoryLease("pets")
    held.hold(earlier)
    held.hold(mine)
    with pytest.raises(StoreLockedError):
        held.hold(Lease.make("somebody else"))


class AbsentAtTheEnd(MemoryLease):
    """A store that is away while a run gives its lease back."""

    def release(self, token):
        raise StoreUnavailableError("nobody answers")


def test_hold_collection__that_could_not_give_its_lease_back__is_no_obstacle_to_this_process():
    held = AbsentAtTheEnd("pets")
    with hold_collection(held, "somebody"), pytest.raises(StoreLockedError):
        held.hold(Lease.make("somebody else"))
    with hold_collection(held, "somebody again") as require:
        require()
