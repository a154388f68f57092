"""Which Supervisely project is meant, and what the environment says of its server."""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from indexer.errors import ConfigurationError, InvalidOptionsError

SCHEME: Final = "supervisely"
ADDRESS_VARIABLE: Final = "SERVER_ADDRESS"
TOKEN_VARIABLE: Final = "API_TOKEN"  # noqa: S105 - the variable's name
PAUSE_VARIABLE: Final = "SUPERVISELY_PUBLIC_API_RETRY_SLEEP_SEC"
MAX_PAUSE_S: Final = 3600.0
"""Longest first pause before a request is repeated."""

_ADDRESS: Final = re.compile(rf"{SCHEME}://([0-9]{{1,18}})(?:/([0-9]{{1,18}}))?/?", re.ASCII)
_LOOPBACK: Final = ("127.", "localhost", "[::1]", "0.0.0.0")  # noqa: S104 - an address to ask, not to listen at
_API_PATH: Final = re.compile(r"(/public)?/api(/v[0-9]+)?/*", re.ASCII)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


class ProjectAddress(NamedTuple):
    """A project, or one data set of it with those nested in it, by the server's ids."""

    project_id: int
    dataset_id: int | None = None


def parse_project_address(text: str) -> ProjectAddress:
    """Read ``supervisely://PROJECT`` or ``supervisely://PROJECT/DATASET``.

    Raises:
        InvalidOptionsError: It is neither.
    """
    match = _ADDRESS.fullmatch(text.strip())
    if match is None:
        raise InvalidOptionsError(
            f"'{text}' names no project; say {SCHEME}://PROJECT or {SCHEME}://PROJECT/DATASET with the ids "
            "that stand in the platform's addresses"
        )
    return ProjectAddress(int(match[1]), None if match[2] is None else int(match[2]))


def read_address(text: str) -> str:
    """The server's address from ``SERVER_ADDRESS``, in one form however it is written, as keys of sources hold it.

    The path of the API may be in it, such as ``/api`` or ``/public/api/v3``.

    Raises:
        ConfigurationError: It is missing or no address.
    """
    address = text.strip().rstrip("/")
    if not address:
        raise ConfigurationError(
            f"{ADDRESS_VARIABLE} is not set; set it to the server, such as https://app.supervisely.com"
        )
    if "://" not in address:
        address = f"{'http' if address.startswith(_LOOPBACK) else 'https'}://{address}"
    try:
        parts = urlsplit(address)
        is_usable = parts.scheme in ("http", "https") and parts.hostname and (parts.port or True) and address.isascii()
    except ValueError:
        is_usable = False
    if (
        not is_usable
        or parts.netloc.endswith(":")
        or parts.username
        or parts.query
        or parts.fragment
        or any(one.isspace() for one in address)
    ):
        shown = address.rpartition("@")[2]
        raise ConfigurationError(f"{ADDRESS_VARIABLE} '{shown}' is no address of a server; say https://HOST")
    host = parts.netloc.lower().removesuffix(f":{_DEFAULT_PORTS[parts.scheme]}")
    path = "" if _API_PATH.fullmatch(parts.path) else parts.path
    return f"{parts.scheme}://{host}{path}"


def read_token(text: str) -> str:
    """The token from ``API_TOKEN``, without what a file adds at its end.

    Raises:
        ConfigurationError: It is missing or cannot be a token; the message does not show it.
    """
    token = text.strip()
    if not token:
        raise ConfigurationError(f"{TOKEN_VARIABLE} is not set; set it to the token of your account on the server")
    if not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigurationError(f"{TOKEN_VARIABLE} has characters that no token has; copy it again, on one line")
    return token


def read_pause_s(text: str) -> float:
    """The first pause before a request is repeated, in seconds, 1 if nothing is said; parts of a second are fine.

    Raises:
        ConfigurationError: It is no number of seconds.
    """
    if not text.strip():
        return 1.0
    try:
        pause_s = float(text)
    except ValueError:
        pause_s = -1.0
    if not 0 <= pause_s <= MAX_PAUSE_S:
        shown = text.strip()[:40]
        raise ConfigurationError(f"{PAUSE_VARIABLE} '{shown}' is no number of seconds; use 0 to {MAX_PAUSE_S:.0f}")
    return pause_s
