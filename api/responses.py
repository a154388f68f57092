"""Answers that browsers may keep: entity tags and cache headers (RFC 9110, RFC 9111)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import Header
from starlette.responses import Response

REVALIDATE: Final = "private, no-cache"
"""Keep it, but ask each time whether it is still current."""
KEEP_FOR_MINUTES: Final = "private, max-age=300"
"""Keep it a while: pixels seldom change, and a stale thumbnail harms nobody."""
KEEP_FOR_EVER: Final = "private, max-age=31536000, immutable"
"""The address itself names the version."""

JPEG: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"image/jpeg": {}}}}
PNG: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"image/png": {}}}}
BINARY: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"application/octet-stream": {}}}}
"""Entries of the documentation for answers that are no JSON."""

IfNoneMatch = Annotated[str | None, Header(max_length=8192, description="entity tags that the client has")]


def entity_tag(*parts: object) -> str:
    """A strong entity tag, equal only for equal ``parts``; a body itself may be one of them."""
    digest = hashlib.blake2b(digest_size=12)
    for part in parts:
        digest.update(part if isinstance(part, bytes) else repr(part).encode("utf-8", "backslashreplace"))
    return f'"{digest.hexdigest()}"'


def conditional_response(
    make_body: Callable[[], bytes], *, etag: str, if_none_match: str | None, cache_control: str, media_type: str
) -> Response:
    """Answer 304 where the client has ``etag``, without making the body."""
    headers = {"ETag": etag, "Cache-Control": cache_control}
    if is_known(etag, if_none_match):
        return Response(status_code=304, headers=headers)
    return Response(make_body(), media_type=media_type, headers=headers)


def is_known(etag: str, if_none_match: str | None) -> bool:
    """Whether an ``If-None-Match`` header names ``etag``; weak comparison, as RFC 9110 asks."""
    tags = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return etag in tags or "*" in tags
