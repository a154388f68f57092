"""Addresses that the browser asks by itself: maps and pictures, on the server that served the page.

They begin at the page's base, which a proxy may have put below a path of its own.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, urlencode

from lookalike.client.paths import point_path, projection_path
from lookalike.client.server_file import API_PREFIX

API_OF_PAGE: Final = API_PREFIX.removeprefix("/")
"""Where the api is, seen from the page."""


def map_url(collection: str, projection: str, version: str) -> str:
    """Where the browser finds the binary map; with its version in the address it may keep it for ever."""
    return f"{API_OF_PAGE}{projection_path(collection, projection)}/map?{urlencode({'v': version})}"


def columns_url(collection: str, projection: str) -> str:
    """Where the browser finds the columns that the map's dots are coloured by; ``/NAME`` follows."""
    return f"{API_OF_PAGE}{projection_path(collection, projection)}/columns"


def density_url(collection: str, projection: str) -> str:
    """Where the browser finds the map as a picture; ``?size=1200`` follows."""
    return f"{API_OF_PAGE}{projection_path(collection, projection)}/density"


def row_url(collection: str, projection: str) -> str:
    """Where the browser finds what belongs to a row; ``/ROW/crop?size=128`` follows."""
    return f"{API_OF_PAGE}{projection_path(collection, projection)}/rows"


def crop_url(collection: str, point_id: str, size_px: int) -> str:
    """Where the browser finds the crop of a point, ``size_px`` along its longer side."""
    return f"{API_OF_PAGE}{point_path(collection, point_id)}/crop?size={size_px}"


def image_url(collection: str, point_id: str, *, annotation: str, size_px: int) -> str:
    """Where the browser finds a point's whole image; ``annotation`` draws its ``object``, ``all`` or ``none``."""
    query = urlencode({"collection": collection, "annotation": annotation, "size": size_px})
    return f"{API_OF_PAGE}/images/{quote(point_id, safe='')}?{query}"
