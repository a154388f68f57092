"""Users of this machine at the other end of a loopback connection.

On a machine that several people share, each reaches the loopback ports of all. Linux tells whose socket it is;
other systems do not.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from starlette.types import Scope

_TABLES: Final = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_N_LOOKS: Final = 3
"""The system writes a table while its sockets change, so that one look may miss a row."""
_ROOT: Final = 0

Address = tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, int]


def is_of_another_user(scope: Scope, tables: Sequence[Path] = _TABLES) -> bool:
    """Whether a request comes from a process of another user of this machine, who is not root.

    Args:
        scope: The request, which comes from a loopback address.
        tables: Files in which Linux lists the sockets of the machine.

    Returns:
        False, too, if nobody can tell.
    """
    client, server = scope.get("client"), scope.get("server")
    if client is None or server is None:
        return False
    for _ in range(_N_LOOKS):
        owner = _find_owner(client, server[1], tables)
        if owner is not None:
            return owner not in {_ROOT, os.geteuid()}
    return False


def _find_owner(client: tuple[str, int], server_port: int | None, tables: Sequence[Path]) -> int | None:
    """User id of the socket of a client; None if no table has it."""
    wanted, port = (_unmapped(ipaddress.ip_address(client[0])), client[1]), f":{client[1]:04X}"
    for row in _read_rows(tables):
        _, local, remote, _, _, _, _, owner, *_ = row.split()
        if local.endswith(port) and _parse(local) == wanted and _parse(remote)[1] == server_port:
            return int(owner)
    return None


def _read_rows(tables: Sequence[Path]) -> Iterator[str]:
    for table in tables:
        try:
            yield from table.read_text(encoding="ascii").splitlines()[1:]
        except OSError:  # no Linux, or one that hides it
            continue


def _parse(text: str) -> Address:
    """Read ``0100007F:1F72``: 32-bit words in the machine's own order of bytes, and a port."""
    address, _, port = text.partition(":")
    words = struct.pack(f"={len(address) // 8}I", *(int(address[at : at + 8], 16) for at in range(0, len(address), 8)))
    family = socket.AF_INET if len(words) == 4 else socket.AF_INET6
    return _unmapped(ipaddress.ip_address(socket.inet_ntop(family, words))), int(port, 16)


def _unmapped(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    return getattr(address, "ipv4_mapped", None) or address
