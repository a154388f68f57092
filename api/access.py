"""Rights of those who ask, and the keys that give them."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path
from typing import Final

from lookalike.errors import InvalidOptionsError

MIN_KEY_CHARS: Final = 20
MAX_KEY_CHARS: Final = 500
SESSION_S: Final = 30 * 24 * 3600
"""A login lasts for so long."""
_MAX_FILE_BYTES: Final = 1_000_000


class Access(IntEnum):
    """Rights, each of which includes those before it."""

    NONE = 0
    READ = 1
    """Look at everything."""
    REVIEW = 2
    """Give verdicts, make maps, and export to a download."""
    ADMIN = 3
    """Index, write back and export to folders, inside those that the server was given."""
    OWNER = 4
    """Everything that the person may do who started the server."""

    @property
    def word(self) -> str:
        """The name that users say."""
        return self.name.lower()


SCOPES: Final = {access.word: access for access in (Access.READ, Access.REVIEW, Access.ADMIN)}
"""Rights that a key may give, by their names."""


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A secret, and what it allows.

    Attributes:
        access: The rights of a client that sends it.
        secret: The key itself.
        name: Who has it, for the log.
    """

    access: Access
    secret: str = field(repr=False)
    name: str = ""

    @classmethod
    def make(cls, access: Access = Access.ADMIN) -> AccessKey:
        """A key that nobody had before."""
        return cls(access, secrets.token_urlsafe(32))


class Keyring:
    """Keys of a server. Comparing takes as long for a wrong one as for a right one.

    Args:
        keys: All keys.
        now: Seconds since 1970; injectable for tests.
    """

    def __init__(self, keys: Sequence[AccessKey], now: Callable[[], float] = time.time) -> None:
        self._keys, self._now = keys, now

    def access_of(self, secret: str) -> Access:
        """The rights that a secret gives; NONE if it is no key."""
        given = secret.encode("utf-8", "backslashreplace")
        return _best((key.access, hmac.compare_digest(given, key.secret.encode())) for key in self._keys)

    def open_session(self, secret: str) -> str:
        """The value of a cookie that stands for a key without telling it."""
        session = f"{int(self._now()) + SESSION_S}.{secrets.token_urlsafe(12)}"
        return f"{session}.{_sign(secret, session)}"

    def access_of_session(self, value: str) -> Access:
        """The rights that such a cookie gives; NONE if it is made up or has expired, or its key is gone."""
        session, _, signature = value.rpartition(".")
        given = signature.encode("utf-8", "backslashreplace")
        found = _best(
            (key.access, hmac.compare_digest(given, _sign(key.secret, session).encode())) for key in self._keys
        )
        return found if end_of_session(value) > self._now() else Access.NONE


def end_of_session(value: str) -> float:
    """When the session of a cookie is over by itself, seconds since 1970; 0 if the cookie says no time."""
    until = value.partition(".")[0]
    return int(until) if until.isascii() and until.isdigit() and len(until) < 15 else 0


def _sign(secret: str, session: str) -> str:
    return hmac.new(secret.encode(), f"session {session}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _best(compared: Iterable[tuple[Access, bool]]) -> Access:
    """The highest right whose comparison succeeded, after all were made."""
    return max([access if is_equal else Access.NONE for access, is_equal in compared], default=Access.NONE)


def read_key_file(path: Path) -> tuple[AccessKey, ...]:
    """Read keys, per line a scope, a key and, if wanted, a name. Lines that begin with ``#`` say nothing.

    Raises:
        InvalidOptionsError: It cannot be read, or a line is not of that form. The message tells no key.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_FILE_BYTES).decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise InvalidOptionsError(f"token file {path} cannot be read ({reason}); give one that you may read") from error
    lines = [(number, line.split(maxsplit=2)) for number, line in enumerate(text.splitlines(), start=1)]
    keys = tuple(_read_key(path, number, parts) for number, parts in lines if parts and not parts[0].startswith("#"))
    if not keys:
        raise InvalidOptionsError(f"token file {path} has no key; write a line such as 'review KEY ana'")
    for number, key in enumerate(keys):
        if any(key.secret == other.secret for other in keys[:number]):
            raise InvalidOptionsError(
                f"token file {path} has one key twice; give each scope and person a key of their own"
            )
    return keys


def _read_key(path: Path, number: int, parts: list[str]) -> AccessKey:
    where = f"token file {path}, line {number}"
    if parts[0] not in SCOPES or len(parts) < 2:
        raise InvalidOptionsError(
            f"{where}: write a scope ({', '.join(SCOPES)}), a key and a name, with spaces between"
        )
    secret = parts[1]
    if not MIN_KEY_CHARS <= len(secret) <= MAX_KEY_CHARS or not (secret.isascii() and secret.isprintable()):
        raise InvalidOptionsError(
            f"{where}: the key needs {MIN_KEY_CHARS} to {MAX_KEY_CHARS} ASCII characters; "
            "make one with 'openssl rand -hex 32'"
        )
    return AccessKey(SCOPES[parts[0]], secret, parts[2] if len(parts) > 2 else "")
