"""Wrong keys, counted per client: guessing becomes slow for the one who guesses, and for nobody else."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

FREE_TRIES: Final = 10
"""So many wrong keys cost a client nothing."""
LONGEST_WAIT_S: Final = 60.0
_FORGOTTEN_AFTER_S: Final = 15 * 60.0
_MAX_CLIENTS: Final = 10_000
_MAX_KNOWN: Final = 10_000
_NETWORK_BITS: Final = 64
"""One client of IPv6 has a whole network of addresses."""


class FailedTries:
    """The clients that sent wrong keys lately, and how long each has to wait.

    A key that was right from that client before goes through meanwhile, so that one who guesses does not stop the
    programs beside him.

    Args:
        clock: Seconds that only grow; injectable for tests.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failed: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._known: OrderedDict[bytes, None] = OrderedDict()
        self._pepper = secrets.token_bytes(32)

    def seconds_to_wait(self, client: str, secret: str) -> float:
        """Seconds that a client must wait before this key is looked at; 0 for none."""
        name = _network_of(client)
        n_failed, last = self._failed.get(name, (0, 0.0))
        age = self._clock() - last
        if n_failed < FREE_TRIES or age > _FORGOTTEN_AFTER_S or self._digest(name, secret) in self._known:
            return 0.0
        return max(0.0, min(2.0 ** (n_failed - FREE_TRIES), LONGEST_WAIT_S) - age)

    def note_failure(self, client: str) -> None:
        """Count a wrong key."""
        name, now = _network_of(client), self._clock()
        n_failed, last = self._failed.pop(name, (0, now))
        self._failed[name] = (1 if now - last > _FORGOTTEN_AFTER_S else min(n_failed + 1, FREE_TRIES + 10), now)
        _bound(self._failed, _MAX_CLIENTS)

    def note_success(self, client: str, secret: str) -> None:
        """Remember that a key was right."""
        digest = self._digest(_network_of(client), secret)
        self._known[digest] = None
        self._known.move_to_end(digest)
        _bound(self._known, _MAX_KNOWN)

    def _digest(self, name: str, secret: str) -> bytes:
        return hmac.new(self._pepper, f"{name} {secret}".encode("utf-8", "backslashreplace"), hashlib.sha256).digest()


def _network_of(client: str) -> str:
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    address = getattr(address, "ipv4_mapped", None) or address
    return str(ipaddress.ip_network((address, _NETWORK_BITS), strict=False)) if address.version == 6 else str(address)


def _bound(entries: OrderedDict[str, tuple[int, float]] | OrderedDict[bytes, None], limit: int) -> None:
    while len(entries) > limit:
        entries.popitem(last=False)
