"""Addresses that the browser asks by itself: maps and pictures, on the server that served the page.

They begin at the page's base, which a proxy may have put below a path of its own.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from lookalike.client.paths import projection_path
from lookalike.client.server_file import API_PREFIX

API_OF_PAGE: Final = API_PREFIX.removeprefix("/")
"""Where the api is, seen from the page."""


def map_url(collection: str, projection: str, version: str) -> str:
    """Where the browser finds the binary map; with its version in the address it may keep it for ever."""
    return f"{API_OF_PAGE}{projection_path(collection, projection)}/map?{urlencode({'v': version})}"


def columns_url(collection: str, projection: str) -> str:
    """Where the browser finds the columns that the map's dots are coloured by; ``/NAME`` follows."""
    return f"{API_OF_PAGE}{projection_path(collection, projection)}/columns"


def row_url(collection: str, projection: str) -> str:
    """Where the browser finds what belongs to a row; ``/ROW/crop?size=128`` follows."""
    return f"{API_OF_PAGE}{projection_path(collection, projection)}/rows"
