"""Leases of processes that were killed."""

import os
import socket
import subprocess
import sys

import pytest

from indexer.errors import StoreLockedError
from indexer.stores.leases import Lease, MemoryLease, describe_owner


@pytest.fixture
def ended():
    """Number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def owner(pid, host=None):
    return f"'lookalike index photos' (process {pid} on {host or socket.gethostname()})"


def test_hold__of_a_killed_process_of_this_machine__is_free_at_once(ended):
    held = MemoryLease("pets")
    held.hold(Lease.make(owner(ended)))
    held.hold(Lease.make(describe_owner("lookalike index photos")))
    with pytest.raises(StoreLockedError, match=rf"written by .* \(process {os.getpid()} on "):
        held.hold(Lease.make("somebody"))


@pytest.mark.parametrize("host", ["elsewhere", None])
def test_hold__of_others__lasts(ended, host):
    held = MemoryLease("pets")
    held.hold(Lease.make(owner(ended, "elsewhere") if host else owner(os.getppid())))
    with pytest.raises(StoreLockedError):
        held.hold(Lease.make("somebody"))


def test_hold__owner_in_other_words__lasts():
    held = MemoryLease("pets")
    held.hold(Lease.make("a Python process"))
    with pytest.raises(StoreLockedError):
        held.hold(Lease.make("somebody"))
