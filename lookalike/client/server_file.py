"""``server.json``: where the process that serves a data directory says how the same user's programs reach it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import stat
import sys
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Final, Self

from lookalike.processes import is_alive

SERVER_FILE: Final = "server.json"
API_PREFIX: Final = "/api/v1"
"""Where a server has its api."""
_FOLDER: Final = "data_dir"
"""Key of the data directory in the file: a copy of one has the file of the original."""
_MAX_BYTES: Final = 10_000
_HEALTH_TIMEOUT_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class ServerFile:
    """Content of the file.

    Attributes:
        url: Address of the server, without the api's prefix.
        pid: Its process.
        version: Version of Lookalike that it runs.
        server_id: Random name, which its ``/health`` tells, too.
        token: Gives local power; only the user who started the server can read it.
    """

    url: str
    pid: int
    version: str
    server_id: str
    token: str = field(repr=False)

    def write(self, data_dir: Path) -> None:
        """Put the file into a data directory, as a whole and for this user alone.

        The directory is made if it is not there yet, as it is if the points are on a Qdrant server.

        Raises:
            OSError: It cannot be written.
        """
        data_dir.mkdir(parents=True, exist_ok=True)
        partial = data_dir / f".{SERVER_FILE}.{secrets.token_hex(8)}.partial"
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump({**asdict(self), _FOLDER: str(data_dir.resolve())}, file, indent=2)
            partial.replace(data_dir / SERVER_FILE)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise

    @classmethod
    def read(cls, data_dir: Path) -> Self | None:
        """The file of a data directory; None if there is none that this user's server can have written."""
        try:
            content = json.loads(_read_own_file(data_dir / SERVER_FILE))
            values = {one.name: content[one.name] for one in fields(cls)}
            if not data_dir.samefile(content[_FOLDER]):
                return None  # it came here with a copy of that folder
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            return None
        is_valid = type(values["pid"]) is int and all(
            isinstance(value, str) for name, value in values.items() if name != "pid"
        )
        return cls(**values) if is_valid and values["url"].startswith("http://") else None

    def remove(self, data_dir: Path) -> None:
        """Take the file away at the server's end; that of another server stays."""
        if self.read(data_dir) == self:
            with contextlib.suppress(OSError):
                (data_dir / SERVER_FILE).unlink(missing_ok=True)


def find_server(data_dir: Path) -> ServerFile | None:
    """The server that runs on a data directory; None if there is none, or the file is that of a server that ended."""
    found = ServerFile.read(data_dir)
    if found is None or not is_alive(found.pid):
        return None
    import httpx

    try:  # without the token, as somebody else may have the port by now, and never through a proxy
        answer = httpx.get(f"{found.url}{API_PREFIX}/health", timeout=_HEALTH_TIMEOUT_S, trust_env=False, verify=False)  # noqa: S501 - plain HTTP
        is_same = answer.json()["server_id"] == found.server_id
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, LookupError, TypeError):
        return None
    return found if is_same else None


def _read_own_file(path: Path) -> str:
    """The text of a small file that belongs to this user and that nobody else can read or write.

    Raises:
        OSError: There is none, or it is not like that.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, encoding="utf-8") as file:
        facts = os.fstat(descriptor)
        is_own = sys.platform == "win32" or (facts.st_uid == os.geteuid() and not facts.st_mode & 0o077)
        if not is_own or not stat.S_ISREG(facts.st_mode):
            raise PermissionError(f"{path} is not this user's alone")
        return file.read(_MAX_BYTES)
