"""The right to write to a collection for a while, so that two runs do not mix their writes."""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from indexer.errors import StoreError, StoreLockedError
from lookalike.processes import is_alive

LEASE_S: Final = 120.0
"""Life of a lease that nobody renews, which a killed run makes others wait."""
_LONGEST_OWNER: Final = 300  # characters
_given_up: Final[set[str]] = set()
"""Tokens of this process's leases that nobody needs any more, though the store still has them as it was away."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Who writes to a collection, and until when.

    Attributes:
        token: Random name of the one who holds it.
        owner: Who that is, in words.
        expires_at: Aware UTC; it is free then, unless it is renewed before.
        process: Process that writes, as ``PID@HOST`` or, on Linux, ``PID.START@HOST`` with the clock ticks at its
            start; empty if nobody can tell whether it lives.
    """

    token: str
    owner: str
    expires_at: datetime
    process: str = ""

    @classmethod
    def make(cls, owner: str, *, token: str | None = None, lasts_s: float = LEASE_S) -> Lease:
        """A lease from now on."""
        expires_at = datetime.now(UTC) + timedelta(seconds=lasts_s)
        pid = str(os.getpid())
        start = _read_facts(pid).start
        process = f"{pid}{'.' if start else ''}{start}@{socket.gethostname()}"
        return cls(token or uuid.uuid4().hex, owner[:_LONGEST_OWNER], expires_at, process)

    @property
    def is_over(self) -> bool:
        """Whether its time has passed, or its process was killed on this machine."""
        return self.expires_at <= datetime.now(UTC) or self.is_of_the_dead

    @property
    def is_of_the_dead(self) -> bool:
        """Whether its process was one of this machine and lives no more, or is this one and gave it up."""
        if self.token in _given_up:
            return True
        name, _, host = self.process.partition("@")
        pid, _, start = name.partition(".")
        if host != socket.gethostname() or not pid.isdigit():
            return False
        if not is_alive(int(pid)):
            return True
        facts = _read_facts(pid)
        # In a container that was started again, other processes have the numbers of those before.
        return facts.is_zombie or (bool(start and facts.start) and start != facts.start)


class _ProcessFacts(NamedTuple):
    """Facts of a process that Linux tells; others tell nothing.

    Attributes:
        is_zombie: Whether it has ended and only its parent does not know yet.
        start: When it was started, in clock ticks since the machine's start; empty if nobody tells.
    """

    is_zombie: bool = False
    start: str = ""


def _read_facts(pid: str) -> _ProcessFacts:
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        return _ProcessFacts(told[0] == "Z", told[19])
    except (OSError, IndexError):
        return _ProcessFacts()


class Leasable(Protocol):
    """A thing that can be leased; every ``indexer.stores.base.Collection`` is."""

    def hold(self, lease: Lease) -> None:
        """Take the lease, or renew it."""
        ...

    def release(self, token: str) -> None:
        """Give the lease back."""
        ...


def refuse(name: str, held: Lease) -> StoreLockedError:
    """The error that says who holds a collection."""
    until = held.expires_at.astimezone(UTC)
    return StoreLockedError(
        f"collection '{name}' is being written by {held.owner} until {until:%Y-%m-%d %H:%M:%S} UTC, or longer if that "
        "goes on; wait for its end and run the command again"
    )


def describe_owner(what: str) -> str:
    """Who does something here, for others: what it is, the process and the machine."""
    return f"'{what}' (process {os.getpid()} on {socket.gethostname()})"


class MemoryLease:
    """The lease of a collection that one process owns.

    Args:
        name: Name of the collection.
    """

    def __init__(self, name: str) -> None:
        self._name, self._lock = name, threading.Lock()
        self._held: Lease | None = None

    def hold(self, lease: Lease) -> None:
        """Take the lease, or renew it.

        Raises:
            StoreLockedError: Somebody else holds it.
        """
        with self._lock:
            held = self._held
            if held is not None and held.token != lease.token and not held.is_over:
                raise refuse(self._name, held)
            self._held = lease

    def release(self, token: str) -> None:
        """Give the lease back; one that is not held is no error."""
        with self._lock:
            if self._held is not None and self._held.token == token:
                self._held = None


class _Renewal:
    """Renews a lease in the background, and says when it was lost.

    Args:
        collection: What is leased.
        lease: The lease that is held.
        lasts_s: How long it lasts without being renewed.
    """

    def __init__(self, collection: Leasable, lease: Lease, lasts_s: float) -> None:
        self._collection, self._lease, self._lasts_s = collection, lease, lasts_s
        self._is_over, self._lost = threading.Event(), False
        self._ends_at = time.monotonic() + lasts_s
        self._thread = threading.Thread(target=self._renew, name="lease", daemon=True)
        self._error: StoreError | None = None

    def start(self) -> None:
        """Begin to renew."""
        self._thread.start()

    def stop(self) -> None:
        """Renew no more."""
        self._is_over.set()
        self._thread.join()

    def require(self) -> None:
        """Check that the lease is still held.

        Raises:
            StoreLockedError: Somebody else took it, as it was not renewed in time.
        """
        if self._error is None and time.monotonic() >= self._ends_at:
            self._renew_once()  # this process slept, or the store was away
        if self._error is not None:
            raise self._error

    def _renew_once(self) -> None:
        asked_at = time.monotonic()
        try:
            self._collection.hold(Lease.make(self._lease.owner, token=self._lease.token, lasts_s=self._lasts_s))
            self._ends_at = asked_at + self._lasts_s
        except StoreLockedError as error:
            self._error = error

    def _renew(self) -> None:
        while not self._is_over.wait(self._lasts_s / 4) and self._error is None:
            with suppress(StoreError):  # the store is away; what is written fails by itself
                self._renew_once()


@contextmanager
def hold_collection(collection: Leasable, owner: str, *, lasts_s: float = LEASE_S) -> Iterator[Callable[[], None]]:
    """Hold the lease of a collection for a block, and renew it meanwhile.

    Args:
        collection: The collection.
        owner: What others are told who want it, see ``describe_owner``.
        lasts_s: How long it lasts if this process dies.

    Yields:
        A function that raises StoreLockedError once somebody else has the lease; call it before every step.

    Raises:
        StoreLockedError: Somebody else holds it; the message says who and until when.
    """
    lease = Lease.make(owner, lasts_s=lasts_s)
    collection.hold(lease)
    renewal = _Renewal(collection, lease, lasts_s)
    renewal.start()
    try:
        yield renewal.require
    finally:
        renewal.stop()
        _given_up.add(lease.token)
        with suppress(StoreError):  # others see it end by itself
            collection.release(lease.token)
            _given_up.discard(lease.token)
