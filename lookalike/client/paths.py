"""Where things are: addresses of the api below its prefix, and paths on the server's machine."""

from __future__ import annotations

import getpass
import os
import re
from pathlib import Path
from urllib.parse import quote

from lookalike.errors import InvalidOptionsError
from lookalike.wire.base import ONLY_COLLECTION


def collection_path(name: str | None) -> str:
    """Address of a collection; None for the only one."""
    return f"/collections/{quote(name or ONLY_COLLECTION, safe='~')}"


def point_path(name: str | None, point_id: str) -> str:
    """Address of a point."""
    return f"{collection_path(name)}/points/{quote(point_id, safe='')}"


def projection_path(name: str | None, projection: str) -> str:
    """Address of a projection."""
    return f"{collection_path(name)}/projections/{quote(projection, safe='')}"


_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


def server_path(path: str | os.PathLike[str], *, is_local: bool) -> str:
    """A path as a server needs it, whose working directory is another; an address stays what it is.

    Args:
        path: As the user says it.
        is_local: Whether the server is on this machine; elsewhere, paths are the server's own.

    Raises:
        InvalidOptionsError: It is empty; it would mean the working directory.
    """
    text = os.fspath(path)
    if not text:
        raise InvalidOptionsError("the path is empty; write one, such as . for this folder")
    return str(Path(path).absolute()) if is_local and not _ADDRESS.match(text) else text


def user_name() -> str:
    """The user of this computer, who gives verdicts if nobody is named.

    Raises:
        InvalidOptionsError: The computer does not tell.
    """
    try:
        return getpass.getuser()
    except (OSError, KeyError) as error:
        raise InvalidOptionsError("this computer does not tell who you are; say who gives the verdict") from error
