"""The one door: a client of the server that owns a data directory or, if none runs, of the api in this process."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx

from lookalike.client.server_file import API_PREFIX, find_server
from lookalike.environment import API_KEY_NAME, DATA_DIR_NAME, DEFAULT_DATA_DIR, SERVER_NAME
from lookalike.errors import ConfigurationError, InvalidOptionsError

if TYPE_CHECKING:
    from lookalike.client.asynchronous.client import AsyncClient
    from lookalike.client.blocking.client import Client
    from lookalike.local import LocalApi

_IN_THIS_PROCESS: Final = "http://lookalike.in.this.process"
_CONNECT_TIMEOUT_S: Final = 10.0
_OUR_FOLDERS: Final = ("api", "indexer")

Progress = Callable[[str, int, int | None], Any]


def connect(
    where: str | os.PathLike[str] | None = None,
    *,
    api_key: str | None = None,
    on_progress: Progress | None = None,
    owner: str = "a Python process",
) -> Client:
    """Connect to a data directory, through the server that runs on it if there is one, or to another server.

    Without a server, the api runs inside this process, which then owns the data directory until the client is closed.

    Args:
        where: A data directory, or the address of a server; by default ``LOOKALIKE_SERVER`` or, if that is not set,
            ``LOOKALIKE_DATA_DIR`` or ``.lookalike``.
        api_key: Key of a server on another machine; ``LOOKALIKE_API_KEY`` if None.
        on_progress: Told what long answers do, if the api runs in this process.
        owner: What to tell others who owns the data directory.

    Raises:
        StoreLockedError: Another process that is no server owns the data directory.
        ServerUnreachableError: Later, by every question, if the server does not answer.

    Example:
        >>> with lookalike.connect("my-data") as client:
        ...     print([one.name for one in client.list_collections()])
    """
    from lookalike.client.blocking.client import Client

    place = _find(where, api_key)
    if place is not None:
        http = httpx.Client(**place.http_options)
        return Client(http, is_local=place.is_local)
    from lookalike.local_transport import ThreadTransport

    local = _open_local(where, on_progress=on_progress, owner=owner)
    http = httpx.Client(
        transport=ThreadTransport(local),
        base_url=_IN_THIS_PROCESS,
        headers=local.headers,
        timeout=None,  # noqa: S113 - it is work, not a network
    )
    return Client(http, is_local=True, streams=False)


def connect_async(
    where: str | os.PathLike[str] | None = None,
    *,
    api_key: str | None = None,
    on_progress: Progress | None = None,
    owner: str = "a Python process",
) -> AsyncClient:
    """Connect as ``connect`` does, for answers that are awaited.

    Example:
        >>> async with lookalike.connect_async("my-data") as client:
        ...     print([one.name for one in await client.list_collections()])
    """
    from lookalike.client.asynchronous.client import AsyncClient

    place = _find(where, api_key)
    if place is not None:
        return AsyncClient(httpx.AsyncClient(**place.http_options), is_local=place.is_local)
    from lookalike.local_transport import LoopTransport

    local = _open_local(where, on_progress=on_progress, owner=owner)
    http = httpx.AsyncClient(
        transport=LoopTransport(local),
        base_url=_IN_THIS_PROCESS,
        headers=local.headers,
        timeout=None,  # noqa: S113 - it is work, not a network
    )
    return AsyncClient(http, is_local=True, streams=False)


def data_directory(where: str | os.PathLike[str] | None = None) -> Path:
    """The data directory that is meant: the one named, or that of the environment."""
    return Path(where or os.environ.get(DATA_DIR_NAME) or DEFAULT_DATA_DIR)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a server is.

    Attributes:
        url: Its address, without the api's prefix.
        secret: What proves our rights; None for nothing.
        is_local: Whether it is the server of a data directory of this machine.
    """

    url: str
    secret: str | None
    is_local: bool

    @property
    def http_options(self) -> dict[str, Any]:
        """Arguments of httpx's clients; a long answer may take any time."""
        return {
            "base_url": f"{self.url}{API_PREFIX}",
            "headers": {} if self.secret is None else {"Authorization": f"Bearer {self.secret}"},
            "timeout": httpx.Timeout(None, connect=_CONNECT_TIMEOUT_S),
            "trust_env": not self.is_local,  # no proxy leads to this machine
            "verify": self.url.startswith("https:"),  # loading certificates takes time
        }


def _find(where: str | os.PathLike[str] | None, api_key: str | None) -> _Place | None:
    """The server to ask; None for the api in this process."""
    named = os.environ.get(SERVER_NAME) if where is None else where
    if isinstance(named, str) and (named.startswith(("http://", "https://")) or where is None):
        return _Place(check_url(named), api_key or os.environ.get(API_KEY_NAME) or None, is_local=False)
    found = find_server(data_directory(where))
    return None if found is None else _Place(found.url, found.token, is_local=True)


def check_url(text: str) -> str:
    """The address of a server, without what follows the port.

    Raises:
        InvalidOptionsError: It is none.
    """
    url = text.strip().rstrip("/").removesuffix(API_PREFIX)
    try:
        parsed = httpx.URL(url)
        is_valid = parsed.scheme in {"http", "https"} and bool(parsed.host)
    except httpx.InvalidURL:
        is_valid = False
    if not is_valid:
        raise InvalidOptionsError(f"'{text}' is not the address of a server; write http://HOST:8050")
    return url


def _open_local(where: str | os.PathLike[str] | None, *, on_progress: Progress | None, owner: str) -> LocalApi:
    require_own_folders()
    from lookalike.local import LocalApi

    data_dir = None if where is None else Path(where)
    return LocalApi.open(data_dir, on_progress=on_progress, owner=owner)


def require_own_folders() -> None:
    """See that ``import api`` and ``import indexer`` give Lookalike's own folders, not those of the user's project.

    Raises:
        ConfigurationError: They would give another folder; the message says which and what to do.
    """
    home = Path(__file__).resolve().parents[1]
    for name in _OUR_FOLDERS:
        found = _origin_of(name)
        if found is None or found.parent != home / name:
            shown = "nothing" if found is None else found.parent
            raise ConfigurationError(
                f"'import {name}' gives {shown} instead of Lookalike's own; start from another folder or without it on "
                "PYTHONPATH, or ask a running server ('lookalike serve'), which needs none of these folders"
            )


def _origin_of(name: str) -> Path | None:
    """The file that ``import`` of a name gives, or gave."""
    module = sys.modules.get(name)
    try:
        spec = importlib.util.find_spec(name) if module is None else module.__spec__
    except (ImportError, ValueError):
        spec = None
    origin = getattr(module, "__file__", None) if spec is None else spec.origin
    return None if origin is None else Path(origin).resolve()
