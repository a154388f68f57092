"""Ports for servers that are measured or tested in another process."""

from __future__ import annotations

import random
import socket
from typing import Final

_PORTS: Final = range(10_240, 32_768)
"""Below those that a system gives to connections by itself, so that none takes the port before the server does."""


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    while True:
        port = random.SystemRandom().choice(_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
